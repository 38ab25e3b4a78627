//! The client of another contract-management system, over the interface of `docs/contract-system.openapi.yaml`.
//!
//! DESCRIPTION: one HTTP/1.1 request a call, JSON both ways, over TLS, with a bearer token or our certificate. A few calls at
//! once share a few kept connections. An answer is believed only where it agrees with the schema and with what was asked.
//!
//! WHEN IT FAILS: a call that did not leave is to be asked again; one that only reads is asked once more at once; one that
//! changes something and whose answer was lost is looked up, and what a look cannot settle is told as unknown. Five failures
//! in a row, and the system is left alone for half a minute; the log says so once.
//!
//! CONFIGURATION: `[contracts.http]`.

mod call;
mod error;
mod line;
mod tls;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::wire::{
    BindingItem, BindingRelease, BindingSet, Bound, Contracts, HolderQuery, LinkageApplied, LinkageApply, Linkages,
    Migration, MigrationQuery, MigrationStart, NumberCheck, NumberGranted, Released, ServiceContract,
    ServiceContractAuth, Subject, check::Nonsense, path,
};
use super::{Answer, ContractDirectory, DirectoryError};
use crate::clock::Clock;
use crate::config::contracts::Http as Settings;
use crate::domain::contract::{
    ActualLinkage, Binding, CallKey, Contract, ContractSnapshot, CustomerNumber, Grant, Granted, Holder, LinkSubject,
    LinkageState, LinkageWish, MigrationStatus, ServiceContractId,
};
use crate::domain::firm::FirmNumber;
use crate::domain::ids::{BusinessDataId, MigrationId};
use crate::entropy::Entropy;
use call::{Caller, Effect};
pub use error::HttpError;

/// The client. Its connections are kept until it goes.
pub struct Http {
    caller: Caller,
    clock: Clock,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// A client, not connected yet.
    ///
    /// # Errors
    /// [`HttpError`]: what of the settings cannot be used.
    pub fn new(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Self, HttpError> {
        Ok(Self { caller: Caller::new(settings, entropy)?, clock })
    }

    async fn started(
        &self,
        holder: &Holder,
        migration: &MigrationId,
        grants: &[Grant],
    ) -> Result<MigrationStatus, DirectoryError> {
        let question = MigrationStart {
            holder: text(holder),
            migration: migration.as_str().to_owned(),
            grants: grants.iter().map(|grant| grant.expose().to_owned()).collect(),
        };
        let check = |answer: Migration| {
            answer.checked(holder, migration)?.ok_or(Nonsense("a migration was started and is not there"))
        };
        let key = CallKey::parse(migration.as_str());
        let done = self.caller.call(path::START_MIGRATION, Effect::Changes, key.as_ref(), &question, check).await;
        let Err(DirectoryError::Unknown(_)) = done else { return done };
        match self.status(holder, migration).await {
            Ok(Some(status)) => Ok(status),
            // It is not there yet: it may still be on its way.
            _ => done,
        }
    }

    async fn status(
        &self,
        holder: &Holder,
        migration: &MigrationId,
    ) -> Result<Option<MigrationStatus>, DirectoryError> {
        let question = MigrationQuery { holder: text(holder), migration: migration.as_str().to_owned() };
        let check = |answer: Migration| answer.checked(holder, migration);
        self.caller.call(path::MIGRATION, Effect::Reads, None, &question, check).await
    }

    async fn applied(
        &self,
        key: &CallKey,
        holder: &Holder,
        firm: &FirmNumber,
        subject: &LinkSubject,
        wish: LinkageWish,
    ) -> Result<LinkageState, DirectoryError> {
        let question = LinkageApply {
            holder: text(holder),
            firm: firm.as_str().to_owned(),
            subject: Subject::from(subject),
            wish: wish.name().to_owned(),
        };
        let check = |answer: LinkageApplied| answer.checked(holder, firm, subject, wish);
        let done = self.caller.call(path::APPLY_LINKAGE, Effect::Changes, Some(key), &question, check).await;
        let Err(DirectoryError::Unknown(_)) = done else { return done };
        let links = self.links(holder).await;
        let found = links.map(|links| links.into_iter().find(|link| link.firm == *firm && link.subject == *subject));
        match (found, wish) {
            (Ok(Some(link)), LinkageWish::Link) if link.state == LinkageState::Linked => Ok(LinkageState::Linked),
            (Ok(None), LinkageWish::Unlink) => Ok(LinkageState::NotLinked),
            _ => done,
        }
    }

    async fn links(&self, holder: &Holder) -> Result<Vec<ActualLinkage>, DirectoryError> {
        let check = |answer: Linkages| answer.checked(holder);
        self.caller.call(path::LINKAGES, Effect::Reads, None, &HolderQuery { holder: text(holder) }, check).await
    }

    async fn bound(&self, holder: &Holder) -> Result<Option<Binding>, DirectoryError> {
        let check = |answer: Bound| answer.checked(holder);
        self.caller.call(path::BINDING, Effect::Reads, None, &HolderQuery { holder: text(holder) }, check).await
    }

    async fn bind(&self, key: &CallKey, holder: &Holder, binding: &Binding) -> Result<(), DirectoryError> {
        let question = BindingSet { holder: text(holder), binding: BindingItem::from(binding) };
        let check = |answer: Bound| match answer.checked(holder)? {
            Some(bound) if bound == *binding => Ok(()),
            _ => Err(Nonsense("it is about other data")),
        };
        let done = self.caller.call(path::SET_BINDING, Effect::Changes, Some(key), &question, check).await;
        let Err(DirectoryError::Unknown(_)) = done else { return done };
        match self.bound(holder).await {
            Ok(Some(bound)) if bound == *binding => Ok(()),
            _ => done,
        }
    }

    async fn release(&self, key: &CallKey, holder: &Holder, data: &BusinessDataId) -> Result<(), DirectoryError> {
        let question = BindingRelease { holder: text(holder), data: data.as_str().to_owned() };
        let check = |answer: Released| answer.checked(holder, data);
        let done = self.caller.call(path::RELEASE_BINDING, Effect::Changes, Some(key), &question, check).await;
        let Err(DirectoryError::Unknown(_)) = done else { return done };
        match self.bound(holder).await {
            Ok(None) => Ok(()),
            _ => done,
        }
    }
}

fn text(holder: &Holder) -> String {
    holder.as_str().to_owned()
}

impl ContractDirectory for Http {
    fn snapshot<'a>(&'a self, holder: &'a Holder) -> Answer<'a, ContractSnapshot> {
        Box::pin(async move {
            let fetched_at = self.clock.now();
            let check = |answer: Contracts| answer.checked(holder, fetched_at);
            self.caller.call(path::CONTRACTS, Effect::Reads, None, &HolderQuery { holder: text(holder) }, check).await
        })
    }

    fn check_customer_number<'a>(
        &'a self,
        holder: &'a Holder,
        number: &'a CustomerNumber,
        password: &'a SecretString,
    ) -> Answer<'a, Granted> {
        Box::pin(async move {
            let question = NumberCheck {
                holder: holder.as_str(),
                customer_number: number.as_str(),
                password: password.expose_secret(),
            };
            let check = |answer: NumberGranted| answer.checked(holder, number);
            self.caller.call(path::CUSTOMER_NUMBER, Effect::Tries, None, &question, check).await
        })
    }

    fn start_migration<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
        grants: &'a [Grant],
    ) -> Answer<'a, MigrationStatus> {
        Box::pin(self.started(holder, migration, grants))
    }

    fn migration_status<'a>(
        &'a self,
        holder: &'a Holder,
        migration: &'a MigrationId,
    ) -> Answer<'a, Option<MigrationStatus>> {
        Box::pin(self.status(holder, migration))
    }

    fn auth_service_contract<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a ServiceContractId,
        password: &'a SecretString,
    ) -> Answer<'a, Contract> {
        Box::pin(async move {
            let question = ServiceContractAuth {
                holder: holder.as_str(),
                service_contract_id: id.as_str(),
                password: password.expose_secret(),
            };
            let check = |answer: ServiceContract| answer.checked(holder, id);
            self.caller.call(path::SERVICE_CONTRACT, Effect::Tries, None, &question, check).await
        })
    }

    fn apply_linkage<'a>(
        &'a self,
        key: &'a CallKey,
        holder: &'a Holder,
        firm: &'a FirmNumber,
        subject: &'a LinkSubject,
        wish: LinkageWish,
    ) -> Answer<'a, LinkageState> {
        Box::pin(self.applied(key, holder, firm, subject, wish))
    }

    fn read_linkage<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Vec<ActualLinkage>> {
        Box::pin(self.links(holder))
    }

    fn set_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, binding: &'a Binding) -> Answer<'a, ()> {
        Box::pin(self.bind(key, holder, binding))
    }

    fn read_binding<'a>(&'a self, holder: &'a Holder) -> Answer<'a, Option<Binding>> {
        Box::pin(self.bound(holder))
    }

    fn release_binding<'a>(&'a self, key: &'a CallKey, holder: &'a Holder, data: &'a BusinessDataId) -> Answer<'a, ()> {
        Box::pin(self.release(key, holder, data))
    }
}
