//! The few things in which SQLite and PostgreSQL differ: how a transaction that writes begins, how due work is claimed
//! while others claim too, and what a connection needs to be told first.

use std::path::PathBuf;

use sqlx::{AnyConnection, Executor};

use super::error::StoreError;

/// Which database is behind the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file of our own, written ahead (WAL) and synced at each commit.
    Sqlite,
    /// A server, 15 or later.
    Postgres,
}

impl Dialect {
    /// From the URL's scheme.
    ///
    /// # Errors
    /// [`StoreError::Url`]
    pub fn of(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(StoreError::Url),
        }
    }

    /// The SQLite file.
    pub(super) fn file(self, url: &str) -> Option<PathBuf> {
        if self == Self::Postgres {
            return None;
        }
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }

    /// The URL in the form that sqlx reads.
    pub(super) fn url(self, url: &str) -> String {
        match self.file(url) {
            Some(path) => format!("sqlite://{}", path.display()),
            None => url.to_owned(),
        }
    }

    /// SQLite takes its write lock at once: a transaction that first reads and then writes would otherwise fail under load
    /// ("database is locked", sqlx 0.9, 30 of 100 at four writers).
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Ends the inner SELECT of a claim, so that two daemons never wait for one another's rows.
    pub(super) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Whether a connection at rest can break: a file is always there, a server may have been restarted.
    pub(super) const fn may_lose_connections(self) -> bool {
        matches!(self, Self::Postgres)
    }

    pub(super) const fn writers(self) -> u32 {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 6,
        }
    }

    pub(super) async fn prepare(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        if self == Self::Sqlite {
            for pragma in [
                "PRAGMA busy_timeout = 5000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                "PRAGMA temp_store = MEMORY",
                "PRAGMA secure_delete = ON",
            ] {
                connection.execute(pragma).await?;
            }
        }
        Ok(())
    }
}
