//! A firm asks: what the customer gets, what the firm gets, and what a further mail about the same customer means.

use renkei::domain::firm::{Firm, Receipts};
use renkei::domain::firm_request::{Asked, State, StateName};
use renkei::domain::inbound::Verdict;
use renkei::domain::outbound::LetterKind;
use renkei::domain::time::days;
use renkei::flows::firms;

use super::house::{House, OFFICE, Read};

on_both_databases![
    a_request_becomes_the_customers_link_and_the_firms_receipt,
    a_firm_that_wants_no_receipts_gets_none,
    copies_go_out_without_the_link,
    a_second_mail_on_the_same_day_is_told_when_the_next_is_possible,
    a_day_later_the_customer_is_reminded_with_the_same_link,
    after_three_reminders_the_firm_is_told_when_a_new_request_is_possible,
    a_customer_who_is_linked_is_not_asked_again,
    a_customer_who_approved_but_is_not_linked_is_asked_again,
    a_customer_who_declined_is_asked_again,
    a_request_whose_time_is_over_gives_way_though_no_sweep_ran,
    two_mails_about_one_customer_in_one_window_make_one_request,
    each_pair_of_firm_and_customer_has_its_own_request,
    every_accepted_mail_names_its_request,
    a_request_of_an_undeliverable_customer_is_mailed_again_with_a_reminder,
];

const CUSTOMER: &str = "yamada@example.jp";

/// The letters to this address.
fn to<'a>(letters: &'a [Read], address: &str) -> Vec<&'a Read> {
    letters.iter().filter(|letter| letter.to == address).collect()
}

/// The one letter to this address.
#[track_caller]
fn one<'a>(letters: &'a [Read], address: &str) -> &'a Read {
    match to(letters, address)[..] {
        [letter] => letter,
        ref others => panic!("{} letters to {address}", others.len()),
    }
}

/// What the last receipt says.
async fn last_receipt(house: &House) -> Asked {
    let receipts = house.rows("SELECT about FROM outbound_mail WHERE kind = 'receipt' ORDER BY id DESC").await;
    serde_json::from_str(&receipts[0]["about"]).unwrap()
}

async fn a_request_becomes_the_customers_link_and_the_firms_receipt(house: &House) {
    let mail = house.mail(CUSTOMER).firm_number("１００１").client_name("株式会社山田商店").message("春の申告です。");
    house.receive(&[mail.signed(&house.key)]).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);

    let notice = one(&letters, CUSTOMER);
    assert_eq!(notice.subject, "【弥生】あおぞら会計事務所様より弥生製品の契約情報取得が申請されています");
    let request = house.request(1).await;
    assert_eq!(house.keys.request_of(&notice.token().unwrap()).as_ref(), Some(&request.id));
    assert!(notice.html.contains(&notice.token().unwrap()));
    for words in ["春の申告です。", "03-0000-1001", "顧問契約している会計事務所に間違いないかご確認ください。"]
    {
        assert!(notice.text.contains(words), "{words} in {}", notice.text);
    }

    let receipt = one(&letters, OFFICE);
    assert_eq!(receipt.token(), None, "only the customer gets the link");
    assert_eq!(last_receipt(house).await, Asked::New);
    assert_eq!((request.number, request.state, request.proved_by.as_str()), (1, State::Pending, "aozora.example"));
}

async fn a_firm_that_wants_no_receipts_gets_none(house: &House) {
    firms::edit(&house.context, &Firm { receipts: Receipts::None, ..house.firm.clone() }).await.unwrap();
    house.ask(CUSTOMER).await;
    house.ask(CUSTOMER).await;
    let letters = house.letters().await;
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), [CUSTOMER]);
}

async fn copies_go_out_without_the_link(house: &House) {
    let mail = house.mail(CUSTOMER).field("追加宛先", "keiri@example.jp");
    house.receive(&[mail.signed(&house.key)]).await;
    let letters = house.letters().await;
    let copy = one(&letters, "keiri@example.jp");
    let token = one(&letters, CUSTOMER).token().unwrap();
    assert!(!copy.text.contains("/r/") && !copy.html.contains("/r/"));
    assert!(!copy.text.contains(&token) && !copy.html.contains(&token));
    // a reminder is for the customer alone
    house.pass(1);
    house.ask(CUSTOMER).await;
    assert!(to(&house.letters().await, "keiri@example.jp").is_empty());
}

async fn a_second_mail_on_the_same_day_is_told_when_the_next_is_possible(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.pass_seconds(24 * 3600 - 1);
    let next = house.request(1).await.noticed_at.after(days(1));
    assert_eq!(house.ask(CUSTOMER).await.requests, 0);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    one(&letters, OFFICE);
    assert_eq!(last_receipt(house).await, Asked::TooSoon(next));
    assert_eq!(house.request(1).await.notices, 1);
}

async fn a_day_later_the_customer_is_reminded_with_the_same_link(house: &House) {
    house.ask(CUSTOMER).await;
    let first = one(&house.letters().await, CUSTOMER).clone();
    house.pass(1);
    house.ask(CUSTOMER).await;
    let letters = house.letters().await;
    let reminder = one(&letters, CUSTOMER);
    assert_eq!(reminder.token(), first.token());
    assert!(reminder.token().is_some());
    assert_ne!(reminder.message_id, first.message_id, "another mail");
    assert_eq!(last_receipt(house).await, Asked::Reminder);
    assert_eq!(house.request(1).await.notices, 2);
}

async fn after_three_reminders_the_firm_is_told_when_a_new_request_is_possible(house: &House) {
    house.ask(CUSTOMER).await;
    for _ in 0..3 {
        house.pass(1);
        house.ask(CUSTOMER).await;
    }
    assert_eq!(to(&house.letters().await, CUSTOMER).len(), 4);
    house.pass(1);
    house.ask(CUSTOMER).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(last_receipt(house).await, Asked::NoMoreReminders(house.request(1).await.expires_at));
    house.pass(17);
    assert_eq!(house.ask(CUSTOMER).await.requests, 1, "the time that was named has come");
}

async fn a_customer_who_is_linked_is_not_asked_again(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.execute("UPDATE request SET state = 'approved', linked_at = state_at").await;
    house.pass(40);
    assert_eq!(house.ask(CUSTOMER).await.requests, 0);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    one(&letters, OFFICE);
    assert_eq!(last_receipt(house).await, Asked::Linked);
}

async fn a_customer_who_approved_but_is_not_linked_is_asked_again(house: &House) {
    house.ask(CUSTOMER).await;
    house.execute("UPDATE request SET state = 'approved'").await;
    assert_eq!(house.ask(CUSTOMER).await.requests, 1);
}

async fn a_customer_who_declined_is_asked_again(house: &House) {
    house.ask(CUSTOMER).await;
    let first = one(&house.letters().await, CUSTOMER).token();
    house.execute("UPDATE request SET state = 'declined'").await;
    assert_eq!(house.ask(CUSTOMER).await.requests, 1);
    let second = one(&house.letters().await, CUSTOMER).token();
    assert!(second.is_some());
    assert_ne!(first, second);
}

async fn a_request_whose_time_is_over_gives_way_though_no_sweep_ran(house: &House) {
    house.ask(CUSTOMER).await;
    house.pass(21);
    assert_eq!(house.ask(CUSTOMER).await.requests, 1);
    assert_eq!(house.request(1).await.state.name(), StateName::Expired);
    assert_eq!(house.request(2).await.state, State::Pending);
    let letters = house.letters().await;
    let token = one(&letters, CUSTOMER).token().unwrap();
    assert_eq!(
        house.keys.request_of(&token),
        Some(house.request(2).await.id),
        "the first link does not leave any more"
    );
    let expired = house.rows("SELECT * FROM audit_event WHERE event = 'expired'").await;
    assert_eq!((expired[0]["from_state"].as_str(), expired[0]["to_state"].as_str()), ("pending", "expired"));
}

async fn two_mails_about_one_customer_in_one_window_make_one_request(house: &House) {
    let mails = [house.mail(CUSTOMER), house.mail("YAMADA@example.jp")].map(|mail| mail.signed(&house.key));
    let received = house.receive(&mails).await;
    assert_eq!((received.requests, received.to_file), (1, 2));
    assert_eq!(to(&house.letters().await, CUSTOMER).len(), 1);
    let receipts = house.rows("SELECT about FROM outbound_mail WHERE kind = 'receipt'").await;
    let mut asked: Vec<Asked> = receipts.iter().map(|row| serde_json::from_str(&row["about"]).unwrap()).collect();
    asked.sort_by_key(|asked| *asked != Asked::New);
    assert_eq!(asked, [Asked::New, Asked::TooSoon(house.now().after(days(1)))]);
}

async fn each_pair_of_firm_and_customer_has_its_own_request(house: &House) {
    let key = crate::support::firm_key::FirmKey::ed25519("midori.example");
    let other = super::sample::firm(&house.context, "1002", "midori.example", Some(key.pinned()));
    firms::add(&house.context, &other).await.unwrap();
    let theirs = crate::support::firm_mail::FirmMail::new("office@midori.example", CUSTOMER).signed(&key);
    let ours = house.mail(CUSTOMER).signed(&house.key);
    let another = house.mail("sato@example.jp").signed(&house.key);
    let received = house.receive(&[ours, theirs, another]).await;
    assert_eq!(received.requests, 3);
    let numbers =
        house.rows("SELECT number, object FROM request JOIN audit_event ON object = 'request ' || number").await;
    assert_eq!(numbers.len(), 3, "each has its number and its event: {numbers:?}");
    assert_eq!(house.request(2).await.firm, other.id);
}

async fn every_accepted_mail_names_its_request(house: &House) {
    house.ask(CUSTOMER).await;
    house.ask(CUSTOMER).await;
    house.ask("sato@example.jp").await;
    let orphans = house
        .rows(
            "SELECT * FROM inbound_message WHERE verdict = 'accepted'
             AND NOT EXISTS (SELECT 1 FROM request WHERE request.id = request_id)",
        )
        .await;
    assert_eq!(orphans.len(), 0);
    let accepted = house.rows("SELECT * FROM inbound_message ORDER BY CAST(uid AS BIGINT)").await;
    assert!(accepted.iter().all(|mail| mail["verdict"] == Verdict::Accepted.name()));
    assert_eq!(accepted[0]["request_id"], accepted[1]["request_id"]);
    assert_ne!(accepted[0]["request_id"], accepted[2]["request_id"]);
}

async fn a_request_of_an_undeliverable_customer_is_mailed_again_with_a_reminder(house: &House) {
    house.ask(CUSTOMER).await;
    house.outbox.arrange([renkei::domain::outbound::HandOver::Refused { reply: Some(550), status: None }]);
    house.letters().await;
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
    house.pass(1);
    house.ask(CUSTOMER).await;
    assert!(one(&house.letters().await, CUSTOMER).token().is_some());
    assert_eq!(house.request(1).await.state, State::Pending);
    let notices = house.mails_about(1).await.into_iter().filter(|mail| mail.kind == LetterKind::RequestNotice);
    assert_eq!(notices.count(), 2);
}
