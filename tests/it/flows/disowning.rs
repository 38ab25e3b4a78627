//! この申請に心当たりがない, and requests that are taken back: who is told, and who is left alone.

use renkei::domain::decision::{Choice, Weight};
use renkei::domain::firm_request::StateName;
use renkei::domain::next_step::Ending;
use renkei::domain::outbound::HandOver;
use renkei::flows::decide::Decided;
use renkei::flows::disown::{Disowned, disown};
use renkei::flows::landing::{self, Landing};
use renkei::flows::{firms, requests};

use super::customers::{CUSTOMER, OTHER, answer};
use super::house::{House, OFFICE};

on_both_databases![
    who_disowns_is_mailed_no_more_and_the_firm_is_told_why,
    a_disowned_request_can_still_be_answered,
    an_operator_who_looked_into_it_has_the_customer_mailed_again,
    what_is_over_cannot_be_disowned_but_a_suspended_firms_request_can,
    a_reminder_that_waits_does_not_leave_after_the_disown,
    the_customer_hears_of_a_withdrawal_after_a_mail_and_not_before,
    who_disowned_hears_nothing_of_the_withdrawal,
    a_forged_link_leads_nowhere_and_changes_nothing,
];

async fn who_disowns_is_mailed_no_more_and_the_firm_is_told_why(house: &House) {
    let (request, token) = house.asked(CUSTOMER).await;
    for _ in 0..2 {
        assert_eq!(disown(&house.context, &request).await.unwrap(), Disowned::Noted);
    }
    assert_eq!(house.story(1).await, ["received >pending", "disowned pending>pending"]);
    let landing = landing::follow(&house.context, &token).await.unwrap().unwrap().landing;
    assert!(matches!(landing, Landing::Waiting { disowned_at: Some(at), .. } if at == house.now()));
    house.pass(2);
    house.ask(CUSTOMER).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to, OFFICE);
    assert_eq!(letters[0].subject, "【弥生】顧問先へのご案内を停止しています（申請番号 1）");
    assert!(letters[0].text.contains("「この申請に心当たりがない」とのご連絡があった"), "{}", letters[0].text);
    requests::withdraw(&house.context, 1).await.unwrap();
    house.ask(CUSTOMER).await;
    assert_eq!(house.letters().await.len(), 1, "a withdrawal is no way around it: the firm alone is answered");
    house.pass(19);
    house.ask(CUSTOMER).await;
    let to: Vec<_> = house.letters().await.into_iter().map(|letter| letter.to).collect();
    assert!(to.contains(&CUSTOMER.to_owned()), "{to:?}");
    let listed = requests::disowned(&house.context, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.request.number).collect::<Vec<_>>(), [1], "the operator sees it");
}

async fn a_disowned_request_can_still_be_answered(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    disown(&house.context, &request).await.unwrap();
    let yamada = house.ready(CUSTOMER).await;
    let done = house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    assert_eq!(done, Decided::Answered(Choice::Approve, Weight::Final));
    assert_eq!(disown(&house.context, &request).await.unwrap(), Disowned::Not(Landing::Answered));
}

async fn an_operator_who_looked_into_it_has_the_customer_mailed_again(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    disown(&house.context, &request).await.unwrap();
    requests::retry(&house.context, 1).await.unwrap();
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].to == CUSTOMER, "{letters:?}");
    assert_eq!(house.request(1).await.disowned_at, None);
}

async fn what_is_over_cannot_be_disowned_but_a_suspended_firms_request_can(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let (second, _) = house.asked("sato@example.jp").await;
    let (third, _) = house.asked("abe@example.jp").await;
    requests::withdraw(&house.context, 1).await.unwrap();
    let cancelled = Disowned::Not(Landing::Over(Ending::Cancelled));
    assert_eq!(disown(&house.context, &request).await.unwrap(), cancelled);
    firms::suspend(&house.context, &house.firm.number).await.unwrap();
    assert_eq!(disown(&house.context, &second).await.unwrap(), Disowned::Noted);
    house.pass(21);
    let expired = Disowned::Not(Landing::Over(Ending::Expired));
    assert_eq!(disown(&house.context, &third).await.unwrap(), expired);
    house.letters().await;
}

async fn a_reminder_that_waits_does_not_leave_after_the_disown(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    house.pass(1);
    house.ask(CUSTOMER).await;
    disown(&house.context, &request).await.unwrap();
    let to: Vec<_> = house.letters().await.into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, [OFFICE], "the receipt alone");
}

async fn the_customer_hears_of_a_withdrawal_after_a_mail_and_not_before(house: &House) {
    house.ask(CUSTOMER).await;
    requests::withdraw(&house.context, 1).await.unwrap();
    assert!(house.letters().await.iter().all(|letter| letter.to == OFFICE), "it was never mailed");
    let (_, token) = house.asked("sato@example.jp").await;
    requests::withdraw(&house.context, 2).await.unwrap();
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to, "sato@example.jp");
    assert_eq!(letters[0].subject, "【弥生】あおぞら会計事務所様からの契約情報取得の申請は取り下げられました");
    assert!(!letters[0].text.contains("/r/"), "no link");
    let landing = landing::follow(&house.context, &token).await.unwrap().unwrap().landing;
    assert_eq!(landing, Landing::Over(Ending::Cancelled));

    // lost after the mail's end: it may have arrived
    house.outbox.arrange([HandOver::Sent, HandOver::Unknown]);
    house.ask("abe@example.jp").await;
    house.deliver_once().await;
    let asked = house.mails_about(3).await;
    if asked.iter().any(|mail| mail.kind.name() == "request_notice" && mail.unknowns > 0) {
        requests::withdraw(&house.context, 3).await.unwrap();
        assert!(house.letters().await.iter().any(|letter| letter.to == "abe@example.jp"));
    }
    // refused for good: nobody to tell
    house.outbox.arrange([
        HandOver::Refused { reply: Some(550), status: None },
        HandOver::Refused { reply: Some(550), status: None },
    ]);
    house.ask("kato@example.jp").await;
    house.letters().await;
    assert_eq!(house.request(4).await.state.name(), StateName::Undeliverable);
    requests::withdraw(&house.context, 4).await.unwrap();
    assert!(house.letters().await.is_empty());
}

async fn who_disowned_hears_nothing_of_the_withdrawal(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    disown(&house.context, &request).await.unwrap();
    requests::withdraw(&house.context, 1).await.unwrap();
    assert!(house.letters().await.is_empty());
}

async fn a_forged_link_leads_nowhere_and_changes_nothing(house: &House) {
    let (_, token) = house.asked(CUSTOMER).await;
    house.account(OTHER).await;
    let before = house.everything().await;
    for bad in ["", "x", &token[1..], &token.to_ascii_uppercase(), "日本語", &format!("{token}A")] {
        assert_eq!(landing::follow(&house.context, bad).await.unwrap(), None, "{bad}");
    }
    assert!(landing::follow(&house.context, &token).await.unwrap().is_some());
    assert_eq!(house.everything().await, before);
}
