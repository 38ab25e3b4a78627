//! What firms and the operator are told once a day: each thing once, and only what still holds.

use renkei::domain::firm_request::{Request, State};
use renkei::domain::locale::Locale;
use renkei::domain::outbound::{HandOver, LetterKind};
use renkei::domain::time::{days, minutes};
use renkei::flows::digest::{self, Digested, Operator};
use renkei::flows::disown::disown;
use renkei::flows::troubles::{self, Place};
use renkei::flows::{FlowError, firms, requests};
use renkei::store::{self, StoreError};

use super::house::{House, Read};
use super::sample;

on_both_databases![
    a_firm_is_told_what_ends_soon_and_what_is_not_linked,
    each_request_is_named_once_for_each_reason,
    a_firm_gets_one_digest_a_day,
    what_was_answered_meanwhile_is_not_named,
    a_digest_with_nothing_left_to_say_does_not_leave,
    a_long_list_goes_on_the_next_day,
    each_firm_gets_its_own,
    a_suspended_firm_gets_its_digest_when_it_goes_on,
    eight_runs_side_by_side_tell_once,
    the_operator_is_told_what_went_wrong_since_the_last_time,
    nobody_is_told_of_nothing,
];

const TODAY: Digested = Digested { firms: 1, operator: false };

async fn run(house: &House) -> Digested {
    digest::digest(&house.context, None, house.now()).await.unwrap()
}

/// Requests in these states, which began now.
async fn stored(house: &House, states: &[State]) {
    let mut tx = house.context.store.begin().await.unwrap();
    let first = store::requests::take_numbers(&mut tx, states.len()).await.unwrap();
    let request = |(number, state): (i64, &State)| Request {
        state: *state,
        ..sample::request(&house.context, &house.firm, number, &format!("c{number}@example.jp"))
    };
    let requests: Vec<_> = (first..).zip(states).map(request).collect();
    store::requests::insert(&mut tx, &requests.iter().collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The numbers that a digest names.
fn numbers(letter: &Read) -> Vec<i64> {
    let after = |line: &str| line.strip_prefix("- 申請番号 ")?.split(' ').next()?.parse().ok();
    letter.text.lines().filter_map(after).collect()
}

async fn a_firm_is_told_what_ends_soon_and_what_is_not_linked(house: &House) {
    let now = house.now();
    stored(house, &[State::Pending, State::Undeliverable(now), State::Opened(now), State::Approved(now)]).await;
    stored(house, &[State::Declined(now), State::Cancelled(now), State::Expired(now)]).await;
    house.execute("UPDATE firm SET notify_address = 'boss@aozora.example'").await;
    house.pass_all_but_a_millisecond_of(11);
    assert_eq!(run(house).await.firms, 0);
    house.pass(5);
    house.pass_a_millisecond();
    assert_eq!(run(house).await, TODAY);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(letter.to, "boss@aozora.example");
    let subject = "【弥生】顧問先への申請についてのお知らせ（期限が近い申請 3件、連携が済んでいない申請 1件）";
    assert_eq!(letter.subject, subject);
    assert_eq!(numbers(letter), [1, 2, 3, 4]);
    assert!(letter.text.contains("c2@example.jp") && letter.text.matches("届いていません").count() == 1);
    let (ending, unlinked) = letter.text.split_once("連携が済んでいない申請").unwrap();
    assert!(ending.contains("c3@example.jp") && unlinked.contains("c4@example.jp"));
}

async fn each_request_is_named_once_for_each_reason(house: &House) {
    stored(house, &[State::Pending]).await;
    house.pass(16);
    assert_eq!(run(house).await, TODAY);
    assert_eq!(house.letters().await.len(), 1);
    for _ in 0..4 {
        house.pass(1);
        assert_eq!(run(house).await.firms, 0);
    }
    // approved on the last day, it has another reason eleven days later
    let sql = format!("UPDATE request SET state = 'approved', state_at = {}", house.now().as_millis());
    house.execute(&sql).await;
    house.pass(11);
    assert_eq!(run(house).await, TODAY);
    assert_eq!(numbers(&house.letters().await[0]), [1]);
    house.pass(100);
    assert_eq!(run(house).await.firms, 0);
}

async fn a_firm_gets_one_digest_a_day(house: &House) {
    // shortly after midnight in Japan, so that the whole day lies ahead
    let day = house.context.quiet_hours.day(house.now()) + 1;
    let midnight = renkei::domain::time::Timestamp::from_millis(day * 86_400_000 - 9 * 3_600_000);
    house.context.clock.advance(midnight.since(house.now()));
    stored(house, &[State::Pending]).await;
    house.pass_seconds(3_600);
    stored(house, &[State::Pending]).await;
    house.context.clock.advance(days(16).checked_sub(std::time::Duration::from_hours(1)).unwrap());
    assert_eq!(run(house).await, TODAY);
    house.pass_seconds(3_600);
    for _ in 0..3 {
        assert_eq!(run(house).await.firms, 0, "the second is due, but today's digest has left");
    }
    assert_eq!(numbers(&house.letters().await[0]), [1]);
    house.pass_seconds(23 * 3_600);
    assert_eq!(run(house).await, TODAY);
    assert_eq!(numbers(&house.letters().await[0]), [2]);
}

async fn what_was_answered_meanwhile_is_not_named(house: &House) {
    stored(house, &[State::Pending, State::Pending, State::Approved(house.now())]).await;
    house.pass(16);
    assert_eq!(run(house).await, TODAY);
    requests::withdraw(&house.context, 1).await.unwrap();
    house.execute(&format!("UPDATE request SET linked_at = {} WHERE number = 3", house.now().as_millis())).await;
    let letters = house.letters().await;
    let digest = letters.iter().find(|letter| letter.subject.contains("お知らせ（")).unwrap();
    assert_eq!(digest.subject, "【弥生】顧問先への申請についてのお知らせ（期限が近い申請 1件）");
    assert_eq!(numbers(digest), [2]);
    assert!(!digest.text.contains("c1@example.jp") && !digest.text.contains("c3@example.jp"));
}

async fn a_digest_with_nothing_left_to_say_does_not_leave(house: &House) {
    stored(house, &[State::Pending]).await;
    house.pass(20);
    assert_eq!(run(house).await, TODAY);
    house.pass(1);
    assert!(house.letters().await.is_empty());
    let digests = house.rows("SELECT state FROM outbound_mail WHERE kind = 'firm_digest'").await;
    assert_eq!(digests[0]["state"], "useless");
}

async fn a_long_list_goes_on_the_next_day(house: &House) {
    stored(house, &[State::Pending; 60]).await;
    house.pass(16);
    let mut named = Vec::new();
    for more in ["ほかに10件あります。明日以降にお知らせします。", ""] {
        assert_eq!(run(house).await, TODAY);
        assert_eq!(run(house).await.firms, 0);
        let letter = house.letters().await.remove(0);
        assert!(letter.text.contains(more) && letter.text.contains("ほかに") != more.is_empty());
        named.extend(numbers(&letter));
        house.pass(1);
    }
    assert_eq!(named, (1..=60).collect::<Vec<_>>());
    assert_eq!(run(house).await.firms, 0);
}

async fn each_firm_gets_its_own(house: &House) {
    let other = sample::firm(&house.context, "1002", "midori.example", None);
    firms::add(&house.context, &other).await.unwrap();
    stored(house, &[State::Pending, State::Pending]).await;
    house.execute(&format!("UPDATE request SET firm_id = '{}' WHERE number = 2", other.id)).await;
    house.pass(16);
    assert_eq!(run(house).await.firms, 2);
    let mut told: Vec<_> = house.letters().await.iter().map(|letter| (letter.to.clone(), numbers(letter))).collect();
    told.sort();
    assert_eq!(told, [("office@aozora.example".to_owned(), vec![1]), ("office@midori.example".to_owned(), vec![2])]);
}

async fn a_suspended_firm_gets_its_digest_when_it_goes_on(house: &House) {
    stored(house, &[State::Pending]).await;
    house.pass(16);
    firms::suspend(&house.context, &house.firm.number).await.unwrap();
    run(house).await;
    assert!(house.letters().await.is_empty());
    firms::resume(&house.context, &house.firm.number).await.unwrap();
    assert_eq!(house.letters().await.len(), 1);
}

async fn eight_runs_side_by_side_tell_once(house: &House) {
    stored(house, &[State::Pending; 5]).await;
    house.pass(16);
    let operator = Operator { address: sample::address("operator@renkei.example"), locale: Locale::Ja };
    troubles::note(&house.context, Place::Relay, house.now(), "535".to_owned()).await.unwrap();
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let (context, operator) = (house.context.clone(), operator.clone());
            tokio::spawn(async move { digest::digest(&context, Some(&operator), context.clock.now()).await })
        })
        .collect();
    for run in runs {
        match run.await.unwrap() {
            Ok(_) | Err(FlowError::Store(StoreError::Stale)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    digest::digest(&house.context, Some(&operator), house.now()).await.unwrap();
    assert_eq!(house.letters().await.len(), 2, "the firm's and the operator's");
}

async fn the_operator_is_told_what_went_wrong_since_the_last_time(house: &House) {
    let operator = Operator { address: sample::address("operator@renkei.example"), locale: Locale::Ja };
    let tell = async || digest::digest(&house.context, Some(&operator), house.now()).await.unwrap().operator;
    assert!(!tell().await, "nothing went wrong");
    // a mail without proof, and a letter that the relay refuses
    house.receive(&[house.mail("sato@example.jp").unsigned()]).await;
    house.ask("yamada@example.jp").await;
    house.outbox.arrange([HandOver::Refused { reply: Some(550), status: None }]);
    house.letters().await;
    troubles::note(&house.context, Place::Mailbox, house.now().after(minutes(1)), "x".to_owned()).await.unwrap();
    disown(&house.context, &house.request(1).await.id).await.unwrap();
    house.letters().await;
    house.pass_seconds(1);
    assert!(tell().await);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("operator@renkei.example", "【弥生】運用のお知らせ（ご確認ください）")
    );
    for said in [
        "- mailbox（",
        "隔離されたメール\n1件",
        "送れなかったメール\n1件",
        "心当たりがないとされた申請\n1件",
        "renkei quarantine list",
    ] {
        let text = letter.text.replace("\r\n", "\n");
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    assert!(!letter.text.contains("sato") && !letter.text.contains("yamada"), "counts alone");
    assert!(!tell().await, "once a day");
    troubles::over(&house.context, Place::Mailbox).await.unwrap();
    house.pass(1);
    assert!(!tell().await, "it was told before");
    troubles::note(&house.context, Place::Relay, house.now(), "x".to_owned()).await.unwrap();
    assert!(tell().await);
    let text = house.letters().await.remove(0).text;
    assert!(text.contains("- relay（") && !text.contains("隔離") && !text.contains("送れなかった"));
}

async fn nobody_is_told_of_nothing(house: &House) {
    house.ask("yamada@example.jp").await;
    house.letters().await;
    for _ in 0..10 {
        house.pass(1);
        assert_eq!(run(house).await, Digested { firms: 0, operator: false });
    }
    let kinds = [LetterKind::FirmDigest.name(), LetterKind::OperatorDigest.name()];
    assert!(house.rows("SELECT kind FROM outbound_mail").await.iter().all(|row| !kinds.contains(&&*row["kind"])));
}
