use std::fmt::Write as _;

use super::{CUSTOMER, Office, SENDER};
use crate::support::firm_key::Signing;
use crate::support::firm_mail::FirmMail;

fn from() -> FirmMail {
    FirmMail::new(SENDER, CUSTOMER)
}

fn many_headers() -> Vec<u8> {
    let mut mail = String::new();
    for n in 0..10_000 {
        write!(mail, "X-Filler-{n}: {n}\r\n").unwrap();
    }
    [mail.as_bytes(), &from().unsigned()].concat()
}

fn nested_parts() -> Vec<u8> {
    let mut mail = format!("From: {SENDER}\r\nSubject: nested\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n");
    for depth in 0..1_000 {
        write!(mail, "Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n").unwrap();
    }
    mail.push_str("Content-Type: text/plain\r\n\r\nend\r\n");
    mail.into_bytes()
}

fn nul_bytes() -> Vec<u8> {
    let mail = String::from_utf8(from().unsigned()).unwrap();
    mail.replace("requests@renkei.example", "requests\0@renkei.example")
        .replacen("\r\n\r\n", "\r\n\r\n\0\0\0", 1)
        .into_bytes()
}

fn broken_charset() -> Vec<u8> {
    let head = format!(
        "From: {SENDER}\r\nSubject: =?ISO-2022-JP?B?GyRC?= =?x-none?Q?=FF=FE?=\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=x-none\r\n\r\n"
    );
    [head.as_bytes(), b"\xff\xfe\x1b$B\x80\x81: \xe3\x81\r\n\x1b$B"].concat()
}

#[test]
fn no_mail_ends_the_daemon_and_the_good_one_behind_them_goes_through() {
    let mut office = Office::open();
    let partly = |headers: &[&str]| Signing {
        headers: headers.iter().map(|name| (*name).to_owned()).collect(),
        ..Signing::default()
    };
    let hostile = [
        from().without_header("Message-ID").without_header("Date").unsigned(),
        office.key.sign_as(&from().without_header("Date").unsigned(), &partly(&["From", "Subject"])),
        from().more_header("From", "other@aozora.example").signed(&office.key),
        nul_bytes(),
        many_headers(),
        nested_parts(),
        broken_charset(),
        Vec::new(),
        b"\r\n\r\n".to_vec(),
        vec![b'('; 200_000],
        [&b"From: "[..], &b"a@b.example, ".repeat(20_000), b"\r\n\r\n"].concat(),
        [&b"From: "[..], &b"(".repeat(100_000), b"\r\n\r\n"].concat(),
        [&b"Subject: "[..], &b"=?UTF-8?B?".repeat(20_000), b"\r\n\r\n"].concat(),
    ];
    let signed: Vec<_> = hostile.iter().map(|mail| office.key.sign(&[&b"X-First: 1\r\n"[..], mail].concat())).collect();
    let good = office.request("good@customer.example");
    let count = hostile.len() + signed.len();
    office.dovecot.fill(hostile.into_iter().chain(signed).chain([good]));

    let mut daemon = office.start();
    office.letters_to("good@customer.example");
    office.wait_empty();
    assert!(daemon.ended().is_none() && !daemon.log().contains("panicked"), "{}", daemon.log());
    let filed =
        ["accepted", "refused", "quarantine", "other"].map(|name| office.dovecot.count(&format!("renkei.{name}")));
    assert_eq!(filed.iter().sum::<usize>(), count + 1, "{filed:?}");
    assert_eq!(office.number("SELECT COUNT(*) FROM inbound_message"), i64::try_from(count + 1).unwrap());
}

#[test]
fn a_mail_without_message_id_is_a_request_like_any_other() {
    let office = Office::open();
    let _daemon = office.start();
    let signing = Signing { headers: ["From", "Subject", "Date"].map(str::to_owned).to_vec(), ..Signing::default() };
    office.deliver(&office.key.sign_as(&from().without_header("Message-ID").unsigned(), &signing));
    office.letters_to(CUSTOMER);
    office.letters_to(SENDER);
}
