//! Replies of people that were sent on: each once, and so many a day of one person.

use std::collections::HashSet;

use sqlx::{AnyConnection, Row};

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::text;
use crate::domain::ids::OutboundId;
use crate::domain::inbound::Digest;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO forwarded_reply (digest, answered, forwarded_at)";
const FORWARDED: &str = "SELECT digest FROM forwarded_reply WHERE digest IN";
const OF_PEOPLE: &str = "SELECT lower(mail.recipient) AS owner, COUNT(*) AS many FROM forwarded_reply AS reply
    JOIN outbound_mail AS mail ON mail.id = reply.answered WHERE reply.forwarded_at > $1 AND lower(mail.recipient) IN";
const PURGE: &str = "DELETE FROM forwarded_reply WHERE digest IN
    (SELECT digest FROM forwarded_reply WHERE forwarded_at <= $1 ORDER BY forwarded_at LIMIT $2)";

/// Remembers replies that are sent on, each with the letter that it answers.
///
/// # Errors
/// [`StoreError::Taken`] when one of them was sent on in the meantime.
pub async fn insert(
    connection: &mut AnyConnection,
    replies: &[(Digest, OutboundId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |(digest, answered): &(Digest, OutboundId)| {
        vec![Value::Text(digest.0.clone()), Value::Text(answered.as_str().to_owned()), Value::Number(now.as_millis())]
    };
    let rows: Vec<_> = replies.iter().map(row).collect();
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// Those of the mails with these digests that were sent on.
///
/// # Errors
/// What the database says.
pub async fn forwarded(connection: &mut AnyConnection, digests: &[&Digest]) -> Result<HashSet<Digest>, StoreError> {
    if digests.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = batch::in_list(FORWARDED, 1, digests.len(), "");
    let rows = batch::rows(connection, sql, digests.iter().map(|digest| Value::Text(digest.0.clone()))).await?;
    rows.iter().map(|row| Ok(Digest(text(row, "digest")?))).collect()
}

/// How many replies to letters for the addresses with these keys were sent on since `since`.
///
/// # Errors
/// What the database says.
pub async fn of_people(
    connection: &mut AnyConnection,
    addresses: &[String],
    since: Timestamp,
) -> Result<Vec<(String, u32)>, StoreError> {
    if addresses.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(OF_PEOPLE, 2, addresses.len(), " GROUP BY lower(mail.recipient)");
    let values = std::iter::once(Value::Number(since.as_millis())).chain(addresses.iter().cloned().map(Value::Text));
    let count = |row: &sqlx::any::AnyRow| {
        let many: i64 = row.try_get("many")?;
        Ok((text(row, "owner")?, u32::try_from(many).unwrap_or(u32::MAX)))
    };
    batch::rows(connection, sql, values).await?.iter().map(count).collect()
}

/// Forgets replies that were sent on before; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let query = sqlx::query(PURGE).bind(before.as_millis()).bind(most);
    Ok(query.execute(connection).await?.rows_affected())
}
