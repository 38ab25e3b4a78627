//! What a signature of the firm's own key covers and says: whatever it leaves open, or was changed behind it, is no proof.

use super::{Row, Scene, swap};
use crate::support::dkim::Dkim;
use crate::support::firm_key::FirmKey;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_says_too_little_or_nonsense_is_no_proof() {
    let scene = Scene::open().await;
    let firm = || scene.firm();
    let (seconds, length) = (scene.house.now().as_millis() / 1_000, scene.request().unsigned().len());
    let at = |seconds: i64| seconds.to_string();
    let rows = [
        ("not signed", None, "not signed"),
        ("l= of the whole body", Some(firm().tag("l", &length.to_string())), "partial body"),
        ("l=1", Some(firm().tag("l", "1")), "partial body"),
        ("l=0", Some(firm().tag("l", "0")), "partial body"),
        ("L=1", Some(firm().tag("L", "1")), "partial body"),
        ("From is not signed", Some(firm().tag("h", "To:Subject:Date")), "unsigned fields"),
        ("Subject is not signed", Some(firm().tag("h", "From:To:Date")), "unsigned fields"),
        ("Date is not signed", Some(firm().tag("h", "From:To:Subject")), "unsigned fields"),
        ("X-Subject is signed", Some(firm().tag("h", "From:X-Subject:Date")), "unsigned fields"),
        ("nothing is signed", Some(firm().tag("h", "")), "bad signature"),
        ("no h=", Some(firm().without("h")), "bad signature"),
        (
            "x= passed an hour ago",
            Some(firm().tag("t", &at(seconds - 7_200)).tag("x", &at(seconds - 3_600))),
            "expired",
        ),
        ("x= passes now", Some(firm().tag("t", &at(seconds - 60)).tag("x", &at(seconds))), "expired"),
        ("x= without t= has passed", Some(firm().tag("x", &at(seconds - 1))), "expired"),
        ("x= before t=", Some(firm().tag("t", &at(seconds + 60)).tag("x", &at(seconds + 30))), "expired"),
        ("x= is no number", Some(firm().tag("x", "never")), "bad signature"),
        ("t= in an hour", Some(firm().tag("t", &at(seconds + 3_600))), "from the future"),
        ("v=2", Some(firm().tag("v", "2")), "bad signature"),
        ("no v=", Some(firm().without("v")), "bad signature"),
        ("a=rsa-sha1", Some(firm().tag("a", "rsa-sha1")), "algorithm"),
        ("a=rsa-md5", Some(firm().tag("a", "rsa-md5")), "algorithm"),
        ("a= of another kind of key", Some(firm().tag("a", "rsa-sha256")), "bad signature"),
        ("no a=", Some(firm().without("a")), "bad signature"),
        ("c= nobody knows", Some(firm().tag("c", "nofws/nofws")), "bad signature"),
        ("q= nobody knows", Some(firm().tag("q", "http/json")), "bad signature"),
        ("i= of another domain", Some(firm().tag("i", "boss@evil.example")), "bad signature"),
        ("i= that only ends so", Some(firm().tag("i", "@evil-aozora.example")), "bad signature"),
        ("i= of the domain above", Some(firm().tag("i", "@example")), "bad signature"),
        ("an empty bh=", Some(firm().tag("bh", "")), "bad signature"),
        ("bh= of another body", Some(firm().tag("bh", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")), "body changed"),
        ("a selector that is not published", Some(firm().tag("s", "s9")), "no key"),
        ("two s=", Some(firm().more("s", "s9")), "other domain"),
        ("a tag that is none", Some(firm().more("1", "x")), "other domain"),
    ];
    let rsa = FirmKey::rsa("aozora.example").with_selector("rsa");
    scene.dns.txt(&rsa.dns_name(), rsa.record());
    let of_rsa = [
        ("no a=, RSA", Some(Dkim::by(&rsa).without("a")), "bad signature"),
        ("a= of another kind of key, RSA", Some(Dkim::by(&rsa).tag("a", "ed25519-sha256")), "bad signature"),
    ];
    let rows = rows.into_iter().chain(of_rsa).map(|(quirk, dkim, why)| {
        let mail = scene.request().unsigned();
        Row::unproven(quirk, dkim.map_or(mail.clone(), |dkim: Dkim<'_>| dkim.sign(&mail)), why)
    });
    scene.assert_in_vain(rows.collect()).await;
    scene.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_after_it_was_signed_is_no_proof() {
    let scene = Scene::open().await;
    let table = "顧問先メールアドレス\r\nboss@evil.example\r\n".as_bytes();
    let plain = || scene.firm().sign(&scene.request().unsigned());
    let simple = || scene.firm().tag("c", "simple/simple").sign(&scene.request().unsigned());
    let with_file = || scene.firm().sign(&scene.request().attach("a.csv", table).unsigned());
    let with = |mail: Vec<u8>, from: &str, to: &str| swap(&mail, from.as_bytes(), to.as_bytes());
    let before = |field: &str, mail: Vec<u8>| [field.as_bytes(), &mail].concat();
    let behind = |mail: Vec<u8>, more: &str| [&mail, more.as_bytes()].concat();
    let cut = |mail: Vec<u8>| mail[..mail.len() - 10].to_vec();
    let part = "--=b\r\nContent-Type: text/csv\r\n\r\n顧問先メールアドレス\r\nboss@evil.example\r\n--=b--\r\n";
    let other = FirmKey::ed25519("aozora.example");
    let broken = |mail: Vec<u8>| with(mail, "Subject: =?", "Subject: x=?");
    let rows = [
        ("a line more", behind(plain(), "QQ==\r\n"), "body changed"),
        ("a word more", behind(plain(), "A"), "body changed"),
        ("a line less", cut(plain()), "body changed"),
        ("another body", with(plain(), "\r\n\r\n", "\r\n\r\nQQ==\r\n"), "body changed"),
        ("a blank within, simple", with(simple(), "\r\n\r\n", "\r\n\r\n "), "body changed"),
        ("a part more", behind(with_file(), part), "body changed"),
        ("a part more, before", with(with_file(), "--=b\r\n", &format!("{part}--=b\r\n")), "body changed"),
        ("a part of another name", with(with_file(), "a.csv", "b.csv"), "body changed"),
        ("a part taken for text", with(with_file(), "application/octet-stream", "text/csv"), "body changed"),
        ("another type", with(plain(), "text/plain", "text/html"), "bad signature"),
        ("another subject", broken(plain()), "bad signature"),
        ("another day", with(plain(), "\r\nDate: ", "\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000, "), "bad signature"),
        ("another name", with(plain(), "From: Tanaka", "From: Boss"), "bad signature"),
        ("another reader", with(plain(), "To: requests@", "To: boss@"), "bad signature"),
        ("a fold more, simple", with(simple(), "From: Tanaka ", "From: Tanaka\r\n "), "bad signature"),
        ("capitals, simple", with(simple(), "From: Tanaka", "FROM: Tanaka"), "bad signature"),
        ("another key of that name", Dkim::by(&other).sign(&scene.request().unsigned()), "bad signature"),
        (
            "a forger's good signature before a broken one",
            Dkim::by(&scene.evil).sign(&broken(plain())),
            "bad signature",
        ),
        (
            "Return-Path of the firm",
            before("Return-Path: <office@aozora.example>\r\n", broken(plain())),
            "bad signature",
        ),
    ];
    let mut rows: Vec<Row> = rows.into_iter().map(|(quirk, mail, why)| Row::unproven(quirk, mail, why)).collect();
    for field in [
        "From: boss@evil.example\r\n",
        "Subject: x\r\n",
        "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n",
        "Sender: a@evil.example\r\nSender: b@evil.example\r\n",
        "Content-Type: text/html\r\n",
        "Message-ID: <other@evil.example>\r\n",
    ] {
        rows.push(Row::quarantined(format!("added: {field:?}"), before(field, plain()), "duplicate field"));
    }
    // Behind these there is no form any more.
    for (quirk, mail) in [
        ("another boundary", with(with_file(), "boundary=\"=b\"", "boundary=\"=c\"")),
        ("another charset", with(plain(), "charset=UTF-8", "charset=UTF-7")),
        ("another encoding", with(plain(), "Encoding: base64", "Encoding: 7bit")),
    ] {
        rows.push(Row::unproven(quirk, mail, "bad signature").of_class("other"));
    }
    let encoded_twice = before("Content-Transfer-Encoding: 7bit\r\n", plain());
    rows.push(Row::quarantined("two encodings", encoded_twice, "duplicate field").of_class("other"));
    rows.push(Row::quarantined("a CR more", with(plain(), "\r\n\r\n", "\r\n\r\n\r"), "lone cr"));
    scene.assert_in_vain(rows).await;
    scene.leave().await;
}
