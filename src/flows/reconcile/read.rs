//! Ours from the database, theirs from the contract system: only what a customer has something to do with.

use std::collections::HashMap;

use crate::contracts::DirectoryError;
use crate::domain::contract::{ContractSnapshot, Progress};
use crate::domain::customer::Customer;
use crate::domain::firm::FirmNumber;
use crate::domain::ids::{AccountId, FirmId};
use crate::domain::migration::{MigrationCase, State};
use crate::domain::reconcile::{FirmLink, Ours, Theirs};
use crate::domain::time::Timestamp;
use crate::store;

use super::super::FlowError;
use super::asking::Asking;

/// The numbers of the firms that a customer is linked with: the contract system knows firms by them.
pub(super) type Firms = HashMap<FirmId, FirmNumber>;

/// What one customer wants, and the firms that it names.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub ours: Ours,
    pub firms: Firms,
}

/// What each of these customers wants; nothing of those who want nothing.
pub(super) async fn ours(
    connection: &mut store::AnyConnection,
    accounts: &[&AccountId],
) -> Result<HashMap<AccountId, Ours>, FlowError> {
    let mut all: HashMap<AccountId, Ours> = HashMap::new();
    for case in store::migration_cases::last_of(connection, accounts).await? {
        let account = case.account.clone();
        all.entry(account).or_default().migration = Some(case);
    }
    for link in store::linkages::of_accounts(connection, accounts).await? {
        all.entry(link.account.clone()).or_default().links.push(link);
    }
    for binding in store::data_bindings::live_of(connection, accounts).await? {
        let account = binding.account.clone();
        all.entry(account).or_default().binding = Some(binding);
    }
    Ok(all)
}

/// The same, with the firms.
pub(super) async fn wanted(
    connection: &mut store::AnyConnection,
    accounts: &[&AccountId],
) -> Result<HashMap<AccountId, Wanted>, FlowError> {
    let all = ours(connection, accounts).await?;
    let mut ids: Vec<_> = all.values().flat_map(firms_of).collect();
    ids.sort();
    ids.dedup();
    let numbers: Firms = store::firms::numbers(connection, &ids).await?.into_iter().collect();
    let numbered = |id: &FirmId| Some((id.clone(), numbers.get(id)?.clone()));
    let wanted = |ours: Ours| Wanted { firms: firms_of(&ours).filter_map(numbered).collect(), ours };
    Ok(all.into_iter().map(|(account, ours)| (account, wanted(ours))).collect())
}

fn firms_of(ours: &Ours) -> impl Iterator<Item = &FirmId> {
    ours.links.iter().map(|link| &link.firm).chain(ours.binding.as_ref().map(|binding| &binding.firm))
}

/// What the contract system says.
///
/// # Errors
/// The first call that was not answered.
pub(super) async fn theirs(
    asking: &Asking<'_>,
    customer: &Customer,
    ours: &Ours,
    firms: &Firms,
) -> Result<Theirs, DirectoryError> {
    let holder = customer.holder();
    let migration = match ours.migration.as_ref().filter(|case| may_say_more(case)) {
        Some(case) => asking.call().migration_status(&holder, &case.id).await?,
        None => None,
    };
    // Its end adds to the list.
    let ended = migration.as_ref().is_some_and(|status| status.progress() != Progress::InProgress);
    let snapshot = if ended || !ours.links.is_empty() {
        asking.call().snapshot(&holder).await?
    } else {
        ContractSnapshot { holder: holder.clone(), contracts: Vec::new(), fetched_at: Timestamp::from_millis(0) }
    };
    let links = if ours.links.is_empty() { Vec::new() } else { asking.call().read_linkage(&holder).await? };
    let known = |number: &FirmNumber| firms.iter().find(|(_, known)| *known == number).map(|(id, _)| id.clone());
    let links = links.into_iter().filter_map(|said| Some(FirmLink::new(known(&said.firm)?, said)));
    let binding = if ours.binding.is_some() { asking.call().read_binding(&holder).await? } else { None };
    Ok(Theirs { contracts: snapshot, migration, links: links.collect(), binding })
}

/// Whether the contract system may know something of it that we do not.
const fn may_say_more(case: &MigrationCase) -> bool {
    matches!(case.state, State::Submitted(_) | State::InProgress(_) | State::Abandoned(_))
}
