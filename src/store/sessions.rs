//! Sessions, by the digest of what their cookie holds.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::row::{maybe_text, text, time};
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::time::Timestamp;

const INSERT: &str =
    "INSERT INTO session (digest, account_id, request_id, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)";
const BY_DIGEST: &str = "SELECT account_id, name, request_id, session.created_at, seen_at
    FROM session JOIN account ON account.id = account_id WHERE digest = $1 AND erased_at IS NULL";
const SEEN: &str = "UPDATE session SET seen_at = $1 WHERE digest = $2 AND seen_at < $1";
const TAKE_REQUEST: &str = "UPDATE session SET request_id = $1 WHERE digest = $2";
const END: &str = "DELETE FROM session WHERE digest = $1";
const END_ALL: &str = "DELETE FROM session WHERE account_id = $1";
const PURGE: &str =
    "DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE seen_at < $1 ORDER BY seen_at LIMIT $2)";

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who is logged in.
    pub account: AccountId,
    /// ログイン者名
    pub name: String,
    /// The request whose link was opened.
    pub request: Option<RequestId>,
    /// Since when.
    pub created_at: Timestamp,
    /// When the last page was asked for, give or take a minute.
    pub seen_at: Timestamp,
}

/// Begins a session.
///
/// # Errors
/// What the database says.
pub async fn insert(
    connection: &mut AnyConnection,
    digest: &str,
    account: &AccountId,
    request: Option<&RequestId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(digest.to_owned())
        .bind(account.as_str().to_owned())
        .bind(request.map(|request| request.as_str().to_owned()))
        .bind(now.as_millis())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session with this digest, ended or not, of an account that is there.
///
/// # Errors
/// What the database says.
pub async fn by_digest(connection: &mut AnyConnection, digest: &str) -> Result<Option<Row>, StoreError> {
    let row = sqlx::query(BY_DIGEST).bind(digest.to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(session).transpose()
}

/// Moves last-seen forward.
///
/// # Errors
/// What the database says.
pub async fn seen(connection: &mut AnyConnection, digest: &str, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(SEEN).bind(now.as_millis()).bind(digest.to_owned()).execute(connection).await?;
    Ok(())
}

/// The session goes on with this request.
///
/// # Errors
/// [`StoreError::Stale`] when it is gone.
pub async fn take_request(connection: &mut AnyConnection, digest: &str, request: &RequestId) -> Result<(), StoreError> {
    let done =
        sqlx::query(TAKE_REQUEST).bind(request.as_str().to_owned()).bind(digest.to_owned()).execute(connection).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Ends one session.
///
/// # Errors
/// What the database says.
pub async fn end(connection: &mut AnyConnection, digest: &str) -> Result<(), StoreError> {
    sqlx::query(END).bind(digest.to_owned()).execute(connection).await?;
    Ok(())
}

/// Ends all sessions of an account, in the transaction that changes its password or forgets it.
///
/// # Errors
/// What the database says.
pub async fn end_all(connection: &mut AnyConnection, account: &AccountId) -> Result<u64, StoreError> {
    let done = sqlx::query(END_ALL).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Forgets what was last seen before `before`, at most `most` rows.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let done = sqlx::query(PURGE).bind(before.as_millis()).bind(most).execute(connection).await?;
    Ok(done.rows_affected())
}

fn session(row: &AnyRow) -> Result<Row, StoreError> {
    Ok(Row {
        account: AccountId::stored(text(row, "account_id")?),
        name: text(row, "name")?,
        request: maybe_text(row, "request_id")?.map(RequestId::stored),
        created_at: time(row, "created_at")?,
        seen_at: time(row, "seen_at")?,
    })
}
