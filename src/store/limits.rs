//! What was tried and failed, by keyed digests of whom it was tried at and of where it came from.

use sqlx::AnyConnection;

use super::error::StoreError;
use super::row::{count, time};
use crate::domain::limits::Failures;
use crate::domain::time::Timestamp;

const TAKE: &str = "INSERT INTO throttle (kind, subject, source, failures, failed_at) VALUES ($1, $2, $3, 0, $4)
    ON CONFLICT (kind, subject, source) DO UPDATE SET failures = throttle.failures RETURNING failures, failed_at";
const SET: &str = "UPDATE throttle SET failures = $1, failed_at = $2 WHERE kind = $3 AND subject = $4 AND source = $5";
const FORGET: &str = "DELETE FROM throttle WHERE kind = $1 AND subject = $2 AND source = $3";
const FORGET_ALL: &str = "DELETE FROM throttle WHERE subject = $1";
const PURGE: &str = "DELETE FROM throttle WHERE failed_at <= $1";

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Log-ins of an ID from a source.
    LogIn,
    /// Wrong codes at an address, from anywhere.
    Guess,
    /// Attempts for an address under an allowance: counted elsewhere, one at a time here.
    Begin,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::LogIn => "log_in",
            Self::Guess => "guess",
            Self::Begin => "begin",
        }
    }
}

/// At whom and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub kind: Kind,
    /// A keyed digest of the ID.
    pub subject: String,
    /// A keyed digest of the source; empty for all of them together.
    pub source: String,
}

/// What is noted under `limit`; nobody else reads or changes it until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn take(connection: &mut AnyConnection, limit: &Limit, now: Timestamp) -> Result<Failures, StoreError> {
    let query = sqlx::query(TAKE).bind(limit.kind.name()).bind(limit.subject.clone()).bind(limit.source.clone());
    let row = query.bind(now.as_millis()).fetch_one(connection).await?;
    Ok(Failures { count: count(&row, "failures")?, last: time(&row, "failed_at")? })
}

/// Notes what is to be remembered under a limit that was taken.
///
/// # Errors
/// [`StoreError::Stale`] when it was not.
pub async fn set(connection: &mut AnyConnection, limit: &Limit, failures: Failures) -> Result<(), StoreError> {
    let query = sqlx::query(SET).bind(i64::from(failures.count)).bind(failures.last.as_millis());
    let query = query.bind(limit.kind.name()).bind(limit.subject.clone()).bind(limit.source.clone());
    if query.execute(connection).await?.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Forgets what was noted under `limit`.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut AnyConnection, limit: &Limit) -> Result<(), StoreError> {
    let query = sqlx::query(FORGET).bind(limit.kind.name()).bind(limit.subject.clone()).bind(limit.source.clone());
    query.execute(connection).await?;
    Ok(())
}

/// Forgets everything that was noted at `subject`; says how much.
///
/// # Errors
/// What the database says.
pub async fn forget_all(connection: &mut AnyConnection, subject: &str) -> Result<u64, StoreError> {
    Ok(sqlx::query(FORGET_ALL).bind(subject.to_owned()).execute(connection).await?.rows_affected())
}

/// Forgets what failed last before this moment.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, before: Timestamp) -> Result<u64, StoreError> {
    Ok(sqlx::query(PURGE).bind(before.as_millis()).execute(connection).await?.rows_affected())
}
