//! Requests, and the numbers they are given.

use std::collections::BTreeSet;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{address, clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::{Request, State, StateName};
use crate::domain::ids::{FirmId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

const TAKE_NUMBERS: &str = "UPDATE counter SET value = value + $1 WHERE name = 'request' RETURNING value";
const INSERT: &str = "INSERT INTO request (id, number, firm_id, customer_address, customer_key, client_name, contact_name,
    copies, message, locale, state, state_at, created_at, expires_at, link_key, notices, noticed_at, linked_at, disowned_at, stopped_at,
    proved_by, version)";
const UPDATE: &str = "UPDATE request SET state = $1, state_at = $2, notices = $3, noticed_at = $4, linked_at = $5,
    disowned_at = $6, stopped_at = $7, version = version + 1 WHERE id = $8 AND version = $9";
const LINKED: &str = "UPDATE request SET linked_at = $1, version = version + 1 WHERE id = $2 AND linked_at IS NULL";
const BY_NUMBER: &str = "SELECT * FROM request WHERE number = $1";
const BY_NUMBERS: &str = "SELECT * FROM request WHERE number IN";
const UNDECIDED_IDS: &str =
    "SELECT id FROM request WHERE firm_id = $1 AND state IN ('pending', 'undeliverable', 'opened')
    ORDER BY number DESC";
const BY_IDS: &str = "SELECT * FROM request WHERE id IN";
const ABOUT: &str = "SELECT * FROM request WHERE number IN (SELECT MAX(number) FROM request WHERE customer_key IN";
const PAGE: &str = "SELECT * FROM request WHERE number < $1 ORDER BY number DESC LIMIT $2";
const PAGE_IN: &str = "SELECT * FROM request WHERE number < $1 AND state = $2 ORDER BY number DESC LIMIT $3";
const DISOWNED: &str =
    "SELECT * FROM request WHERE number < $1 AND disowned_at IS NOT NULL ORDER BY number DESC LIMIT $2";
const MAILED_TO: &str = "SELECT * FROM request WHERE customer_key = $1 ORDER BY number DESC LIMIT $2";
const UNDECIDED_OF: &str =
    "SELECT COUNT(*) FROM request WHERE firm_id = $1 AND state IN ('pending', 'undeliverable', 'opened')";
const EXPIRED: &str = "SELECT * FROM request WHERE state IN ('pending', 'undeliverable', 'opened') AND expires_at <= $1
    ORDER BY expires_at LIMIT $2";
const PURGE: &str =
    "UPDATE request SET customer_address = 'purged@purged.invalid', customer_key = id, client_name = NULL,
    contact_name = NULL, copies = '', message = '', purged_at = $1, version = version + 1
    WHERE id IN (SELECT id FROM request WHERE purged_at IS NULL AND state IN ('declined', 'expired', 'cancelled')
    AND state_at <= $2 ORDER BY state_at LIMIT $3)";
const PURGE_STOPPED: &str =
    "UPDATE request SET customer_address = 'purged@purged.invalid', customer_key = id, client_name = NULL,
    contact_name = NULL, copies = '', message = '', purged_at = $1, version = version + 1
    WHERE id IN (SELECT id FROM request WHERE purged_at IS NULL AND stopped_at <= $2 ORDER BY stopped_at LIMIT $3)";

/// Takes the next `many` numbers and gives back the first of them.
///
/// # Errors
/// What the database says.
pub async fn take_numbers(connection: &mut AnyConnection, many: usize) -> Result<i64, StoreError> {
    let many = i64::try_from(many).map_err(|_| StoreError::Corrupt("counter"))?;
    let last: i64 = sqlx::query_scalar(TAKE_NUMBERS).bind(many).fetch_one(connection).await?;
    Ok(last - many + 1)
}

/// Writes new requests.
///
/// # Errors
/// [`StoreError::Taken`] when a pair of firm and customer has an undecided one already.
pub async fn insert(connection: &mut AnyConnection, requests: &[&Request]) -> Result<(), StoreError> {
    let rows: Vec<_> = requests.iter().map(|request| columns(request)).collect();
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// Writes a changed request; `request.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn update(connection: &mut AnyConnection, request: &Request) -> Result<(), StoreError> {
    let (name, at) = state_columns(request);
    let done = sqlx::query(UPDATE)
        .bind(name)
        .bind(at)
        .bind(i64::from(request.notices))
        .bind(request.noticed_at.as_millis())
        .bind(request.linked_at.map(Timestamp::as_millis))
        .bind(request.disowned_at.map(Timestamp::as_millis))
        .bind(request.stopped_at.map(Timestamp::as_millis))
        .bind(request.id.as_str().to_owned())
        .bind(request.version)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The first product was linked after this request was approved. Said twice, the first time counts.
///
/// # Errors
/// What the database says.
pub async fn linked(connection: &mut AnyConnection, id: &RequestId, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(LINKED).bind(now.as_millis()).bind(id.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// The request with this number.
///
/// # Errors
/// What the database says.
pub async fn by_number(connection: &mut AnyConnection, wanted: i64) -> Result<Option<Request>, StoreError> {
    sqlx::query(BY_NUMBER).bind(wanted).fetch_optional(connection).await?.as_ref().map(request).transpose()
}

/// The requests with these numbers.
///
/// # Errors
/// What the database says.
pub async fn by_numbers(connection: &mut AnyConnection, wanted: &[i64]) -> Result<Vec<Request>, StoreError> {
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(BY_NUMBERS, 1, wanted.len(), "");
    let values = wanted.iter().map(|number| Value::Number(*number));
    batch::rows(connection, sql, values).await?.iter().map(request).collect()
}

/// The requests of a firm that nobody has decided, the newest first.
///
/// # Errors
/// What the database says.
pub async fn undecided_ids(connection: &mut AnyConnection, firm: &FirmId) -> Result<Vec<RequestId>, StoreError> {
    let query = sqlx::query_scalar(UNDECIDED_IDS).bind(firm.as_str().to_owned());
    let ids: Vec<String> = query.fetch_all(connection).await?;
    Ok(ids.into_iter().map(RequestId::stored).collect())
}

/// The requests with these ids.
///
/// # Errors
/// What the database says.
pub async fn by_ids(connection: &mut AnyConnection, ids: &[&RequestId]) -> Result<Vec<Request>, StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    batch::listed(connection, BY_IDS, &keys, "").await?.iter().map(request).collect()
}

/// The last request of each firm about each of these customers, however many they are.
///
/// # Errors
/// What the database says.
pub async fn last_about(
    connection: &mut AnyConnection,
    customers: &[&EmailAddress],
) -> Result<Vec<Request>, StoreError> {
    let keys: BTreeSet<String> = customers.iter().map(|customer| customer.key()).collect();
    let keys: Vec<_> = keys.into_iter().map(Value::Text).collect();
    let mut found = Vec::new();
    for some in keys.chunks(batch::MOST_LISTED) {
        let sql = batch::in_list(ABOUT, 1, some.len(), " GROUP BY customer_key, firm_id)");
        found.extend(batch::rows(connection, sql, some.iter().cloned()).await?);
    }
    found.iter().map(request).collect()
}

/// The newest requests below a number, newest first.
///
/// # Errors
/// What the database says.
pub async fn page(
    connection: &mut AnyConnection,
    below: i64,
    state: Option<StateName>,
    most: i64,
) -> Result<Vec<Request>, StoreError> {
    let query = match state {
        Some(state) => sqlx::query(PAGE_IN).bind(below).bind(state.name()).bind(most),
        None => sqlx::query(PAGE).bind(below).bind(most),
    };
    query.fetch_all(connection).await?.iter().map(request).collect()
}

/// The newest disowned requests below a number, newest first.
///
/// # Errors
/// What the database says.
pub async fn disowned(connection: &mut AnyConnection, below: i64, most: i64) -> Result<Vec<Request>, StoreError> {
    sqlx::query(DISOWNED).bind(below).bind(most).fetch_all(connection).await?.iter().map(request).collect()
}

/// The newest requests that were mailed to this address, newest first.
///
/// # Errors
/// What the database says.
pub async fn mailed_to(
    connection: &mut AnyConnection,
    address: &EmailAddress,
    most: i64,
) -> Result<Vec<Request>, StoreError> {
    sqlx::query(MAILED_TO).bind(address.key()).bind(most).fetch_all(connection).await?.iter().map(request).collect()
}

/// How many requests of a firm nobody has decided.
///
/// # Errors
/// What the database says.
pub async fn undecided_of(connection: &mut AnyConnection, firm: &FirmId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(UNDECIDED_OF).bind(firm.as_str().to_owned()).fetch_one(connection).await?)
}

/// Undecided requests whose time is over, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn expired(connection: &mut AnyConnection, now: Timestamp, most: i64) -> Result<Vec<Request>, StoreError> {
    sqlx::query(EXPIRED).bind(now.as_millis()).bind(most).fetch_all(connection).await?.iter().map(request).collect()
}

/// Takes the personal data out of requests that ended unapproved before `ended_before`, or were stopped before it; says
/// how many.
///
/// # Errors
/// What the database says.
pub async fn purge(
    connection: &mut AnyConnection,
    ended_before: Timestamp,
    now: Timestamp,
    most: i64,
) -> Result<u64, StoreError> {
    let mut done = 0;
    for statement in [PURGE, PURGE_STOPPED] {
        let query = sqlx::query(statement).bind(now.as_millis()).bind(ended_before.as_millis()).bind(most);
        done += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(done)
}

fn columns(request: &Request) -> Vec<Value> {
    let copies: Vec<String> = request.copies.iter().map(EmailAddress::to_text).collect();
    let (state, state_at) = state_columns(request);
    vec![
        Value::Text(request.id.as_str().to_owned()),
        Value::Number(request.number),
        Value::Text(request.firm.as_str().to_owned()),
        Value::Text(request.customer.to_text()),
        Value::Text(request.customer.key()),
        Value::MaybeText(request.client_name.as_deref().map(clean)),
        Value::MaybeText(request.contact_name.as_deref().map(clean)),
        Value::Text(copies.join("\n")),
        Value::Text(clean(&request.message)),
        Value::Text(request.locale.tag().to_owned()),
        Value::Text(state.to_owned()),
        Value::Number(state_at),
        Value::Number(request.created_at.as_millis()),
        Value::Number(request.expires_at.as_millis()),
        Value::Text(request.link_key.clone()),
        Value::Number(i64::from(request.notices)),
        Value::Number(request.noticed_at.as_millis()),
        Value::MaybeNumber(request.linked_at.map(Timestamp::as_millis)),
        Value::MaybeNumber(request.disowned_at.map(Timestamp::as_millis)),
        Value::MaybeNumber(request.stopped_at.map(Timestamp::as_millis)),
        Value::Text(request.proved_by.clone()),
        Value::Number(request.version),
    ]
}

fn state_columns(request: &Request) -> (&'static str, i64) {
    let at = match request.state {
        State::Pending => request.created_at,
        State::Undeliverable(at)
        | State::Opened(at)
        | State::Approved(at)
        | State::Declined(at)
        | State::Expired(at)
        | State::Cancelled(at) => at,
    };
    (request.state.name().name(), at.as_millis())
}

pub(super) fn request(row: &AnyRow) -> Result<Request, StoreError> {
    let copies = text(row, "copies")?;
    let copies = copies.lines().map(EmailAddress::parse).collect::<Result<_, _>>();
    Ok(Request {
        id: RequestId::stored(text(row, "id")?),
        number: number(row, "number")?,
        firm: FirmId::stored(text(row, "firm_id")?),
        customer: address(row, "customer_address")?,
        client_name: maybe_text(row, "client_name")?,
        contact_name: maybe_text(row, "contact_name")?,
        copies: copies.map_err(|_| StoreError::Corrupt("request.copies"))?,
        message: text(row, "message")?,
        locale: named(row, "locale", Locale::parse)?,
        state: State::stored(named(row, "state", StateName::stored)?, time(row, "state_at")?),
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        link_key: text(row, "link_key")?,
        notices: count(row, "notices")?,
        noticed_at: time(row, "noticed_at")?,
        linked_at: maybe_time(row, "linked_at")?,
        disowned_at: maybe_time(row, "disowned_at")?,
        stopped_at: maybe_time(row, "stopped_at")?,
        proved_by: text(row, "proved_by")?,
        version: number(row, "version")?,
    })
}
