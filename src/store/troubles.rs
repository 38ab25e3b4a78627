//! What the daemon finds wrong with the world around it, for the commands and pages that run beside it.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::row::{text, time};
use crate::domain::time::Timestamp;

const TROUBLE: &str = "INSERT INTO trouble (name, since, until, detail) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE SET until = excluded.until, detail = excluded.detail";
const NO_TROUBLE: &str = "DELETE FROM trouble WHERE name = $1";
const TROUBLES: &str = "SELECT name, since, until, detail FROM trouble ORDER BY name";

/// A trouble that commands and pages are to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its name, e.g. `relay`.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When it is tried again.
    pub until: Timestamp,
    /// In a few words without personal data.
    pub detail: String,
}

/// Notes a trouble; `since` stays what it was.
///
/// # Errors
/// What the database says.
pub async fn set(connection: &mut AnyConnection, trouble: &Trouble) -> Result<(), StoreError> {
    sqlx::query(TROUBLE)
        .bind(trouble.name.clone())
        .bind(trouble.since.as_millis())
        .bind(trouble.until.as_millis())
        .bind(trouble.detail.clone())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a trouble is over.
///
/// # Errors
/// What the database says.
pub async fn clear(connection: &mut AnyConnection, name: &str) -> Result<(), StoreError> {
    sqlx::query(NO_TROUBLE).bind(name.to_owned()).execute(connection).await?;
    Ok(())
}

/// All present troubles.
///
/// # Errors
/// What the database says.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<Trouble>, StoreError> {
    let rows = sqlx::query(TROUBLES).fetch_all(connection).await?;
    let trouble = |row: &AnyRow| {
        Ok(Trouble {
            name: text(row, "name")?,
            since: time(row, "since")?,
            until: time(row, "until")?,
            detail: text(row, "detail")?,
        })
    };
    rows.iter().map(trouble).collect()
}
