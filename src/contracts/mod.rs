//! The contract-management system: it knows which contracts there are, moves them out of the old system, and keeps what is
//! linked and bound. [`ledger`] is the one built in; [`http`] asks another one. Both keep to one interface,
//! [`ContractDirectory`], and one suite of tests.
//!
//! No transaction of renkei's may be open during a call: the built-in one writes into the same database, which on SQLite
//! has one writer, and another one takes up to half a minute.

mod breaker;
mod error;
pub mod http;
pub mod ledger;
mod wire;

use std::fmt::Debug;
use std::pin::Pin;

use secrecy::SecretString;

use crate::domain::contract::{
    ActualLinkage, Binding, CallKey, Contract, ContractSnapshot, CustomerNumber, Grant, Granted, Holder, LinkSubject,
    LinkageState, LinkageWish, MigrationStatus, ServiceContractId,
};
use crate::domain::firm::FirmNumber;
use crate::domain::ids::{BusinessDataId, MigrationId};

pub use error::{DirectoryError, Trouble};

/// What a call comes to.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DirectoryError>> + Send + 'a>>;

/// The contract-management system.
///
/// Calls that change something carry a key, or are named by what they change: repeated, they do nothing and answer as
/// before. After [`DirectoryError::Unknown`] the caller looks first ([`Self::migration_status`], [`Self::read_linkage`],
/// [`Self::read_binding`]) and repeats only what was not done, under the same key.
pub trait ContractDirectory: Debug + Send + Sync {
    /// The list of contracts (契約一覧) of a holder; empty for one that nobody knows.
    fn snapshot<'a>(&'a self, holder: &'a Holder) -> Answer<'a, ContractSnapshot>;

    /// Whether the password of a customer number is right. Changes nothing; what it grants is good for 30 days. Refused:
    /// `WrongPassword`, `NoPassword`, `OtherHolder`, `NetworkProduct`, `AlreadyMigrated`, `NoContract`.
    fn check_customer_number<'a>(
        &'a self,
        holder: &'a Holder,
        number: &'a CustomerNumber,
        password: &'a SecretString,
    ) -> Answer<'a, Granted>;

    /// Starts moving the granted contracts out of the old system. The migration's id is its key: started again with the same
    /// grants, it goes on as it was. Refused: `BadGrant` (of one is enough, and for none), `AlreadyMigrated`, `KeyReused`.
    fn start_migration<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
        grants: &'a [Grant],
    ) -> Answer<'a, MigrationStatus>;

    /// How a migration stands; `None`: it was never started.
    fn migration_status<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
    ) -> Answer<'a, Option<MigrationStatus>>;

    /// Puts a network product into the list of contracts, where its password is right. Once there, it is there. Refused:
    /// `WrongPassword`, `NoPassword`, `OtherHolder`, `NoContract`.
    fn auth_service_contract<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a ServiceContractId,
        password: &'a SecretString,
    ) -> Answer<'a, Contract>;

    /// Links a firm with a product, or unlinks it. Refused: `NoContract` (a link with what does not run), `KeyReused`.
    fn apply_linkage<'a>(
        &'a self,
        key: &'a CallKey,
        holder: &'a Holder,
        firm: &'a FirmNumber,
        subject: &'a LinkSubject,
        wish: LinkageWish,
    ) -> Answer<'a, LinkageState>;

    /// Every link of a holder that is there or on its way; one that is missing is not there. Ordered by firm and subject.
    fn read_linkage<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Vec<ActualLinkage>>;

    /// Binds business data. Refused: `OtherDataBound`, `NoContract`, `KeyReused`.
    fn set_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, binding: &'a Binding) -> Answer<'a, ()>;

    /// The business data that is bound.
    fn read_binding<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Option<Binding>>;

    /// Releases business data; nothing bound is as good as released. Refused: `OtherDataBound`, `KeyReused`.
    fn release_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, data: &'a BusinessDataId) -> Answer<'a, ()>;
}
