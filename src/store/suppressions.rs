//! Addresses that failed for good.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{text, time};
use crate::domain::ids::OutboundId;
use crate::domain::suppression::Suppression;

const INSERT: &str = "INSERT INTO suppression (address_key, status, mail_id, since)";
const KEEP_THE_FIRST: &str = "ON CONFLICT (address_key) DO NOTHING";
const OF: &str = "SELECT address_key, status, mail_id, since FROM suppression WHERE address_key IN";
const LIST: &str =
    "SELECT address_key, status, mail_id, since FROM suppression ORDER BY since DESC, address_key LIMIT $1";
const LIFT: &str = "DELETE FROM suppression WHERE address_key IN";

/// Notes that these addresses failed for good; one that is noted already stays as it was.
///
/// # Errors
/// What the database says.
pub async fn insert(connection: &mut AnyConnection, suppressions: &[Suppression]) -> Result<(), StoreError> {
    let row = |it: &Suppression| {
        vec![
            Value::Text(it.address_key.clone()),
            Value::Text(it.status.clone()),
            Value::Text(it.mail.as_str().to_owned()),
            Value::Number(it.since.as_millis()),
        ]
    };
    let rows: Vec<_> = suppressions.iter().map(row).collect();
    batch::insert(connection, INSERT, KEEP_THE_FIRST, &rows).await?;
    Ok(())
}

/// Those of the addresses with these keys that are suppressed.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, keys: &[String]) -> Result<Vec<Suppression>, StoreError> {
    if keys.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(OF, 1, keys.len(), "");
    let rows = batch::rows(connection, sql, keys.iter().cloned().map(Value::Text)).await?;
    rows.iter().map(suppression).collect()
}

/// The newest.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &mut AnyConnection, most: i64) -> Result<Vec<Suppression>, StoreError> {
    sqlx::query(LIST).bind(most).fetch_all(connection).await?.iter().map(suppression).collect()
}

/// Lets mails to these addresses leave again; says how many were suppressed.
///
/// # Errors
/// What the database says.
pub async fn lift(connection: &mut AnyConnection, keys: &[String]) -> Result<u64, StoreError> {
    if keys.is_empty() {
        return Ok(0);
    }
    batch::run(connection, batch::in_list(LIFT, 1, keys.len(), ""), keys.iter().cloned().map(Value::Text)).await
}

fn suppression(row: &AnyRow) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        address_key: text(row, "address_key")?,
        status: text(row, "status")?,
        mail: OutboundId::stored(text(row, "mail_id")?),
        since: time(row, "since")?,
    })
}
