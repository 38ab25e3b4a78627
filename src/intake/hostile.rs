//! Mails that were made to hurt (threats T2, T17; F26): nothing panics, hangs or overflows.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::{MAIL, ed25519, offline, own_domain, pinned, proof_of, reading, sign};
use super::{FromFault, MailFault, Proof, Wish, digest, read};
use crate::domain::inbound::Class;

const LARGE: usize = 5 * 1024 * 1024;

/// How long this thread has run, whatever else the machine does (proc(5), schedstat).
fn spent() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

/// Reads within a second, in a debug build too.
fn read_quickly(name: &str, raw: &[u8]) -> Vec<MailFault> {
    let start = spent();
    let faults = read(raw, &own_domain()).faults;
    let took = spent().saturating_sub(start);
    assert!(took < Duration::from_secs(1), "{name}: {took:?}");
    faults
}

#[test]
fn bombs_are_read_quickly_and_named() {
    let body = |line: &str| format!("From: a@b.example\r\n\r\n{}", line.repeat(LARGE / line.len()));
    let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    let parts = |part: &str| format!("{multipart}{}", part.repeat(LARGE / part.len()));
    let deep = (0..100_000)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let level_names = (0..99)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let encoded = |encoding: &str, byte: &str| {
        format!("Content-Transfer-Encoding: {encoding}\r\nContent-Type: text/html\r\n\r\n{}", byte.repeat(LARGE))
    };
    for (name, raw, fault) in [
        ("10,000 headers", "A: 1\r\n".repeat(10_000), Some(MailFault::TooManyFields)),
        ("10 MB header", format!("A: {}\r\n\r\nx", "x".repeat(10_000_000)), Some(MailFault::HeaderTooLong)),
        ("10 MB of folds", format!("A: {}\r\n\r\nx", "\r\n x".repeat(2_000_000)), Some(MailFault::HeaderTooLong)),
        ("100,000 parts", parts("--b\r\n\r\nx\r\n"), Some(MailFault::TooManyParts)),
        ("parts without an end of their header", parts("--b\r\nA: 1\r\n"), Some(MailFault::TooManyParts)),
        ("100,000 levels", deep, Some(MailFault::TooDeep)),
        ("delimiters below 99 levels", level_names + &"--b\r\n".repeat(400_000), None),
        ("messages in messages", "Content-Type: message/rfc822\r\n\r\n".repeat(150_000), None),
        ("labels", body("顧問先名:x\r\n"), None),
        ("colons", body(":\r\n"), None),
        ("a long line", body("x"), None),
        ("quotes", body(">"), None),
        ("empty lines", body("\r\n"), None),
        ("copies", format!("\r\n追加宛先: {}", "a@b.example,".repeat(100_000)), None),
        ("a comment without an end", format!("From: {}\r\n\r\n", "(".repeat(90_000)), None),
        ("a list of senders", format!("From: {}\r\n\r\n", "a@b.example,".repeat(8_000)), None),
        ("encoded words", format!("Subject: {}\r\n\r\n", "=?utf-8?Q?a?= ".repeat(7_000)), None),
        ("beginnings of words", format!("Subject: {}\r\n\r\n", "=?".repeat(50_000)), None),
        ("a type of pieces", format!("Content-Type: text/plain; {}\r\n\r\n", "a*0=x;".repeat(16_000)), None),
        ("base64", encoded("base64", "A"), None),
        ("broken base64", encoded("base64", "A!"), None),
        ("broken quoted-printable", encoded("quoted-printable", "="), None),
        ("tags", encoded("8bit", "<"), None),
        ("entities", encoded("8bit", "&"), None),
        ("NUL", "\0".repeat(LARGE), Some(MailFault::HeaderTooLong)),
        ("CR", "\r".repeat(LARGE), Some(MailFault::HeaderTooLong)),
    ] {
        let faults = read_quickly(name, raw.as_bytes());
        match fault {
            Some(fault) => assert!(faults.contains(&fault), "{name}: {faults:?}"),
            None => assert!(faults.is_empty(), "{name}: {faults:?}"),
        }
    }
}

#[test]
fn charsets_that_are_none_are_read_quickly() {
    for label in ["utf-7", "utf-16", "iso-2022-jp", "shift_jis", "x-unknown", "utf-8"] {
        for byte in [0x1b, 0x81, 0xff, b'+'] {
            let mut raw = format!("Content-Type: text/plain; charset={label}\r\n\r\n").into_bytes();
            raw.resize(LARGE, byte);
            read_quickly(label, &raw);
        }
    }
}

#[tokio::test]
async fn a_mail_of_signatures_is_proved_quickly() {
    let signed = sign(MAIL);
    let field = signed.split_once("\r\nReceived").unwrap().0.to_owned() + "\r\n";
    let raw = field.repeat(90 * 1024 / field.len()) + MAIL + &"x\r\n".repeat(LARGE / 3);
    let start = spent();
    let proof = proof_of(raw.as_bytes(), &pinned("s", &ed25519().1)).await;
    assert!(matches!(proof, Proof::Unproven(_)));
    let took = spent().saturating_sub(start);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_mail_of_nothing_is_a_mail() {
    for raw in [&b""[..], b"\r\n", b"\n\n", b"\0", b"x", b":", b"From:", b"From: \xff\xfe\r\n\r\n\xff"] {
        let seen = reading(raw);
        assert_eq!((seen.message_id, seen.date, seen.class), (None, None, Class::Other), "{raw:?}");
        assert!(matches!(seen.from, Err(FromFault::None | FromFault::NoAddress)), "{raw:?}");
        assert_eq!(seen.wish, Wish::Nothing);
    }
}

/// Pieces that mails are made of, in any order.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "From: a@b.example\r\n",
        "From: \"a\" <a@b.example>",
        "Subject: =?utf-8?B?",
        "=?iso-2022-jp?Q?=1B$B",
        "?=",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n",
        "Content-Type: text/html; charset=",
        "Content-Type: message/rfc822\r\n\r\n",
        "--b\r\n",
        "--b--\r\n",
        "Content-Transfer-Encoding: base64\r\n\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        "=E3=81",
        "4pyT",
        "顧問先メールアドレス: a@b.example\r\n",
        "メッセージ:",
        "追加宛先：",
        "-- \r\n",
        "> ",
        "<mailto:",
        ">",
        "<div>",
        "<!--",
        "&#x",
        ";",
        "shift_jis\r\n\r\n",
        "\u{FFFD}",
        "DKIM-Signature: v=1; a=rsa-sha256; d=firm.example; s=s; h=from:subject:date; bh=",
        "; b=",
        "l=1;",
        "\0",
        "\x1b$B",
        "Date: Fri, 3 Jul 2026 09:00:00 +0900\r\n",
        "Date: 99999999999999999999",
        "Message-ID: <@>\r\n",
        " ",
        "\t",
        "(",
        "\\",
    ]);
    prop_oneof![4 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => vec(any::<u8>(), 0..20)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 20_000 }))]

    #[test]
    fn nothing_that_is_made_of_mail_panics(pieces in vec(piece(), 0..40)) {
        let raw = pieces.concat();
        let seen = reading(&raw);
        prop_assert_eq!(seen.size, raw.len() as u64);
        let lf = String::from_utf8_lossy(&raw).replace('\r', "");
        let crlf = lf.replace('\n', "\r\n");
        prop_assert_eq!(digest(lf.as_bytes()), digest(crlf.as_bytes()));
    }

    #[test]
    fn random_bytes_are_read(raw in vec(any::<u8>(), 0..400)) {
        reading(&raw);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 100 } else { 5_000 }))]

    /// Whatever is changed in a signed mail: it is not proven, or it says the same.
    #[test]
    fn a_changed_mail_is_not_proven_or_not_changed(at in 0..1_000_usize, with in vec(any::<u8>(), 0..3), cut in 0..3_usize) {
        let signed = sign(MAIL).into_bytes();
        let mut changed = signed.clone();
        let at = at * changed.len() / 1_000;
        changed.splice(at..(at + cut).min(signed.len()), with);
        let firm = pinned("s", &ed25519().1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let proof = runtime.block_on(super::prove(&changed, &reading(&changed), &firm, &offline(None), super::sample::now()));
        if matches!(proof, Proof::Proven { .. }) {
            let (before, after) = (reading(&signed), reading(&changed));
            // An unsigned Content-Type may hide the text, but not change who is asked for.
            if let Ok(form) = after.wish.into_form() {
                prop_assert_eq!(before.wish.into_form().unwrap().customer, form.customer);
            }
            prop_assert_eq!(before.from, after.from);
            prop_assert_eq!(before.subject, after.subject);
            prop_assert_eq!(before.date, after.date);
        }
    }
}
