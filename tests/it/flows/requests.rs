//! The store's requests: the index that allows one undecided request a pair, versions, numbers, pages.

use renkei::domain::firm_request::{Request, State, StateName};
use renkei::domain::time::{Timestamp, days};
use renkei::store::{self, StoreError};

use super::house::House;
use super::sample::{self, address};

on_both_databases![
    a_list_may_be_longer_than_a_statement_holds,
    a_request_is_read_as_it_was_written,
    a_pair_has_one_undecided_request_at_most,
    a_write_that_read_an_older_version_is_refused,
    numbers_are_given_out_once,
    the_last_request_about_a_customer_is_found_for_each_firm,
    a_page_goes_on_below_the_last_number,
    what_is_over_is_found_to_the_millisecond,
    a_nul_becomes_a_replacement_character,
];

async fn insert(house: &House, requests: &[&Request]) -> Result<(), StoreError> {
    let mut tx = house.context.store.begin().await?;
    store::requests::insert(&mut tx, requests).await?;
    Ok(tx.commit().await?)
}

async fn update(house: &House, request: &Request) -> Result<(), StoreError> {
    let mut tx = house.context.store.begin().await?;
    store::requests::update(&mut tx, request).await?;
    Ok(tx.commit().await?)
}

fn about(house: &House, number: i64, customer: &str) -> Request {
    sample::request(&house.context, &house.firm, number, customer)
}

async fn a_request_is_read_as_it_was_written(house: &House) {
    let request = about(house, 1, "Yamada@example.jp");
    insert(house, &[&request]).await.unwrap();
    let mut connection = house.context.store.read().await.unwrap();
    assert_eq!(store::requests::by_number(&mut connection, 1).await.unwrap().as_ref(), Some(&request));
    assert_eq!(store::requests::by_number(&mut connection, 2).await.unwrap(), None);
    assert_eq!(store::requests::by_ids(&mut connection, &[&request.id]).await.unwrap(), [request]);
}

async fn a_pair_has_one_undecided_request_at_most(house: &House) {
    let first = about(house, 1, "yamada@example.jp");
    insert(house, &[&first]).await.unwrap();
    let second = about(house, 2, "YAMADA@example.jp");
    let refused = insert(house, &[&second]).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    for state in [State::Opened(house.now()), State::Undeliverable(house.now())] {
        house.execute(&format!("UPDATE request SET state = '{}'", state.name().name())).await;
        assert!(insert(house, &[&second]).await.is_err(), "{state:?}");
    }
    house.execute("UPDATE request SET state = 'declined'").await;
    insert(house, &[&second]).await.unwrap();
}

async fn a_write_that_read_an_older_version_is_refused(house: &House) {
    let read = about(house, 1, "yamada@example.jp");
    insert(house, &[&read]).await.unwrap();
    let mine = Request { state: State::Opened(house.now()), linked_at: Some(house.now()), ..read.clone() };
    update(house, &mine).await.unwrap();
    let refused = update(house, &read.withdraw(house.now()).unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    assert_eq!(house.request(1).await, Request { version: 1, ..mine });
}

async fn numbers_are_given_out_once(house: &House) {
    let mut tx = house.context.store.begin().await.unwrap();
    assert_eq!(store::requests::take_numbers(&mut tx, 3).await.unwrap(), 1);
    assert_eq!(store::requests::take_numbers(&mut tx, 1).await.unwrap(), 4);
    drop(tx);
    let mut tx = house.context.store.begin().await.unwrap();
    assert_eq!(store::requests::take_numbers(&mut tx, 1).await.unwrap(), 1, "what was not committed never was");
}

async fn the_last_request_about_a_customer_is_found_for_each_firm(house: &House) {
    let other = sample::firm(&house.context, "1002", "midori.example", None);
    renkei::flows::firms::add(&house.context, &other).await.unwrap();
    let over = about(house, 1, "yamada@example.jp").withdraw(house.now()).unwrap();
    let ours = about(house, 2, "Yamada@example.jp");
    let theirs = sample::request(&house.context, &other, 3, "yamada@example.jp");
    let unasked = about(house, 4, "sato@example.jp");
    insert(house, &[&over, &ours, &theirs, &unasked]).await.unwrap();
    let mut connection = house.context.store.read().await.unwrap();
    let asked = [&address("yamada@example.jp"), &address("nobody@example.jp")];
    let mut found = store::requests::last_about(&mut connection, &asked).await.unwrap();
    found.sort_by_key(|request| request.number);
    assert_eq!(found, [ours, theirs]);
}

async fn a_page_goes_on_below_the_last_number(house: &House) {
    let customers: Vec<_> = (1..=5).map(|number| about(house, number, &format!("c{number}@example.jp"))).collect();
    insert(house, &customers.iter().collect::<Vec<_>>()).await.unwrap();
    house.execute("UPDATE request SET state = 'opened' WHERE number IN (1, 4)").await;
    let mut connection = house.context.store.read().await.unwrap();
    let mut page = async |below, state| {
        let page = store::requests::page(&mut connection, below, state, 2).await.unwrap();
        page.iter().map(|request| request.number).collect::<Vec<_>>()
    };
    assert_eq!(page(i64::MAX, None).await, [5, 4]);
    assert_eq!(page(4, None).await, [3, 2]);
    assert_eq!(page(i64::MAX, Some(StateName::Opened)).await, [4, 1]);
    assert_eq!(page(4, Some(StateName::Opened)).await, [1]);
    let undecided = store::requests::undecided_of(&mut connection, &house.firm.id).await.unwrap();
    assert_eq!(undecided, 5);
}

async fn what_is_over_is_found_to_the_millisecond(house: &House) {
    let request = about(house, 1, "yamada@example.jp");
    insert(house, &[&request]).await.unwrap();
    let end = request.created_at.after(days(21));
    let mut connection = house.context.store.read().await.unwrap();
    let before = renkei::domain::time::Timestamp::from_millis(end.as_millis() - 1);
    assert!(store::requests::expired(&mut connection, before, 9).await.unwrap().is_empty());
    assert_eq!(store::requests::expired(&mut connection, end, 9).await.unwrap(), [request]);
}

async fn a_nul_becomes_a_replacement_character(house: &House) {
    let request = about(house, 1, "yamada@example.jp");
    let written = Request {
        client_name: Some("山\0田".to_owned()),
        contact_name: Some("\0".to_owned()),
        message: "a\0b".to_owned(),
        ..request
    };
    insert(house, &[&written]).await.unwrap();
    let read = house.request(1).await;
    assert_eq!(read.client_name.as_deref(), Some("山\u{FFFD}田"));
    assert_eq!(read.contact_name.as_deref(), Some("\u{FFFD}"));
    assert_eq!(read.message, "a\u{FFFD}b");
}

async fn a_list_may_be_longer_than_a_statement_holds(house: &House) {
    house.ask("c39999@example.jp").await;
    let many: Vec<_> = (0..40_000).map(|n| sample::address(&format!("c{n}@example.jp"))).collect();
    let mut connection = house.context.store.read().await.unwrap();
    let found = store::requests::last_about(&mut connection, &many.iter().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(found.len(), 1);
    let keys = many.iter().map(renkei::domain::email_address::EmailAddress::key).collect();
    let notices = store::budgets::notices_to(&mut connection, keys, Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(notices.len(), 1);
}
