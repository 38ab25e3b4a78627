//! How far a run over all customers has come.

use sqlx::AnyConnection;

use super::error::StoreError;
use super::row::{maybe_time, number, text, time};
use crate::domain::time::Timestamp;

const OF: &str = "SELECT * FROM reconcile_run WHERE name = $1";
const PUT: &str = "INSERT INTO reconcile_run (name, slot, after_id, customers, corrections, finished_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, after_id = excluded.after_id,
    customers = excluded.customers, corrections = excluded.corrections, finished_at = excluded.finished_at";

/// A run over all customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The time it was due.
    pub slot: Timestamp,
    /// The last account that was done; empty at the beginning.
    pub after: String,
    /// How many customers were looked at.
    pub customers: i64,
    /// How many corrections they needed.
    pub corrections: i64,
    /// When it was done with all.
    pub finished_at: Option<Timestamp>,
}

/// The run of this name.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, name: &str) -> Result<Option<Run>, StoreError> {
    let row = sqlx::query(OF).bind(name.to_owned()).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Run {
        slot: time(&row, "slot")?,
        after: text(&row, "after_id")?,
        customers: number(&row, "customers")?,
        corrections: number(&row, "corrections")?,
        finished_at: maybe_time(&row, "finished_at")?,
    }))
}

/// Writes how far it has come.
///
/// # Errors
/// What the database says.
pub async fn put(connection: &mut AnyConnection, name: &str, run: &Run) -> Result<(), StoreError> {
    sqlx::query(PUT)
        .bind(name.to_owned())
        .bind(run.slot.as_millis())
        .bind(run.after.clone())
        .bind(run.customers)
        .bind(run.corrections)
        .bind(run.finished_at.map(Timestamp::as_millis))
        .execute(connection)
        .await?;
    Ok(())
}
