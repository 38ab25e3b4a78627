//! What a rehearsal says is what then happens, and it changes nothing.

use std::sync::Arc;

use renkei::domain::budget::Budgets;
use renkei::domain::inbound::Locator;
use renkei::flows::receive_request::{Judge, Rehearsal, Seen};

use super::house::House;

on_both_databases![
    a_withdrawal_tells_whom_it_would_tell,
    a_withdrawal_of_what_never_left_tells_the_firm_alone,
    two_withdrawals_of_one_request_tell_the_customer_once,
];

const CUSTOMER: &str = "yamada@example.jp";

/// The letters that each of these mails would make.
async fn rehearsed(house: &House, mails: &[Vec<u8>]) -> Vec<Vec<&'static str>> {
    let judge =
        Judge { verifier: Arc::clone(&house.verifier), side_by_side: 2, budgets: Budgets::default(), desk: None };
    let seen = mails.iter().enumerate().map(|(at, raw)| Seen {
        at: Locator { uidvalidity: 0, uid: format!("replay {at}") },
        size: raw.len() as u64,
        arrived_at: house.now(),
        raw: Some(raw.clone()),
    });
    let before = house.everything().await;
    let told = Rehearsal::default().window(&house.context, &judge, seen.collect()).await.unwrap();
    assert_eq!(house.everything().await, before, "a rehearsal wrote");
    told.into_iter().map(|told| told.letters).collect()
}

/// The kinds of the letters that the outbox has.
async fn written(house: &House) -> Vec<String> {
    let rows = house.rows("SELECT kind FROM outbound_mail ORDER BY kind").await;
    rows.iter().map(|row| row["kind"].clone()).collect()
}

fn withdrawal(house: &House) -> Vec<u8> {
    house.mail("x").command("取下げ").field("申請番号", "1").signed(&house.key)
}

async fn a_withdrawal_tells_whom_it_would_tell(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.pass(1);
    let mail = withdrawal(house);
    assert_eq!(rehearsed(house, std::slice::from_ref(&mail)).await, [["command_answer", "request_cancelled"]]);
    house.receive(&[mail]).await;
    assert_eq!(written(house).await, ["command_answer", "receipt", "request_cancelled", "request_notice"]);
}

async fn a_withdrawal_of_what_never_left_tells_the_firm_alone(house: &House) {
    house.ask(CUSTOMER).await;
    let mail = withdrawal(house);
    assert_eq!(rehearsed(house, std::slice::from_ref(&mail)).await, [["command_answer"]]);
    house.receive(&[mail]).await;
    assert_eq!(written(house).await, ["command_answer", "receipt", "request_notice"]);
}

async fn two_withdrawals_of_one_request_tell_the_customer_once(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.pass(1);
    let told = rehearsed(house, &[withdrawal(house), withdrawal(house)]).await;
    assert_eq!(told, [vec!["command_answer", "request_cancelled"], vec!["command_answer"]]);
}
