//! Attempts to prove an address, with their codes. An attempt is taken before it is changed: whoever comes second waits.

use std::collections::HashMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{address, clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::account::{PasswordHash, PersonName};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, AttemptId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::domain::verification::{Aim, Allowance, Attempt, AttemptState, Code, CodeState, Draft};

const INSERT: &str =
    "INSERT INTO attempt (id, aim, account_id, address_key, address, name, password_hash, terms_version,
    locale, allowance, code_key, created_at, state, state_at, version)";
const TAKE: &str = "UPDATE attempt SET version = version + 1 WHERE id = $1 RETURNING *";
const BY_ID: &str = "SELECT * FROM attempt WHERE id = $1";
const SAVE: &str = "UPDATE attempt SET state = $1, state_at = $2, version = version + 1 WHERE id = $3 AND version = $4";
const RECENT: &str =
    "SELECT * FROM attempt WHERE address_key = $1 AND allowance = $2 AND created_at > $3 ORDER BY created_at";
const CODES: &str = "SELECT * FROM verification_code WHERE attempt_id IN";
const SAVE_CODES: &str =
    "INSERT INTO verification_code (attempt_id, sequence, minting, asked_at, tries, state, state_at)";
const ON_CONFLICT: &str = "ON CONFLICT (attempt_id, sequence) DO UPDATE SET minting = excluded.minting,
    asked_at = excluded.asked_at, tries = excluded.tries, state = excluded.state, state_at = excluded.state_at";
const END_RESETS: &str = "UPDATE attempt SET state = 'used', state_at = $1, version = version + 1
    WHERE account_id = $2 AND state IN ('open', 'proven')";
const OLD: &str = "SELECT id FROM attempt WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
const OF_ADDRESS: &str = "SELECT id FROM attempt WHERE address_key = $1";
const FORGET_MAILS: &str = "DELETE FROM outbound_mail WHERE attempt_id IN";
const FORGET_CODES: &str = "DELETE FROM verification_code WHERE attempt_id IN";
const FORGET: &str = "DELETE FROM attempt WHERE id IN";

/// Writes a new attempt.
///
/// # Errors
/// What the database says.
pub async fn insert(connection: &mut AnyConnection, attempt: &Attempt) -> Result<(), StoreError> {
    batch::insert(connection, INSERT, "", &[columns(attempt)]).await?;
    save_codes(connection, attempt).await
}

/// The attempt; nobody else reads it to change it until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn take(connection: &mut AnyConnection, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
    let row = sqlx::query(TAKE).bind(id.as_str().to_owned()).fetch_optional(&mut *connection).await?;
    Ok(whole(connection, row.as_slice()).await?.pop())
}

/// The attempt, for looking at it.
///
/// # Errors
/// What the database says.
pub async fn by_id(connection: &mut AnyConnection, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
    let row = sqlx::query(BY_ID).bind(id.as_str().to_owned()).fetch_optional(&mut *connection).await?;
    Ok(whole(connection, row.as_slice()).await?.pop())
}

/// Writes a changed attempt and its codes; `attempt.version` is the version that was taken.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn save(connection: &mut AnyConnection, attempt: &Attempt) -> Result<(), StoreError> {
    let (state, at) = state_columns(attempt.state);
    let query = sqlx::query(SAVE).bind(state).bind(at).bind(attempt.id.as_str().to_owned()).bind(attempt.version);
    if query.execute(&mut *connection).await?.rows_affected() != 1 {
        return Err(StoreError::Stale);
    }
    save_codes(connection, attempt).await
}

/// The attempts of an address under an allowance that began after `since`, oldest first.
///
/// # Errors
/// What the database says.
pub async fn recent(
    connection: &mut AnyConnection,
    address: &EmailAddress,
    allowance: &Allowance,
    since: Timestamp,
) -> Result<Vec<Attempt>, StoreError> {
    let query = sqlx::query(RECENT).bind(address.key()).bind(allowance_column(allowance)).bind(since.as_millis());
    let rows = query.fetch_all(&mut *connection).await?;
    whole(connection, &rows).await
}

/// Ends all attempts to set a new password for this account.
///
/// # Errors
/// What the database says.
pub async fn end_resets(connection: &mut AnyConnection, account: &AccountId, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(END_RESETS).bind(now.as_millis()).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Forgets attempts that began before this moment; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let query = sqlx::query(OLD).bind(before.as_millis()).bind(most);
    let ids = query.fetch_all(&mut *connection).await?;
    forget(connection, &ids, &[FORGET_CODES, FORGET]).await
}

/// Forgets all attempts of an address, and their mails.
///
/// # Errors
/// What the database says.
pub async fn forget_address(connection: &mut AnyConnection, address: &EmailAddress) -> Result<u64, StoreError> {
    let ids = sqlx::query(OF_ADDRESS).bind(address.key()).fetch_all(&mut *connection).await?;
    forget(connection, &ids, &[FORGET_MAILS, FORGET_CODES, FORGET]).await
}

/// Runs `statements` over the ids of `rows`; says how many rows the last one found.
async fn forget(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
    statements: &[&'static str],
) -> Result<u64, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let ids = rows.iter().map(|row| text(row, "id")).collect::<Result<Vec<_>, _>>()?;
    let mut done = 0;
    for statement in statements {
        let sql = batch::in_list(statement, 1, ids.len(), "");
        done = batch::run(connection, sql, ids.iter().cloned().map(Value::Text)).await?;
    }
    Ok(done)
}

async fn save_codes(connection: &mut AnyConnection, attempt: &Attempt) -> Result<(), StoreError> {
    // One after another and the oldest first: what it was followed by may only live when it no longer does.
    for code in &attempt.codes {
        batch::insert(connection, SAVE_CODES, ON_CONFLICT, &[code_columns(&attempt.id, code)]).await?;
    }
    Ok(())
}

/// The attempts of `rows` with their codes.
async fn whole(connection: &mut AnyConnection, rows: &[AnyRow]) -> Result<Vec<Attempt>, StoreError> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let mut attempts = rows.iter().map(attempt).collect::<Result<Vec<_>, _>>()?;
    let sql = batch::in_list(CODES, 1, attempts.len(), " ORDER BY attempt_id, sequence");
    let ids = attempts.iter().map(|attempt| Value::Text(attempt.id.as_str().to_owned()));
    let mut codes: HashMap<String, Vec<Code>> = HashMap::new();
    for row in batch::rows(connection, sql, ids.collect::<Vec<_>>().into_iter()).await? {
        codes.entry(text(&row, "attempt_id")?).or_default().push(code(&row)?);
    }
    for attempt in &mut attempts {
        attempt.codes = codes.remove(attempt.id.as_str()).unwrap_or_default();
    }
    Ok(attempts)
}

fn columns(attempt: &Attempt) -> Vec<Value> {
    let (aim, account, draft) = match &attempt.aim {
        Aim::Register(draft) => ("register", None, Some(draft)),
        Aim::Taken => ("taken", None, None),
        Aim::Reset(account) => ("reset", Some(account.as_str().to_owned()), None),
        Aim::Nobody => ("nobody", None, None),
    };
    let (state, at) = state_columns(attempt.state);
    vec![
        Value::Text(attempt.id.as_str().to_owned()),
        Value::Text(aim.to_owned()),
        Value::MaybeText(account),
        Value::Text(attempt.address.key()),
        Value::Text(attempt.address.to_text()),
        Value::MaybeText(draft.map(|draft| clean(draft.name.as_str()))),
        Value::MaybeText(draft.map(|draft| draft.password.as_str().to_owned())),
        Value::MaybeText(draft.map(|draft| clean(&draft.terms_version))),
        Value::Text(attempt.locale.tag().to_owned()),
        Value::Text(allowance_column(&attempt.allowance)),
        Value::Text(attempt.code_key.clone()),
        Value::Number(attempt.created_at.as_millis()),
        Value::Text(state.to_owned()),
        Value::MaybeNumber(at),
        Value::Number(attempt.version),
    ]
}

fn code_columns(attempt: &AttemptId, code: &Code) -> Vec<Value> {
    let (state, at) = match code.state {
        CodeState::Waiting => ("waiting", None),
        CodeState::Out(at) => ("out", Some(at)),
        CodeState::Unsent(at) => ("unsent", Some(at)),
        CodeState::Superseded => ("superseded", None),
    };
    vec![
        Value::Text(attempt.as_str().to_owned()),
        Value::Number(i64::from(code.sequence)),
        Value::Number(i64::from(code.minting)),
        Value::Number(code.asked_at.as_millis()),
        Value::Number(i64::from(code.tries)),
        Value::Text(state.to_owned()),
        Value::MaybeNumber(at.map(Timestamp::as_millis)),
    ]
}

const fn state_columns(state: AttemptState) -> (&'static str, Option<i64>) {
    match state {
        AttemptState::Open => ("open", None),
        AttemptState::Proven(at) => ("proven", Some(at.as_millis())),
        AttemptState::Used(at) => ("used", Some(at.as_millis())),
        AttemptState::Exhausted(at) => ("exhausted", Some(at.as_millis())),
    }
}

fn allowance_column(allowance: &Allowance) -> String {
    match allowance {
        Allowance::Source(digest) => format!("source:{digest}"),
        Allowance::Link(request) => format!("link:{request}"),
    }
}

fn allowance(column: &str) -> Option<Allowance> {
    match column.split_once(':')? {
        ("source", digest) => Some(Allowance::Source(digest.to_owned())),
        ("link", request) => Some(Allowance::Link(RequestId::stored(request.to_owned()))),
        _ => None,
    }
}

fn attempt(row: &AnyRow) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        id: AttemptId::stored(text(row, "id")?),
        aim: aim(row)?,
        address: address(row, "address")?,
        locale: named(row, "locale", Locale::parse)?,
        allowance: named(row, "allowance", allowance)?,
        code_key: text(row, "code_key")?,
        created_at: time(row, "created_at")?,
        state: state(row)?,
        codes: vec![],
        version: number(row, "version")?,
    })
}

fn aim(row: &AnyRow) -> Result<Aim, StoreError> {
    let corrupt = || StoreError::Corrupt("aim");
    Ok(match text(row, "aim")?.as_str() {
        "register" => Aim::Register(Draft {
            name: PersonName::stored(maybe_text(row, "name")?.ok_or_else(corrupt)?),
            password: PasswordHash::stored(maybe_text(row, "password_hash")?.ok_or_else(corrupt)?),
            terms_version: maybe_text(row, "terms_version")?.ok_or_else(corrupt)?,
        }),
        "taken" => Aim::Taken,
        "reset" => Aim::Reset(AccountId::stored(maybe_text(row, "account_id")?.ok_or_else(corrupt)?)),
        "nobody" => Aim::Nobody,
        _ => return Err(corrupt()),
    })
}

fn state(row: &AnyRow) -> Result<AttemptState, StoreError> {
    match (text(row, "state")?.as_str(), maybe_time(row, "state_at")?) {
        ("open", _) => Ok(AttemptState::Open),
        ("proven", Some(at)) => Ok(AttemptState::Proven(at)),
        ("used", Some(at)) => Ok(AttemptState::Used(at)),
        ("exhausted", Some(at)) => Ok(AttemptState::Exhausted(at)),
        _ => Err(StoreError::Corrupt("state")),
    }
}

fn code(row: &AnyRow) -> Result<Code, StoreError> {
    let state = match (text(row, "state")?.as_str(), maybe_time(row, "state_at")?) {
        ("waiting", _) => CodeState::Waiting,
        ("out", Some(at)) => CodeState::Out(at),
        ("unsent", Some(at)) => CodeState::Unsent(at),
        ("superseded", _) => CodeState::Superseded,
        _ => return Err(StoreError::Corrupt("state")),
    };
    Ok(Code {
        sequence: count(row, "sequence")?,
        minting: count(row, "minting")?,
        asked_at: time(row, "asked_at")?,
        tries: count(row, "tries")?,
        state,
    })
}
