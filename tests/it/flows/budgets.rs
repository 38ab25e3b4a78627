//! Over budget is held, never lost, and goes on by itself (threat T5).

use renkei::domain::budget::Budgets;
use renkei::domain::inbound::{Locator, WindowRecord};
use renkei::domain::outbound::OutboundState;
use renkei::domain::time::{days, hours};
use renkei::flows::receive_request::{self, Judge, Received, Seen};
use renkei::flows::{firms, held};
use std::sync::Arc;

use super::house::{House, MAILBOX};
use super::sample;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

on_both_databases![
    a_firm_over_its_budget_waits_and_goes_on_when_a_day_has_passed,
    a_table_is_taken_whole_or_held_whole,
    a_reminder_costs_the_firm_nothing,
    a_customer_is_asked_three_times_a_day_by_all_firms_together,
    a_sender_is_answered_so_often_a_day_and_no_more,
    a_thousand_mails_that_name_one_customer_reach_it_once,
];

/// Receives with these budgets, each mail under the next of these UIDs.
async fn receive(house: &House, budgets: Budgets, first: u32, mails: Vec<Vec<u8>>) -> Received {
    let seen = (first..).zip(mails).map(|(uid, raw)| Seen {
        at: Locator { uidvalidity: 1, uid: uid.to_string() },
        size: raw.len() as u64,
        arrived_at: house.now(),
        raw: Some(raw),
    });
    let judge = Judge { verifier: Arc::clone(&house.verifier), side_by_side: 2, budgets, desk: None };
    let progress = WindowRecord { uidvalidity: 1, uidnext: 999, in_hand: vec![], tries: 0 };
    receive_request::receive(&house.context, &judge, MAILBOX, seen.collect(), progress).await.unwrap()
}

async fn a_firm_over_its_budget_waits_and_goes_on_when_a_day_has_passed(house: &House) {
    let budgets = Budgets { requests_per_firm: 3, ..Budgets::default() };
    let mails: Vec<_> = (0..5).map(|n| house.mail(&format!("c{n}@example.jp")).signed(&house.key)).collect();
    let received = receive(house, budgets, 1, mails.clone()).await;
    assert_eq!((received.requests, received.held, received.over_budget), (3, 2, 2));
    assert_eq!(held::next_due(&house.context, MAILBOX).await.unwrap(), Some(house.now().after(days(1))));
    house.context.clock.advance(hours(23));
    let again = receive(house, budgets, 4, mails[3..].to_vec()).await;
    assert_eq!((again.requests, again.held), (0, 2), "not a moment earlier");
    house.context.clock.advance(hours(1));
    let due = held::due(&house.context, MAILBOX).await.unwrap();
    assert_eq!(due.len(), 2);
    // Date and signature were good when the mails came
    let again = receive(house, budgets, 4, mails[3..].to_vec()).await;
    assert_eq!((again.requests, again.held), (2, 0));
    let tries = house.rows("SELECT MAX(tries) AS tries FROM inbound_message").await;
    assert_eq!(tries[0]["tries"], "0", "waiting for the budget is no failure");
}

async fn a_table_is_taken_whole_or_held_whole(house: &House) {
    let budgets = Budgets { requests_per_firm: 5, ..Budgets::default() };
    let table = |names: std::ops::Range<u32>| {
        let rows = names.map(|n| format!("c{n}@example.jp\r\n")).collect::<Vec<_>>().concat();
        let mail = house.mail("x").without_field("顧問先メールアドレス");
        mail.attach("a.csv", format!("email\r\n{rows}").as_bytes()).signed(&house.key)
    };
    let second = table(3..6);
    let received = receive(house, budgets, 1, vec![table(0..3), second.clone()]).await;
    assert_eq!((received.requests, received.held), (3, 1));
    let one = receive(house, budgets, 3, vec![house.mail("d@example.jp").signed(&house.key)]).await;
    assert_eq!(one.requests, 1, "what fits is not held back by what does not");
    house.pass(1);
    assert_eq!(receive(house, budgets, 2, vec![second]).await.requests, 3);
}

async fn a_reminder_costs_the_firm_nothing(house: &House) {
    let budgets = Budgets { requests_per_firm: 1, ..Budgets::default() };
    receive(house, budgets, 1, vec![house.mail("a@example.jp").signed(&house.key)]).await;
    let again = receive(house, budgets, 2, vec![house.mail("a@example.jp").signed(&house.key)]).await;
    assert_eq!((again.held, again.letters), (0, 1));
}

async fn a_customer_is_asked_three_times_a_day_by_all_firms_together(house: &House) {
    let mut mails = vec![house.mail("yamada@example.jp").signed(&house.key)];
    for number in 1..5 {
        let domain = format!("firm{number}.example");
        let key = FirmKey::ed25519(&domain);
        let firm = sample::firm(&house.context, &format!("200{number}"), &domain, Some(key.pinned()));
        firms::add(&house.context, &firm).await.unwrap();
        mails.push(FirmMail::new(&format!("office@{domain}"), "Yamada@example.jp").signed(&key));
    }
    assert_eq!(house.receive(&mails).await.requests, 5);
    let to_customer = async || house.letters().await.iter().filter(|letter| letter.to.starts_with(['y', 'Y'])).count();
    assert_eq!(to_customer().await, 3);
    house.pass_all_but_a_millisecond_of(1);
    assert_eq!(to_customer().await, 0);
    house.pass_a_millisecond();
    assert_eq!(to_customer().await, 2, "what waited goes on by itself");
}

async fn a_sender_is_answered_so_often_a_day_and_no_more(house: &House) {
    let budgets = Budgets { answers_per_sender: 2, ..Budgets::default() };
    let mails = (0..3).map(|_| house.mail("no address").signed(&house.key)).collect();
    let received = receive(house, budgets, 1, mails).await;
    assert_eq!(received.letters, 2);
    house.letters().await;
    let more = receive(house, budgets, 4, vec![house.mail("a@example.jp").signed(&house.key)]).await;
    assert_eq!((more.requests, more.letters), (1, 1), "the request counts, its receipt stays out");
    let reasons = house.rows("SELECT reasons FROM inbound_message WHERE uid = '4'").await;
    assert!(reasons[0]["reasons"].ends_with("not answered: the sender's answers of this day are spent"));
    house.pass(1);
    let next = receive(house, budgets, 5, vec![house.mail("no address").signed(&house.key)]).await;
    assert_eq!(next.letters, 1);
}

async fn a_thousand_mails_that_name_one_customer_reach_it_once(house: &House) {
    for window in 0..10 {
        let mails = (0..100).map(|_| house.mail("yamada@example.jp").signed(&house.key)).collect();
        receive(house, Budgets::default(), window * 100 + 1, mails).await;
    }
    let letters = house.letters().await;
    assert_eq!(letters.iter().filter(|letter| letter.to == "yamada@example.jp").count(), 1);
    let waiting = renkei::flows::outbox::list(&house.context, None, Some(OutboundState::Queued), 9).await.unwrap();
    assert_eq!(waiting, []);
}
