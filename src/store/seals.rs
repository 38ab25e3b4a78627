//! What the signatures of mails that acted signed with.

use std::collections::HashSet;

use sqlx::{AnyConnection, Row};

use super::batch::{self, Value};
use super::error::StoreError;
use crate::domain::ids::InboundId;
use crate::domain::inbound::Seal;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO signature_seen (seal, inbound_id, seen_at)";
const SEEN: &str = "SELECT seal FROM signature_seen WHERE seal IN";
const PURGE: &str = "DELETE FROM signature_seen WHERE seal IN
    (SELECT seal FROM signature_seen WHERE seen_at <= $1 ORDER BY seen_at LIMIT $2)";

/// Remembers the seals of mails that act.
///
/// # Errors
/// [`StoreError::Taken`] when another mail with one of them has acted in the meantime.
pub async fn insert(
    connection: &mut AnyConnection,
    seals: &[(Seal, InboundId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |(seal, id): &(Seal, InboundId)| {
        vec![Value::Text(seal.0.clone()), Value::Text(id.as_str().to_owned()), Value::Number(now.as_millis())]
    };
    let rows: Vec<_> = seals.iter().map(row).collect();
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// Those of `seals` that were seen.
///
/// # Errors
/// What the database says.
pub async fn seen(connection: &mut AnyConnection, seals: &[&Seal]) -> Result<HashSet<Seal>, StoreError> {
    if seals.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = batch::in_list(SEEN, 1, seals.len(), "");
    let rows = batch::rows(connection, sql, seals.iter().map(|seal| Value::Text(seal.0.clone()))).await?;
    rows.iter().map(|row| Ok(Seal(row.try_get("seal")?))).collect()
}

/// Forgets seals that were seen before; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, seen_before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let query = sqlx::query(PURGE).bind(seen_before.as_millis()).bind(most);
    Ok(query.execute(connection).await?.rows_affected())
}
