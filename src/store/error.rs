//! What can go wrong at the database.

use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// An error of the store. No variant shows a value that was stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The setting is no URL that renkei knows.
    #[error("store.url must begin with sqlite: or postgres:")]
    Url,
    /// The SQLite file or its folder cannot be made.
    #[error("{0} cannot be opened: {1}")]
    File(PathBuf, std::io::Error),
    /// A later renkei has written here.
    #[error("the database has schema {0}, which this renkei does not know: run the later version, or restore a backup")]
    Newer(i64),
    /// A migration failed or was edited after it ran.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(MigrateError),
    /// Somebody else changed the row first.
    #[error("the row was changed by another in the meantime: try again")]
    Stale,
    /// It is there already.
    #[error("it is there already")]
    Taken,
    /// A row holds what renkei never writes.
    #[error("the database holds an unknown value in {0}")]
    Corrupt(&'static str),
    /// Anything else the database says; most of it passes.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        if taken { Self::Taken } else { Self::Database(error) }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer(version),
            other => Self::Migration(other),
        }
    }
}
