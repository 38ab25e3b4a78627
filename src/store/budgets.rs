//! What counts against the day's budgets.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{text, time};
use crate::domain::ids::FirmId;
use crate::domain::time::Timestamp;

const BORN: &str = "SELECT firm_id AS owner, created_at AS at FROM request WHERE created_at > $1 AND firm_id IN";
const ASKING: &str = "SELECT lower(recipient) AS owner, due_at AS at FROM outbound_mail
    WHERE kind IN ('request_notice', 'request_copy') AND state NOT IN ('useless', 'suppressed') AND due_at > $1
    AND lower(recipient) IN";
const ANSWERS: &str = "SELECT lower(recipient) AS owner, COUNT(*) AS many FROM outbound_mail
    WHERE kind IN ('receipt', 'form_refused', 'table_receipt', 'command_answer') AND created_at > $1
    AND lower(recipient) IN";
const COUNT_UNMATCHED: &str = "UPDATE counter SET value = value + $1 WHERE name = 'unmatched_report'";
const UNMATCHED: &str = "SELECT value FROM counter WHERE name = 'unmatched_report'";

/// When each new request of these firms came since `since`.
///
/// # Errors
/// What the database says.
pub async fn requests_of(
    connection: &mut AnyConnection,
    firms: &[&FirmId],
    since: Timestamp,
) -> Result<Vec<(FirmId, Timestamp)>, StoreError> {
    let found = times(connection, BORN, firms.iter().map(|firm| firm.as_str().to_owned()).collect(), since).await?;
    Ok(found.into_iter().map(|(firm, at)| (FirmId::stored(firm), at)).collect())
}

/// When request mails and their copies left, or will, for the addresses with these keys since `since`.
///
/// # Errors
/// What the database says.
pub async fn notices_to(
    connection: &mut AnyConnection,
    addresses: Vec<String>,
    since: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    times(connection, ASKING, addresses, since).await
}

/// How many answers the addresses with these keys were given since `since`.
///
/// # Errors
/// What the database says.
pub async fn answers_to(
    connection: &mut AnyConnection,
    addresses: Vec<String>,
    since: Timestamp,
) -> Result<Vec<(String, u32)>, StoreError> {
    let count = |row: &AnyRow| {
        let many: i64 = row.try_get("many")?;
        Ok((text(row, "owner")?, u32::try_from(many).unwrap_or(u32::MAX)))
    };
    rows(connection, ANSWERS, addresses, since, " GROUP BY lower(recipient)").await?.iter().map(count).collect()
}

/// Counts reports that were about no mail of ours.
///
/// # Errors
/// What the database says.
pub async fn count_unmatched(connection: &mut AnyConnection, many: usize) -> Result<(), StoreError> {
    let many = i64::try_from(many).map_err(|_| StoreError::Corrupt("counter"))?;
    sqlx::query(COUNT_UNMATCHED).bind(many).execute(connection).await?;
    Ok(())
}

/// How many reports were about no mail of ours, ever.
///
/// # Errors
/// What the database says.
pub async fn unmatched(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query(UNMATCHED).fetch_one(connection).await?.try_get("value")?)
}

async fn times(
    connection: &mut AnyConnection,
    head: &str,
    owners: Vec<String>,
    since: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let found = rows(connection, head, owners, since, "").await?;
    found.iter().map(|row| Ok((text(row, "owner")?, time(row, "at")?))).collect()
}

async fn rows(
    connection: &mut AnyConnection,
    head: &str,
    owners: Vec<String>,
    since: Timestamp,
    tail: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut found = Vec::new();
    for some in owners.chunks(batch::MOST_LISTED) {
        let sql = batch::in_list(head, 2, some.len(), tail);
        let values = std::iter::once(Value::Number(since.as_millis())).chain(some.iter().cloned().map(Value::Text));
        found.extend(batch::rows(connection, sql, values).await?);
    }
    Ok(found)
}
