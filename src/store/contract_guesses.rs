//! Wrong passwords at customer numbers and service contract IDs.

use sqlx::AnyConnection;

use super::error::StoreError;
use super::row::{count, time};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

const GUESS: &str = "INSERT INTO contract_guess (account_id, subject, failures, since) VALUES ($1, $2, 1, $3)
    ON CONFLICT (account_id, subject) DO UPDATE SET
    failures = CASE WHEN contract_guess.since <= $4 THEN 1 ELSE contract_guess.failures + 1 END,
    since = CASE WHEN contract_guess.since <= $4 THEN excluded.since ELSE contract_guess.since END
    RETURNING failures, since";
const OF: &str = "SELECT failures FROM contract_guess WHERE account_id = $1 AND subject = $2 AND since > $3";
const TAKE_BACK: &str = "UPDATE contract_guess SET failures = failures - 1
    WHERE account_id = $1 AND subject = $2 AND failures > 0";
const FORGET: &str = "DELETE FROM contract_guess WHERE account_id = $1 AND subject = $2";
const PURGE: &str = "DELETE FROM contract_guess WHERE since <= $1";

/// Counts a guess before it is made: how many there are now within the hour, and when that began. `hour_ago` ends an older
/// hour.
///
/// # Errors
/// What the database says.
pub async fn count_one(
    connection: &mut AnyConnection,
    account: &AccountId,
    subject: &str,
    now: Timestamp,
    hour_ago: Timestamp,
) -> Result<(u32, Timestamp), StoreError> {
    let query = sqlx::query(GUESS).bind(account.as_str().to_owned()).bind(subject.to_owned()).bind(now.as_millis());
    let row = query.bind(hour_ago.as_millis()).fetch_one(connection).await?;
    Ok((count(&row, "failures")?, time(&row, "since")?))
}

/// How many guesses there are within the hour.
///
/// # Errors
/// What the database says.
pub async fn of(
    connection: &mut AnyConnection,
    account: &AccountId,
    subject: &str,
    hour_ago: Timestamp,
) -> Result<u32, StoreError> {
    let query = sqlx::query(OF).bind(account.as_str().to_owned()).bind(subject.to_owned()).bind(hour_ago.as_millis());
    query.fetch_optional(connection).await?.map_or(Ok(0), |row| count(&row, "failures"))
}

/// It was no guess: nobody judged the password.
///
/// # Errors
/// What the database says.
pub async fn take_back(connection: &mut AnyConnection, account: &AccountId, subject: &str) -> Result<(), StoreError> {
    sqlx::query(TAKE_BACK).bind(account.as_str().to_owned()).bind(subject.to_owned()).execute(connection).await?;
    Ok(())
}

/// The password was right.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut AnyConnection, account: &AccountId, subject: &str) -> Result<(), StoreError> {
    sqlx::query(FORGET).bind(account.as_str().to_owned()).bind(subject.to_owned()).execute(connection).await?;
    Ok(())
}

/// Forgets hours that are over; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, hour_ago: Timestamp) -> Result<u64, StoreError> {
    Ok(sqlx::query(PURGE).bind(hour_ago.as_millis()).execute(connection).await?.rows_affected())
}
