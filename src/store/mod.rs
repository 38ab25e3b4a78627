//! All SQL. One file a table family, whole statements, the same text for SQLite and PostgreSQL; [`dialect`] holds what differs.
//!
//! A flow opens a transaction with [`Store::begin`], calls the functions of this room with it and commits. Nothing here
//! decides anything: rules are in `domain`, and an update names the version it read.

pub mod accounts;
pub mod attempts;
pub mod audit;
mod batch;
pub mod budgets;
pub mod companies;
pub mod contract_customers;
pub mod contract_guesses;
pub mod data_bindings;
pub mod decisions;
mod dialect;
mod error;
pub mod firms;
pub mod inbound;
pub mod jobs;
pub mod limits;
pub mod linkages;
pub mod lock;
pub mod migration_cases;
pub mod network_registrations;
pub mod outbox;
pub mod reconcile_runs;
pub mod reminders;
pub mod replies;
pub mod requests;
mod row;
pub mod seals;
pub mod sessions;
pub mod suppressions;
pub mod troubles;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool};

pub use dialect::Dialect;
pub use error::StoreError;
/// What statements run on: a [`Tx`] and a [`Connection`] both are one.
pub use sqlx::AnyConnection;

/// A transaction: dropped without [`Tx::commit`] it never happened.
pub type Tx = sqlx::Transaction<'static, Any>;
/// A connection for reading.
pub type Connection = sqlx::pool::PoolConnection<Any>;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    /// SQLite: one connection, so that writers queue here and not in the database's busy handler.
    writer: AnyPool,
    reader: AnyPool,
    dialect: Dialect,
}

impl Store {
    /// Opens the database behind `url` (`sqlite:PATH` or `postgres://…`) and brings its schema up to date. An SQLite file
    /// that is not there is created for the owner alone.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a schema of a later renkei; otherwise what the database says.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        if let Some(path) = dialect.file(url) {
            create_private(&path)?;
        }
        let options = AnyConnectOptions::from_str(&dialect.url(url))?;
        let pool = |most: u32| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(Duration::from_secs(30))
                .test_before_acquire(dialect.may_lose_connections())
                .after_connect(move |connection, _| Box::pin(dialect.prepare(connection)))
        };
        let writer = pool(dialect.writers()).connect_with(options.clone()).await?;
        let reader = match dialect {
            Dialect::Sqlite => pool(2).connect_lazy_with(options),
            Dialect::Postgres => writer.clone(),
        };
        MIGRATIONS.run(&writer).await?;
        Ok(Self { writer, reader, dialect })
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.writer.begin_with(self.dialect.begin()).await?)
    }

    /// A connection for reading alone.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(&self) -> Result<Connection, StoreError> {
        Ok(self.reader.acquire().await?)
    }

    /// The connections, for writing and for reading, and how a transaction that writes begins: for the system that lies in
    /// the same database and keeps its SQL to itself.
    #[must_use]
    pub fn lend(&self) -> (AnyPool, AnyPool, &'static str) {
        (self.writer.clone(), self.reader.clone(), self.dialect.begin())
    }

    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What it says instead.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&mut *self.read().await?).await?;
        Ok(())
    }

    /// Closes all connections; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// SQLite's `-wal` and `-shm` files take over the mode of the database file.
fn create_private(path: &PathBuf) -> Result<(), StoreError> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let unusable = |error| StoreError::File(path.clone(), error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(unusable)?;
    Ok(())
}
