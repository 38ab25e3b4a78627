//! When each scheduled job last ran.

use sqlx::AnyConnection;

use super::error::StoreError;
use crate::domain::time::Timestamp;

const LAST: &str = "SELECT last_at FROM job WHERE name = $1";
const RAN: &str =
    "INSERT INTO job (name, last_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at";

/// When the job last ran; `None` before its first time.
///
/// # Errors
/// What the database says.
pub async fn last(connection: &mut AnyConnection, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(LAST).bind(name.to_owned()).fetch_optional(connection).await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Notes that the job ran for the slot `at`.
///
/// # Errors
/// What the database says.
pub async fn ran(connection: &mut AnyConnection, name: &str, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query(RAN).bind(name.to_owned()).bind(at.as_millis()).execute(connection).await?;
    Ok(())
}
