//! The page that takes the code, from the registration to the account (S14 to S21).

use std::collections::BTreeSet;
use std::time::Duration;

use renkei::domain::ids::AttemptId;
use renkei::domain::outbound::{HandOver, LetterKind};
use renkei::domain::time::minutes;
use renkei::domain::verification::{Digits, NotAsked, Over, Purpose, TRIES_PER_ATTEMPT};
use renkei::flows::code::{self, MailState, Progress, Resent, Stage, Verified};
use renkei::flows::register::Begun;
use renkei::flows::{accounts, audit, register};

use super::house::House;
use super::sample;

on_both_databases![
    a_code_proves_an_address_and_makes_one_account,
    a_code_is_taken_at_9_59_and_not_at_10_00,
    two_resends_and_no_third,
    a_request_while_one_waits_changes_no_row,
    an_old_code_is_known_as_such_and_costs_a_try,
    five_wrong_tries_kill_a_code_and_fifteen_the_attempt,
    of_200_guesses_side_by_side_five_are_judged,
    of_8_right_ones_side_by_side_one_wins,
    a_taken_address_looks_the_same_and_no_code_is_right,
    of_two_attempts_for_one_address_the_first_makes_the_account,
    looking_changes_no_row,
    an_attempt_that_is_none_is_none,
];

const ADDRESS: &str = "yamada@example.jp";

async fn progress(house: &House, id: &AttemptId) -> Progress {
    code::progress(&house.context, id).await.unwrap().unwrap()
}

async fn verify(house: &House, id: &AttemptId, digits: &Digits) -> Verified {
    code::verify(&house.context, id, digits).await.unwrap()
}

async fn resend(house: &House, id: &AttemptId) -> Resent {
    code::resend(&house.context, id).await.unwrap()
}

/// Digits that are none of the attempt's.
fn wrong(right: &Digits) -> Digits {
    let number: u32 = right.to_text().parse().unwrap();
    Digits::of((number + 1) % 1_000_000)
}

async fn a_code_proves_an_address_and_makes_one_account(house: &House) {
    let id = house.register(ADDRESS).await;
    let waiting = progress(house, &id).await;
    assert_eq!(waiting.mail, MailState::Waiting(house.now()));
    assert_eq!((waiting.purpose, waiting.address.to_text().as_str()), (Purpose::Register, ADDRESS));
    house.pass_seconds(2);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].to.as_str(), letters[0].subject.as_str()), (ADDRESS, "【弥生】確認コードのお知らせ"));
    assert!(!letters[0].text.contains("山田"), "nothing that a stranger may have typed stands in it");
    let sent = progress(house, &id).await;
    assert_eq!(sent.mail, MailState::Sent { at: house.now(), until: house.now().after(minutes(10)) });
    assert_eq!((sent.sequence, sent.resends_left, sent.tries_left, sent.stage), (1, 2, 5, Stage::Live));

    let digits = letters[0].code().unwrap();
    let Verified::Account(account) = verify(house, &id, &digits).await else { panic!("not let in") };
    let made = accounts::by_id(&house.context, &account).await.unwrap().unwrap();
    assert_eq!((made.address.to_text().as_str(), made.name.as_str()), (ADDRESS, "山田 太郎"));
    assert_eq!(made.terms.version, "2026-04");
    let subjects: Vec<_> = house.letters().await.into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects, ["【弥生】弥生IDの登録が完了しました"]);

    assert_eq!(verify(house, &id, &digits).await, Verified::Over(Over::Used), "a code is good once");
    assert_eq!(resend(house, &id).await, Resent::Not(NotAsked::Over(Over::Used)));
    assert_eq!(progress(house, &id).await.stage, Stage::Over(Over::Used));
    assert_eq!(accounts::list(&house.context, None, 9).await.unwrap().len(), 1);
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
    let events = house.rows("SELECT event FROM audit_event WHERE object LIKE 'a%' ORDER BY seq").await;
    let events: Vec<_> = events.iter().map(|row| row["event"].as_str()).collect();
    assert_eq!(events, ["began", "registered", "proved the address"]);
}

async fn a_code_is_taken_at_9_59_and_not_at_10_00(house: &House) {
    let late = house.register(ADDRESS).await;
    let code = house.code().await;
    house.context.clock.advance(minutes(10).checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(progress(house, &late).await.stage, Stage::Live);
    let in_time = late;
    assert!(matches!(verify(house, &in_time, &code).await, Verified::Account(_)));

    let late = house.register("sato@example.jp").await;
    let code = house.code().await;
    house.pass_seconds(600);
    assert_eq!(progress(house, &late).await.stage, Stage::Expired);
    assert_eq!(verify(house, &late, &code).await, Verified::Expired { resends_left: 2 });
}

async fn two_resends_and_no_third(house: &House) {
    let id = house.register(ADDRESS).await;
    let mut codes = vec![house.code().await];
    assert_eq!(resend(house, &id).await, Resent::Not(NotAsked::TooSoon(house.now().after(Duration::from_secs(30)))));
    for number in 1..=2 {
        house.pass_seconds(30);
        let Resent::OnItsWay(now) = resend(house, &id).await else { panic!("resend {number}") };
        assert_eq!(
            (now.sequence, now.resends_left, now.mail),
            (number + 1, 2 - number, MailState::Waiting(house.now()))
        );
        assert_eq!(
            house.rows("SELECT sequence FROM verification_code WHERE state IN ('waiting', 'out')").await.len(),
            1
        );
        let letter = house.letters().await.remove(0);
        assert!(letter.text.contains(&format!("再送{number}回目・")), "{}", letter.text);
        codes.push(letter.code().unwrap());
    }
    house.pass_seconds(60);
    assert_eq!(resend(house, &id).await, Resent::Not(NotAsked::NoneLeft));
    assert_eq!(house.letters().await.len(), 0);
    assert_eq!(codes.iter().map(Digits::to_text).collect::<BTreeSet<_>>().len(), 3);
    assert!(matches!(verify(house, &id, &codes[2]).await, Verified::Account(_)));
}

async fn a_request_while_one_waits_changes_no_row(house: &House) {
    let id = house.register(ADDRESS).await;
    house.pass_seconds(100);
    let before = house.everything().await;
    assert_eq!(resend(house, &id).await, Resent::Not(NotAsked::OnItsWay));
    assert_eq!(house.everything().await, before);
    assert_eq!(house.letters().await.len(), 1);
}

async fn an_old_code_is_known_as_such_and_costs_a_try(house: &House) {
    let id = house.register(ADDRESS).await;
    let old = house.code().await;
    house.pass_seconds(30);
    resend(house, &id).await;
    let said = verify(house, &id, &old).await;
    assert_eq!(said, Verified::Old { typed: 1, newest: 2, tries_left: 4 }, "dead before the new one has left");
    assert_eq!(verify(house, &id, &wrong(&old)).await, Verified::NotSentYet { tries_left: 3 });
    let new = house.code().await;
    assert_eq!(verify(house, &id, &old).await, Verified::Old { typed: 1, newest: 2, tries_left: 2 });
    assert!(matches!(verify(house, &id, &new).await, Verified::Account(_)));
}

async fn five_wrong_tries_kill_a_code_and_fifteen_the_attempt(house: &House) {
    let id = house.register(ADDRESS).await;
    for sequence in 1..=3_u32 {
        if sequence > 1 {
            house.pass_seconds(30);
            resend(house, &id).await;
        }
        let code = house.code().await;
        for tries_left in (0..5).rev() {
            let said = verify(house, &id, &wrong(&code)).await;
            if (sequence, tries_left) == (3, 0) {
                assert_eq!(said, Verified::Over(Over::Exhausted(house.now().after(minutes(30)))));
            } else {
                assert_eq!(said, Verified::Wrong { tries_left, resends_left: 3 - sequence });
            }
        }
        if sequence < 3 {
            assert_eq!(verify(house, &id, &code).await, Verified::Killed { resends_left: 3 - sequence });
            assert_eq!(progress(house, &id).await.stage, Stage::Killed);
        } else {
            assert!(matches!(verify(house, &id, &code).await, Verified::Over(Over::Exhausted(_))));
        }
    }
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "【弥生】確認コードの入力が中止されました");
    let again = register::register(&house.context, sample::registration(&house.context, ADDRESS)).await.unwrap();
    assert_eq!(again, Begun::Later(house.now().after(minutes(30))));
    house.pass_seconds(1_800);
    house.register(ADDRESS).await;
    assert_eq!(house.letters().await.len(), 1);
}

async fn of_200_guesses_side_by_side_five_are_judged(house: &House) {
    let id = house.register(ADDRESS).await;
    let code = house.code().await;
    let right: u32 = code.to_text().parse().unwrap();
    let tasks: Vec<_> = (1..=200)
        .map(|step| {
            let (context, id, guess) = (house.context.clone(), id.clone(), Digits::of((right + step) % 1_000_000));
            tokio::spawn(async move { code::verify(&context, &id, &guess).await.unwrap() })
        })
        .collect();
    let mut judged = 0;
    for task in tasks {
        match task.await.unwrap() {
            Verified::Wrong { .. } => judged += 1,
            Verified::Killed { resends_left: 2 } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(judged, 5);
    assert_eq!(house.rows("SELECT tries FROM verification_code").await[0]["tries"], "5");
    assert_eq!(verify(house, &id, &code).await, Verified::Killed { resends_left: 2 });
}

async fn of_8_right_ones_side_by_side_one_wins(house: &House) {
    let id = house.register(ADDRESS).await;
    let code = house.code().await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (context, id, code) = (house.context.clone(), id.clone(), code.clone());
            tokio::spawn(async move { code::verify(&context, &id, &code).await.unwrap() })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Verified::Account(_) => won += 1,
            Verified::Over(Over::Used) | Verified::Killed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(house.rows("SELECT id FROM account").await.len(), 1);
    assert_eq!(house.letters().await.len(), 1, "one letter says that it is registered");
}

async fn a_taken_address_looks_the_same_and_no_code_is_right(house: &House) {
    house.registered(ADDRESS).await;
    house.letters().await;
    let free = house.register("sato@example.jp").await;
    let taken = house.register(&ADDRESS.to_uppercase()).await;
    let same = |a: &Progress, b: &Progress| {
        let address = a.address.clone();
        assert_eq!(*a, Progress { address, ..b.clone() });
    };
    same(&progress(house, &taken).await, &progress(house, &free).await);
    let letters = house.letters().await;
    let kinds: Vec<_> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    assert_eq!(kinds, ["【弥生】確認コードのお知らせ", "【弥生】このメールアドレスは登録済みです"]);
    assert_eq!(letters[1].code(), None);
    same(&progress(house, &taken).await, &progress(house, &free).await);

    // not even the digits that would have been mailed
    let row = house.rows("SELECT id, code_key FROM attempt WHERE aim = 'taken'").await.remove(0);
    let would_be = house.keys.code(&row["code_key"], &taken, 1, 1).unwrap();
    let code = letters[0].code().unwrap();
    assert_eq!(verify(house, &taken, &would_be).await, verify(house, &free, &wrong(&code)).await);
    house.pass_seconds(30);
    let (Resent::OnItsWay(one), Resent::OnItsWay(other)) = (resend(house, &taken).await, resend(house, &free).await)
    else {
        panic!("a resend differs")
    };
    same(&one, &other);
    house.letters().await;
    assert_eq!(verify(house, &taken, &would_be).await, Verified::Wrong { tries_left: 4, resends_left: 1 });
    let kinds = house.rows("SELECT kind, state FROM outbound_mail WHERE attempt_id IS NOT NULL").await;
    assert!(kinds.iter().all(|row| row["state"] == "sent"), "{kinds:?}");
    assert_eq!(kinds.iter().filter(|row| row["kind"] == LetterKind::AlreadyRegistered.name()).count(), 2);
}

async fn of_two_attempts_for_one_address_the_first_makes_the_account(house: &House) {
    let first = house.register(ADDRESS).await;
    let code_of_first = house.code().await;
    let second = house.register(ADDRESS).await;
    let code_of_second = house.code().await;
    assert!(matches!(verify(house, &first, &code_of_second).await, Verified::Wrong { .. }), "a code is its attempt's");
    assert!(matches!(verify(house, &second, &code_of_second).await, Verified::Account(_)));
    assert_eq!(verify(house, &first, &code_of_first).await, Verified::AlreadyRegistered);
    assert_eq!(house.rows("SELECT id FROM account").await.len(), 1);
}

async fn looking_changes_no_row(house: &House) {
    let id = house.register(ADDRESS).await;
    house.outbox.arrange([HandOver::Deferred { reply: None }]);
    house.deliver_once().await;
    let before = house.everything().await;
    for _ in 0..3 {
        progress(house, &id).await;
        house.pass_seconds(400);
    }
    assert_eq!(house.everything().await, before);
}

async fn an_attempt_that_is_none_is_none(house: &House) {
    let none = AttemptId::stored("no such attempt".to_owned());
    assert_eq!(code::progress(&house.context, &none).await.unwrap(), None);
    assert_eq!(resend(house, &none).await, Resent::NoAttempt);
    assert_eq!(verify(house, &none, &Digits::of(1)).await, Verified::NoAttempt);
    const { assert!(TRIES_PER_ATTEMPT == 15) };
}
