//! 製品・サービスの連携 as both sides see it: the entry (欄) of each firm with its products, and its end from either side.

use crate::domain::audit::AuditEvent;
use crate::domain::data_binding::DataBinding;
use crate::domain::ids::{AccountId, FirmId, LinkageId};
use crate::domain::linkage::{EndedBy, Linkage, Shown, smart_voucher};
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::at_hand::account_actor;
use super::contract_customer::{Event, commit_and_wake, hasten, retried};
use super::{Context, FlowError};

/// A firm's entry on 会計事務所等管理 (S53).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The firm.
    pub firm: FirmId,
    /// Its links, the oldest first; what is gone is not among them.
    pub links: Vec<Linkage>,
    /// スマート証憑管理, which comes with them.
    pub smart_voucher: Shown,
    /// The business data that is bound with it.
    pub binding: Option<DataBinding>,
}

/// What is linked, firm by firm. Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn entries(context: &Context, account: &AccountId) -> Result<Vec<Entry>, FlowError> {
    let mut connection = context.store.read().await?;
    let links = store::linkages::of(&mut connection, account).await?;
    let binding = store::data_bindings::live(&mut connection, account).await?;
    let mut firms: Vec<FirmId> = links.iter().map(|link| link.firm.clone()).collect();
    firms.sort();
    firms.dedup();
    let entry = |firm: FirmId| {
        let of_firm = links.iter().filter(|link| link.firm == firm);
        let links: Vec<_> = of_firm.filter(|link| link.state.shown() != Shown::Nothing).cloned().collect();
        let binding = binding.clone().filter(|binding| binding.firm == firm);
        Entry { smart_voucher: smart_voucher(&links), firm, links, binding }
    };
    let entries = firms.into_iter().map(entry);
    Ok(entries.filter(|entry| !entry.links.is_empty() || entry.binding.is_some()).collect())
}

/// The same, for a customer who looks how it goes: what is under way is hastened.
///
/// # Errors
/// What the store says.
pub async fn watched(context: &Context, account: &AccountId) -> Result<Vec<Entry>, FlowError> {
    let entries = entries(context, account).await?;
    if entries.iter().any(Entry::is_under_way) {
        hasten(context, account).await?;
    }
    Ok(entries)
}

impl Entry {
    /// Whether the contract system has something to do for it.
    fn is_under_way(&self) -> bool {
        self.links.iter().any(|link| link.state.shown() == Shown::InHand)
            || self.binding.as_ref().is_some_and(|binding| binding.state.is_under_way())
    }
}

/// Ends one link of a customer. Ending what is ending or gone changes nothing; false when there is no such link.
///
/// # Errors
/// What the store says.
pub async fn unlink(context: &Context, account: &AccountId, id: &LinkageId, by: EndedBy) -> Result<bool, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let links = store::linkages::of(&mut tx, account).await?;
        let Some(link) = links.into_iter().find(|link| link.id == *id) else { return Ok(false) };
        if end(&mut tx, link, by, now).await? {
            commit_and_wake(context, tx, account, now).await?;
        }
        Ok(true)
    })
}

/// Ends all links of a customer with a firm, within the deed that is their cause. Whoever commits rings for the run.
pub(super) async fn end_all(
    tx: &mut Tx,
    account: &AccountId,
    firm: &FirmId,
    by: EndedBy,
    now: Timestamp,
) -> Result<(), FlowError> {
    let mut any = false;
    for link in store::linkages::of(tx, account).await?.into_iter().filter(|link| link.firm == *firm) {
        any |= end(tx, link, by, now).await?;
    }
    if any {
        store::contract_customers::wake(tx, account, now).await?;
    }
    Ok(())
}

async fn end(tx: &mut Tx, link: Linkage, by: EndedBy, now: Timestamp) -> Result<bool, FlowError> {
    let from = link.state.name().name();
    let Ok(link) = link.unlink(by, now) else { return Ok(false) };
    store::linkages::update(tx, &link).await?;
    store::audit::append(tx, &[ended(&link, from, by, now)]).await?;
    Ok(true)
}

fn ended(link: &Linkage, from: &'static str, by: EndedBy, now: Timestamp) -> AuditEvent {
    let actor = match by {
        EndedBy::Customer | EndedBy::Replaced => account_actor(&link.account),
        EndedBy::Firm => format!("firm {}", link.firm),
        EndedBy::Operator => "operator".to_owned(),
        EndedBy::ContractEnded => "renkei".to_owned(),
    };
    let (to, cause) = (link.state.name().name(), format!("{}; {}", by.name(), link.id));
    Event { actor, event: "link changed", from, to, cause }.of(&link.approval, now)
}
