//! Delivery reports and people's answers: what they change, and what a forged one does not (threat T19).

use renkei::domain::firm_request::{State, StateName};
use renkei::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use renkei::flows::quarantine;

use super::house::{House, OFFICE};

on_both_databases![
    a_bounce_makes_the_request_undeliverable_and_tells_the_firm,
    a_bounce_is_known_by_each_of_three_marks,
    a_bounce_of_the_old_kind_counts_too,
    a_delay_is_noted_and_nothing_else,
    a_forged_report_changes_nothing_but_a_counter,
    a_report_after_the_link_was_opened_is_only_noted,
    a_dead_address_is_not_mailed_by_another_firm_either,
    a_full_mailbox_is_no_dead_address,
    a_vacation_is_no_bounce,
    a_persons_answer_is_shown_to_the_operator,
    a_firms_thanks_for_a_receipt_are_not_answered,
    the_same_report_twice_tells_the_firm_once,
];

const CUSTOMER: &str = "yamada@example.jp";

/// The request mail that left.
async fn notice(house: &House) -> OutboundMail {
    house.ask(CUSTOMER).await;
    house.letters().await;
    notice_about(house, 1).await
}

async fn notice_about(house: &House, number: i64) -> OutboundMail {
    let mut mails = house.mails_about(number).await.into_iter();
    mails.find(|mail| mail.kind == LetterKind::RequestNotice).unwrap()
}

fn report(action: &str, status: &str, token: &str, message_id: &str) -> Vec<u8> {
    format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nTo: {token}@renkei.example\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; {CUSTOMER}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

async fn state_of(house: &House, mail: &OutboundMail) -> String {
    house.rows(&format!("SELECT state FROM outbound_mail WHERE id = '{}'", mail.id)).await[0]["state"].clone()
}

async fn a_bounce_makes_the_request_undeliverable_and_tells_the_firm(house: &House) {
    let mail = notice(house).await;
    house.pass_seconds(9);
    house.receive(&[report("failed", "5.1.1", "bounce", &mail.message_id)]).await;
    assert_eq!(house.request(1).await.state, State::Undeliverable(house.now()));
    assert_eq!(state_of(house, &mail).await, OutboundState::Bounced.name());
    let letters = house.letters().await;
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, OFFICE));
    for words in ["お届けできませんでした", CUSTOMER, "5.1.1", "使われていないか、間違っている", "申請メール再送"]
    {
        assert!(letters[0].subject.contains(words) || letters[0].text.contains(words), "{words}");
    }
    let seen =
        house.rows("SELECT class, verdict FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await.remove(0);
    assert_eq!((seen["class"].as_str(), seen["verdict"].as_str()), ("delivery_report", "accepted"));
    let event = house.rows("SELECT from_state, to_state, actor FROM audit_event WHERE event = 'undeliverable'").await;
    assert_eq!(
        (event.len(), event[0]["to_state"].as_str(), event[0]["actor"].as_str()),
        (1, "undeliverable", "renkei")
    );
}

async fn a_bounce_is_known_by_each_of_three_marks(house: &House) {
    let mut mails = Vec::new();
    for n in 1..=3 {
        house.ask(&format!("c{n}@example.jp")).await;
        mails.push(notice_about(house, n).await);
    }
    house.letters().await;
    let token = |at: usize| house.keys.report_token(&mails[at].id).unwrap();
    let by_path = report("failed", "5.1.1", &format!("bounce+{}", token(0).to_uppercase()), "x@other.example");
    let by_envelope = String::from_utf8(report("failed", "5.1.1", "bounce", "x@other.example")).unwrap();
    let by_envelope = by_envelope
        .replace("Reporting-MTA", &format!("Original-Envelope-Id: {}\r\nReporting-MTA", token(1)))
        .into_bytes();
    let by_message = report("failed", "5.1.1", "bounce", &mails[2].message_id);
    house.receive(&[by_path, by_envelope, by_message]).await;
    for n in 1..=3 {
        assert_eq!(house.request(n).await.state.name(), StateName::Undeliverable, "{n}");
    }
}

async fn a_bounce_of_the_old_kind_counts_too(house: &House) {
    let mail = notice(house).await;
    let qmail = format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\n\
         Hi. This is the qmail-send program at mx.example.\r\n\r\n<{CUSTOMER}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n\
         --- Below this line is a copy of the message.\r\n\r\nMessage-ID: <{}>\r\n",
        mail.message_id
    );
    house.receive(&[qmail.into_bytes()]).await;
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
}

async fn a_delay_is_noted_and_nothing_else(house: &House) {
    let mail = notice(house).await;
    house.receive(&[report("delayed", "4.4.1", "bounce", &mail.message_id)]).await;
    assert_eq!(state_of(house, &mail).await, OutboundState::Delayed.name());
    assert_eq!(house.request(1).await.state, State::Pending);
    assert_eq!(house.letters().await, []);
    house.receive(&[report("failed", "5.4.7", "bounce", &mail.message_id)]).await;
    assert_eq!(state_of(house, &mail).await, OutboundState::Bounced.name());
}

async fn a_forged_report_changes_nothing_but_a_counter(house: &House) {
    let mail = notice(house).await;
    let before = (house.request(1).await, state_of(house, &mail).await);
    let token = house.keys.report_token(&mail.id).unwrap();
    let mut forged = token.into_bytes();
    forged[3] = if forged[3] == b'a' { b'b' } else { b'a' };
    let forged = format!("bounce+{}", String::from_utf8(forged).unwrap());
    let guesses = [
        report("failed", "5.1.1", "bounce", "deadbeefdeadbeefdeadbeefdeadbeef@renkei.example"),
        report("failed", "5.1.1", &forged, "x@other.example"),
        report("failed", "5.1.1", &format!("bounce+{}", mail.id), &format!("{}@renkei.example", mail.id)),
    ];
    let received = house.receive(&guesses).await;
    assert_eq!((received.unmatched_reports, received.letters), (3, 0));
    assert_eq!((house.request(1).await, state_of(house, &mail).await), before);
    assert_eq!(quarantine::unmatched_reports(&house.context).await.unwrap(), 3);
    assert_eq!(house.rows("SELECT * FROM suppression").await.len(), 0);
}

async fn a_report_after_the_link_was_opened_is_only_noted(house: &House) {
    let mail = notice(house).await;
    house.execute("UPDATE request SET state = 'opened'").await;
    house.receive(&[report("failed", "5.1.1", "bounce", &mail.message_id)]).await;
    assert_eq!(house.request(1).await.state.name(), StateName::Opened);
    assert_eq!(state_of(house, &mail).await, OutboundState::Bounced.name());
    assert_eq!(house.letters().await, []);
}

async fn a_dead_address_is_not_mailed_by_another_firm_either(house: &House) {
    let mail = notice(house).await;
    house.receive(&[report("failed", "5.1.1", "bounce", &mail.message_id)]).await;
    house.letters().await;
    let key = crate::support::firm_key::FirmKey::ed25519("midori.example");
    let other = super::sample::firm(&house.context, "1002", "midori.example", Some(key.pinned()));
    renkei::flows::firms::add(&house.context, &other).await.unwrap();
    house.receive(&[crate::support::firm_mail::FirmMail::new("office@midori.example", CUSTOMER).signed(&key)]).await;
    let letters = house.letters().await;
    assert!(letters.iter().all(|letter| letter.to == "office@midori.example"), "a receipt and M19");
    assert_eq!(letters.len(), 2);
    assert_eq!(house.request(2).await.state.name(), StateName::Undeliverable);
    assert_eq!(notice_about(house, 2).await.state, OutboundState::Suppressed);
    // the operator says that the address is right
    renkei::flows::requests::retry(&house.context, 2).await.unwrap();
    assert!(house.letters().await.iter().any(|letter| letter.to == CUSTOMER));
}

async fn a_full_mailbox_is_no_dead_address(house: &House) {
    let mail = notice(house).await;
    house.receive(&[report("failed", "5.2.2", "bounce", &mail.message_id)]).await;
    assert_eq!(house.request(1).await.state.name(), StateName::Undeliverable);
    assert_eq!(house.rows("SELECT * FROM suppression").await.len(), 0);
    assert!(house.letters().await[0].text.contains("いっぱい"));
}

async fn a_vacation_is_no_bounce(house: &House) {
    let mail = notice(house).await;
    let vacation = format!(
        "Return-Path: <>\r\nFrom: {CUSTOMER}\r\nSubject: =?utf-8?B?5LiN5Zyo?=\r\nAuto-Submitted: auto-replied\r\n\
         In-Reply-To: <{}>\r\n\r\nI am away.\r\n",
        mail.message_id
    );
    let received = house.receive(&[vacation.into_bytes()]).await;
    assert_eq!((received.letters, received.quarantined, received.unmatched_reports), (0, 0, 0));
    assert_eq!(house.request(1).await.state, State::Pending);
    assert_eq!(
        house.rows("SELECT class FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await[0]["class"],
        "automatic"
    );
}

async fn a_persons_answer_is_shown_to_the_operator(house: &House) {
    let mail = notice(house).await;
    let answer = |id: &str| {
        format!(
            "From: {CUSTOMER}\r\nDate: Fri, 3 Jul 2026 09:00:00 +0900\r\nSubject: Re: x\r\nMessage-ID: <1@example.jp>\r\n\
             References: <{id}>\r\n\r\nWho are you?\r\n"
        )
        .into_bytes()
    };
    let received = house.receive(&[answer(&mail.message_id), answer("unknown@renkei.example")]).await;
    assert_eq!((received.quarantined, received.letters), (2, 0));
    let mut shown = quarantine::list(&house.context, None, 9).await.unwrap();
    shown.sort_by_key(|mail| mail.reasons.clone());
    assert_eq!(shown[0].reasons, ["a person answers a mail that is not known"]);
    assert_eq!(shown[1].reasons, ["a person answers our request_notice about request 1"]);
    assert_eq!((shown[1].class.name(), shown[1].request.is_some()), ("other", true));
}

async fn the_same_report_twice_tells_the_firm_once(house: &House) {
    let mail = notice(house).await;
    let one = report("failed", "5.1.1", "bounce", &mail.message_id);
    let other = report("failed", "5.1.1", "elsewhere", &mail.message_id);
    house.receive(&[one.clone(), one, other]).await;
    assert_eq!(house.letters().await.len(), 1);
}

async fn a_firms_thanks_for_a_receipt_are_not_answered(house: &House) {
    house.ask(CUSTOMER).await;
    let receipt = house.letters().await.into_iter().find(|letter| letter.to == OFFICE).unwrap();
    let thanks = house.mail("x").without_field("顧問先メールアドレス").without_message();
    let thanks = thanks.header("In-Reply-To", &format!("<{}>", receipt.message_id));
    let received = house.receive(&[thanks.signed(&house.key)]).await;
    assert_eq!((received.letters, received.quarantined), (0, 1));
    let shown = quarantine::list(&house.context, None, 9).await.unwrap();
    assert_eq!(shown[0].reasons, ["a person answers our receipt about request 1"]);
}
