//! `renkei request`, on what the demo has received.

use serde_json::Value;

use super::{assert_wrong, json};
use crate::support::daemon::Installation;

/// Where the demo has received its one request. Its config is the one that the commands then read.
fn demo() -> Installation {
    let house = Installation::new(|_| String::new());
    house.cli_ok(&["demo", "--once", "--dir", "."]);
    house
}

fn show(house: &Installation) -> Value {
    json(house, &["request", "show", "1"])
}

#[test]
fn a_request_is_listed_shown_withdrawn_and_then_no_more_mailed() {
    let house = demo();
    let listed = json(&house, &["request", "list"]);
    assert_eq!((&listed[0]["number"], &listed[0]["state"]), (&1.into(), &"pending".into()));
    let customer = listed[0]["customer"].as_str().unwrap().to_owned();
    assert!(house.cli_ok(&["request", "list"]).contains(&customer));
    assert_eq!(json(&house, &["request", "list", "--state", "cancelled"]), serde_json::json!([]));
    assert_eq!(json(&house, &["request", "list", "--below", "1"]), serde_json::json!([]));

    house.cli_ok(&["request", "retry", "1"]);
    assert_eq!(show(&house)["notices"], 2);
    house.cli_ok(&["request", "withdraw", "1"]);
    let shown = show(&house);
    assert_eq!(shown["state"], "cancelled");
    let story = shown["story"].to_string();
    for event in ["received by firm", "notified again by operator", "withdrawn by operator", "mail request_notice"] {
        assert!(story.contains(event), "{event} in {story}");
    }
    let text = house.cli_ok(&["request", "show", "1"]);
    assert!(text.contains(&customer) && text.contains("withdrawn"), "{text}");

    for command in ["withdraw", "retry"] {
        let ran = house.cli(&["request", command, "1"]);
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{ran:?}");
        assert!(ran.stderr.contains("cancelled"), "{}", ran.stderr);
    }
    assert_eq!(house.cli(&["request", "show", "2"]).code, Some(2));
    assert_eq!(house.cli(&["request", "list", "--state", "gone"]).code, Some(2));
}

#[test]
fn no_command_shows_a_link() {
    let house = demo();
    for command in [&["request", "show", "1"][..], &["request", "list"], &["outbox", "list"], &["firm", "list"]] {
        for json in [false, true] {
            let said = house.cli_ok(&if json { [command, &["--json"]].concat() } else { command.to_vec() });
            assert!(!said.contains("/r/"), "{command:?}: {said}");
        }
    }
}

#[test]
fn lists_are_json_also_when_they_are_empty() {
    let house = super::with_key();
    for command in [&["request", "list"][..], &["outbox", "list"], &["quarantine", "list"], &["firm", "list"]] {
        assert_eq!(json(&house, command), serde_json::json!([]), "{command:?}");
        assert_eq!(house.cli_ok(command), "none\n");
    }
}

#[test]
fn a_number_that_is_none_is_wrong() {
    let ran = super::with_key().cli(&["firm", "suspend", "事務所"]);
    assert_wrong(&ran, "firm number");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_disowned_is_listed_for_the_operator() {
    let house = demo();
    assert_eq!(json(&house, &["request", "list", "--disowned"]), serde_json::json!([]));
    let url = format!("sqlite:{}", house.path().join("renkei.db").display());
    let store = renkei::store::Store::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    sqlx::query("UPDATE request SET disowned_at = 1700000000000").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let listed = json(&house, &["request", "list", "--disowned"]);
    assert_eq!((&listed[0]["number"], &listed[0]["disowned_at"]), (&1.into(), &"2023-11-14T22:13:20Z".into()));
    assert!(house.cli_ok(&["request", "list"]).contains("pending (disowned)"));
    assert!(house.cli_ok(&["request", "show", "1"]).starts_with("request 1: pending (disowned)"));
}
