//! Who a mail is from: one address of the firm, written so that nobody can take it for another, or nobody.

use super::{Row, Scene};
use crate::support::dkim::Dkim;

const DUPLICATE: &str = "duplicate field";
const STRAY: &str = "stray line";
const NUL: &str = "nul";
const LONE_CR: &str = "lone cr";
const MANY: &str = "From: many";
const GROUP: &str = "From: group";
const AMBIGUOUS: &str = "From: ambiguous";
const NO_ADDRESS: &str = "From: no address";
const NO_FROM: &str = "From: none";
const NO_FIRM: &str = "no firm writes from this address";

/// What stands in place of From, line ends included, and what becomes of it under a good signature of the firm.
const TRICKS: &[(&str, &str)] = &[
    // two fields
    ("From: office@aozora.example\r\nFrom: boss@evil.example\r\n", DUPLICATE),
    ("From: boss@evil.example\r\nFrom: office@aozora.example\r\n", DUPLICATE),
    ("From: office@aozora.example\r\nFROM: office@aozora.example\r\n", DUPLICATE),
    ("from: boss@evil.example\r\nX-A: b\r\nFrom: office@aozora.example\r\n", DUPLICATE),
    ("From: office@aozora.example\nFrom: boss@evil.example\r\n", DUPLICATE),
    ("From : boss@evil.example\r\nFrom: office@aozora.example\r\n", STRAY),
    ("From: office@aozora.example\r\nFrom\r\n : boss@evil.example\r\n", STRAY),
    ("From\t: office@aozora.example\r\n", STRAY),
    ("\u{feff}From: boss@evil.example\r\nFrom: office@aozora.example\r\n", STRAY),
    ("From: boss@evil.example\rFrom: office@aozora.example\r\n", LONE_CR),
    ("From: office@aozora.example\r\nSender: office@aozora.example\r\nSender: boss@evil.example\r\n", DUPLICATE),
    // no field
    ("", NO_FROM),
    ("X-From: office@aozora.example\r\n", NO_FROM),
    ("Sender: office@aozora.example\r\nResent-From: office@aozora.example\r\n", NO_FROM),
    ("From:\r\n", NO_ADDRESS),
    ("From: <>\r\n", NO_ADDRESS),
    ("From: Tanaka\r\n", NO_ADDRESS),
    // two mailboxes
    ("From: office@aozora.example, boss@evil.example\r\n", MANY),
    ("From: <boss@evil.example>, <office@aozora.example>\r\n", MANY),
    ("From: <office@aozora.example>,<office@aozora.example>\r\n", MANY),
    ("From: =?utf-8?B?Ym9zc0BldmlsLmV4YW1wbGU=?=, <office@aozora.example>\r\n", MANY),
    ("From: office@aozora.example <boss@evil.example>\r\n", AMBIGUOUS),
    ("From: boss@evil.example <office@aozora.example>\r\n", AMBIGUOUS),
    ("From: <boss@evil.example> <office@aozora.example>\r\n", AMBIGUOUS),
    ("From: <office@aozora.example> boss@evil.example\r\n", AMBIGUOUS),
    ("From: <<office@aozora.example>>\r\n", AMBIGUOUS),
    ("From: <office@aozora.example\r\n", AMBIGUOUS),
    ("From: office@aozora.example>\r\n", AMBIGUOUS),
    ("From: <boss@evil.example\\>, <office@aozora.example>\r\n", MANY),
    ("From: office@aozora.example\\, boss@evil.example\r\n", MANY),
    ("From: office@aozora.example\\@evil.example\r\n", AMBIGUOUS),
    // groups and routes
    ("From: aozora: office@aozora.example;\r\n", GROUP),
    ("From: aozora:;\r\n", GROUP),
    ("From: office@aozora.example:boss@evil.example;\r\n", GROUP),
    ("From: <@aozora.example:boss@evil.example>\r\n", GROUP),
    ("From: <@evil.example,@b.example:office@aozora.example>\r\n", GROUP),
    // encoded words are no addresses
    ("From: =?utf-8?B?b2ZmaWNlQGFvem9yYS5leGFtcGxl?=\r\n", NO_ADDRESS),
    ("From: =?utf-8?Q?office=40aozora.example?=\r\n", NO_ADDRESS),
    ("From: =?utf-8?Q?=3Coffice=40aozora.example=3E?=\r\n", NO_ADDRESS),
    ("From: <=?utf-8?Q?office?=@aozora.example>\r\n", NO_FIRM),
    ("From: =?utf-8?Q?office=40aozora.example?= <boss@evil.example>\r\n", NO_FIRM),
    ("From: =?utf-8?Q?office=40aozora.example=3E=00?= <boss@evil.example>\r\n", NO_FIRM),
    ("From: =?utf-8?Q?office=40aozora.example?=@evil.example\r\n", NO_FIRM),
    // NUL
    ("From: office@aozora.example\0@evil.example\r\n", NUL),
    ("From: <boss@evil.example>\0 <office@aozora.example>\r\n", NUL),
    ("From: office@aozora.example\0\r\n", NUL),
    // comments and quotes
    ("From: boss@evil.example (office@aozora.example)\r\n", NO_FIRM),
    ("From: (office@aozora.example) boss@evil.example\r\n", NO_FIRM),
    ("From: \"office@aozora.example\" <boss@evil.example>\r\n", NO_FIRM),
    ("From: \"<office@aozora.example>\" <boss@evil.example>\r\n", NO_FIRM),
    ("From: \"\\\"office@aozora.example\" <boss@evil.example>\r\n", NO_FIRM),
    ("From: office@aozora.example(@evil.example\r\n", AMBIGUOUS),
    ("From: office@aozora.example)\r\n", AMBIGUOUS),
    ("From: \"Tanaka <office@aozora.example>\r\n", AMBIGUOUS),
    ("From: (Tanaka <office@aozora.example>\r\n", AMBIGUOUS),
    ("From: office@aozora.example()@evil.example\r\n", NO_ADDRESS),
    ("From: office@aozora.example@evil.example\r\n", NO_ADDRESS),
    ("From: \"office@aozora.example\"@evil.example\r\n", NO_ADDRESS),
    ("From: boss@evil.example#@aozora.example\r\n", NO_ADDRESS),
    ("From: office aozora.example <boss@evil.example>\r\n", NO_FIRM),
    ("From: office%aozora.example@evil.example\r\n", NO_FIRM),
    ("From: evil.example!office@aozora.example\r\n", NO_FIRM),
    ("From: office@[127.0.0.1]\r\n", AMBIGUOUS),
    // domains that look alike
    ("From: office@aozora.example.evil.example\r\n", NO_FIRM),
    ("From: office@evil-aozora.example\r\n", NO_FIRM),
    ("From: office@sub.aozora.example\r\n", NO_FIRM),
    ("From: office@example\r\n", NO_ADDRESS),
    ("From: office@aozora\r\n", NO_ADDRESS),
    ("From: office@aоzora.example\r\n", NO_FIRM),
    ("From: office@aoz\u{f6}ra.example\r\n", NO_FIRM),
    ("From: оffice@aozora.example\r\n", NO_ADDRESS),
    ("From: office@aozora.example/x\r\n", NO_ADDRESS),
    ("From: office\u{ff20}aozora.example\r\n", NO_ADDRESS),
    ("From: office@aozora.example\u{2028}@evil.example\r\n", NO_ADDRESS),
    ("From: boss@aozora.example\r\n", NO_FIRM),
    ("From: office.@aozora.example\r\n", NO_FIRM),
    ("From: office+x@aozora.example\r\n", NO_FIRM),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_trick_in_from_makes_up_for_the_address() {
    let scene = Scene::open().await;
    let rows = TRICKS.iter().map(|(lines, why)| {
        let mail = scene.from(lines.as_bytes());
        Row::quarantined(format!("{lines:?}"), scene.firm().sign(&mail), *why)
    });
    scene.assert_in_vain(rows.collect()).await;
    scene.leave().await;
}

/// The same tricks, and the firm's own address, by a forger whose signature is beyond doubt: his.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forger_s_own_good_signature_proves_nobody_else() {
    let scene = Scene::open().await;
    let evil = Dkim::by(&scene.evil);
    let mut rows: Vec<Row> = TRICKS
        .iter()
        .map(|(lines, why)| Row::quarantined(format!("{lines:?}"), evil.sign(&scene.from(lines.as_bytes())), *why))
        .collect();
    for lines in [
        "From: office@aozora.example\r\n",
        "From: Tanaka <office@aozora.example>\r\nSender: boss@evil.example\r\n",
        "From: <office@aozora.example>\r\nReply-To: boss@evil.example\r\nReturn-Path: <boss@evil.example>\r\n",
        "Authentication-Results: mx.renkei.example; dkim=pass header.d=aozora.example\r\nFrom: office@aozora.example\r\n",
        "ARC-Authentication-Results: i=1; mx.renkei.example; dkim=pass header.d=aozora.example\r\nFrom: office@aozora.example\r\n",
    ] {
        let sign = |dkim: Dkim<'_>| dkim.sign(&scene.from(lines.as_bytes()));
        for (claim, mail) in [
            ("evil.example", sign(evil.clone())),
            ("for the firm", sign(evil.clone().tag("i", "office@aozora.example"))),
            ("of a domain below", sign(evil.clone().tag("d", "sub.aozora.example"))),
            ("of a domain behind", sign(evil.clone().tag("d", "aozora.example.evil.example"))),
            ("of the domain above", sign(evil.clone().tag("d", "example"))),
            ("of two domains", sign(evil.clone().tag("d", "aozora.example,evil.example"))),
            ("of a domain and a quote", sign(evil.clone().tag("d", "aozora.example'a.evil.example"))),
            ("of two d", sign(evil.clone().more("d", "aozora.example"))),
        ] {
            rows.push(Row::unproven(format!("{claim}: {lines:?}"), mail, "other domain"));
        }
        let mail = sign(evil.clone().tag("d", "aozora.example"));
        rows.push(Row::unproven(format!("another's selector: {lines:?}"), mail, "bad signature"));
        for selector in ["s1._domainkey.evil.example", "s1._domainkey.evil.example.", "evil.example#", "*"] {
            let mail = sign(evil.clone().tag("d", "aozora.example").tag("s", selector));
            rows.push(Row::unproven(format!("selector {selector}: {lines:?}"), mail, "no key"));
        }
        let mail = sign(evil.clone().tag("d", "aozora.example").tag("s", "s1._domainkey.evil.example.\0"));
        rows.push(Row::quarantined(format!("NUL in the selector: {lines:?}"), mail, NUL));
    }
    scene.assert_in_vain(rows).await;
    scene.leave().await;
}
