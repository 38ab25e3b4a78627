//! Honest mails, however their programs write and sign and their domains publish: each makes its request.

use super::super::house::OFFICE;
use super::{Scene, swap};
use crate::support::dkim::Dkim;
use crate::support::dns::Answer;
use crate::support::firm_key::FirmKey;

impl Scene {
    /// Each is accepted and makes one request.
    async fn assert_accepted(&self, all: Vec<(String, Vec<u8>)>) {
        let mails: Vec<Vec<u8>> = all.iter().map(|(_, mail)| mail.clone()).collect();
        let (received, noted) = self.judge(&mails).await;
        let mut wrong = Vec::new();
        for ((quirk, _), (class, verdict, reasons)) in all.iter().zip(noted) {
            if (class.as_str(), verdict.as_str()) != ("request", "accepted") {
                wrong.push(format!("{quirk}: {class} {verdict} {reasons:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
        assert_eq!(received.requests, all.len());
        let requests = self.house.rows("SELECT proved_by FROM request").await;
        assert!(requests.iter().all(|row| row["proved_by"] == "aozora.example"));
    }
}

fn encoded(label: &str, encoding: &'static encoding_rs::Encoding, text: &str) -> String {
    use base64::Engine as _;
    format!("=?{label}?B?{}?=", base64::engine::general_purpose::STANDARD.encode(encoding.encode(text).0))
}

/// `before`, the text in a charset and not encoded, `behind`.
fn raw(before: &str, encoding: &'static encoding_rs::Encoding, text: &str, behind: &str) -> Vec<u8> {
    [before.as_bytes(), &encoding.encode(text).0, behind.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_firm_s_address_however_it_is_written() {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8};
    let scene = Scene::open().await;
    let long = "青空会計事務所 申請担当";
    let plain = [
        "office@aozora.example".to_owned(),
        "<office@aozora.example>".to_owned(),
        "Tanaka <office@aozora.example>".to_owned(),
        "Tanaka<office@aozora.example>".to_owned(),
        "Mr. T. Tanaka <office@aozora.example>".to_owned(),
        "\"Tanaka, Taro\" <office@aozora.example>".to_owned(),
        "\"T. \\\"Bob\\\" Tanaka\" <office@aozora.example>".to_owned(),
        "\"office@aozora.example\" <office@aozora.example>".to_owned(),
        "office@aozora.example (Tanaka)".to_owned(),
        "(Tanaka) office@aozora.example".to_owned(),
        "Tanaka (main (and only) office) <office@aozora.example> (x@evil.example)".to_owned(),
        "office@(main)aozora.example".to_owned(),
        "office @ aozora.example".to_owned(),
        "\"office\"@aozora.example".to_owned(),
        "Office@AOZORA.Example".to_owned(),
        "office@aozora.example,".to_owned(),
        "Tanaka\r\n <office@aozora.example>".to_owned(),
        "\r\n\tTanaka\r\n\t<office@aozora.example>".to_owned(),
        "Tanaka <office@aozora.example\r\n >".to_owned(),
        format!("{} <office@aozora.example>", encoded("ISO-2022-JP", ISO_2022_JP, long)),
        format!("{} <office@aozora.example>", encoded("iso-2022-jp-ms", ISO_2022_JP, "㈱髙﨑")),
        format!("{} <office@aozora.example>", encoded("Shift_JIS", SHIFT_JIS, "表計算ソフト")),
        format!("{} <office@aozora.example>", encoded("EUC-JP", EUC_JP, long)),
        format!("{} <office@aozora.example>", encoded("UTF-8", UTF_8, long)),
        format!("\"{}\" <office@aozora.example>", encoded("ISO-2022-JP", ISO_2022_JP, long)),
        format!(
            "{}\r\n {}\r\n <office@aozora.example>",
            encoded("UTF-8", UTF_8, "青空"),
            encoded("UTF-8", UTF_8, "会計")
        ),
        format!("office@aozora.example ({})", encoded("ISO-2022-JP", ISO_2022_JP, long)),
        "=?UTF-8?Q?Tanaka=40office?= <office@aozora.example>".to_owned(),
        "青空会計事務所 <office@aozora.example>".to_owned(),
        "\"青空会計事務所\" <office@aozora.example>".to_owned(),
    ];
    let mut all: Vec<(String, Vec<u8>)> =
        plain.into_iter().map(|value| (value.clone(), format!("From: {value}\r\n").into_bytes())).collect();
    for (name, encoding) in [("ISO-2022-JP", ISO_2022_JP), ("Shift_JIS", SHIFT_JIS), ("EUC-JP", EUC_JP)] {
        for text in [long, "表計算ソフト", "弥生能登"] {
            for (before, behind) in [
                ("From: ", " <office@aozora.example>\r\n"),
                ("From: \"", "\" <office@aozora.example>\r\n"),
                ("From: office@aozora.example (", ")\r\n"),
            ] {
                all.push((format!("{before}{text}{behind} in raw {name}"), raw(before, encoding, text, behind)));
            }
        }
    }
    for more in ["Sender: clerk@aozora.example", "Reply-To: clerk@aozora.example", "Resent-From: clerk@b.example"] {
        all.push((more.to_owned(), format!("From: <{OFFICE}>\r\n{more}\r\n").into_bytes()));
    }
    let sign = |(quirk, lines): (String, Vec<u8>)| (quirk, scene.firm().sign(&scene.from(&lines)));
    scene.assert_accepted(all.into_iter().map(sign).collect()).await;
    scene.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_signing_that_the_standards_have() {
    let scene = Scene::open().await;
    let rsa = |bits: usize| FirmKey::rsa_of(bits, "aozora.example").with_selector(&format!("rsa{bits}"));
    let keys = [rsa(1_024), rsa(2_048), rsa(4_096)];
    for key in &keys {
        scene.dns.txt(&key.dns_name(), key.record());
    }
    let mut all = Vec::new();
    for key in keys.iter().chain([&scene.house.key]) {
        for form in ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple", "relaxed", "simple"] {
            let mail = Dkim::by(key).tag("c", form).sign(&scene.request().unsigned());
            all.push((format!("{} {form}", key.selector()), mail));
        }
    }
    let (firm, seconds) = (|| scene.firm(), scene.house.now().as_millis() / 1_000);
    for (quirk, dkim) in [
        ("c= left out", firm().without("c")),
        ("d= in capitals", firm().tag("d", "AOZORA.Example")),
        ("s= in capitals", firm().tag("s", "S1")),
        ("i= the domain", firm().tag("i", "@aozora.example")),
        ("i= a person", firm().tag("i", "office@aozora.example")),
        ("i= below", firm().tag("i", "office@mail.aozora.example")),
        ("i= in quoted-printable", firm().tag("i", "=6Fffice@aozora.example")),
        ("q= of the standard", firm().tag("q", "dns/txt")),
        ("q= of the standard among others", firm().tag("q", "http/json:dns/txt")),
        ("t= and x=", firm().tag("t", &seconds.to_string()).tag("x", &(seconds + 60).to_string())),
        ("t= a little ahead", firm().tag("t", &(seconds + 300).to_string())),
        ("z=", firm().tag("z", "From:office@aozora.example|Subject:x")),
        ("a tag of tomorrow", firm().tag("xyz", "1")),
        ("only what must be signed", firm().tag("h", "From:Subject:Date")),
        ("in blanks and small letters", firm().tag("h", "from : subject\r\n\t: date :to")),
        ("more than there is", firm().tag("h", "From:From:Subject:Subject:Date:Date:X-None:Sender")),
        ("another order", firm().without("v").tag("v", "1").without("d").tag("d", "aozora.example")),
    ] {
        all.push((quirk.to_owned(), dkim.sign(&scene.request().unsigned())));
    }
    scene.assert_accepted(all).await;
    scene.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_way_and_the_mailbox_do_to_it() {
    let scene = Scene::open().await;
    let mail = || scene.firm().sign(&scene.request().unsigned());
    let before = |fields: &str, mail: Vec<u8>| [fields.as_bytes(), &mail].concat();
    let with = |mail: Vec<u8>, from: &str, to: &str| swap(&mail, from.as_bytes(), to.as_bytes());
    let broken = "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=from:subject:date; bh=AAAA; b=AAAA\r\n";
    let own = broken.replace("list.example", "aozora.example");
    let long = "requests@renkei.example, copy@aozora.example,".repeat(10) + " end@aozora.example";
    let to = scene.firm().sign(&scene.request().header("To", &long.replace(", ", ",\r\n ")).unsigned());
    let all = vec![
        ("ten relays", before(&"Received: from a by b; Fri, 3 Jul 2026 09:00:02 +0900\r\n".repeat(10), mail())),
        (
            "an envelope",
            before("Return-Path: <office@aozora.example>\r\nDelivered-To: requests@renkei.example\r\n", mail()),
        ),
        ("fields behind", with(mail(), "\r\nMIME-Version:", "\r\nX-Mailer: Old\r\nMIME-Version:")),
        (
            "a verdict of somebody",
            before("Authentication-Results: mx.example; dkim=fail header.d=aozora.example\r\n", mail()),
        ),
        ("a Maildir's line ends", String::from_utf8(mail()).unwrap().replace("\r\n", "\n").into_bytes()),
        ("a list's broken signature", before(broken, mail())),
        ("four broken signatures of its own", before(&own.repeat(4), mail())),
        ("a provider's good signature", Dkim::by(&scene.evil).sign(&mail())),
        (
            "a provider's good signature within",
            scene.firm().sign(&Dkim::by(&scene.evil).sign(&scene.request().unsigned())),
        ),
        ("folded anew", with(mail(), "From: Tanaka ", "From: Tanaka\r\n\t ")),
        ("capitals", with(mail(), "From: Tanaka", "FROM:  Tanaka")),
        ("blanks at line ends", with(mail(), "\r\nTo: requests@renkei.example", "\r\nTo: requests@renkei.example  ")),
        ("empty lines behind", [&mail()[..], b"\r\n\r\n"].concat()),
        ("many readers, folded", to),
        ("a file beside", scene.firm().sign(&scene.request().attach("map.pdf", b"%PDF").unsigned())),
        (
            "ISO-2022-JP",
            scene.firm().sign(&scene.request().charset(crate::support::firm_mail::Charset::Iso2022Jp).unsigned()),
        ),
    ];
    scene.assert_accepted(all.into_iter().map(|(quirk, mail)| (quirk.to_owned(), mail)).collect()).await;
    scene.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_record_that_domains_publish() {
    let scene = Scene::open().await;
    let mut all = Vec::new();
    let ed = FirmKey::ed25519("aozora.example");
    let p = ed.record().rsplit_once("p=").unwrap().1.to_owned();
    let in_pieces = format!("{} {}", &p[..20], &p[20..]);
    for (at, (quirk, answer)) in [
        ("as usual", Answer::Txt(ed.record())),
        ("no v=", Answer::Txt(format!("k=ed25519; p={p}"))),
        ("another order", Answer::Txt(format!("p={p};k=ed25519;"))),
        ("blanks", Answer::Txt(format!(" v = DKIM1 ; k = ed25519 ; p = {in_pieces} ; "))),
        (
            "all that may be said",
            Answer::Txt(format!("v=DKIM1; g=*; h=sha256; s=email; t=s; n=note; k=ed25519; p={p}")),
        ),
        ("more hashes, every service", Answer::Txt(format!("v=DKIM1; h=sha1:sha256; s=*; k=ed25519; p={p}"))),
        ("a long note, over TCP", Answer::Txt(format!("v=DKIM1; n={}; k=ed25519; p={p}", "x".repeat(4_000)))),
        ("a text beside that is no key", Answer::Txts(vec!["v=spf1 -all".to_owned(), ed.record()])),
        ("the same twice", Answer::Txts(vec![ed.record(), ed.record()])),
        ("another name", Answer::Alias("s1.keys.provider.example".to_owned())),
    ]
    .into_iter()
    .enumerate()
    {
        let selector = format!("2026.s{at}");
        scene.dns.set(&format!("{selector}._domainkey.aozora.example"), answer);
        all.push((quirk.to_owned(), Dkim::by(&ed).tag("s", &selector).sign(&scene.request().unsigned())));
    }
    scene.dns.set("s1.keys.provider.example", Answer::Alias("s1.more.provider.example".to_owned()));
    scene.dns.txt("s1.more.provider.example", ed.record());
    let rsa = FirmKey::rsa("aozora.example").with_selector("rsa");
    scene.dns.txt(&rsa.dns_name(), rsa.record().replace("k=rsa; ", ""));
    all.push(("no k=".to_owned(), Dkim::by(&rsa).sign(&scene.request().unsigned())));
    scene.assert_accepted(all).await;
    scene.leave().await;
}
