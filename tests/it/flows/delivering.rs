//! How a mail leaves, or does not, and what follows from it.

use renkei::domain::enhanced_status::EnhancedStatus;
use renkei::domain::firm_request::{State, StateName};
use renkei::domain::outbound::{HandOver, LetterKind, OutboundState, UNKNOWN_PAUSE};
use renkei::domain::time::{days, minutes};
use renkei::flows::{deliver, outbox, requests};

use super::house::House;

on_both_databases![
    a_sent_mail_leaves_once,
    a_deferred_mail_waits_longer_each_time_and_fails_after_five_days,
    a_refused_notice_makes_its_request_undeliverable,
    a_refusal_that_names_the_address_keeps_others_from_mailing_it,
    a_refused_receipt_leaves_the_request_as_it_is,
    a_relay_fault_costs_a_mail_nothing_but_time,
    an_unknown_end_is_tried_three_times_with_one_message_id,
    a_lease_that_ran_out_counts_as_unknown,
    a_dead_daemons_leases_end_at_once,
    what_was_claimed_and_not_tried_goes_back,
    receipts_never_overtake_a_customers_mail,
    a_withdrawn_requests_mails_are_useless_and_its_receipt_leaves,
    a_request_that_ended_while_its_mail_waited_is_not_mailed,
    an_operator_mails_the_customer_again_with_the_same_link,
    a_failed_mail_that_is_retried_delivers_its_request,
];

const CUSTOMER: &str = "yamada@example.jp";

async fn notice(house: &House) -> renkei::domain::outbound::OutboundMail {
    let mails = house.mails_about(1).await;
    mails.into_iter().find(|mail| mail.kind == LetterKind::RequestNotice).unwrap()
}

/// A request whose receipt has left and whose notice waits.
async fn asked(house: &House) {
    let firm = renkei::domain::firm::Firm {
        receipts: renkei::domain::firm::Receipts::None,
        ..renkei::flows::firms::find(&house.context, &house.firm.number).await.unwrap()
    };
    renkei::flows::firms::edit(&house.context, &firm).await.unwrap();
    house.ask(CUSTOMER).await;
}

async fn a_sent_mail_leaves_once(house: &House) {
    asked(house).await;
    assert_eq!(house.letters().await.len(), 1);
    house.pass(1);
    assert_eq!(house.letters().await.len(), 0);
    let mail = notice(house).await;
    assert_eq!((mail.state, mail.attempts, mail.last_outcome.as_str()), (OutboundState::Sent, 1, "sent"));
}

async fn a_deferred_mail_waits_longer_each_time_and_fails_after_five_days(house: &House) {
    asked(house).await;
    let born = house.now();
    house.outbox.arrange(std::iter::repeat_n(HandOver::Deferred { reply: Some(451) }, 1_000));
    let mut waits = Vec::new();
    loop {
        assert_eq!(house.deliver_once().await, 1);
        let mail = notice(house).await;
        if mail.state == OutboundState::Failed {
            break;
        }
        assert_eq!(deliver::next_due(&house.context).await.unwrap(), Some(mail.due_at));
        waits.push(mail.due_at.since(house.now()).as_secs());
        house.pass_seconds(waits[waits.len() - 1]);
    }
    assert_eq!(waits[..5], [5, 10, 20, 40, 80]);
    assert_eq!(waits.iter().max(), Some(&3_600));
    assert!(house.now().since(born) <= days(5) && house.now().since(born) > days(4));
    assert_eq!(house.request(1).await.state, State::Undeliverable(house.now()));
    assert!(house.outbox.sent().is_empty());
}

async fn a_refused_notice_makes_its_request_undeliverable(house: &House) {
    asked(house).await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver().await;
    assert_eq!(house.request(1).await.state, State::Undeliverable(house.now()));
    let row = house.rows("SELECT * FROM outbound_mail").await.remove(0);
    assert_eq!((row["state"].as_str(), row["last_reply"].as_str(), row["attempts"].as_str()), ("failed", "550", "1"));
    // relays say 550 to spam and to senders that they do not know, too
    assert_eq!(house.rows("SELECT address_key FROM suppression").await.len(), 0);
}

async fn a_refusal_that_names_the_address_keeps_others_from_mailing_it(house: &House) {
    let refused = |status| HandOver::Refused { reply: Some(550), status: EnhancedStatus::parse(status) };
    for (customer, status) in [("full@example.jp", "5.2.2"), ("spam@example.jp", "5.7.1"), (CUSTOMER, "5.1.1")] {
        house.ask(customer).await;
        house.outbox.arrange([refused(status)]);
        house.deliver().await;
    }
    let suppressed = house.rows("SELECT address_key, status FROM suppression").await;
    assert_eq!(suppressed.len(), 1);
    assert_eq!((suppressed[0]["address_key"].as_str(), suppressed[0]["status"].as_str()), (CUSTOMER, "5.1.1"));
}

async fn a_refused_receipt_leaves_the_request_as_it_is(house: &House) {
    house.ask(CUSTOMER).await;
    house.outbox.arrange([HandOver::Sent, HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver().await;
    assert_eq!(house.request(1).await.state, State::Pending);
    let failed = outbox::list(&house.context, None, Some(OutboundState::Failed), 9).await.unwrap();
    assert_eq!(failed[0].kind, LetterKind::Receipt);
}

async fn a_relay_fault_costs_a_mail_nothing_but_time(house: &House) {
    asked(house).await;
    for _ in 0..20 {
        house.outbox.arrange([HandOver::RelayFault { reply: Some(535) }]);
        house.deliver_once().await;
        house.pass_seconds(3_600);
    }
    house.outbox.arrange([HandOver::Deferred { reply: Some(451) }]);
    house.deliver_once().await;
    let mail = notice(house).await;
    assert_eq!((mail.state, mail.attempts, mail.unknowns), (OutboundState::Queued, 1, 0));
    assert_eq!(mail.due_at.since(house.now()).as_secs(), 5, "as after its first attempt");
    house.pass_seconds(5);
    assert_eq!(house.letters().await.len(), 1);
}

async fn an_unknown_end_is_tried_three_times_with_one_message_id(house: &House) {
    asked(house).await;
    house.outbox.arrange(std::iter::repeat_n(HandOver::Unknown, 9));
    let mut letters = Vec::new();
    for _ in 0..5 {
        letters.extend(house.letters().await);
        house.pass_seconds(3_600);
    }
    letters.retain(|letter| letter.to == CUSTOMER);
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| *letter == letters[0]), "the same mail, Message-ID and link");
    assert_eq!(notice(house).await.state, OutboundState::Failed);
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
}

async fn a_lease_that_ran_out_counts_as_unknown(house: &House) {
    asked(house).await;
    for time in 1..=3 {
        house.context.clock.advance(UNKNOWN_PAUSE);
        assert_eq!(deliver::claim(&house.context, 9).await.unwrap().len(), 1);
        house.context.clock.advance(minutes(29));
        deliver::end_leases(&house.context, false).await.unwrap();
        assert_eq!(notice(house).await.state, OutboundState::Leased);
        house.context.clock.advance(minutes(1));
        deliver::end_leases(&house.context, false).await.unwrap();
        assert_eq!(notice(house).await.unknowns, time);
    }
    assert_eq!(notice(house).await.state, OutboundState::Failed);
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
}

async fn a_dead_daemons_leases_end_at_once(house: &House) {
    asked(house).await;
    deliver::claim(&house.context, 9).await.unwrap();
    deliver::end_leases(&house.context, true).await.unwrap();
    let mail = notice(house).await;
    assert_eq!((mail.state, mail.unknowns), (OutboundState::Queued, 1));
    assert_eq!(house.letters().await.len(), 1);
}

async fn what_was_claimed_and_not_tried_goes_back(house: &House) {
    asked(house).await;
    let claimed = deliver::claim(&house.context, 9).await.unwrap();
    let ended: Vec<_> = claimed.into_iter().map(deliver::Claimed::untried).collect();
    deliver::record(&house.context, &ended).await.unwrap();
    assert_eq!(notice(house).await.state, OutboundState::Queued);
    assert_eq!(house.letters().await.len(), 1);
}

async fn receipts_never_overtake_a_customers_mail(house: &House) {
    for n in 0..10 {
        house.ask(&format!("c{n}@example.jp")).await;
        house.pass_seconds(1);
    }
    // the receipts of the first are due longer than the notices of the last
    let letters = house.letters().await;
    let notices = letters.iter().take_while(|letter| letter.token().is_some()).count();
    assert_eq!((notices, letters.len()), (10, 20));
}

async fn a_withdrawn_requests_mails_are_useless_and_its_receipt_leaves(house: &House) {
    let mail = house.mail(CUSTOMER).field("追加宛先", "keiri@example.jp");
    house.receive(&[mail.signed(&house.key)]).await;
    requests::withdraw(&house.context, 1).await.unwrap();
    let letters = house.letters().await;
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), [super::house::OFFICE]);
    let mut states = house.states_of_mails(1).await;
    states.sort_by_key(|state| state.name());
    assert_eq!(states, [OutboundState::Sent, OutboundState::Useless, OutboundState::Useless]);
}

async fn a_request_that_ended_while_its_mail_waited_is_not_mailed(house: &House) {
    asked(house).await;
    house.outbox.arrange([HandOver::Deferred { reply: Some(451) }]);
    house.deliver().await;
    house.execute("UPDATE request SET state = 'approved'").await;
    house.pass(1);
    assert_eq!(house.letters().await, []);
    assert_eq!(notice(house).await.state, OutboundState::Useless);
}

async fn an_operator_mails_the_customer_again_with_the_same_link(house: &House) {
    asked(house).await;
    let first = house.letters().await.remove(0);
    requests::retry(&house.context, 1).await.unwrap();
    let again = house.letters().await.remove(0);
    assert!(first.token().is_some());
    assert_eq!((again.token(), &again.to), (first.token(), &first.to));
    requests::withdraw(&house.context, 1).await.unwrap();
    assert!(requests::retry(&house.context, 1).await.is_err());
    assert!(requests::retry(&house.context, 2).await.is_err());
}

async fn a_failed_mail_that_is_retried_delivers_its_request(house: &House) {
    asked(house).await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver().await;
    let mail = notice(house).await;
    outbox::retry(&house.context, &mail.id).await.unwrap();
    let mut letters = house.letters().await;
    letters.retain(|letter| letter.to == CUSTOMER);
    assert_eq!((letters.len(), letters[0].message_id.as_str()), (1, mail.message_id.as_str()));
    assert!(outbox::drop(&house.context, &mail.id).await.is_err(), "it has left");
}
