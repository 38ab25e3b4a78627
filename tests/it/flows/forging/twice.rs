//! A mail that was good once (threat T4): its words act once, in whatever envelope they come again.

use renkei::domain::time::{days, minutes};

use super::{Scene, swap};
use crate::support::dkim::Dkim;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_signed_once_acts_once() {
    let scene = Scene::open().await;
    // What the firm does not sign, a forger writes anew.
    let mail = scene.firm().tag("h", "From:To:Subject:Date").sign(&scene.request().unsigned());
    let (received, _) = scene.judge(std::slice::from_ref(&mail)).await;
    assert_eq!((received.requests, received.letters), (1, 2));
    let before = |field: &str| [field.as_bytes(), &mail].concat();
    let junk =
        "DKIM-Signature: v=1; a=ed25519-sha256; d=aozora.example; s=s1; h=from:subject:date; bh=AAAA; b=AAAA\r\n";
    let lines = String::from_utf8(mail.clone()).unwrap().replace("\r\n", "\n").into_bytes();
    let copies = vec![
        ("the same bytes", mail.clone()),
        ("a Maildir's line ends", lines),
        ("another envelope", before("Return-Path: <boss@evil.example>\r\nDelivered-To: requests@renkei.example\r\n")),
        ("another way", before("Received: from evil.example by mx.renkei.example; Fri, 3 Jul 2026 09:00:02 +0900\r\n")),
        ("another Message-ID", swap(&mail, b"Message-ID: <", b"Message-ID: <again.")),
        ("another name of a field", swap(&mail, b"\r\nSubject: ", b"\r\nSUBJECT: ")),
        ("other blanks in the signature", swap(&mail, b";\r\n\tb=", b"; b=")),
        ("another forged signature before it", before(junk)),
        ("four forged signatures before it", before(&junk.repeat(4))),
        ("the forger's own signature before it", Dkim::by(&scene.evil).sign(&mail)),
        ("its signature twice", {
            let end = mail.windows(7).position(|bytes| bytes == b"\r\nFrom:").unwrap() + 2;
            [&mail[..end], &mail].concat()
        }),
    ];
    for (quirk, copy) in copies {
        let (received, noted) = scene.judge(std::slice::from_ref(&copy)).await;
        assert_eq!((received.requests, received.letters), (0, 0), "{quirk}");
        let (_, verdict, reasons) = &noted[0];
        assert_eq!(verdict, "discarded", "{quirk}: {reasons}");
    }
    assert_eq!(scene.house.rows("SELECT * FROM request").await.len(), 1);
    assert_eq!(scene.house.rows("SELECT * FROM outbound_mail").await.len(), 2);
    scene.leave().await;
}

/// Kept back for a while, it has never acted: its Date tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_signed_long_ago_or_ahead_of_time_does_not_act() {
    let scene = Scene::open().await;
    let now = scene.house.now();
    let mails = [
        scene.request().date(now.before(days(7)).before(minutes(1))),
        scene.request().date(now.after(minutes(11))),
        scene.request().header("Date", "yesterday"),
        scene.request().without_header("Date"),
    ];
    let mails = mails.map(|mail| scene.firm().sign(&mail.unsigned()));
    let (received, noted) = scene.judge(&mails).await;
    assert_eq!((received.requests, received.letters, received.quarantined), (0, 0, 4));
    let reasons: Vec<_> = noted.iter().map(|(_, _, reasons)| reasons.as_str()).collect();
    assert_eq!(reasons, ["Date: stale", "Date: ahead", "Date: undated", "Date: undated"]);
    scene.leave().await;
}
