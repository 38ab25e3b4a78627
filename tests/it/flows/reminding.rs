//! What customers are reminded of: once, whatever runs how often in which order, and by day.

use renkei::domain::contract::CustomerNumber;
use renkei::domain::decision::Choice;
use renkei::domain::firm_request::{Request, State};
use renkei::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use renkei::domain::quiet_hours::QuietHours;
use renkei::domain::time::{days, hours};
use renkei::flows::deliver::{self, Claimed};
use renkei::flows::disown::disown;
use renkei::flows::migrate;
use renkei::flows::remind::{self, Reminded};
use renkei::flows::{Context, FlowError, audit, digest, expire, manage, requests};
use renkei::store::{self, StoreError};
use secrecy::SecretString;

use super::customers::{CUSTOMER, OTHER, answer};
use super::house::{House, OFFICE};
use super::sample;

on_both_databases![
    a_customer_is_reminded_five_days_before_the_end_and_once,
    a_run_that_was_missed_is_made_up_once,
    jobs_in_any_order_say_everything_once,
    eight_runs_side_by_side_remind_once,
    more_than_one_transaction_takes_are_reminded_in_one_run,
    a_short_request_is_reminded_of_in_the_middle_of_its_life,
    nobody_is_reminded_of_what_is_decided_or_cannot_be_delivered,
    a_reminder_that_lost_its_reason_does_not_leave,
    a_reminder_waits_for_the_day,
    a_reminder_that_was_held_until_the_evening_waits_for_the_next_day,
    a_reminder_that_would_leave_too_late_is_not_written,
    who_approved_is_reminded_twice_to_link,
    who_linked_meanwhile_is_left_alone,
    who_waits_for_a_migration_is_not_reminded_to_link,
    who_disowned_is_neither_reminded_nor_told_of_the_end,
    the_id_that_approved_is_reminded_to_link,
    who_stopped_sharing_is_not_reminded_to_link,
    a_stopped_schedule_extends_no_right,
];

async fn run(house: &House) -> Reminded {
    remind::remind(&house.context, house.now()).await.unwrap()
}

/// Stores requests of the firm that nobody mailed about.
async fn stored(house: &House, customers: usize) -> Vec<Request> {
    let mut tx = house.context.store.begin().await.unwrap();
    let first = store::requests::take_numbers(&mut tx, customers).await.unwrap();
    let request = |number| sample::request(&house.context, &house.firm, number, &format!("c{number}@example.jp"));
    let requests: Vec<_> = (first..).take(customers).map(request).collect();
    store::requests::insert(&mut tx, &requests.iter().collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    requests
}

/// One approved request.
async fn approved(house: &House) {
    let [request] = <[Request; 1]>::try_from(stored(house, 1).await).unwrap();
    let mut tx = house.context.store.begin().await.unwrap();
    let request = Request { state: State::Approved(house.now()), ..request };
    store::requests::update(&mut tx, &request).await.unwrap();
    tx.commit().await.unwrap();
}

async fn of_kind(house: &House, kind: LetterKind) -> Vec<OutboundMail> {
    let mails = house.rows(&format!("SELECT id FROM outbound_mail WHERE kind = '{}'", kind.name())).await;
    let mut found = Vec::new();
    let mut connection = house.context.store.read().await.unwrap();
    for mail in mails {
        let id = renkei::domain::ids::OutboundId::stored(mail["id"].clone());
        found.extend(store::outbox::by_id(&mut connection, &id).await.unwrap());
    }
    found
}

/// The same house with quiet hours: it is now `hour` o'clock.
fn at_night(house: &House, hour: u32) -> Context {
    let quiet_hours = QuietHours::default();
    let day = quiet_hours.day(house.now()) + 1;
    let midnight_in_japan = renkei::domain::time::Timestamp::from_millis(day * 86_400_000 - 9 * 3_600_000);
    house.context.clock.advance(midnight_in_japan.after(hours(hour)).since(house.now()));
    Context { quiet_hours, ..house.context.clone() }
}

async fn claimed(context: &Context) -> usize {
    let claimed = deliver::claim(context, 100).await.unwrap();
    let many = claimed.len();
    deliver::record(context, &claimed.into_iter().map(Claimed::untried).collect::<Vec<_>>()).await.unwrap();
    many
}

async fn a_customer_is_reminded_five_days_before_the_end_and_once(house: &House) {
    house.ask("yamada@example.jp").await;
    let notice = house.letters().await.into_iter().find_map(|letter| letter.token()).unwrap();
    house.pass_all_but_a_millisecond_of(16);
    assert_eq!(run(house).await, Reminded { to_answer: 0, to_link: 0 });
    house.pass_a_millisecond();
    assert_eq!(run(house).await, Reminded { to_answer: 1, to_link: 0 });
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "yamada@example.jp");
    assert!(letters[0].subject.ends_with("申請のお手続きの期限が近づいています"), "{}", letters[0].subject);
    assert_eq!(letters[0].token(), Some(notice), "the link is the same");
    for _ in 0..5 {
        house.pass_seconds(20_000);
        assert_eq!(run(house).await.to_answer, 0);
    }
    assert!(house.letters().await.is_empty());
    let story = requests::show(&house.context, 1).await.unwrap();
    assert_eq!(story.events.last().unwrap().event, "reminded of its end");
    assert_eq!(story.about.request.state, State::Pending, "no transition");
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
}

async fn a_run_that_was_missed_is_made_up_once(house: &House) {
    house.ask("yamada@example.jp").await;
    house.letters().await;
    house.pass(19);
    assert_eq!(run(house).await.to_answer, 1);
    assert_eq!(run(house).await.to_answer, 0);
    assert_eq!(house.letters().await.len(), 1);
}

async fn jobs_in_any_order_say_everything_once(house: &House) {
    for order in ["rrddee", "derder", "edrrde", "ddreer"] {
        house.execute("UPDATE request SET state = 'cancelled'").await;
        let [one] = <[Request; 1]>::try_from(stored(house, 1).await).unwrap();
        approved(house).await;
        // each day the jobs run as they like, and every third day not at all
        for day in 0..40 {
            house.pass(1);
            for job in order.chars().filter(|_| day % 3 != 2) {
                match job {
                    'r' => drop(run(house).await),
                    'd' => drop(digest::digest(&house.context, None, house.now()).await.unwrap()),
                    _ => drop(expire::expire(&house.context).await.unwrap()),
                }
            }
            house.deliver().await;
        }
        let about_both = format!("request_id IN (SELECT id FROM request WHERE number >= {})", one.number);
        let kinds = house.rows(&format!("SELECT kind FROM outbound_mail WHERE state = 'sent' AND {about_both}")).await;
        let mut kinds: Vec<_> = kinds.iter().map(|row| row["kind"].as_str()).collect();
        kinds.sort_unstable();
        let said = ["expired_to_customer", "expired_to_firm", "link_reminder", "link_reminder", "request_reminder"];
        assert_eq!(kinds, said, "{order}");
        let digests = house.rows("SELECT id FROM outbound_mail WHERE kind = 'firm_digest' AND state = 'sent'").await;
        assert_eq!(digests.len(), 2, "{order}: one for each reason");
        house.execute("DELETE FROM outbound_mail").await;
    }
}

async fn eight_runs_side_by_side_remind_once(house: &House) {
    stored(house, 20).await;
    house.pass(16);
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let context = house.context.clone();
            tokio::spawn(async move { remind::remind(&context, context.clock.now()).await })
        })
        .collect();
    for run in runs {
        match run.await.unwrap() {
            Ok(_) | Err(FlowError::Store(StoreError::Stale)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    run(house).await;
    assert_eq!(of_kind(house, LetterKind::RequestReminder).await.len(), 20);
}

async fn more_than_one_transaction_takes_are_reminded_in_one_run(house: &House) {
    stored(house, 450).await;
    house.pass(16);
    assert_eq!(run(house).await.to_answer, 450);
    assert_eq!(run(house).await.to_answer, 0);
}

async fn a_short_request_is_reminded_of_in_the_middle_of_its_life(house: &House) {
    let request = stored(house, 1).await.remove(0);
    let end = request.created_at.after(days(6)).as_millis();
    house.execute(&format!("UPDATE request SET expires_at = {end}")).await;
    house.pass_all_but_a_millisecond_of(3);
    assert_eq!(run(house).await.to_answer, 0);
    house.pass_a_millisecond();
    assert_eq!(run(house).await.to_answer, 1);
}

async fn nobody_is_reminded_of_what_is_decided_or_cannot_be_delivered(house: &House) {
    stored(house, 6).await;
    let states = ["undeliverable", "approved", "declined", "expired", "cancelled"];
    for (number, state) in (1..).zip(states) {
        let linked = house.now().as_millis();
        let sql = format!("UPDATE request SET state = '{state}', linked_at = {linked} WHERE number = {number}");
        house.execute(&sql).await;
    }
    house.execute("UPDATE request SET state = 'opened' WHERE number = 6").await;
    house.pass(17);
    assert_eq!(run(house).await, Reminded { to_answer: 1, to_link: 0 }, "who has opened it and not decided is");
}

async fn a_reminder_that_lost_its_reason_does_not_leave(house: &House) {
    stored(house, 2).await;
    house.pass(20);
    assert_eq!(run(house).await.to_answer, 2);
    requests::withdraw(&house.context, 1).await.unwrap();
    assert_eq!(state_of_reminder(house, 1).await, OutboundState::Useless);
    // nobody sweeps: it is over all the same
    house.pass(1);
    assert!(house.letters().await.iter().all(|letter| letter.token().is_none()), "only the withdrawal is told");
    assert_eq!(state_of_reminder(house, 2).await, OutboundState::Useless);
}

async fn state_of_reminder(house: &House, number: i64) -> OutboundState {
    let mails = house.mails_about(number).await;
    mails.into_iter().find(|mail| mail.kind == LetterKind::RequestReminder).unwrap().state
}

async fn a_reminder_waits_for_the_day(house: &House) {
    stored(house, 1).await;
    house.pass(16);
    let context = at_night(house, 20);
    let evening = house.now();
    assert_eq!(remind::remind(&context, evening).await.unwrap().to_answer, 1);
    assert_eq!(of_kind(house, LetterKind::RequestReminder).await[0].due_at, evening.after(hours(13)));
    assert_eq!(claimed(&context).await, 0);
    house.context.clock.advance(hours(13));
    assert_eq!(claimed(&context).await, 1);
}

async fn a_reminder_that_was_held_until_the_evening_waits_for_the_next_day(house: &House) {
    house.ask("yamada@example.jp").await;
    house.pass(16);
    let context = at_night(house, 17);
    remind::remind(&context, house.now()).await.unwrap();
    house.context.clock.advance(hours(1));
    assert_eq!(claimed(&context).await, 2, "notice and receipt leave at any hour");
    let reminder = of_kind(house, LetterKind::RequestReminder).await.remove(0);
    assert_eq!((reminder.state, reminder.attempts), (OutboundState::Queued, 0));
    assert_eq!(reminder.due_at, house.now().after(hours(15)));
    house.context.clock.advance(hours(15));
    assert_eq!(claimed(&context).await, 3);
}

async fn a_reminder_that_would_leave_too_late_is_not_written(house: &House) {
    let request = stored(house, 1).await.remove(0);
    house.pass(16);
    let context = at_night(house, 19);
    let end = house.now().after(hours(13)).as_millis();
    house.execute(&format!("UPDATE request SET expires_at = {end} WHERE number = {}", request.number)).await;
    assert_eq!(remind::remind(&context, house.now()).await.unwrap().to_answer, 0);
    assert!(of_kind(house, LetterKind::RequestReminder).await.is_empty());
}

async fn who_approved_is_reminded_twice_to_link(house: &House) {
    approved(house).await;
    house.pass_all_but_a_millisecond_of(3);
    assert_eq!(run(house).await.to_link, 0);
    house.pass_a_millisecond();
    assert_eq!(run(house).await.to_link, 1);
    let first = house.letters().await.remove(0);
    assert_eq!(first.subject, "【弥生】製品・サービスの連携の設定がまだお済みではありません");
    assert!(first.text.contains("https://renkei.example/manage") && !first.text.contains("今回が最後"));
    assert_eq!(run(house).await.to_link, 0);
    house.pass(7);
    assert_eq!(run(house).await.to_link, 1);
    assert!(house.letters().await.remove(0).text.contains("今回が最後"));
    house.pass(100);
    assert_eq!(run(house).await.to_link, 0);
    // whoever was not reminded in time is reminded once, not twice
    approved(house).await;
    house.pass(30);
    assert_eq!(run(house).await.to_link, 1);
    assert_eq!(run(house).await.to_link, 0);
}

async fn who_waits_for_a_migration_is_not_reminded_to_link(house: &House) {
    let customer = house.approved().await;
    let (number, password) = (CustomerNumber::parse("10000001").unwrap(), SecretString::from("himitsu-1"));
    migrate::add(&house.context, &customer, &number, &password).await.unwrap();
    migrate::submit(&house.context, &customer).await.unwrap();
    house.letters().await;
    house.pass(3);
    assert_eq!(run(house).await.to_link, 0);
    for _ in 0..3 {
        house.reconcile(&house.context).await;
        house.pass_seconds(60);
    }
    assert_eq!(run(house).await.to_link, 1, "the products are there and wait to be chosen");
    house.letters().await;
}

async fn who_linked_meanwhile_is_left_alone(house: &House) {
    approved(house).await;
    house.pass(3);
    assert_eq!(run(house).await.to_link, 1);
    house.execute(&format!("UPDATE request SET linked_at = {}", house.now().as_millis())).await;
    assert!(house.letters().await.is_empty());
    assert_eq!(of_kind(house, LetterKind::LinkReminder).await[0].state, OutboundState::Useless);
    house.pass(30);
    assert_eq!(run(house).await.to_link, 0);
}

async fn who_disowned_is_neither_reminded_nor_told_of_the_end(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    disown(&house.context, &request).await.unwrap();
    house.letters().await;
    house.pass(16);
    assert_eq!(run(house).await.to_answer, 0);
    assert_eq!(digest::digest(&house.context, None, house.now()).await.unwrap().firms, 0);
    house.pass(5);
    assert_eq!(expire::expire(&house.context).await.unwrap(), 1);
    let to: Vec<_> = house.letters().await.into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, [OFFICE], "the firm alone");
    // a reminder that waits does not leave either
    let (request, _) = house.asked(OTHER).await;
    house.pass(16);
    assert_eq!(run(house).await.to_answer, 1);
    disown(&house.context, &request).await.unwrap();
    assert!(house.letters().await.iter().all(|letter| letter.to != OTHER));
}

async fn the_id_that_approved_is_reminded_to_link(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let hanako = house.ready(OTHER).await;
    house.confirm(&request, &hanako, &answer(Choice::Approve, "")).await;
    house.letters().await;
    house.pass(3);
    assert_eq!(run(house).await.to_link, 1);
    let mails = of_kind(house, LetterKind::LinkReminder).await;
    assert_eq!((mails[0].recipient.to_text().as_str(), mails[0].account.as_ref()), (OTHER, Some(&hanako)));
    assert_eq!(house.letters().await[0].to, OTHER);
}

async fn who_stopped_sharing_is_not_reminded_to_link(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.pass(3);
    house.letters().await;
    assert_eq!(run(house).await.to_link, 1);
    manage::stop(&house.context, &yamada, 1).await.unwrap();
    house.letters().await;
    assert_eq!(of_kind(house, LetterKind::LinkReminder).await[0].state, OutboundState::Useless);
    house.pass(20);
    assert_eq!(run(house).await.to_link, 0);
    assert_eq!(digest::digest(&house.context, None, house.now()).await.unwrap().firms, 0);
}

/// No job runs, and everything is over when it is over.
async fn a_stopped_schedule_extends_no_right(house: &House) {
    house.ask("yamada@example.jp").await;
    house.pass(21);
    assert!(!house.request(1).await.is_open(house.now()));
    let letters = house.letters().await;
    assert!(letters.iter().all(|letter| letter.token().is_none()), "no link leaves any more");
    assert!(requests::retry(&house.context, 1).await.is_err());
    assert_eq!(run(house).await.to_answer, 0, "a job that wakes up late reminds nobody of what is over");
    // the firm may ask anew, and is told what became of the first request
    assert_eq!(house.ask("yamada@example.jp").await.requests, 1);
    assert!(matches!(house.request(1).await.state, State::Expired(_)));
    let subjects: Vec<_> = house.letters().await.into_iter().map(|letter| letter.subject).collect();
    let told = "【弥生】顧問先のお手続きがないまま期限を過ぎました（申請番号 1）";
    assert!(subjects.iter().any(|subject| subject == told), "{subjects:?}");
    assert!(!subjects.iter().any(|subject| subject.contains("期限を過ぎたため終了しました")), "{subjects:?}");
    assert_eq!(expire::expire(&house.context).await.unwrap(), 0);
}
