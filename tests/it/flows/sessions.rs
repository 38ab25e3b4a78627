//! Who is logged in, and for how long.

use std::time::Duration;

use renkei::domain::email_address::EmailAddress;
use renkei::domain::ids::{AccountId, RequestId};
use renkei::domain::session::Life;
use renkei::domain::time::{hours, minutes};
use renkei::flows::accounts;
use renkei::flows::sessions::{self, Found, SessionSecret};
use renkei::store;

use super::house::House;
use super::people::member;

on_both_databases![
    a_session_lives_while_it_is_used,
    eight_hours_are_the_end_in_any_case,
    last_seen_moves_once_a_minute,
    a_session_is_begun_under_new_bits_alone,
    who_logs_out_is_unknown,
    all_sessions_of_an_account_end_at_once,
    the_account_is_there_or_the_session_is_not,
    a_session_takes_the_request,
    what_ended_long_ago_is_forgotten,
    the_database_holds_no_cookie,
];

async fn account(house: &House) -> AccountId {
    member(house, "yamada@example.jp", "山田 太郎").await
}

async fn begin(house: &House, account: &AccountId) -> SessionSecret {
    sessions::begin(&house.context, account, None, None).await.unwrap()
}

async fn find(house: &House, secret: &SessionSecret) -> Found {
    sessions::find(&house.context, &Life::default(), secret).await.unwrap()
}

async fn lives(house: &House, secret: &SessionSecret) -> bool {
    matches!(find(house, secret).await, Found::Live(_))
}

fn wait(house: &House, span: Duration) {
    house.context.clock.advance(span);
}

async fn a_session_lives_while_it_is_used(house: &House) {
    let secret = begin(house, &account(house).await).await;
    for _ in 0..5 {
        wait(house, minutes(14));
        assert!(lives(house, &secret).await);
    }
    wait(house, minutes(15).checked_sub(Duration::from_millis(1)).unwrap());
    assert!(lives(house, &secret).await);
    wait(house, minutes(15));
    assert_eq!(find(house, &secret).await, Found::Ended(None));
    // looking at it does not wake it
    assert_eq!(find(house, &secret).await, Found::Ended(None));
}

async fn eight_hours_are_the_end_in_any_case(house: &House) {
    let secret = begin(house, &account(house).await).await;
    for _ in 0..47 {
        wait(house, minutes(10));
        assert!(lives(house, &secret).await);
    }
    wait(house, minutes(10));
    assert_eq!(find(house, &secret).await, Found::Ended(None));
}

async fn last_seen_moves_once_a_minute(house: &House) {
    let secret = begin(house, &account(house).await).await;
    let seen = async || house.rows("SELECT seen_at FROM session").await[0]["seen_at"].clone();
    let began = seen().await;
    wait(house, Duration::from_secs(59));
    assert!(lives(house, &secret).await);
    assert_eq!(seen().await, began);
    wait(house, Duration::from_secs(1));
    assert!(lives(house, &secret).await);
    assert_eq!(seen().await, house.now().as_millis().to_string());
}

async fn a_session_is_begun_under_new_bits_alone(house: &House) {
    let who = account(house).await;
    // what somebody planted
    let planted = SessionSecret::parse(&"A".repeat(43)).unwrap();
    assert_eq!(find(house, &planted).await, Found::Unknown);
    let first = sessions::begin(&house.context, &who, None, Some(&planted)).await.unwrap();
    assert!(first != planted && lives(house, &first).await);
    assert_eq!(find(house, &planted).await, Found::Unknown);
    let second = sessions::begin(&house.context, &who, None, Some(&first)).await.unwrap();
    assert_eq!(find(house, &first).await, Found::Unknown);
    assert!(lives(house, &second).await);
}

async fn who_logs_out_is_unknown(house: &House) {
    let who = account(house).await;
    let (here, there) = (begin(house, &who).await, begin(house, &who).await);
    sessions::end(&house.context, &here).await.unwrap();
    sessions::end(&house.context, &here).await.unwrap();
    assert_eq!(find(house, &here).await, Found::Unknown);
    assert!(lives(house, &there).await);
}

async fn all_sessions_of_an_account_end_at_once(house: &House) {
    let (who, other) = (account(house).await, member(house, "sato@example.jp", "佐藤").await);
    let theirs = [begin(house, &who).await, begin(house, &who).await];
    let others = begin(house, &other).await;
    let mut tx = house.context.store.begin().await.unwrap();
    assert_eq!(store::sessions::end_all(&mut tx, &who).await.unwrap(), 2);
    tx.commit().await.unwrap();
    for secret in &theirs {
        assert_eq!(find(house, secret).await, Found::Unknown);
    }
    assert!(lives(house, &others).await);
}

async fn the_account_is_there_or_the_session_is_not(house: &House) {
    let who = account(house).await;
    let secret = begin(house, &who).await;
    let Found::Live(session) = find(house, &secret).await else { panic!("it has ended") };
    assert_eq!((session.account, session.name.as_str()), (who, "山田 太郎"));
    let unnoticed = house.execute("UPDATE account SET erased_at = 1").await;
    assert_eq!((unnoticed, find(house, &secret).await), (1, Found::Unknown));
    house.execute("UPDATE account SET erased_at = NULL").await;
    accounts::erase(&house.context, &EmailAddress::parse("yamada@example.jp").unwrap()).await.unwrap();
    assert!(house.rows("SELECT digest FROM session").await.is_empty());
}

async fn a_session_takes_the_request(house: &House) {
    let request = RequestId::new(house.context.entropy.uuid(house.now()));
    let secret = begin(house, &account(house).await).await;
    sessions::take_request(&house.context, &secret, &request).await.unwrap();
    let Found::Live(session) = find(house, &secret).await else { panic!("it has ended") };
    assert_eq!(session.request, Some(request.clone()));
    wait(house, hours(1));
    assert_eq!(find(house, &secret).await, Found::Ended(Some(request.clone())));
    sessions::end(&house.context, &secret).await.unwrap();
    assert!(sessions::take_request(&house.context, &secret, &request).await.is_err());
}

async fn what_ended_long_ago_is_forgotten(house: &House) {
    let who = account(house).await;
    let old = begin(house, &who).await;
    wait(house, hours(12));
    let new = begin(house, &who).await;
    assert_eq!(sessions::purge(&house.context).await.unwrap(), 0);
    wait(house, hours(12) + Duration::from_millis(1));
    assert_eq!(sessions::purge(&house.context).await.unwrap(), 1);
    assert_eq!(find(house, &old).await, Found::Unknown);
    assert_eq!(find(house, &new).await, Found::Ended(None));
}

async fn the_database_holds_no_cookie(house: &House) {
    let secret = begin(house, &account(house).await).await.to_text();
    assert_eq!(secret.len(), 43);
    let everything = format!("{:?}", house.everything().await);
    assert!(!everything.contains(&secret) && !everything.contains(&secret[..20]));
}
