//! The audit trail: append-only, each row hashed together with the one before it.

use base64::Engine;
use ring::digest::{Context, SHA256};
use sqlx::{AnyConnection, Row};

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{number, text, time};
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::time::Timestamp;

const TAKEN: &str = "SELECT value FROM counter WHERE name = 'audit'";
const HEAD: &str = "SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1";
const TAKE: &str = "UPDATE counter SET value = value + $1 WHERE name = 'audit' RETURNING value";
const INSERT: &str = "INSERT INTO audit_event (seq, at, actor, object, event, from_state, to_state, cause, hash)";
const LAST_AT: &str = "SELECT at FROM audit_event ORDER BY seq DESC LIMIT 1";
const OF: &str = "SELECT seq, at, actor, object, event, from_state, to_state, cause, hash FROM audit_event WHERE object = $1 ORDER BY seq";
const PAGE: &str = "SELECT seq, at, actor, object, event, from_state, to_state, cause, hash FROM audit_event
    WHERE seq > $1 ORDER BY seq LIMIT 1000";

/// Appends `events` in order.
///
/// # Errors
/// What the database says.
pub async fn append(connection: &mut AnyConnection, events: &[AuditEvent]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(events.len()).map_err(|_| StoreError::Corrupt("audit_event"))?;
    // Taking the numbers first locks the counter's row: the chain has one writer at a time.
    let last: i64 = sqlx::query_scalar(TAKE).bind(count).fetch_one(&mut *connection).await?;
    let head = sqlx::query(HEAD).fetch_optional(&mut *connection).await?;
    let mut hash = head.map(|row| text(&row, "hash")).transpose()?.unwrap_or_default();
    let mut rows = Vec::with_capacity(events.len());
    for (seq, event) in (last - count + 1..).zip(events) {
        hash = link(&hash, seq, event);
        rows.push(vec![
            Value::Number(seq),
            Value::Number(event.at.as_millis()),
            Value::Text(event.actor.clone()),
            Value::Text(event.object.clone()),
            Value::Text(event.event.to_owned()),
            Value::Text(event.from.to_owned()),
            Value::Text(event.to.to_owned()),
            Value::Text(event.cause.clone()),
            Value::Text(hash.clone()),
        ]);
    }
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// The story of one object, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, object: &str) -> Result<Vec<AuditEntry>, StoreError> {
    sqlx::query(OF).bind(object).fetch_all(connection).await?.iter().map(entry).collect()
}

/// When the last event was.
///
/// # Errors
/// What the database says.
pub async fn last_at(connection: &mut AnyConnection) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(LAST_AT).fetch_optional(connection).await?;
    Ok(at.map(Timestamp::from_millis))
}

/// The number of the first row that does not fit to the one before it, or is missing; `None` when the whole chain holds.
///
/// # Errors
/// What the database says.
pub async fn first_break(connection: &mut AnyConnection) -> Result<Option<i64>, StoreError> {
    // What the counter gave out must be there: a chain does not show by itself that its end was cut off.
    let last: i64 = sqlx::query_scalar(TAKEN).fetch_one(&mut *connection).await?;
    let (mut seen, mut hash) = (0, String::new());
    loop {
        let page = sqlx::query(PAGE).bind(seen).fetch_all(&mut *connection).await?;
        if page.is_empty() {
            return Ok((seen < last).then_some(seen + 1));
        }
        for row in &page {
            let entry = entry(row)?;
            let stored: String = row.try_get("hash")?;
            hash = link_entry(&hash, &entry);
            if hash != stored || entry.seq != seen + 1 {
                return Ok(Some(entry.seq));
            }
            seen = entry.seq;
        }
    }
}

fn entry(row: &sqlx::any::AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        seq: number(row, "seq")?,
        at: time(row, "at")?,
        actor: text(row, "actor")?,
        object: text(row, "object")?,
        event: text(row, "event")?,
        from: text(row, "from_state")?,
        to: text(row, "to_state")?,
        cause: text(row, "cause")?,
    })
}

fn link(before: &str, seq: i64, event: &AuditEvent) -> String {
    hash(
        before,
        seq,
        event.at.as_millis(),
        [&event.actor, &event.object, event.event, event.from, event.to, &event.cause],
    )
}

fn link_entry(before: &str, entry: &AuditEntry) -> String {
    let parts: [&str; 6] = [&entry.actor, &entry.object, &entry.event, &entry.from, &entry.to, &entry.cause];
    hash(before, entry.seq, entry.at.as_millis(), parts)
}

fn hash(before: &str, seq: i64, at: i64, parts: [&str; 6]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(before.as_bytes());
    context.update(&seq.to_be_bytes());
    context.update(&at.to_be_bytes());
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(context.finish())
}
