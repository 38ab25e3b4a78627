//! What ends by itself, and what is forgotten: judged by the clock alone.

use renkei::domain::decision::Choice;
use renkei::domain::firm_request::{State, StateName};
use renkei::domain::outbound::{HandOver, OutboundState};
use renkei::domain::time::days;
use renkei::flows::jobs::{self, Job};
use renkei::flows::purge::Retention;
use renkei::flows::sweep::{self, Swept};
use renkei::flows::{audit, expire, manage, requests, sessions};

use super::customers::{CUSTOMER, answer};
use super::house::House;

on_both_databases![
    a_request_ends_on_its_last_day_and_not_before,
    more_requests_than_one_transaction_takes_end_in_one_sweep,
    what_an_expired_request_had_waiting_is_useless,
    both_sides_are_told_of_the_end_in_the_same_breath,
    a_customer_whom_no_mail_reaches_is_not_told,
    personal_data_leaves_the_row_when_its_time_is_over,
    an_approved_request_keeps_its_data,
    what_was_stopped_goes_with_the_customers_words,
    the_trail_holds_after_everything_was_forgotten,
    a_sweep_remembers_its_slot,
    what_people_left_behind_is_forgotten,
];

const KEEP: Retention = Retention { ended_requests: days(90), ended_mails: days(90), idle_mails: days(90) };

async fn swept(house: &House) -> Swept {
    sweep::sweep(&house.context, &KEEP, house.now()).await.unwrap()
}

async fn a_request_ends_on_its_last_day_and_not_before(house: &House) {
    house.ask("yamada@example.jp").await;
    house.letters().await;
    house.pass_all_but_a_millisecond_of(21);
    assert_eq!(swept(house).await.expired, 0);
    assert!(house.request(1).await.is_open(house.now()));
    house.pass_a_millisecond();
    assert!(!house.request(1).await.is_open(house.now()), "also before the sweep");
    assert_eq!(swept(house).await.expired, 1);
    assert_eq!(house.request(1).await.state, State::Expired(house.now()));
    assert_eq!(swept(house).await.expired, 0);
}

async fn more_requests_than_one_transaction_takes_end_in_one_sweep(house: &House) {
    let mails: Vec<_> = (0..210).map(|n| house.mail(&format!("c{n}@example.jp")).signed(&house.key)).collect();
    for window in mails.chunks(100) {
        house.receive(window).await;
    }
    house.pass(21);
    assert_eq!(swept(house).await.expired, 210);
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
}

async fn what_an_expired_request_had_waiting_is_useless(house: &House) {
    house.ask("yamada@example.jp").await;
    house.pass(21);
    swept(house).await;
    let mut states = house.states_of_mails(1).await;
    states.sort_by_key(|state| state.name());
    let told = [OutboundState::Queued; 3];
    assert_eq!(states, [&told[..], &[OutboundState::Useless]].concat(), "the receipt and what tells both sides leave");
}

async fn both_sides_are_told_of_the_end_in_the_same_breath(house: &House) {
    house.ask("yamada@example.jp").await;
    house.letters().await;
    house.execute("UPDATE firm SET notify_address = 'boss@aozora.example', locale = 'en'").await;
    house.pass(21);
    // where a letter cannot be written into the outbox, the request has not ended either
    house.execute("ALTER TABLE outbound_mail RENAME COLUMN about TO away").await;
    assert!(expire::expire(&house.context).await.is_err());
    house.execute("ALTER TABLE outbound_mail RENAME COLUMN away TO about").await;
    assert_eq!(house.request(1).await.state, State::Pending);
    assert_eq!(requests::show(&house.context, 1).await.unwrap().events.len(), 1);
    assert_eq!(swept(house).await.expired, 1);
    let letters = house.letters().await;
    let told: Vec<_> = letters.iter().map(|letter| (letter.to.as_str(), letter.subject.as_str())).collect();
    let customer = ("yamada@example.jp", "【弥生】あおぞら会計事務所様からの申請は、期限を過ぎたため終了しました");
    let firm = ("boss@aozora.example", "[Yayoi] Your client did not answer in time (request no. 1)");
    assert!(told.len() == 2 && told.contains(&customer) && told.contains(&firm), "{told:?}");
    assert_eq!(requests::show(&house.context, 1).await.unwrap().events.len(), 2, "one event for the transition");
    swept(house).await;
    assert!(house.letters().await.is_empty(), "once");
}

async fn a_customer_whom_no_mail_reaches_is_not_told(house: &House) {
    house.ask("yamada@example.jp").await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: None }]);
    house.letters().await;
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
    house.pass(21);
    swept(house).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].to == "office@aozora.example" && letters[0].text.contains("顧問先へのメールは届いていません。"));
}

async fn personal_data_leaves_the_row_when_its_time_is_over(house: &House) {
    let mail = house
        .mail("yamada@example.jp")
        .client_name("株式会社山田商店")
        .field("担当者名", "山田太郎")
        .field("追加宛先", "keiri@example.jp")
        .message("秘密のことば");
    house.receive(&[mail.signed(&house.key)]).await;
    house.letters().await;
    requests::withdraw(&house.context, 1).await.unwrap();
    house.letters().await;
    let personal = ["yamada", "山田", "keiri", "秘密のことば"];
    let found = async |word: &str| format!("{:?}", house.everything().await).contains(word);

    house.pass_all_but_a_millisecond_of(90);
    assert_eq!(swept(house).await.forgotten, 0);
    for word in personal {
        assert!(found(word).await, "{word} is gone too early");
    }
    house.pass_a_millisecond();
    assert!(swept(house).await.forgotten > 0);
    for word in personal {
        assert!(!found(word).await, "{word} is still there");
    }
    // that there was a request is still known, and a new one is not confused with it
    assert_eq!(house.request(1).await.state.name(), StateName::Cancelled);
    assert_eq!(house.ask("yamada@example.jp").await.requests, 1);
    assert_eq!(swept(house).await.forgotten, 0, "once");
}

async fn an_approved_request_keeps_its_data(house: &House) {
    house.ask("yamada@example.jp").await;
    house.letters().await;
    house.execute("UPDATE request SET state = 'approved'").await;
    house.pass(1_000);
    swept(house).await;
    assert_eq!(house.request(1).await.customer.to_text(), "yamada@example.jp");
}

async fn what_was_stopped_goes_with_the_customers_words(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready("hanako@example.com").await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "ないしょの話")).await;
    manage::stop(&house.context, &yamada, 1).await.unwrap();
    house.letters().await;
    let found = async |word: &str| format!("{:?}", house.everything().await).contains(word);
    house.pass_all_but_a_millisecond_of(90);
    swept(house).await;
    assert!(found(CUSTOMER).await && found("ないしょの話").await, "too early");
    house.pass_a_millisecond();
    swept(house).await;
    assert!(!found(CUSTOMER).await && !found("ないしょの話").await);
    assert_eq!(house.request(1).await.state.name(), StateName::Approved);
    assert_eq!(
        house.rows("SELECT choice FROM decision").await[0]["choice"],
        "approve",
        "that there was a decision is known"
    );
}

async fn the_trail_holds_after_everything_was_forgotten(house: &House) {
    house.ask("yamada@example.jp").await;
    house.deliver().await;
    house.pass(21);
    swept(house).await;
    house.pass(90);
    swept(house).await;
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
    let trail = format!("{:?}", house.rows("SELECT * FROM audit_event").await);
    assert!(!trail.contains('@'), "no address stands in the trail: {trail}");
}

async fn a_sweep_remembers_its_slot(house: &House) {
    assert_eq!(jobs::last(&house.context, Job::Sweep).await.unwrap(), None);
    let slot = house.now();
    house.pass_seconds(9);
    sweep::sweep(&house.context, &KEEP, slot).await.unwrap();
    assert_eq!(jobs::last(&house.context, Job::Sweep).await.unwrap(), Some(slot));
}

/// Sessions that ended, attempts nobody counts any more with their codes, failures of long ago.
async fn what_people_left_behind_is_forgotten(house: &House) {
    let yamada = house.account("yamada@example.jp").await;
    sessions::begin(&house.context, &yamada, None, None).await.unwrap();
    let at = house.now().as_millis();
    for sql in [
        format!(
            "INSERT INTO attempt (id, aim, address_key, address, locale, allowance, code_key, created_at, state, version)
             VALUES ('a', 'nobody', 'x@y.example', 'x@y.example', 'ja', 'source:x', 'k', {at}, 'open', 0)"
        ),
        format!(
            "INSERT INTO verification_code (attempt_id, sequence, minting, asked_at, tries, state)
             VALUES ('a', 1, 1, {at}, 0, 'out')"
        ),
        format!("INSERT INTO throttle (kind, subject, source, failures, failed_at) VALUES ('log_in', 's', '', 1, {at})"),
    ] {
        house.execute(&sql).await;
    }
    let left = async || {
        let mut left = Vec::new();
        for table in ["session", "attempt", "verification_code", "throttle", "account"] {
            left.push(house.rows(&format!("SELECT * FROM {table}")).await.len());
        }
        left
    };
    swept(house).await;
    assert_eq!(left().await, [1, 1, 1, 1, 1]);
    house.pass(2);
    assert!(swept(house).await.forgotten >= 2);
    assert_eq!(left().await, [0, 0, 0, 1, 1]);
    house.pass(28);
    swept(house).await;
    assert_eq!(left().await, [0, 0, 0, 0, 1], "the account stays");
}
