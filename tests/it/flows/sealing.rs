//! The same signed words act once, whatever envelope they come in, and old ones not at all (threat T4).

use renkei::domain::firm::FirmNumber;
use renkei::domain::inbound::{AHEAD, KEEP_SEALS, OLDEST};
use renkei::domain::time::{Timestamp, days};
use renkei::flows::{firms, purge, quarantine};

use super::house::House;

on_both_databases![
    the_same_signature_in_another_envelope_makes_no_second_request,
    the_same_signature_twice_in_one_window_makes_one_request,
    a_quarantined_mails_signature_may_still_act,
    a_mail_that_is_older_than_its_arrival_by_a_week_is_quarantined,
    a_mail_from_the_future_is_quarantined,
    a_mail_without_a_date_is_quarantined,
    a_seal_is_kept_for_four_hundred_days,
    a_firm_suspended_while_its_mail_was_judged_is_not_served,
];

const CUSTOMER: &str = "yamada@example.jp";

fn again(mail: &[u8], number: u32) -> Vec<u8> {
    [format!("Received: from a by b; {number}\r\n").as_bytes(), mail].concat()
}

async fn last_reasons(house: &House) -> (String, String) {
    let rows = house.rows("SELECT verdict, reasons FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await;
    (rows[0]["verdict"].clone(), rows[0]["reasons"].clone())
}

async fn the_same_signature_in_another_envelope_makes_no_second_request(house: &House) {
    let mail = house.mail(CUSTOMER).signed(&house.key);
    house.receive(std::slice::from_ref(&mail)).await;
    house.letters().await;
    house.pass(2);
    for number in 0..20 {
        let received = house.receive(&[again(&mail, number)]).await;
        assert_eq!((received.requests, received.letters), (0, 0), "no reminder either");
    }
    assert_eq!(house.letters().await, []);
    let (verdict, reasons) = last_reasons(house).await;
    assert_eq!((verdict.as_str(), reasons.as_str()), ("discarded", "its signature was seen before"));
}

async fn the_same_signature_twice_in_one_window_makes_one_request(house: &House) {
    let mail = house.mail(CUSTOMER).signed(&house.key);
    let received = house.receive(&[again(&mail, 1), again(&mail, 2), again(&mail, 3)]).await;
    assert_eq!((received.requests, received.letters, received.to_file), (1, 2, 3));
}

async fn a_quarantined_mails_signature_may_still_act(house: &House) {
    let number = FirmNumber::parse("1001").unwrap();
    firms::suspend(&house.context, &number).await.unwrap();
    let mail = house.mail(CUSTOMER).signed(&house.key);
    assert_eq!(house.receive(std::slice::from_ref(&mail)).await.quarantined, 1);
    firms::resume(&house.context, &number).await.unwrap();
    assert_eq!(house.receive(&[again(&mail, 1)]).await.requests, 1);
}

async fn arrives(house: &House, uid: u32, date: Timestamp, arrived: Timestamp) -> usize {
    let mail = house.mail(&format!("c{uid}@example.jp")).date(date).signed(&house.key);
    house.receive_arrived(uid, &mail, arrived).await.requests
}

/// Date has whole seconds.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() / 1_000 * 1_000)
}

async fn a_mail_that_is_older_than_its_arrival_by_a_week_is_quarantined(house: &House) {
    let now = whole(house.now());
    assert_eq!(arrives(house, 1, now.before(OLDEST), now).await, 1);
    assert_eq!(arrives(house, 2, now.before(OLDEST), now.after(days(0)).after(AHEAD)).await, 0);
    let (verdict, reasons) = last_reasons(house).await;
    assert_eq!((verdict.as_str(), reasons.as_str()), ("quarantined", "Date: stale"));
    // it lay in the mailbox for long, but did not come late
    house.pass(9);
    assert_eq!(arrives(house, 3, now, now).await, 1);
}

async fn a_mail_from_the_future_is_quarantined(house: &House) {
    let now = whole(house.now());
    assert_eq!(arrives(house, 1, now.after(AHEAD), now).await, 1);
    assert_eq!(arrives(house, 2, now.after(AHEAD).after(days(1)), now).await, 0);
    assert_eq!(last_reasons(house).await.1, "Date: ahead");
    assert_eq!(house.letters().await.len(), 2, "the first one's, and nothing for the second");
}

async fn a_mail_without_a_date_is_quarantined(house: &House) {
    let mail = house.mail(CUSTOMER).header("Date", "in the afternoon").signed(&house.key);
    assert_eq!(house.receive(&[mail]).await.quarantined, 1);
    assert_eq!(last_reasons(house).await.1, "Date: undated");
    assert_eq!(quarantine::list(&house.context, None, 9).await.unwrap().len(), 1);
}

async fn a_seal_is_kept_for_four_hundred_days(house: &House) {
    house.ask(CUSTOMER).await;
    let retention = purge::Retention { ended_requests: days(90), ended_mails: days(90), idle_mails: days(90) };
    house.context.clock.advance(KEEP_SEALS.checked_sub(days(1)).unwrap());
    purge::purge(&house.context, &retention).await.unwrap();
    assert_eq!(house.rows("SELECT seal FROM signature_seen").await.len(), 1);
    house.pass(1);
    purge::purge(&house.context, &retention).await.unwrap();
    assert_eq!(house.rows("SELECT seal FROM signature_seen").await.len(), 0);
}

/// The firm is stopped after its mail was looked at: the transaction sees it.
async fn a_firm_suspended_while_its_mail_was_judged_is_not_served(house: &House) {
    let mails: Vec<_> = (0..60).map(|n| house.mail(&format!("c{n}@example.jp")).signed(&house.key)).collect();
    let number = FirmNumber::parse("1001").unwrap();
    let (received, stopped) = tokio::join!(house.receive(&mails), firms::suspend(&house.context, &number));
    stopped.unwrap();
    // whichever was first: all of the window or nothing of it
    assert!([0, 60].contains(&received.requests), "{received:?}");
    assert_eq!(received.requests + received.quarantined, 60);
    assert_eq!(house.letters().await, [], "what waited does not leave");
}
