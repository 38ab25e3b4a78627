//! A mail whose proof cannot be fetched waits: it neither passes nor is it refused (F15).

use std::sync::Arc;

use renkei::config::intake::Intake;
use renkei::domain::inbound::Verdict;
use renkei::domain::time::{hours, minutes};
use renkei::flows::held;
use renkei::intake::Verifier;
use renkei::store;

use super::house::{House, MAILBOX};
use super::sample;
use crate::support::dns::{Answer, Dns};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

on_both_databases![
    a_mail_waits_while_dns_is_unreachable_and_is_taken_when_it_answers,
    the_waits_grow_and_after_three_days_an_operator_sees_the_mail,
    a_held_mail_that_somebody_took_away_is_forgotten,
    a_key_that_dns_denies_is_no_proof,
];

/// A firm whose key only DNS knows.
async fn firm_in_dns(house: &House) -> (FirmKey, Vec<u8>) {
    let key = FirmKey::ed25519("midori.example");
    let firm = sample::firm(&house.context, "1002", "midori.example", None);
    renkei::flows::firms::add(&house.context, &firm).await.unwrap();
    let mail = FirmMail::new("office@midori.example", "yamada@example.jp").signed(&key);
    (key, mail)
}

fn asking(dns: &Dns) -> Arc<Verifier> {
    let intake = Intake { dns_servers: vec![dns.address()], dns_timeout_s: 1, ..Intake::default() };
    Arc::new(Verifier::new(&intake).unwrap())
}

async fn a_mail_waits_while_dns_is_unreachable_and_is_taken_when_it_answers(house: &House) {
    let (key, mail) = firm_in_dns(house).await;
    let dns = Dns::start();
    dns.set(&key.dns_name(), Answer::ServFail);
    let first = house.receive_with(&asking(&dns), 1, &mail).await;
    assert_eq!((first.held, first.letters, first.to_file), (1, 0, 0));
    assert_eq!(held::due(&house.context, MAILBOX).await.unwrap(), []);
    assert_eq!(held::next_due(&house.context, MAILBOX).await.unwrap(), Some(house.now().after(minutes(1))));

    house.pass_seconds(60);
    let due = held::due(&house.context, MAILBOX).await.unwrap();
    assert_eq!(due[0].at.uid, "1");
    dns.txt(&key.dns_name(), key.record());
    // as after a restart: nothing is remembered of what DNS said
    let second = house.receive_with(&asking(&dns), 1, &mail).await;
    assert_eq!((second.requests, second.held), (1, 0));
    let notes = house.rows("SELECT * FROM inbound_message").await;
    assert_eq!((notes.len(), notes[0]["verdict"].as_str(), notes[0]["due_at"].as_str()), (1, "accepted", "NULL"));
}

async fn the_waits_grow_and_after_three_days_an_operator_sees_the_mail(house: &House) {
    let (_, mail) = firm_in_dns(house).await;
    let arrived = house.now();
    let mut waits = Vec::new();
    while house.receive_arrived(1, &mail, arrived).await.held == 1 {
        let due = held::next_due(&house.context, MAILBOX).await.unwrap().unwrap();
        waits.push(due.since(house.now()));
        house.context.clock.advance(due.since(house.now()));
        assert!(waits.len() < 50, "it is held for ever");
    }
    assert_eq!(waits[..4], [1, 2, 4, 8].map(minutes));
    assert_eq!(waits.iter().max(), Some(&hours(4)));
    assert!(house.now().since(arrived) < hours(76));
    let seen = store::inbound::quarantined(&mut house.context.store.read().await.unwrap(), "~", 9).await.unwrap();
    assert_eq!((seen.len(), seen[0].verdict), (1, Verdict::Quarantined));
    assert_eq!(house.letters().await, []);
}

async fn a_held_mail_that_somebody_took_away_is_forgotten(house: &House) {
    let (_, mail) = firm_in_dns(house).await;
    house.receive(&[mail]).await;
    house.pass(1);
    let due = held::due(&house.context, MAILBOX).await.unwrap();
    held::vanished(&house.context, &due[0]).await.unwrap();
    assert_eq!(held::next_due(&house.context, MAILBOX).await.unwrap(), None);
}

async fn a_key_that_dns_denies_is_no_proof(house: &House) {
    let (_, mail) = firm_in_dns(house).await;
    let received = house.receive_with(&asking(&Dns::start()), 1, &mail).await;
    assert_eq!((received.quarantined, received.held, received.letters), (1, 0, 0));
}
