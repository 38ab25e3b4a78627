//! A code on its way: minted as it leaves, repeated only when it surely did not leave, never out of date.

use std::time::Duration;

use renkei::domain::outbound::{HandOver, OutboundState};
use renkei::domain::time::days;
use renkei::domain::verification::{Digits, NotAsked};
use renkei::flows::code::{self, MailState, Progress, Resent, Stage, Verified};
use renkei::flows::deliver::{self, codes};
use renkei::flows::{FlowError, outbox, purge, register};

use super::house::House;
use super::sample;

on_both_databases![
    a_code_lives_from_when_it_leaves_however_long_it_waited,
    a_hand_over_that_fails_is_repeated_at_5_15_30_60_and_120_s_with_other_digits,
    what_could_not_be_sent_is_asked_for_again_for_nothing,
    a_refused_code_could_not_be_sent_at_once,
    a_code_that_may_have_left_stays_live_and_leaves_no_more,
    a_process_that_dies_with_a_code_in_hand_sends_it_no_more,
    what_nobody_tried_is_minted_anew,
    a_superseded_code_in_hand_is_not_repeated,
    codes_overtake_a_backlog_and_wait_for_no_relay,
    a_code_of_an_attempt_that_is_over_never_leaves,
    a_clock_that_is_behind_mints_no_code,
    a_code_that_the_operator_gave_up_can_be_asked_for_again,
    attempts_are_forgotten_after_two_days,
];

const ADDRESS: &str = "yamada@example.jp";

async fn progress(house: &House, id: &renkei::domain::ids::AttemptId) -> Progress {
    code::progress(&house.context, id).await.unwrap().unwrap()
}

async fn state_of_mail(house: &House) -> String {
    house.rows("SELECT state FROM outbound_mail ORDER BY id DESC LIMIT 1").await[0]["state"].clone()
}

/// The digits of this minting, as the server derives them.
async fn derived(house: &House, sequence: u32, minting: u32) -> Digits {
    let row = house.rows("SELECT id, code_key FROM attempt ORDER BY id DESC LIMIT 1").await.remove(0);
    let id = renkei::domain::ids::AttemptId::stored(row["id"].clone());
    house.keys.code(&row["code_key"], &id, sequence, minting).unwrap()
}

async fn a_code_lives_from_when_it_leaves_however_long_it_waited(house: &House) {
    let id = house.register(ADDRESS).await;
    house.pass_seconds(3_000);
    let code = house.code().await;
    house.pass_seconds(599);
    assert!(matches!(code::verify(&house.context, &id, &code).await.unwrap(), Verified::Account(_)));
}

async fn a_hand_over_that_fails_is_repeated_at_5_15_30_60_and_120_s_with_other_digits(house: &House) {
    let id = house.register(ADDRESS).await;
    let faults = [451, 0, 421, 0, 451].map(|reply| match reply {
        0 => HandOver::RelayFault { reply: None },
        reply => HandOver::Deferred { reply: Some(reply) },
    });
    for (fault, wait) in faults.into_iter().zip([5, 15, 30, 60, 120]) {
        house.outbox.arrange([fault]);
        assert_eq!(house.deliver_once().await, 1);
        assert_eq!(
            progress(house, &id).await.mail,
            MailState::Waiting(progress(house, &id).await.next_from.before(Duration::from_secs(30)))
        );
        assert_eq!(codes::next_due(&house.context).await.unwrap(), Some(house.now().after(Duration::from_secs(wait))));
        house.context.clock.advance(Duration::from_millis(wait * 1_000 - 1));
        assert_eq!(house.deliver_once().await, 0, "not before {wait} s");
        house.pass_a_millisecond();
    }
    let code = house.code().await;
    assert!(code.equals(&derived(house, 1, 6).await), "the sixth minting left");
    for dead in 1..=5 {
        let digits = derived(house, 1, dead).await;
        let said = code::verify(&house.context, &id, &digits).await.unwrap();
        assert!(matches!(said, Verified::Wrong { .. }), "{said:?}");
        if dead == 4 {
            break;
        }
    }
    assert!(matches!(code::verify(&house.context, &id, &code).await.unwrap(), Verified::Account(_)));
}

async fn what_could_not_be_sent_is_asked_for_again_for_nothing(house: &House) {
    let id = house.register(ADDRESS).await;
    house.outbox.arrange(vec![HandOver::Deferred { reply: Some(451) }; 6]);
    for wait in [5, 15, 30, 60, 120] {
        house.deliver_once().await;
        house.pass_seconds(wait);
    }
    house.deliver_once().await;
    let unsent = progress(house, &id).await;
    assert_eq!((unsent.mail, unsent.resends_left), (MailState::Unsent(house.now()), 2));
    assert_eq!(state_of_mail(house).await, OutboundState::Failed.name());
    assert_eq!(code::verify(&house.context, &id, &Digits::of(1)).await.unwrap(), Verified::Unsent);
    let Resent::OnItsWay(free) = code::resend(&house.context, &id).await.unwrap() else { panic!("not free") };
    assert_eq!((free.sequence, free.resends_left), (1, 2));
    let letter = house.letters().await.remove(0);
    assert!(!letter.text.contains("再送1回目"), "{}", letter.text);
    assert!(letter.code().unwrap().equals(&derived(house, 1, 7).await), "old digits never come back");
    assert!(matches!(code::verify(&house.context, &id, &letter.code().unwrap()).await.unwrap(), Verified::Account(_)));
}

async fn a_refused_code_could_not_be_sent_at_once(house: &House) {
    let id = house.register(ADDRESS).await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver().await;
    assert_eq!(progress(house, &id).await.mail, MailState::Unsent(house.now()));
    let too_soon = code::resend(&house.context, &id).await.unwrap();
    assert_eq!(too_soon, Resent::Not(NotAsked::TooSoon(house.now().after(Duration::from_secs(30)))));
}

async fn a_code_that_may_have_left_stays_live_and_leaves_no_more(house: &House) {
    let id = house.register(ADDRESS).await;
    house.outbox.arrange([HandOver::Unknown]);
    let code = house.code().await;
    house.pass_seconds(300);
    assert_eq!(house.letters().await.len(), 0);
    assert_eq!((state_of_mail(house).await.as_str(), progress(house, &id).await.resends_left), ("failed", 2));
    assert!(matches!(code::verify(&house.context, &id, &code).await.unwrap(), Verified::Account(_)));
}

async fn a_process_that_dies_with_a_code_in_hand_sends_it_no_more(house: &House) {
    let id = house.register(ADDRESS).await;
    let in_hand = house.claim_code().await.unwrap();
    drop(in_hand);
    deliver::end_leases(&house.context, true).await.unwrap();
    assert_eq!(state_of_mail(house).await, "leased", "the batched lanes' loop leaves it alone");
    codes::end_leases(&house.context, false).await.unwrap();
    assert_eq!(state_of_mail(house).await, "leased");
    codes::end_leases(&house.context, true).await.unwrap();
    assert_eq!(state_of_mail(house).await, "failed");
    house.pass_seconds(400);
    assert_eq!(house.letters().await.len(), 0);
    assert_eq!(progress(house, &id).await.stage, Stage::Live);
    let code = derived(house, 1, 1).await;
    assert!(
        matches!(code::verify(&house.context, &id, &code).await.unwrap(), Verified::Account(_)),
        "it may have left"
    );
}

async fn what_nobody_tried_is_minted_anew(house: &House) {
    let id = house.register(ADDRESS).await;
    let in_hand = house.claim_code().await.unwrap();
    let ended = in_hand.claimed.untried();
    codes::record(&house.context, &in_hand.minted, &ended).await.unwrap();
    assert!(matches!(progress(house, &id).await.mail, MailState::Waiting(_)));
    let code = house.code().await;
    assert!(code.equals(&derived(house, 1, 2).await));
}

async fn a_superseded_code_in_hand_is_not_repeated(house: &House) {
    let id = house.register(ADDRESS).await;
    let in_hand = house.claim_code().await.unwrap();
    house.pass_seconds(30);
    assert!(matches!(code::resend(&house.context, &id).await.unwrap(), Resent::OnItsWay(_)));
    house.outbox.arrange([HandOver::Deferred { reply: Some(451) }]);
    house.hand_over_code(in_hand).await;
    house.pass_seconds(400);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("再送1回目"));
    let states = house.rows("SELECT state FROM verification_code ORDER BY sequence").await;
    assert_eq!((states[0]["state"].as_str(), states[1]["state"].as_str()), ("superseded", "out"));
}

async fn codes_overtake_a_backlog_and_wait_for_no_relay(house: &House) {
    house.ask("sato@example.jp").await;
    house.register(ADDRESS).await;
    assert!(deliver::next_due(&house.context).await.unwrap().is_some());
    let batched = deliver::claim(&house.context, 100).await.unwrap();
    assert_eq!(batched.len(), 2, "the firm's receipt and the customer's notice, and no code");
    assert_eq!(house.code().await.to_text().len(), 6, "it leaves while they are in hand");
    let back: Vec<_> = batched.into_iter().map(deliver::Claimed::untried).collect();
    deliver::record(&house.context, &back).await.unwrap();
}

async fn a_code_of_an_attempt_that_is_over_never_leaves(house: &House) {
    house.register(ADDRESS).await;
    house.pass(1);
    assert_eq!(house.letters().await.len(), 0);
    assert_eq!(state_of_mail(house).await, OutboundState::Useless.name());
}

/// The clock goes back by so many seconds, as seen by a second context.
fn behind(house: &House, seconds: u64) -> renkei::flows::Context {
    let clock = renkei::clock::Clock::fixed(house.now().before(Duration::from_secs(seconds)));
    renkei::flows::Context { clock, ..house.context.clone() }
}

async fn a_clock_that_is_behind_mints_no_code(house: &House) {
    let id = house.register(ADDRESS).await;
    let code = house.code().await;
    let late = behind(house, 121);
    let registration = sample::registration(&house.context, "sato@example.jp");
    let refused = register::register(&late, registration.clone()).await;
    assert!(matches!(refused, Err(FlowError::ClockBehind(121))), "{refused:?}");
    let refused = code::resend(&late, &id).await;
    assert!(matches!(refused, Err(FlowError::ClockBehind(121))), "{refused:?}");
    let said = code::verify(&late, &id, &code).await.unwrap();
    assert_eq!(said, Verified::Expired { resends_left: 2 }, "invalid, never eternal");
    assert!(register::register(&behind(house, 119), registration).await.is_ok());

    // one that was asked for in time is not minted either
    let late = behind(house, 121 + 119);
    house.execute("UPDATE outbound_mail SET due_at = 0 WHERE state = 'queued'").await;
    assert!(codes::claim(&late).await.unwrap().is_none());
    assert_eq!(
        house.rows("SELECT id FROM outbound_mail WHERE state = 'queued'").await.len(),
        1,
        "it waits for the clock"
    );
    house.execute("UPDATE outbound_mail SET due_at = 0 WHERE state = 'queued'").await;
    assert_eq!(house.letters().await.len(), 1);
}

async fn a_code_that_the_operator_gave_up_can_be_asked_for_again(house: &House) {
    let id = house.register(ADDRESS).await;
    let mail = outbox::list(&house.context, None, None, 1).await.unwrap().remove(0);
    outbox::drop(&house.context, &mail.id).await.unwrap();
    assert_eq!(progress(house, &id).await.mail, MailState::Unsent(house.now()));
    house.pass_seconds(30);
    assert!(matches!(code::resend(&house.context, &id).await.unwrap(), Resent::OnItsWay(_)));
    assert_eq!(house.letters().await.len(), 1);
}

async fn attempts_are_forgotten_after_two_days(house: &House) {
    let retention = purge::Retention { ended_requests: days(90), ended_mails: days(90), idle_mails: days(90) };
    let forget = async || purge::purge(&house.context, &retention).await.unwrap();
    let id = house.register(ADDRESS).await;
    house.letters().await;
    house.pass(1);
    assert_eq!(forget().await, 0);
    house.pass(1);
    assert_eq!(forget().await, 1);
    assert_eq!(code::progress(&house.context, &id).await.unwrap(), None);
    let mail = house.rows("SELECT recipient FROM outbound_mail").await;
    assert_eq!(mail.len(), 1, "what left goes when its own time has come");
    house.pass(40);
    assert_eq!(forget().await, 1, "what was counted is forgotten after a month");
}
