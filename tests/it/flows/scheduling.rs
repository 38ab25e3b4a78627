//! The schedule loop over real jobs, and what its looks cost.

use std::time::Duration;

use renkei::domain::time::{Timestamp, days};
use renkei::flows::jobs::{self, Job};
use renkei::flows::purge::Retention;
use renkei::lifecycle::{Lifecycle, Notifier};
use renkei::loops::schedule::Scheduler;
use renkei::schedule::{Cron, Schedule, Zone};
use renkei::store::{Dialect, reminders};
use tokio_util::sync::CancellationToken;

use super::house::House;

on_both_databases![
    each_job_runs_at_its_first_start_and_remembers_it,
    what_was_missed_for_days_is_made_up_once,
    a_job_that_fails_hinders_no_other_and_is_made_up,
    a_look_reads_what_is_due_and_not_what_is_there,
];

const ALL: [Job; 3] = [Job::Sweep, Job::Remind, Job::Digest];

/// Lets the loop run until `done`, and stops it.
async fn run_until(house: &House, done: impl AsyncFn() -> bool) {
    let lifecycle = Lifecycle::new(Notifier::from_env(std::iter::empty()).unwrap()).unwrap();
    let stop = CancellationToken::new();
    let expressions = [Cron::default(), Cron::hourly(), Cron::daily_at_nine()];
    let schedules = expressions.map(|cron| Schedule::new(cron, Zone::default()));
    let scheduler = Scheduler {
        context: house.context.clone(),
        timetable: ALL.into_iter().zip(schedules).collect(),
        retention: Retention { ended_requests: days(90), ended_mails: days(90), idle_mails: days(90) },
        operator: None,
        pulse: lifecycle.pulse("schedule", Duration::from_mins(1)),
        stop: stop.clone(),
    };
    let running = tokio::spawn(scheduler.run());
    let within = tokio::time::timeout(Duration::from_secs(20), async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    within.await.expect("the jobs did not run");
    stop.cancel();
    running.await.unwrap().unwrap();
}

async fn last(house: &House) -> [Option<Timestamp>; 3] {
    let mut last = [None; 3];
    for (job, last) in ALL.into_iter().zip(&mut last) {
        *last = jobs::last(&house.context, job).await.unwrap();
    }
    last
}

async fn each_job_runs_at_its_first_start_and_remembers_it(house: &House) {
    assert_eq!(last(house).await, [None; 3]);
    run_until(house, async || last(house).await.iter().all(Option::is_some)).await;
    assert_eq!(last(house).await, [Some(house.now()); 3]);
}

async fn what_was_missed_for_days_is_made_up_once(house: &House) {
    run_until(house, async || last(house).await.iter().all(Option::is_some)).await;
    house.ask("yamada@example.jp").await;
    house.letters().await;
    house.pass(18);
    let before = last(house).await;
    run_until(house, async || last(house).await.into_iter().zip(before).all(|(now, then)| now > then)).await;
    let after = last(house).await;
    for (slot, every) in after.into_iter().zip([Duration::from_mins(5), Duration::from_hours(1), days(1)]) {
        let late = house.now().since(slot.unwrap());
        assert!(late < every && slot.unwrap() <= house.now(), "the last slot that was missed, not the first: {late:?}");
    }
    let subjects: Vec<_> = house.letters().await.into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects.len(), 2, "one reminder, one digest: {subjects:?}");
    // and the next look finds nothing to make up
    run_until(house, async || true).await;
    assert_eq!(last(house).await, after);
}

async fn a_job_that_fails_hinders_no_other_and_is_made_up(house: &House) {
    house.ask("yamada@example.jp").await;
    house.pass(16);
    house.execute("ALTER TABLE request RENAME COLUMN reminded_at TO away").await;
    run_until(house, async || matches!(last(house).await, [Some(_), None, Some(_)])).await;
    assert_eq!(last(house).await[1], None, "it did not run");
    house.execute("ALTER TABLE request RENAME COLUMN away TO reminded_at").await;
    run_until(house, async || last(house).await[1].is_some()).await;
    let reminders = house.rows("SELECT id FROM outbound_mail WHERE kind = 'request_reminder'").await;
    assert_eq!(reminders.len(), 1);
}

/// Each look goes through an index that holds only what was not said yet.
async fn a_look_reads_what_is_due_and_not_what_is_there(house: &House) {
    let looks = [
        (reminders::UNREMINDED, "request_unreminded"),
        (reminders::UNLINKED, "request_unlinked"),
        (reminders::END_UNTOLD, "request_end_untold"),
        (reminders::UNLINKED_UNTOLD, "request_unlinked_untold"),
        (reminders::QUARANTINED_BETWEEN, "inbound_quarantined_at"),
        (reminders::FAILED_BETWEEN, "outbound_failed_at"),
        (reminders::DISOWNED_BETWEEN, "request_disowned_at"),
        (reminders::GIVEN_UP_BETWEEN, "migration_case_given_up"),
    ];
    for (sql, index) in looks {
        let sql = (1..=9).fold(sql.to_owned(), |sql, number| sql.replace(&format!("${number}"), "7"));
        let plan = match house.context.store.dialect() {
            Dialect::Sqlite => format!("{:?}", house.rows(&format!("EXPLAIN QUERY PLAN {sql}")).await),
            Dialect::Postgres => explain_postgres(house, &sql).await,
        };
        let named = plan.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == index);
        assert!(named, "{sql} does not use {index}: {plan}");
        assert!(!plan.contains("SCAN request") && !plan.contains("Seq Scan on request"), "{plan}");
    }
}

/// A small table is read whole whatever indexes it has: that is switched off, and what remains is whether one fits.
async fn explain_postgres(house: &House, sql: &str) -> String {
    use sqlx::{AssertSqlSafe, Row};
    let mut tx = house.context.store.begin().await.unwrap();
    for setting in ["SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off"] {
        sqlx::query(setting).execute(&mut *tx).await.unwrap();
    }
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}"))).fetch_all(&mut *tx).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}
