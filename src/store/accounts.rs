//! Accounts. An update names the version it read; what counts failures is conditional and says what it found.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{address, clean, count, maybe_time, named, number, text, time};
use crate::domain::account::{AcceptedTerms, Account, FAILURES_UNTIL_LOCKED, PasswordHash, PersonName};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::AccountId;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO account (id, address_key, address, name, password_hash, terms_version, terms_at, locale,
    created_at, failures, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0) ON CONFLICT (address_key) DO NOTHING";
const BY_ID: &str = "SELECT * FROM account WHERE id = $1";
const BY_IDS: &str = "SELECT * FROM account WHERE id IN";
const BY_ADDRESS: &str = "SELECT * FROM account WHERE address_key = $1";
const PAGE: &str = "SELECT * FROM account WHERE id < $1 ORDER BY id DESC LIMIT $2";
const ACCEPT_TERMS: &str = "UPDATE account SET terms_version = $1, terms_at = $2, version = version + 1
    WHERE id = $3 AND erased_at IS NULL AND terms_version <> $4";
const COUNT_FAILURE: &str = "UPDATE account SET failures = failures + 1 WHERE address_key = $1 AND failures < $2
    AND locked_at IS NULL RETURNING *";
const LOCK: &str = "UPDATE account SET locked_at = $1, version = version + 1 WHERE address_key = $2
    AND failures >= $3 AND locked_at IS NULL AND erased_at IS NULL RETURNING *";
const LET_IN: &str = "UPDATE account SET failures = 0, password_hash = $1 WHERE id = $2 AND password_hash = $3
    AND locked_at IS NULL AND erased_at IS NULL";
const SET_PASSWORD: &str =
    "UPDATE account SET password_hash = $1, failures = 0, locked_at = NULL, version = version + 1
    WHERE id = $2 AND erased_at IS NULL";
const UNLOCK: &str = "UPDATE account SET failures = 0, locked_at = NULL, version = version + 1 WHERE id = $1";
const ERASE: &str =
    "UPDATE account SET address_key = id, address = 'erased@erased.invalid', name = '', password_hash = '',
    locked_at = NULL, failures = 0, erased_at = $1, version = version + 1 WHERE id = $2 AND version = $3
    AND erased_at IS NULL";

/// Writes a new account. False when its address has one already.
///
/// # Errors
/// What the database says.
pub async fn insert(connection: &mut AnyConnection, account: &Account) -> Result<bool, StoreError> {
    let done = sqlx::query(INSERT)
        .bind(account.id.as_str().to_owned())
        .bind(account.address.key())
        .bind(account.address.to_text())
        .bind(clean(account.name.as_str()))
        .bind(account.password.as_str().to_owned())
        .bind(clean(&account.terms.version))
        .bind(account.terms.at.as_millis())
        .bind(account.locale.tag())
        .bind(account.created_at.as_millis())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The account with this id, erased ones included.
///
/// # Errors
/// What the database says.
pub async fn by_id(connection: &mut AnyConnection, id: &AccountId) -> Result<Option<Account>, StoreError> {
    sqlx::query(BY_ID).bind(id.as_str().to_owned()).fetch_optional(connection).await?.as_ref().map(account).transpose()
}

/// The accounts with these ids.
///
/// # Errors
/// What the database says.
pub async fn by_ids(connection: &mut AnyConnection, ids: &[&AccountId]) -> Result<Vec<Account>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let values = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    batch::rows(connection, batch::in_list(BY_IDS, 1, ids.len(), ""), values).await?.iter().map(account).collect()
}

/// The account whose ID this address is.
///
/// # Errors
/// What the database says.
pub async fn by_address(connection: &mut AnyConnection, id: &EmailAddress) -> Result<Option<Account>, StoreError> {
    sqlx::query(BY_ADDRESS).bind(id.key()).fetch_optional(connection).await?.as_ref().map(account).transpose()
}

/// The newest accounts below an id, newest first.
///
/// # Errors
/// What the database says.
pub async fn page(connection: &mut AnyConnection, below: &str, most: i64) -> Result<Vec<Account>, StoreError> {
    let query = sqlx::query(PAGE).bind(below.to_owned()).bind(most);
    query.fetch_all(connection).await?.iter().map(account).collect()
}

/// Notes that these terms were agreed to. False when they were already, or there is no such account.
///
/// # Errors
/// What the database says.
pub async fn accept_terms(
    connection: &mut AnyConnection,
    id: &AccountId,
    version: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let version = clean(version);
    let query = sqlx::query(ACCEPT_TERMS).bind(version.clone()).bind(now.as_millis()).bind(id.as_str().to_owned());
    Ok(query.bind(version).execute(connection).await?.rows_affected() == 1)
}

/// Counts a failed log-in at the account with this [`EmailAddress::key`] before it is judged, and gives the account as it is
/// then. `None` when there is none, or it is
/// locked.
///
/// # Errors
/// What the database says.
pub async fn count_failure(connection: &mut AnyConnection, key: &str) -> Result<Option<Account>, StoreError> {
    let query = sqlx::query(COUNT_FAILURE).bind(clean(key)).bind(i64::from(FAILURES_UNTIL_LOCKED));
    query.fetch_optional(connection).await?.as_ref().map(account).transpose()
}

/// Locks the account at this key if it failed too often and is not locked yet; gives back the one that was locked.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &mut AnyConnection, key: &str, now: Timestamp) -> Result<Option<Account>, StoreError> {
    let query = sqlx::query(LOCK).bind(now.as_millis()).bind(clean(key)).bind(i64::from(FAILURES_UNTIL_LOCKED));
    query.fetch_optional(connection).await?.as_ref().map(account).transpose()
}

/// A password was right: forgets the failures and keeps `hash`, which may be a stronger one of the same password. False when
/// the account was locked or erased, or its password changed, in the meantime.
///
/// # Errors
/// What the database says.
pub async fn let_in(connection: &mut AnyConnection, judged: &Account, hash: &PasswordHash) -> Result<bool, StoreError> {
    let query = sqlx::query(LET_IN).bind(hash.as_str().to_owned()).bind(judged.id.as_str().to_owned());
    Ok(query.bind(judged.password.as_str().to_owned()).execute(connection).await?.rows_affected() == 1)
}

/// Sets a new password and lifts the lock.
///
/// # Errors
/// [`StoreError::Stale`] when the account was erased.
pub async fn set_password(
    connection: &mut AnyConnection,
    id: &AccountId,
    hash: &PasswordHash,
) -> Result<(), StoreError> {
    let query = sqlx::query(SET_PASSWORD).bind(hash.as_str().to_owned()).bind(id.as_str().to_owned());
    if query.execute(connection).await?.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Lifts the lock and forgets the failures.
///
/// # Errors
/// What the database says.
pub async fn unlock(connection: &mut AnyConnection, id: &AccountId) -> Result<(), StoreError> {
    sqlx::query(UNLOCK).bind(id.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Takes the personal data out.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn erase(connection: &mut AnyConnection, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query(ERASE).bind(now.as_millis()).bind(account.id.as_str().to_owned()).bind(account.version);
    if query.execute(connection).await?.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn account(row: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::stored(text(row, "id")?),
        address: address(row, "address")?,
        name: PersonName::stored(text(row, "name")?),
        password: PasswordHash::stored(text(row, "password_hash")?),
        terms: AcceptedTerms { version: text(row, "terms_version")?, at: time(row, "terms_at")? },
        locale: named(row, "locale", Locale::parse)?,
        created_at: time(row, "created_at")?,
        failures: count(row, "failures")?,
        locked_at: maybe_time(row, "locked_at")?,
        erased_at: maybe_time(row, "erased_at")?,
        version: number(row, "version")?,
    })
}
