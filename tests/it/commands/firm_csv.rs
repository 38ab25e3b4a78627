//! `renkei firm add --csv`: many firms, as Excel and others write them; all of them or none.

use super::{assert_wrong, json, with_key};
use crate::support::daemon::{Installation, Ran};

const GOOD: &str = "number,name,senders,telephone,receipts,request_days\n\
    1001,あおぞら会計事務所,office@aozora.example tax@aozora.example,03-0000-1001,none,30\n\
    1002,みどり税理士法人,office@midori.example,,,\n";

fn add(house: &Installation, bytes: &[u8]) -> Ran {
    std::fs::write(house.path().join("firms.csv"), bytes).unwrap();
    house.cli(&["firm", "add", "--csv", "firms.csv"])
}

#[test]
fn utf8_with_and_without_a_mark_and_cp932_are_read_alike() {
    let marked = [b"\xEF\xBB\xBF".as_slice(), GOOD.as_bytes()].concat();
    let cp932 = encoding_rs::SHIFT_JIS.encode(GOOD).0.into_owned();
    let crlf = GOOD.replace('\n', "\r\n").into_bytes();
    for bytes in [GOOD.as_bytes().to_vec(), marked, cp932, crlf] {
        let house = with_key();
        let ran = add(&house, &bytes);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains('2'), "{}", ran.stdout);
        let firms = json(&house, &["firm", "list"]);
        assert_eq!(
            (firms[0]["name"].as_str(), firms[1]["name"].as_str()),
            (Some("あおぞら会計事務所"), Some("みどり税理士法人"))
        );
        assert_eq!(firms[0]["senders"], serde_json::json!(["office@aozora.example", "tax@aozora.example"]));
        assert_eq!((&firms[0]["receipts"], &firms[0]["request_days"]), (&"none".into(), &30.into()));
        assert_eq!((&firms[1]["receipts"], &firms[1]["request_days"]), (&"each".into(), &21.into()));
    }
}

#[test]
fn every_line_that_cannot_be_taken_is_named_and_none_is_taken() {
    let house = with_key();
    let bad = "number,name,senders,request_days\n\
        1001,あおぞら会計事務所,office@aozora.example,\n\
        1002,,office@midori.example,\n\
        1003,さくら,not-an-address,\n\
        1004,もみじ,office@momiji.example,many\n";
    let ran = add(&house, bad.as_bytes());
    assert_eq!(ran.code, Some(2));
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.stderr);
    for (line, named) in lines.iter().zip(["line 3: name", "line 4: sender", "line 5: "]) {
        assert!(line.contains(named), "{named} in {line}");
    }
    assert_eq!(json(&house, &["firm", "list"]), serde_json::json!([]));
}

#[test]
fn a_firm_that_stands_twice_is_taken_neither_time() {
    let house = with_key();
    let twice = format!("{GOOD}1001,別,other@aozora.example,,,\n");
    assert_eq!(add(&house, twice.as_bytes()).code, Some(2));
    assert_eq!(json(&house, &["firm", "list"]), serde_json::json!([]));
}

#[test]
fn an_unknown_column_and_a_file_that_is_not_there_are_named() {
    let house = with_key();
    assert_wrong(&add(&house, b"number,name,senders,colour\n1,x,a@x.example,red\n"), "colour");
    assert_wrong(&house.cli(&["firm", "add", "--csv", "nowhere.csv"]), "nowhere.csv");
}

#[test]
fn half_a_pinned_key_and_two_proofs_at_once_are_refused() {
    let house = with_key();
    for (columns, values) in
        [("pinned_selector", "s1"), ("pinned_record", "v=DKIM1"), ("pinned_selector,authserv_id", "s1,mx")]
    {
        let file = format!("number,name,senders,{columns}\n1,x,a@x.example,{values}\n");
        assert_wrong(&add(&house, file.as_bytes()), "line 2: pinned");
    }
}
