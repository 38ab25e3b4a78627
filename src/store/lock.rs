//! One daemon a database: a second one stands by until the first is gone (failure F22).

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use sqlx::pool::PoolConnection;
use sqlx::{Any, Connection};

use super::{Dialect, Store, StoreError};

/// Any number, the same for every renkei.
const TRY_ADVISORY: &str = "SELECT CASE WHEN pg_try_advisory_lock(7236537) THEN 1 ELSE 0 END";

/// Held as long as it lives; the operating system or the server lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub enum DaemonLock {
    /// A locked file beside the database file.
    File(File),
    /// A session of its own that holds an advisory lock.
    Session(Box<PoolConnection<Any>>),
}

impl DaemonLock {
    /// Takes the lock, or says that another daemon has it.
    ///
    /// # Errors
    /// What the file system or the database says.
    pub async fn try_take(store: &Store, url: &str) -> Result<Option<Self>, StoreError> {
        match store.dialect().file(url) {
            Some(path) => try_file(path),
            None => try_session(store).await,
        }
    }

    /// Whether it is still ours: a server that was restarted has forgotten it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn check(&mut self) -> Result<(), StoreError> {
        match self {
            Self::File(_) => Ok(()),
            Self::Session(session) => Ok(session.ping().await?),
        }
    }
}

fn try_file(database: PathBuf) -> Result<Option<DaemonLock>, StoreError> {
    let mut path = database.into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = File::create(&path).map_err(|error| StoreError::File(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(DaemonLock::File(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StoreError::File(path, error)),
    }
}

async fn try_session(store: &Store) -> Result<Option<DaemonLock>, StoreError> {
    debug_assert_eq!(store.dialect(), Dialect::Postgres);
    let mut session = store.writer.acquire().await?;
    let taken: i32 = sqlx::query_scalar(TRY_ADVISORY).fetch_one(&mut *session).await?;
    Ok((taken == 1).then(|| DaemonLock::Session(Box::new(session))))
}
