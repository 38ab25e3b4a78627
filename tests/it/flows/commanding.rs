//! A firm works by mail: it withdraws, has a customer mailed again, asks how its requests stand.

use mail_parser::{MessageParser, MimeHeaders};
use renkei::domain::enhanced_status::EnhancedStatus;
use renkei::domain::firm_request::{State, StateName};
use renkei::domain::outbound::HandOver;
use renkei::flows::{disown, firms};

use super::house::{House, OFFICE, Read};
use super::sample;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

on_both_databases![
    a_withdrawn_request_can_no_longer_be_answered,
    who_was_mailed_is_told_of_the_withdrawal,
    who_disowned_a_request_is_never_mailed_about_it_again,
    a_decided_request_cannot_be_withdrawn,
    a_customer_is_mailed_again_where_the_rules_allow,
    an_undeliverable_request_is_mailed_again_at_once_and_its_address_is_no_longer_suppressed,
    the_states_come_as_text_and_as_a_file,
    the_state_of_one_request,
    a_firm_sees_and_touches_only_its_own,
    what_cannot_be_done_is_answered_and_changes_nothing,
    a_command_that_nobody_proved_is_never_answered,
    a_withdrawal_and_a_reminder_in_one_window_agree,
];

const CUSTOMER: &str = "yamada@example.jp";

async fn command(house: &House, procedure: &str, number: Option<i64>) -> Vec<Read> {
    let mail = house.mail("x").command(procedure);
    let mail = number.iter().fold(mail, |mail, number| mail.field("申請番号", &number.to_string()));
    house.receive(&[mail.signed(&house.key)]).await;
    house.letters().await
}

#[track_caller]
fn only(letters: &[Read]) -> &Read {
    match letters {
        [letter] if letter.to == OFFICE => letter,
        others => panic!("{} letters", others.len()),
    }
}

async fn last(house: &House) -> (String, String) {
    let row =
        house.rows("SELECT class, verdict FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await.remove(0);
    (row["class"].clone(), row["verdict"].clone())
}

async fn a_withdrawn_request_can_no_longer_be_answered(house: &House) {
    house.ask(CUSTOMER).await;
    let letters = command(house, "取り下げ", Some(1)).await;
    // the customer's mail had not left yet: it never does
    assert!(letters.iter().all(|letter| letter.to == OFFICE));
    let answer = letters.iter().find(|letter| letter.subject.contains("取り下げました")).unwrap();
    assert!(answer.text.contains("申請番号：1") && answer.text.contains("取下げ済み"), "{}", answer.text);
    assert_eq!(house.request(1).await.state, State::Cancelled(house.now()));
    assert_eq!(last(house).await, ("firm_command".to_owned(), "accepted".to_owned()));
    let event = house.rows("SELECT * FROM audit_event WHERE event = 'withdrawn'").await.remove(0);
    assert_eq!((event["actor"].as_str(), event["to_state"].as_str()), ("firm 1001", "cancelled"));
}

async fn who_was_mailed_is_told_of_the_withdrawal(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    let letters = command(house, "取下げ", Some(1)).await;
    let told = letters.iter().find(|letter| letter.to == CUSTOMER).expect("M11");
    assert!(told.subject.contains("取り下げ") && told.token().is_none(), "{}", told.subject);
    assert_eq!(letters.len(), 2, "and the answer to the firm");
}

async fn who_disowned_a_request_is_never_mailed_about_it_again(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    disown::disown(&house.context, &request).await.unwrap();
    house.letters().await;
    house.pass(1);
    assert!(only(&command(house, "再送", Some(1)).await).text.contains("心当たりがない"));
    assert!(only(&command(house, "状況", Some(1)).await).text.contains("心当たりがないとのご連絡"));
    let withdrawn = command(house, "取下げ", Some(1)).await;
    assert!(only(&withdrawn).text.contains("取り下げました"), "nothing goes to the customer");
}

async fn a_decided_request_cannot_be_withdrawn(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.execute("UPDATE request SET state = 'approved'").await;
    assert!(only(&command(house, "取下げ", Some(1)).await).text.contains("すでに終わっている"));
    assert_eq!(house.request(1).await.state.name(), StateName::Approved);
    assert_eq!(last(house).await.1, "refused");
}

async fn a_customer_is_mailed_again_where_the_rules_allow(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    assert!(only(&command(house, "再送", Some(1)).await).text.contains("間もないため"));
    house.pass(1);
    let letters = command(house, "申請メール再送", Some(1)).await;
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().any(|letter| letter.to == CUSTOMER && letter.token().is_some()));
    for _ in 0..2 {
        house.pass(1);
        assert_eq!(command(house, "再送", Some(1)).await.len(), 2);
    }
    house.pass(1);
    assert!(only(&command(house, "再送", Some(1)).await).text.contains("上限の回数"));
}

async fn an_undeliverable_request_is_mailed_again_at_once_and_its_address_is_no_longer_suppressed(house: &House) {
    house.ask(CUSTOMER).await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: EnhancedStatus::parse("5.1.1") }]);
    let letters = house.letters().await;
    let told = letters.iter().find(|letter| letter.subject.contains("お届けできませんでした")).expect("M19");
    assert!(told.text.contains("5.1.1") && told.text.contains("使われていないか、間違っている"), "{}", told.text);
    let suppressed = house.rows("SELECT address_key, status FROM suppression").await;
    assert_eq!((suppressed[0]["address_key"].as_str(), suppressed[0]["status"].as_str()), (CUSTOMER, "5.1.1"));
    let letters = command(house, "再送", Some(1)).await;
    assert!(letters.iter().any(|letter| letter.to == CUSTOMER && letter.token().is_some()));
    assert_eq!(house.rows("SELECT address_key FROM suppression").await.len(), 0);
    assert_eq!(house.request(1).await.state, State::Pending);
}

async fn the_states_come_as_text_and_as_a_file(house: &House) {
    assert!(only(&command(house, "状況照会", None).await).text.contains("待っている申請はありません"));
    for (customer, name) in [("a@example.jp", "株式会社山田商店"), ("b@example.jp", "=HYPERLINK(\"x\")")] {
        house.receive(&[house.mail(customer).client_name(name).signed(&house.key)]).await;
    }
    house.ask("c@example.jp").await;
    house.letters().await;
    house.execute("UPDATE request SET state = 'declined' WHERE number = 3").await;
    let letters = command(house, "状況", None).await;
    let text = &only(&letters).text;
    assert!(text.contains("申請番号 1") && text.contains("申請番号 2") && !text.contains("申請番号 3"), "{text}");
    assert!(text.contains("顧問先のお手続き待ち"));
    let sent = house.outbox.sent().pop().unwrap();
    let parsed = MessageParser::default().parse(&sent.bytes).unwrap();
    let file = parsed.attachment(0).unwrap();
    assert_eq!(file.attachment_name(), Some("requests.csv"));
    let csv = std::str::from_utf8(file.contents()).unwrap();
    assert!(
        csv.starts_with("\u{FEFF}\"申請番号\",") && csv.contains("\"1\",\"株式会社山田商店\",\"a@example.jp\""),
        "{csv}"
    );
    assert!(!csv.contains(",\"=") && csv.lines().count() == 3, "no formula comes back: {csv}");
}

async fn the_state_of_one_request(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.execute("UPDATE request SET state = 'declined'").await;
    let letters = command(house, "状況", Some(1)).await;
    assert!(only(&letters).text.contains("承認されませんでした"));
}

async fn a_firm_sees_and_touches_only_its_own(house: &House) {
    let key = FirmKey::ed25519("midori.example");
    let other = sample::firm(&house.context, "1002", "midori.example", Some(key.pinned()));
    firms::add(&house.context, &other).await.unwrap();
    house.receive(&[FirmMail::new("office@midori.example", CUSTOMER).signed(&key)]).await;
    house.letters().await;
    for procedure in ["取下げ", "再送", "状況"] {
        let letters = command(house, procedure, Some(1)).await;
        let text = &only(&letters).text;
        assert!(text.contains("見つかりませんでした") && !text.contains(CUSTOMER), "{text}");
    }
    assert!(!only(&command(house, "状況", None).await).text.contains(CUSTOMER));
    assert_eq!(house.request(1).await.state, State::Pending);
}

async fn what_cannot_be_done_is_answered_and_changes_nothing(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    let before = house.request(1).await;
    for (procedure, number, words) in [
        ("連携解除", Some(1), "どちらのことか分かりませんでした"),
        ("登録変更", Some(1), "登録の内容は、メールでは変更できません"),
        ("取下げ", None, "「申請番号」が書かれていません"),
        ("製品連携解除", Some(1), "承認されていないか"),
        ("製品連携解除", Some(7), "見つかりませんでした"),
    ] {
        let letters = command(house, procedure, number).await;
        assert!(only(&letters).text.contains(words), "{procedure}: {}", letters[0].text);
        assert_eq!(last(house).await, ("firm_command".to_owned(), "refused".to_owned()));
    }
    assert_eq!(house.request(1).await, before);
}

async fn a_command_that_nobody_proved_is_never_answered(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    let mail = house.mail("x").command("取下げ").field("申請番号", "1");
    let received = house.receive(&[mail.unsigned(), mail.signed(&FirmKey::ed25519("aozora.example"))]).await;
    assert_eq!((received.quarantined, received.letters), (2, 0));
    assert_eq!(house.request(1).await.state, State::Pending);
}

async fn a_withdrawal_and_a_reminder_in_one_window_agree(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    house.pass(1);
    let withdraw = house.mail("x").command("取下げ").field("申請番号", "1").signed(&house.key);
    let ask = house.mail(CUSTOMER).signed(&house.key);
    house.receive(&[ask.clone(), withdraw]).await;
    assert_eq!(house.request(1).await.state.name(), StateName::Cancelled);
    let letters = house.letters().await;
    let [told] = &letters.iter().filter(|letter| letter.to == CUSTOMER).collect::<Vec<_>>()[..] else {
        panic!("{letters:?}")
    };
    assert_eq!(told.token(), None, "the reminder has lost its reason: the withdrawal alone is told");
}
