//! What can go wrong inside the ledger, and what is told of it.

use tracing::error;

use crate::contracts::{DirectoryError, Trouble};
use crate::domain::contract::Refusal;

/// What ended a use case.
#[derive(Debug)]
pub(super) enum Fault {
    /// It will not be done.
    Refused(Refusal),
    /// The database; nothing was done.
    Database(sqlx::Error),
    /// The database at the commit: it may have been done.
    Commit(sqlx::Error),
    /// A row holds what the ledger never writes.
    Corrupt(&'static str),
}

/// Why a command on the ledger failed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database.
    #[error("the ledger's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds what the ledger never writes.
    #[error("the ledger holds an unknown value in {0}")]
    Corrupt(&'static str),
    /// Two rows that may not be there together; it names them.
    #[error("{0}")]
    Conflict(String),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Database(error) | Fault::Commit(error) => Self::Database(error),
            Fault::Corrupt(column) => Self::Corrupt(column),
            Fault::Refused(refusal) => Self::Conflict(refusal.name().to_owned()),
        }
    }
}

impl Fault {
    /// What the caller is told; what the database said goes to the log.
    pub(super) fn told(self) -> DirectoryError {
        match self {
            Self::Refused(refusal) => DirectoryError::Refused(refusal),
            Self::Database(error) => {
                // Somebody else wrote the same row at the same moment: what he wrote is seen at the next try.
                if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
                    return DirectoryError::Retry(Trouble::Busy(None));
                }
                error!(%error, "the ledger's database failed");
                DirectoryError::Retry(Trouble::Database)
            }
            Self::Commit(error) => {
                error!(%error, "the ledger's database failed at a commit");
                DirectoryError::Unknown(Trouble::Database)
            }
            Self::Corrupt(column) => {
                error!(column, "the ledger holds an unknown value");
                DirectoryError::Retry(Trouble::Database)
            }
        }
    }
}
