//! The ledger: the contract-management system that is built in. It lies in tables of its own in renkei's database, and its
//! SQL is the only SQL outside `store/`.
//!
//! DESCRIPTION: filled by `renkei ledger import`, shown by `renkei ledger show`, asked by the flows, and served to other
//! machines over HTTP by `renkei ledger serve`. It is for a first installation without another system, and the counterpart
//! that the HTTP client is tested against.
//!
//! WHEN IT FAILS: it fails as its database does; what was not committed was not done.
//!
//! CONFIGURATION: `[contracts.ledger]`.

mod binding;
mod calls;
mod error;
mod granting;
pub mod import;
mod linking;
mod listing;
mod moving;
mod password;
mod row;
mod serve;
pub mod show;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use sqlx::{Any, AnyPool};

use super::{Answer, ContractDirectory};
use crate::clock::Clock;
use crate::config::contracts::Ledger as Settings;
use crate::domain::contract::{
    ActualLinkage, Binding, CallKey, Contract, ContractSnapshot, CustomerNumber, Grant, Granted, Holder, LinkSubject,
    LinkageState, LinkageWish, MigrationStatus, ServiceContractId,
};
use crate::domain::firm::FirmNumber;
use crate::domain::ids::{BusinessDataId, MigrationId};
use crate::entropy::Entropy;
use error::Fault;
pub use error::LedgerError;
pub use password::Cost;
pub use serve::router;

type Tx = sqlx::Transaction<'static, Any>;
type Connection = sqlx::pool::PoolConnection<Any>;

/// The database that it lies in, as the store opened it.
#[derive(Clone)]
pub struct Database {
    /// For writing; on SQLite one connection.
    pub writer: AnyPool,
    /// For reading.
    pub reader: AnyPool,
    /// How a transaction that writes begins.
    pub begin: &'static str,
}

impl From<(AnyPool, AnyPool, &'static str)> for Database {
    /// From what the store lends.
    fn from((writer, reader, begin): (AnyPool, AnyPool, &'static str)) -> Self {
        Self { writer, reader, begin }
    }
}

/// The built-in contract-management system. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    database: Database,
    clock: Clock,
    entropy: Entropy,
    step: Duration,
    passwords: Arc<password::Passwords>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("step", &self.step).finish_non_exhaustive()
    }
}

impl Ledger {
    /// In this database, whose schema is up to date.
    #[must_use]
    pub fn new(database: Database, settings: &Settings, clock: Clock, entropy: Entropy) -> Self {
        let step = Duration::from_secs(settings.step_seconds.into());
        let passwords = Arc::new(password::Passwords::new());
        Self { database, clock, entropy, step, passwords }
    }

    async fn begin(&self) -> Result<Tx, Fault> {
        Ok(self.database.writer.begin_with(self.database.begin).await?)
    }

    async fn read(&self) -> Result<Connection, Fault> {
        Ok(self.database.reader.acquire().await?)
    }
}

/// A commit that fails may have been done all the same.
async fn commit(tx: Tx) -> Result<(), Fault> {
    tx.commit().await.map_err(Fault::Commit)
}

/// Boxes what a use case comes to.
fn answer<'a, T>(doing: impl Future<Output = Result<T, Fault>> + Send + 'a) -> Answer<'a, T> {
    Box::pin(async { doing.await.map_err(Fault::told) })
}

impl ContractDirectory for Ledger {
    fn snapshot<'a>(&'a self, holder: &'a Holder) -> Answer<'a, ContractSnapshot> {
        answer(self.list(holder))
    }

    fn check_customer_number<'a>(
        &'a self,
        holder: &'a Holder,
        number: &'a CustomerNumber,
        password: &'a SecretString,
    ) -> Answer<'a, Granted> {
        answer(self.grant(holder, number, password))
    }

    fn start_migration<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
        grants: &'a [Grant],
    ) -> Answer<'a, MigrationStatus> {
        answer(self.start(holder, migration, grants))
    }

    fn migration_status<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
    ) -> Answer<'a, Option<MigrationStatus>> {
        answer(self.status(holder, migration))
    }

    fn auth_service_contract<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a ServiceContractId,
        password: &'a SecretString,
    ) -> Answer<'a, Contract> {
        answer(self.register(holder, id, password))
    }

    fn apply_linkage<'a>(
        &'a self,
        key: &'a CallKey,
        holder: &'a Holder,
        firm: &'a FirmNumber,
        subject: &'a LinkSubject,
        wish: LinkageWish,
    ) -> Answer<'a, LinkageState> {
        answer(self.apply(key, holder, firm, subject, wish))
    }

    fn read_linkage<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Vec<ActualLinkage>> {
        answer(self.links(holder))
    }

    fn set_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, binding: &'a Binding) -> Answer<'a, ()> {
        answer(self.bind(key, holder, binding))
    }

    fn read_binding<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Option<Binding>> {
        answer(self.bound(holder))
    }

    fn release_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, data: &'a BusinessDataId) -> Answer<'a, ()> {
        answer(self.release(key, holder, data))
    }
}
