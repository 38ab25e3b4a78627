//! From the link to a decision: each row of the request's table, what it mails, and who may.

use renkei::domain::decision::{Choice, Weight};
use renkei::domain::firm_request::StateName;
use renkei::domain::ids::{AccountId, RequestId};
use renkei::domain::next_step::{Ending, Step};
use renkei::flows::decide::{self, Decided};
use renkei::flows::landing::{self, Landing};
use renkei::flows::manage::{self, Stopped};
use renkei::flows::next_step::{Visit, Who, next_step};
use renkei::flows::{accounts, company, firms, requests};

use super::customers::{CUSTOMER, OTHER, answer, sound_company};
use super::house::House;
use super::people::TERMS;

on_both_databases![
    an_approval_tells_the_firm_with_the_customers_words,
    a_decline_needs_no_company_and_ends_the_request,
    another_ids_approval_decides_and_both_are_told_of_it,
    another_ids_decline_is_told_and_decides_nothing,
    who_declined_under_another_id_may_still_approve_but_not_decline_twice,
    eight_confirmations_side_by_side_are_one,
    of_two_people_at_once_one_decides_and_the_other_is_told,
    nothing_is_decided_past_the_time_though_no_schedule_ran,
    a_suspended_firm_gets_no_answer_and_what_we_say_to_people_leaves,
    what_comes_first_is_asked_for_first,
    looking_opens_nothing_and_the_first_deed_does,
    who_comes_back_is_where_they_left_off,
    a_request_is_seen_by_who_was_mailed_or_answered_or_holds_the_link,
    stopping_tells_both_and_the_firm_may_ask_anew,
    only_who_approved_can_stop,
    a_stranger_is_led_to_the_login_and_never_told_who_decided,
    an_account_that_shares_is_not_erased_and_one_that_stopped_is,
];

async fn step(house: &House, held: Option<&RequestId>, who: &AccountId) -> Step {
    next_step(&house.context, Visit { held, who: Who::Account(who), terms: TERMS }).await.unwrap()
}

async fn state(house: &House, number: i64) -> StateName {
    house.request(number).await.state.name()
}

async fn an_approval_tells_the_firm_with_the_customers_words(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Decide);
    let said = "いつもお世話に\r\nなっております。 https://evil.example/";
    let done = house.confirm(&request, &yamada, &answer(Choice::Approve, said)).await;
    assert_eq!(done, Decided::Answered(Choice::Approve, Weight::Final));
    assert_eq!(state(house, 1).await, StateName::Approved);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to, house.firm.notify_address.to_text());
    assert_eq!(letters[0].subject, "【弥生】契約情報の提供が承認されました（申請番号 1）");
    for body in [&letters[0].text, &letters[0].html] {
        for needed in ["株式会社山田商店", CUSTOMER, "いつもお世話に", "なっております。 （リンクを省略しました）"]
        {
            assert!(body.contains(needed), "{needed} in {body}");
        }
        assert!(!body.contains("申請先と異なるID") && !body.contains("evil"), "{body}");
    }
    assert_eq!(house.story(1).await, ["received >pending", "opened pending>opened", "approved opened>approved"]);
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Link);
}

async fn a_decline_needs_no_company_and_ends_the_request(house: &House) {
    let (request, token) = house.asked(CUSTOMER).await;
    let yamada = house.account(CUSTOMER).await;
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Company);
    let approve = house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    assert_eq!(approve, Decided::Not(Step::Company));
    let done = house.confirm(&request, &yamada, &answer(Choice::Decline, "存じません")).await;
    assert_eq!(done, Decided::Answered(Choice::Decline, Weight::Final));
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "【弥生】契約情報の提供は承認されませんでした（申請番号 1）");
    assert!(letters[0].text.contains("｜ 存じません") && letters[0].text.contains(CUSTOMER), "{}", letters[0].text);
    assert!(!letters[0].text.contains("事業者名"), "none was registered");
    assert_eq!(house.story(1).await.last().unwrap(), "declined opened>declined");
    assert_eq!(step(house, Some(&request), &yamada).await, Step::DoneDeclined);
    assert_eq!(landing::follow(&house.context, &token).await.unwrap().unwrap().landing, Landing::Answered);
    house.ask(CUSTOMER).await;
    assert_eq!(state(house, 2).await, StateName::Pending, "the firm may ask anew");
}

async fn another_ids_approval_decides_and_both_are_told_of_it(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let hanako = house.ready(OTHER).await;
    let done = house.confirm(&request, &hanako, &answer(Choice::Approve, "内緒")).await;
    assert_eq!(done, Decided::Answered(Choice::Approve, Weight::Final));
    let mut letters = house.letters().await;
    letters.sort_by(|a, b| a.to.cmp(&b.to));
    let [firm, customer] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(firm.subject, "【弥生】申請先と異なるIDで契約情報の提供が承認されました（申請番号 1）");
    assert!(firm.text.starts_with("申請先と異なるID") && firm.text.contains(OTHER), "{}", firm.text);
    assert_eq!(customer.to, CUSTOMER);
    assert!(customer.text.contains("h***@example.com") && !customer.text.contains(OTHER), "{}", customer.text);
    assert!(!customer.text.contains("内緒") && customer.text.contains("この申請は終了しました"));
    let yamada = house.ready(CUSTOMER).await;
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Over(Ending::DecidedByAnother));
    let late = house.confirm(&request, &yamada, &answer(Choice::Decline, "")).await;
    assert_eq!(late, Decided::Not(Step::Over(Ending::DecidedByAnother)));
    assert!(house.letters().await.is_empty());
}

async fn another_ids_decline_is_told_and_decides_nothing(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let hanako = house.account(OTHER).await;
    let done = house.confirm(&request, &hanako, &answer(Choice::Decline, "")).await;
    assert_eq!(done, Decided::Answered(Choice::Decline, Weight::Told));
    assert_eq!(state(house, 1).await, StateName::Opened);
    assert_eq!(house.story(1).await.last().unwrap(), "declined by another id opened>opened");
    let mut letters = house.letters().await;
    letters.sort_by(|a, b| a.to.cmp(&b.to));
    let [firm, customer] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(firm.subject, "【弥生】申請先と異なるIDから「承認しない」とのお返事がありました（申請番号 1）");
    assert!(firm.text.starts_with("申請先と異なるID") && firm.text.contains("この申請は終了していません"));
    assert!(customer.text.contains("承認しない") && customer.text.contains("あらためてお手続きいただけます"));
    assert_eq!(step(house, Some(&request), &hanako).await, Step::DoneDeclined);
    let yamada = house.ready(CUSTOMER).await;
    assert_eq!(step(house, None, &yamada).await, Step::Decide, "the mailed ID decides");
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    assert_eq!(state(house, 1).await, StateName::Approved);
    assert_eq!(step(house, Some(&request), &hanako).await, Step::Over(Ending::DecidedByAnother));
}

async fn who_declined_under_another_id_may_still_approve_but_not_decline_twice(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let hanako = house.ready(OTHER).await;
    for _ in 0..3 {
        let done = house.confirm(&request, &hanako, &answer(Choice::Decline, "")).await;
        assert_eq!(done, Decided::Answered(Choice::Decline, Weight::Told));
    }
    assert_eq!(house.letters().await.len(), 2, "told once, to the firm and to the mailed address");
    let done = house.confirm(&request, &hanako, &answer(Choice::Approve, "")).await;
    assert_eq!(done, Decided::Answered(Choice::Approve, Weight::Final));
    assert_eq!(house.rows("SELECT weight FROM decision").await.len(), 1);
    assert_eq!(house.letters().await.len(), 2);
    assert_eq!(step(house, Some(&request), &hanako).await, Step::Link);
}

async fn eight_confirmations_side_by_side_are_one(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    let sent = (0..8).map(|_| {
        let (context, request, yamada) = (house.context.clone(), request.clone(), yamada.clone());
        tokio::spawn(async move {
            decide::decide(&context, &request, &yamada, TERMS, &answer(Choice::Approve, "一度だけ")).await.unwrap()
        })
    });
    for done in sent.collect::<Vec<_>>() {
        assert_eq!(done.await.unwrap(), Decided::Answered(Choice::Approve, Weight::Final));
    }
    assert_eq!(house.letters().await.len(), 1, "one M6");
    let story = house.story(1).await;
    assert_eq!(story, ["received >pending", "opened pending>opened", "approved opened>approved"]);
}

async fn of_two_people_at_once_one_decides_and_the_other_is_told(house: &House) {
    for round in 1..=4 {
        let customer = format!("c{round}@example.jp");
        let (request, _) = house.asked(&customer).await;
        let (mailed, other) = (house.ready(&customer).await, house.ready(&format!("o{round}@example.com")).await);
        let send = |who: &AccountId| {
            let (context, request, who) = (house.context.clone(), request.clone(), who.clone());
            tokio::spawn(async move {
                decide::decide(&context, &request, &who, TERMS, &answer(Choice::Approve, "")).await.unwrap()
            })
        };
        let both = [send(&mailed), send(&other)];
        let mut done = Vec::new();
        for one in both {
            done.push(one.await.unwrap());
        }
        done.sort_by_key(|it| matches!(it, Decided::Not(_)));
        let expected =
            [Decided::Answered(Choice::Approve, Weight::Final), Decided::Not(Step::Over(Ending::DecidedByAnother))];
        assert_eq!(done, expected);
        let finals = format!("SELECT account_id FROM decision WHERE request_id = '{request}' AND weight = 'final'");
        assert_eq!(house.rows(&finals).await.len(), 1);
        house.letters().await;
    }
}

async fn nothing_is_decided_past_the_time_though_no_schedule_ran(house: &House) {
    let (request, token) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.pass_all_but_a_millisecond_of(21);
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Decide);
    house.pass_a_millisecond();
    let before = house.everything().await;
    assert_eq!(step(house, Some(&request), &yamada).await, Step::Over(Ending::Expired));
    for choice in [Choice::Approve, Choice::Decline] {
        let late = house.confirm(&request, &yamada, &answer(choice, "")).await;
        assert_eq!(late, Decided::Not(Step::Over(Ending::Expired)));
    }
    let landing = landing::follow(&house.context, &token).await.unwrap().unwrap().landing;
    assert_eq!(landing, Landing::Over(Ending::Expired));
    assert_eq!(house.everything().await, before);
}

async fn a_suspended_firm_gets_no_answer_and_what_we_say_to_people_leaves(house: &House) {
    let (request, token) = house.asked(CUSTOMER).await;
    let (second, _) = house.asked("sato@example.jp").await;
    let (yamada, sato) = (house.ready(CUSTOMER).await, house.ready("sato@example.jp").await);
    house.confirm(&second, &sato, &answer(Choice::Approve, "")).await;
    house.letters().await;
    firms::suspend(&house.context, &house.firm.number).await.unwrap();
    let done = house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    assert_eq!(done, Decided::Not(Step::Over(Ending::FirmSuspended)));
    let landing = landing::follow(&house.context, &token).await.unwrap().unwrap().landing;
    assert_eq!(landing, Landing::Over(Ending::FirmSuspended));
    assert_eq!(manage::stop(&house.context, &sato, 2).await.unwrap(), Stopped::Done);
    requests::withdraw(&house.context, 1).await.unwrap();
    let mut told: Vec<_> = house.letters().await.into_iter().map(|letter| letter.to).collect();
    told.sort();
    assert_eq!(told, ["sato@example.jp", CUSTOMER], "the firm's own mail waits");
    firms::resume(&house.context, &house.firm.number).await.unwrap();
    assert_eq!(house.letters().await.len(), 1);
}

async fn what_comes_first_is_asked_for_first(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.account(CUSTOMER).await;
    let later = Visit { held: Some(&request), who: Who::Account(&yamada), terms: "2027-01-01" };
    assert_eq!(next_step(&house.context, later).await.unwrap(), Step::Terms);
    let done = decide::decide(&house.context, &request, &yamada, "2027-01-01", &answer(Choice::Decline, "")).await;
    assert_eq!(done.unwrap(), Decided::Not(Step::Terms));
    accounts::accept_terms(&house.context, &yamada, "2027-01-01").await.unwrap();
    assert_eq!(next_step(&house.context, later).await.unwrap(), Step::Company);
    company::save(&house.context, Some(&request), &yamada, &sound_company()).await.unwrap();
    assert_eq!(next_step(&house.context, later).await.unwrap(), Step::Decide);
    assert_eq!(company::of(&house.context, &yamada).await.unwrap(), Some(sound_company()));
}

async fn looking_opens_nothing_and_the_first_deed_does(house: &House) {
    let (request, token) = house.asked(CUSTOMER).await;
    let yamada = house.account(CUSTOMER).await;
    let before = house.everything().await;
    landing::follow(&house.context, &token).await.unwrap();
    step(house, Some(&request), &yamada).await;
    decide::look(&house.context, Some(&request), &yamada, TERMS).await.unwrap().unwrap();
    manage::overview(&house.context, Some(&request), &yamada).await.unwrap();
    assert_eq!(house.everything().await, before);
    company::save(&house.context, Some(&request), &yamada, &sound_company()).await.unwrap();
    assert_eq!(state(house, 1).await, StateName::Opened);
    for _ in 0..2 {
        decide::consider(&house.context, Some(&request), &yamada, TERMS).await.unwrap().unwrap();
        landing::enter(&house.context, &request, &yamada).await.unwrap();
        company::save(&house.context, Some(&request), &yamada, &sound_company()).await.unwrap();
    }
    assert_eq!(house.story(1).await, ["received >pending", "opened pending>opened"], "once");
    let events = house.rows("SELECT event FROM audit_event WHERE event = 'company saved'").await;
    assert_eq!(events.len(), 1, "saving the same again changes nothing");
}

async fn who_comes_back_is_where_they_left_off(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.account(CUSTOMER).await;
    house.pass(7);
    assert_eq!(step(house, None, &yamada).await, Step::Company, "without the link: it was mailed to this ID");
    company::save(&house.context, None, &yamada, &sound_company()).await.unwrap();
    assert_eq!(state(house, 1).await, StateName::Opened);
    house.pass(7);
    assert_eq!(step(house, None, &yamada).await, Step::Decide);
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.pass(7);
    assert_eq!(step(house, None, &yamada).await, Step::Manage);
    let nobody = house.account("nobody@example.jp").await;
    assert_eq!(step(house, None, &nobody).await, Step::Manage, "who was asked nothing");
    assert!(manage::overview(&house.context, None, &nobody).await.unwrap().is_empty());
}

async fn a_request_is_seen_by_who_was_mailed_or_answered_or_holds_the_link(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    house.asked("sato@example.jp").await;
    let (yamada, hanako) = (house.ready("Yamada@Example.JP").await, house.ready(OTHER).await);
    let seen = async |held: Option<&RequestId>, who: &AccountId| {
        let all = manage::overview(&house.context, held, who).await.unwrap();
        all.iter().map(|it| it.request.number).collect::<Vec<_>>()
    };
    assert_eq!(seen(None, &yamada).await, [1]);
    assert_eq!(seen(None, &hanako).await, [0_i64; 0]);
    assert_eq!(seen(Some(&request), &hanako).await, [1], "she holds the link");
    assert!(manage::find(&house.context, None, &hanako, 1).await.unwrap().is_none());
    house.confirm(&request, &hanako, &answer(Choice::Approve, "")).await;
    assert_eq!(seen(None, &hanako).await, [1], "she decided");
    let mine = manage::find(&house.context, None, &hanako, 1).await.unwrap().unwrap();
    assert!(mine.is_shared() && mine.answer.is_some());
    let theirs = manage::find(&house.context, None, &yamada, 1).await.unwrap().unwrap();
    assert!(!theirs.is_shared() && theirs.answer.is_none());
    assert_eq!(seen(Some(&RequestId::stored("none".into())), &hanako).await, [1]);
}

async fn stopping_tells_both_and_the_firm_may_ask_anew(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    assert_eq!(manage::stop(&house.context, &yamada, 1).await.unwrap(), Stopped::NotShared, "not approved yet");
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.letters().await;
    for _ in 0..3 {
        assert_eq!(manage::stop(&house.context, &yamada, 1).await.unwrap(), Stopped::Done);
    }
    let mut letters = house.letters().await;
    letters.sort_by(|a, b| a.to.cmp(&b.to));
    let [firm, customer] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(firm.subject, "【弥生】顧問先が契約情報の提供を停止しました（申請番号 1）");
    assert_eq!(customer.subject, "【弥生】あおぞら会計事務所様への契約情報の提供を停止しました");
    assert!(firm.text.contains("株式会社山田商店") && firm.text.contains(CUSTOMER));
    assert_eq!(house.story(1).await.last().unwrap(), "stopped approved>approved");
    let stopped = manage::find(&house.context, None, &yamada, 1).await.unwrap().unwrap();
    assert!(!stopped.is_shared() && stopped.request.stopped_at == Some(house.now()));
    house.execute("UPDATE request SET linked_at = 1").await;
    house.ask(CUSTOMER).await;
    assert_eq!(state(house, 2).await, StateName::Pending);
}

async fn only_who_approved_can_stop(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let (yamada, hanako) = (house.ready(CUSTOMER).await, house.ready(OTHER).await);
    house.confirm(&request, &hanako, &answer(Choice::Approve, "")).await;
    let before = house.everything().await;
    assert_eq!(manage::stop(&house.context, &yamada, 1).await.unwrap(), Stopped::NotShared);
    assert_eq!(manage::stop(&house.context, &yamada, 99).await.unwrap(), Stopped::NotShared);
    assert_eq!(house.everything().await, before);
}

async fn a_stranger_is_led_to_the_login_and_never_told_who_decided(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let visit = Visit { held: Some(&request), who: Who::Stranger(None), terms: TERMS };
    assert_eq!(next_step(&house.context, visit).await.unwrap(), Step::LogIn);
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    assert_eq!(next_step(&house.context, visit).await.unwrap(), Step::LogIn);
    let lost = RequestId::stored("none".into());
    let visit = Visit { held: Some(&lost), ..visit };
    assert_eq!(next_step(&house.context, visit).await.unwrap(), Step::Over(Ending::NotFound));
    assert_eq!(step(house, Some(&lost), &yamada).await, Step::Over(Ending::NotFound));
}

async fn an_account_that_shares_is_not_erased_and_one_that_stopped_is(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let hanako = house.ready(OTHER).await;
    house.confirm(&request, &hanako, &answer(Choice::Approve, "ないしょの話")).await;
    house.letters().await;
    let address = super::sample::address(OTHER);
    assert!(accounts::erase(&house.context, &address).await.is_err());
    manage::stop(&house.context, &hanako, 1).await.unwrap();
    house.letters().await;
    accounts::erase(&house.context, &address).await.unwrap();
    let kept =
        format!("{:?} {:?}", house.rows("SELECT * FROM decision").await, house.rows("SELECT * FROM company").await);
    assert!(!kept.contains("ないしょの話") && !kept.contains("山田"), "{kept}");
}
