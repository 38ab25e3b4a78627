//! Of what was said by time, and what is due to be said. Each statement reads an index that holds only what was not said yet.

use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::requests::request;
use crate::domain::firm_request::{REMINDER_EVERY, Request};
use crate::domain::ids::RequestId;
use crate::domain::reminders::{BEFORE_END, LINK_REMINDERS, UNLINKED_TOLD};
use crate::domain::time::Timestamp;

/// Customers to be reminded: what [`crate::domain::reminders::wants_reminder`] says, in SQL.
pub const UNREMINDED: &str = "SELECT * FROM request WHERE reminded_at IS NULL AND disowned_at IS NULL
    AND state IN ('pending', 'opened') AND expires_at > $1 AND expires_at <= $2 AND (created_at + expires_at) / 2 <= $3 AND noticed_at <= $4
    ORDER BY expires_at LIMIT $5";
/// Approved without a linked product, at one number of reminders.
pub const UNLINKED: &str = "SELECT * FROM request WHERE linked_at IS NULL AND stopped_at IS NULL
    AND state = 'approved' AND link_reminders = $1 AND state_at <= $2
    AND NOT EXISTS (SELECT 1 FROM migration_case WHERE request_id = request.id AND state IN ('submitted', 'in_progress'))
    AND NOT EXISTS (SELECT 1 FROM linkage WHERE request_id = request.id AND state IN ('desired', 'applying')) ORDER BY state_at LIMIT $3";
/// For the firms' digests: what ends soon.
pub const END_UNTOLD: &str = "SELECT * FROM request WHERE end_told_at IS NULL AND disowned_at IS NULL
    AND state IN ('pending', 'undeliverable', 'opened') AND expires_at > $1 AND expires_at <= $2
    AND NOT EXISTS (SELECT 1 FROM digest WHERE whom = request.firm_id AND day >= $3) ORDER BY expires_at LIMIT $4";
/// For the firms' digests: what was approved and is not linked.
pub const UNLINKED_UNTOLD: &str = "SELECT * FROM request WHERE unlinked_told_at IS NULL AND linked_at IS NULL
    AND stopped_at IS NULL AND state = 'approved' AND state_at <= $1
    AND NOT EXISTS (SELECT 1 FROM digest WHERE whom = request.firm_id AND day >= $2) ORDER BY state_at LIMIT $3";
const REMINDED: &str = "UPDATE request SET reminded_at = $1 WHERE id = $2 AND reminded_at IS NULL";
const LINK_REMINDED: &str = "UPDATE request SET link_reminders = $1 WHERE id = $2 AND link_reminders = $3";
const END_TOLD: &str = "UPDATE request SET end_told_at = $1 WHERE id = $2 AND end_told_at IS NULL";
const UNLINKED_TOLD_AT: &str = "UPDATE request SET unlinked_told_at = $1 WHERE id = $2 AND unlinked_told_at IS NULL";
const TAKE_DAY: &str = "INSERT INTO digest (whom, day, at) VALUES ($1, $2, $3)
    ON CONFLICT (whom) DO UPDATE SET day = excluded.day, at = excluded.at WHERE digest.day < excluded.day";
const LAST_DIGEST: &str = "SELECT at FROM digest WHERE whom = $1";
/// How many mails were quarantined in a span, and still are.
pub const QUARANTINED_BETWEEN: &str =
    "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'quarantined' AND judged_at > $1 AND judged_at <= $2";
/// How many letters failed in a span, and still stand so.
pub const FAILED_BETWEEN: &str =
    "SELECT COUNT(*) FROM outbound_mail WHERE state = 'failed' AND ended_at > $1 AND ended_at <= $2";
/// How many requests were disowned in a span.
pub const DISOWNED_BETWEEN: &str = "SELECT COUNT(*) FROM request WHERE disowned_at > $1 AND disowned_at <= $2";

/// How many migrations were given up in a span, and still stand so.
pub const GIVEN_UP_BETWEEN: &str =
    "SELECT COUNT(*) FROM migration_case WHERE state = 'abandoned' AND state_at > $1 AND state_at <= $2";

/// What went wrong, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WentWrong {
    /// Mails that were quarantined.
    pub quarantined: i64,
    /// Letters that failed.
    pub failed: i64,
    /// Requests that a customer disowned.
    pub disowned: i64,
    /// Migrations that were given up.
    pub given_up: i64,
}

/// Requests whose customers are to be reminded, those that end first.
///
/// # Errors
/// What the database says.
pub async fn unreminded(connection: &mut AnyConnection, now: Timestamp, most: i64) -> Result<Vec<Request>, StoreError> {
    let query = sqlx::query(UNREMINDED)
        .bind(now.as_millis())
        .bind(now.after(BEFORE_END).as_millis())
        .bind(now.as_millis())
        .bind(now.before(REMINDER_EVERY).as_millis())
        .bind(most);
    query.fetch_all(connection).await?.iter().map(request).collect()
}

/// Approved requests without a linked product whose customers are to be reminded, each with how often they were already.
/// Those whose last reminder is due come first.
///
/// # Errors
/// What the database says.
pub async fn unlinked(
    connection: &mut AnyConnection,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(Request, usize)>, StoreError> {
    let mut found = Vec::new();
    for (reminders, after) in LINK_REMINDERS.into_iter().enumerate().rev() {
        let query = sqlx::query(UNLINKED)
            .bind(i64::try_from(reminders).unwrap_or(i64::MAX))
            .bind(now.before(after).as_millis())
            .bind(most);
        for row in query.fetch_all(&mut *connection).await? {
            found.push((request(&row)?, reminders));
        }
    }
    Ok(found)
}

/// Undecided requests that end soon, of firms that had no digest on `day` or later and were not told of them.
///
/// # Errors
/// What the database says.
pub async fn end_untold(
    connection: &mut AnyConnection,
    now: Timestamp,
    day: i64,
    most: i64,
) -> Result<Vec<Request>, StoreError> {
    let query =
        sqlx::query(END_UNTOLD).bind(now.as_millis()).bind(now.after(BEFORE_END).as_millis()).bind(day).bind(most);
    query.fetch_all(connection).await?.iter().map(request).collect()
}

/// Approved requests without a linked product, as [`end_untold`].
///
/// # Errors
/// What the database says.
pub async fn unlinked_untold(
    connection: &mut AnyConnection,
    now: Timestamp,
    day: i64,
    most: i64,
) -> Result<Vec<Request>, StoreError> {
    let query = sqlx::query(UNLINKED_UNTOLD).bind(now.before(UNLINKED_TOLD).as_millis()).bind(day).bind(most);
    query.fetch_all(connection).await?.iter().map(request).collect()
}

/// Notes that the customer was reminded.
///
/// # Errors
/// [`StoreError::Stale`] when another run was quicker.
pub async fn reminded(connection: &mut AnyConnection, id: &RequestId, now: Timestamp) -> Result<(), StoreError> {
    note(connection, REMINDED, id, now).await
}

/// Notes that the firm's digest names the request's end.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn end_told(connection: &mut AnyConnection, id: &RequestId, now: Timestamp) -> Result<(), StoreError> {
    note(connection, END_TOLD, id, now).await
}

/// Notes that the firm's digest names the request as not linked.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn unlinked_told(connection: &mut AnyConnection, id: &RequestId, now: Timestamp) -> Result<(), StoreError> {
    note(connection, UNLINKED_TOLD_AT, id, now).await
}

/// Notes that the customer of an approved request was reminded: `before` is what was read, `after` what holds now.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn link_reminded(
    connection: &mut AnyConnection,
    id: &RequestId,
    before: usize,
    after: usize,
) -> Result<(), StoreError> {
    let number = |n| i64::try_from(n).unwrap_or(i64::MAX);
    let query = sqlx::query(LINK_REMINDED).bind(number(after)).bind(id.as_str().to_owned()).bind(number(before));
    one(query.execute(connection).await?.rows_affected())
}

/// Takes the one digest that `whom` (a firm's id, or `operator`) gets on a day. False when there was one already.
///
/// # Errors
/// What the database says.
pub async fn take_day(
    connection: &mut AnyConnection,
    whom: &str,
    day: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let query = sqlx::query(TAKE_DAY).bind(whom.to_owned()).bind(day).bind(now.as_millis());
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// When the last digest for `whom` was written.
///
/// # Errors
/// What the database says.
pub async fn last_digest(connection: &mut AnyConnection, whom: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(LAST_DIGEST).bind(whom.to_owned()).fetch_optional(connection).await?;
    Ok(at.map(Timestamp::from_millis))
}

/// What went wrong after `since` and until `now`.
///
/// # Errors
/// What the database says.
pub async fn went_wrong(
    connection: &mut AnyConnection,
    since: Timestamp,
    now: Timestamp,
) -> Result<WentWrong, StoreError> {
    let mut counts = [0_i64; 4];
    let questions = [QUARANTINED_BETWEEN, FAILED_BETWEEN, DISOWNED_BETWEEN, GIVEN_UP_BETWEEN];
    for (sql, count) in questions.into_iter().zip(&mut counts) {
        let query = sqlx::query(sql).bind(since.as_millis()).bind(now.as_millis());
        *count = query.fetch_one(&mut *connection).await?.try_get(0)?;
    }
    let [quarantined, failed, disowned, given_up] = counts;
    Ok(WentWrong { quarantined, failed, disowned, given_up })
}

async fn note(
    connection: &mut AnyConnection,
    sql: &'static str,
    id: &RequestId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql).bind(now.as_millis()).bind(id.as_str().to_owned());
    one(query.execute(connection).await?.rows_affected())
}

const fn one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
