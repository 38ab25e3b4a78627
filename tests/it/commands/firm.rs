//! `renkei firm`.

use super::{assert_wrong, json, with_firm, with_key};

#[test]
fn a_firm_is_listed_as_it_was_registered() {
    let house = with_key();
    assert_eq!(house.cli_ok(&["firm", "list"]), "none\n");
    let given = [
        ("--number", "a-１２"),
        ("--name", "みどり税理士法人"),
        ("--postal-address", "大阪府見本市1-2"),
        ("--telephone", "06-0000-0000"),
        ("--sender", "a@midori.example"),
        ("--sender", "b@midori.example"),
        ("--notify-address", "boss@midori.example"),
        ("--signing-domain", "mail.midori.example"),
        ("--receipts", "none"),
        ("--request-days", "7"),
        ("--locale", "en"),
    ];
    let args: Vec<&str> = ["firm", "add"].into_iter().chain(given.into_iter().flat_map(|(k, v)| [k, v])).collect();
    house.cli_ok(&args);
    assert_eq!(
        json(&house, &["firm", "list"]),
        serde_json::json!([{
            "number": "A-12",
            "name": "みどり税理士法人",
            "status": "active",
            "postal_address": "大阪府見本市1-2",
            "telephone": "06-0000-0000",
            "senders": ["a@midori.example", "b@midori.example"],
            "notify_address": "boss@midori.example",
            "signing_domain": "mail.midori.example",
            "proof": "dkim",
            "receipts": "none",
            "request_days": 7,
            "locale": "en",
        }])
    );
    assert!(house.cli_ok(&["firm", "list"]).contains("みどり税理士法人"));
}

#[test]
fn an_edit_changes_only_what_is_given() {
    let house = with_firm();
    let before = json(&house, &["firm", "list"]);
    house.cli_ok(&["firm", "edit", "1001", "--telephone", "03-1111-1111"]);
    let mut after = json(&house, &["firm", "list"]);
    assert_eq!(after[0]["telephone"], "03-1111-1111");
    after[0]["telephone"] = before[0]["telephone"].clone();
    assert_eq!(after, before);
    house.cli_ok(&["firm", "edit", "1001", "--new-number", "2002", "--sender", "x@aozora.example"]);
    let edited = json(&house, &["firm", "list"]);
    assert_eq!(
        (edited[0]["number"].as_str(), &edited[0]["senders"]),
        (Some("2002"), &serde_json::json!(["x@aozora.example"]))
    );
}

#[test]
fn an_edit_cannot_take_a_firms_name_away() {
    let house = with_firm();
    assert_wrong(&house.cli(&["firm", "edit", "1001", "--name", " "]), "name");
    assert_eq!(json(&house, &["firm", "list"])[0]["name"], "あおぞら会計事務所");
}

#[test]
fn a_firm_is_suspended_resumed_and_removed() {
    let house = with_firm();
    let status = || json(&house, &["firm", "list"])[0]["status"].clone();
    house.cli_ok(&["firm", "suspend", "1001"]);
    assert_eq!(status(), "suspended");
    house.cli_ok(&["firm", "resume", "1001"]);
    assert_eq!(status(), "active");
    house.cli_ok(&["firm", "remove", "1001"]);
    assert_eq!(json(&house, &["firm", "list"]), serde_json::json!([]));
}

#[test]
fn what_is_no_registration_is_refused_with_the_option_named() {
    let house = with_firm();
    let cases: [(&[&str], &str); 7] = [
        (&["--number", "事務所", "--name", "x", "--sender", "a@x.example"], "number"),
        (&["--number", "1", "--sender", "a@x.example"], "name"),
        (&["--number", "1", "--name", "x"], "sender"),
        (&["--number", "1", "--name", "x", "--sender", "a@@x.example"], "sender"),
        (&["--number", "1", "--name", "x", "--sender", "a@x.example", "--receipts", "some"], "receipts"),
        (&["--number", "1", "--name", "x", "--sender", "a@x.example", "--request-days", "91"], "request-days"),
        (
            &[
                "--number",
                "1",
                "--name",
                "x",
                "--sender",
                "a@x.example",
                "--pinned-selector",
                "s",
                "--pinned-record",
                "p",
            ],
            "pinned-record",
        ),
    ];
    for (args, named) in cases {
        assert_wrong(&house.cli(&[&["firm", "add"], args].concat()), named);
    }
    assert_eq!(json(&house, &["firm", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_firm_that_is_not_there_or_taken_fails_in_one_line() {
    let house = with_firm();
    for (args, said) in [
        (&["firm", "suspend", "9"][..], "there is no firm 9"),
        (&["firm", "edit", "9", "--name", "x"], "there is no firm 9"),
        (&["firm", "add", "--number", "1001", "--name", "x", "--sender", "a@x.example"], "another firm"),
        (&["firm", "add", "--number", "1", "--name", "x", "--sender", "OFFICE@aozora.example"], "another firm"),
    ] {
        let ran = house.cli(args);
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{ran:?}");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}
