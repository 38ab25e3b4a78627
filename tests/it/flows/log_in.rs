//! Who is let in, who has to wait, and that nobody learns which IDs there are.

use std::time::{Duration, Instant};

use renkei::domain::account::FAILURES_UNTIL_LOCKED;
use renkei::domain::ids::AccountId;
use renkei::domain::password::PasswordRule;
use renkei::entropy::Entropy;
use renkei::flows::{Context, accounts};
use renkei::passwords::{Cost, Passwords};

use super::house::House;
use super::sample::{self, Entry, PASSWORD};

on_both_databases![
    the_right_password_lets_in_and_nothing_else,
    waiting_begins_with_the_fifth_failure_and_is_the_sources_own,
    an_unknown_id_is_answered_like_a_known_one,
    guesses_side_by_side_get_no_more_than_five_tries,
    a_hundred_failures_in_a_row_lock_everybody_out_until_unlocked,
    a_lock_that_was_cut_off_is_made_up,
    a_success_begins_the_count_anew,
    a_hash_that_costs_too_little_is_made_anew,
    who_finds_no_place_is_told_so_and_nothing_is_counted,
];

const ADDRESS: &str = "yamada@example.jp";

async fn log_in(house: &House, id: &str, password: &str, from: &str) -> Entry {
    sample::log_in(&house.context, id, password, from).await
}

async fn account(house: &House) -> AccountId {
    let id = house.registered(ADDRESS).await;
    house.letters().await;
    id
}

async fn the_right_password_lets_in_and_nothing_else(house: &House) {
    let id = account(house).await;
    for typed in [ADDRESS, "YAMADA@example.jp", " yamada@example.jp ", "ｙａｍａｄａ＠ｅｘａｍｐｌｅ．ｊｐ"]
    {
        assert_eq!(log_in(house, typed, PASSWORD, "192.0.2.1").await, Entry::In(id.clone()), "{typed}");
    }
    for wrong in ["", "Correct horse battery staple", "correct horse battery staple "] {
        assert_eq!(log_in(house, ADDRESS, wrong, "192.0.2.1").await, Entry::Refused, "{wrong}");
    }
    assert_eq!(log_in(house, "yamada", PASSWORD, "192.0.2.1").await, Entry::Refused);
}

async fn waiting_begins_with_the_fifth_failure_and_is_the_sources_own(house: &House) {
    let id = account(house).await;
    for _ in 0..5 {
        assert_eq!(log_in(house, ADDRESS, "wrong", "192.0.2.1").await, Entry::Refused);
    }
    for pause in [30, 60, 120] {
        let later = Entry::Later(house.now().after(Duration::from_secs(pause)));
        assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, later, "not even the right one");
        house.pass_seconds(pause);
        assert_eq!(log_in(house, ADDRESS, "wrong", "192.0.2.1").await, Entry::Refused);
    }
    assert!(matches!(log_in(house, ADDRESS, PASSWORD, "192.0.2.9").await, Entry::Later(_)), "a neighbour");
    let other = log_in(house, ADDRESS, PASSWORD, "198.51.100.1").await;
    assert_eq!(other, Entry::In(id), "the customer's own source does not wait for a stranger's failures");
}

async fn an_unknown_id_is_answered_like_a_known_one(house: &House) {
    account(house).await;
    let told = async |id: &str| {
        let mut told = vec![];
        for _ in 0..8 {
            told.push(log_in(house, id, "wrong", "192.0.2.1").await);
        }
        told
    };
    let known = told(ADDRESS).await;
    assert_eq!(told("nobody@example.jp").await, known);
    assert_eq!(told("nobody").await, known);
    assert!(matches!(known[7], Entry::Later(_)));
}

async fn guesses_side_by_side_get_no_more_than_five_tries(house: &House) {
    account(house).await;
    let tasks: Vec<_> = (0..60)
        .map(|_| {
            let context = house.context.clone();
            tokio::spawn(async move { sample::log_in(&context, ADDRESS, "wrong", "192.0.2.1").await })
        })
        .collect();
    let mut judged = 0;
    for task in tasks {
        match task.await.unwrap() {
            Entry::Refused => judged += 1,
            Entry::Later(_) | Entry::Busy => {}
            Entry::In(_) => panic!("let in"),
        }
    }
    assert_eq!(judged, 5);
}

/// Failures in a row, each from another source; one a second.
async fn fail(house: &House, times: u32) {
    for time in 0..times {
        let from = format!("198.{}.{}.1", 18 + time / 250, time % 250);
        assert_eq!(log_in(house, ADDRESS, "wrong", &from).await, Entry::Refused);
        house.pass_seconds(1);
    }
}

async fn a_hundred_failures_in_a_row_lock_everybody_out_until_unlocked(house: &House) {
    let id = account(house).await;
    fail(house, FAILURES_UNTIL_LOCKED - 1).await;
    assert_eq!(house.letters().await.len(), 0);
    assert_eq!(log_in(house, ADDRESS, "wrong", "203.0.113.1").await, Entry::Refused);
    let letters = house.letters().await;
    assert_eq!(
        letters.iter().map(|letter| letter.subject.as_str()).collect::<Vec<_>>(),
        ["【弥生】ログインを停止しました"]
    );
    for from in ["192.0.2.1", "203.0.113.1"] {
        assert_eq!(log_in(house, ADDRESS, PASSWORD, from).await, Entry::Refused, "the right one fails alike");
    }
    let shown = accounts::show(&house.context, &sample::address(ADDRESS)).await.unwrap();
    assert_eq!(shown.account.state(), "locked");
    assert_eq!(house.letters().await.len(), 0, "its owner is told once");

    accounts::unlock(&house.context, &sample::address(ADDRESS)).await.unwrap();
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "203.0.113.1").await, Entry::In(id));
    let shown = accounts::show(&house.context, &sample::address(ADDRESS)).await.unwrap();
    let events: Vec<_> = shown.events.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!((shown.account.state(), events), ("active", vec!["registered", "locked", "unlocked"]));
}

async fn a_lock_that_was_cut_off_is_made_up(house: &House) {
    account(house).await;
    house.letters().await;
    // the process ended between the counting and the lock
    house.execute(&format!("UPDATE account SET failures = {FAILURES_UNTIL_LOCKED}")).await;
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::Refused);
    assert_eq!(house.letters().await[0].subject, "【弥生】ログインを停止しました");
    let shown = accounts::show(&house.context, &sample::address(ADDRESS)).await.unwrap();
    assert_eq!(shown.account.state(), "locked");
}

async fn a_success_begins_the_count_anew(house: &House) {
    let id = account(house).await;
    fail(house, FAILURES_UNTIL_LOCKED - 1).await;
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(id.clone()));
    fail(house, 20).await;
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(id));
}

async fn a_hash_that_costs_too_little_is_made_anew(house: &House) {
    let id = account(house).await;
    let hash = async || house.rows("SELECT password_hash FROM account").await[0]["password_hash"].clone();
    let before = hash().await;
    assert!(before.contains("$m=8,t=1,p=1$"), "{before}");
    let stronger = house.context.passwords.with(PasswordRule::default(), Cost { memory: 16, passes: 2 });
    let today = Context { passwords: stronger, ..house.context.clone() };
    for _ in 0..2 {
        assert_eq!(sample::log_in(&today, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(id.clone()));
        assert!(hash().await.contains("$m=16,t=2,p=1$"));
    }
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(id));
    assert!(hash().await.contains("$m=16,t=2,p=1$"), "and never weakened");
}

async fn who_finds_no_place_is_told_so_and_nothing_is_counted(house: &House) {
    account(house).await;
    let before = house.everything().await;
    let places: Vec<_> = std::iter::from_fn(|| house.context.passwords.queue().ok()).collect();
    assert_eq!(places.len(), 68);
    assert_eq!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::Busy);
    assert_eq!(house.everything().await, before);
    drop(places);
    assert!(matches!(log_in(house, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(_)));
}

/// The time of the middle one of so many refusals, in turns, for an ID that there is and one that there is not.
async fn medians(context: &Context) -> [Duration; 2] {
    let mut times = [vec![], vec![]];
    for turn in 0..41 {
        for (which, id) in [ADDRESS, "nobody@example.jp"].into_iter().enumerate() {
            let from = format!("198.51.{turn}.1");
            let start = Instant::now();
            assert_eq!(sample::log_in(context, id, "wrong", &from).await, Entry::Refused);
            times[which].push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

#[tokio::test]
async fn an_unknown_id_takes_as_long_as_a_known_one() {
    let house = House::on_sqlite().await;
    let cost = Cost { memory: 2_048, passes: 2 };
    let passwords = Passwords::new(PasswordRule::default(), cost, &Entropy::seeded(3));
    let context = Context { passwords, ..house.context.clone() };
    account(&house).await;
    // the account's own hash is made at that cost first
    assert!(matches!(sample::log_in(&context, ADDRESS, PASSWORD, "192.0.2.1").await, Entry::In(_)));
    let [known, unknown] = medians(&context).await;
    let apart = known.abs_diff(unknown);
    assert!(apart * 4 < known, "known {known:?}, unknown {unknown:?}");
    house.leave().await;
}
