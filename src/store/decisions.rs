//! Answers that were given to requests.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::linkages::approval;
use super::row::{clean, named, text, time};
use crate::domain::approval::Approval;
use crate::domain::decision::{Answer, Choice, Decision, Message, Weight};
use crate::domain::ids::{AccountId, FirmId, RequestId};
use crate::domain::time::Timestamp;

const PUT: &str = "INSERT INTO decision (request_id, account_id, choice, message, weight, decided_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id, account_id) DO UPDATE SET choice = excluded.choice,
    message = excluded.message, weight = excluded.weight, decided_at = excluded.decided_at
    WHERE decision.weight = 'told' AND excluded.weight = 'final'";
const OF_REQUESTS: &str = "SELECT * FROM decision WHERE request_id IN";
const OF_ACCOUNT: &str = "SELECT * FROM decision WHERE account_id = $1 ORDER BY decided_at DESC, request_id LIMIT $2";
const SHARED_BY: &str = "SELECT COUNT(*) FROM decision JOIN request ON request.id = decision.request_id
    WHERE decision.account_id = $1 AND decision.weight = 'final' AND request.state = 'approved'
    AND request.stopped_at IS NULL";
const APPROVED: &str = "SELECT request.id AS request_id, request.number AS request_number, request.firm_id AS firm_id
    FROM decision JOIN request ON request.id = decision.request_id WHERE decision.account_id = $1
    AND decision.choice = 'approve' AND decision.weight = 'final' AND request.state = 'approved'
    AND request.stopped_at IS NULL ORDER BY request.number DESC";
const PURGE: &str = "UPDATE decision SET message = '' WHERE request_id IN (SELECT id FROM request WHERE purged_at = $1)
    AND message <> ''";
const FORGET: &str = "UPDATE decision SET message = '' WHERE account_id = $1";

/// Writes an answer, or makes the one that the firm was told of a final one.
///
/// # Errors
/// [`StoreError::Taken`] when this account has answered already, or when another one has decided.
pub async fn put(connection: &mut AnyConnection, decision: &Decision) -> Result<(), StoreError> {
    let done = sqlx::query(PUT)
        .bind(decision.request.as_str().to_owned())
        .bind(decision.account.as_str().to_owned())
        .bind(decision.answer.choice.name())
        .bind(clean(decision.answer.message.as_str()))
        .bind(decision.weight.name())
        .bind(decision.at.as_millis())
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Taken) }
}

/// All answers to these requests.
///
/// # Errors
/// What the database says.
pub async fn of_requests(connection: &mut AnyConnection, ids: &[&RequestId]) -> Result<Vec<Decision>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(OF_REQUESTS, 1, ids.len(), " ORDER BY request_id, decided_at");
    let values = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    batch::rows(connection, sql, values).await?.iter().map(decision).collect()
}

/// The newest answers of an account, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_account(
    connection: &mut AnyConnection,
    account: &AccountId,
    most: i64,
) -> Result<Vec<Decision>, StoreError> {
    let query = sqlx::query(OF_ACCOUNT).bind(account.as_str().to_owned()).bind(most);
    query.fetch_all(connection).await?.iter().map(decision).collect()
}

/// How many requests an account has approved and not stopped.
///
/// # Errors
/// What the database says.
pub async fn shared_by(connection: &mut AnyConnection, account: &AccountId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(SHARED_BY).bind(account.as_str().to_owned()).fetch_one(connection).await?)
}

/// The firms that this account shares its contracts with, and the request of each, the newest first.
///
/// # Errors
/// What the database says.
pub async fn approved_by(
    connection: &mut AnyConnection,
    account: &AccountId,
) -> Result<Vec<(FirmId, Approval)>, StoreError> {
    let rows = sqlx::query(APPROVED).bind(account.as_str().to_owned()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((FirmId::stored(text(row, "firm_id")?), approval(row)?))).collect()
}

/// Takes the messages out of answers whose requests were purged at `now`; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, now: Timestamp) -> Result<u64, StoreError> {
    Ok(sqlx::query(PURGE).bind(now.as_millis()).execute(connection).await?.rows_affected())
}

/// Takes the messages out of all answers of an account that is erased.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut AnyConnection, account: &AccountId) -> Result<(), StoreError> {
    sqlx::query(FORGET).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

fn decision(row: &AnyRow) -> Result<Decision, StoreError> {
    Ok(Decision {
        request: RequestId::stored(text(row, "request_id")?),
        account: AccountId::stored(text(row, "account_id")?),
        answer: Answer {
            choice: named(row, "choice", Choice::stored)?,
            message: Message::stored(text(row, "message")?),
        },
        weight: named(row, "weight", Weight::stored)?,
        at: time(row, "decided_at")?,
    })
}
