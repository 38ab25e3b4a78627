//! スマート取引取込の設定: the customer, or the firm by mail, sets the one business data or releases it (S56 to S66). What is
//! wanted is kept here; the run that reconciles makes it so.

use crate::domain::contract::ContractId;
use crate::domain::customer::Customer;
use crate::domain::data_binding::{Acknowledged, DataBinding, Impossible, Objection, Party, Proposal, ReleasedBy};
use crate::domain::ids::{AccountId, BusinessDataId, FirmId};
use crate::domain::office_name::OfficeName;
use crate::domain::product::DataPlace;
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::at_hand::account_actor;
use super::contract_customer::{Event, commit_and_wake, hasten, retried};
use super::{Context, FlowError};

/// What somebody wants to set.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The firm that will work with it.
    pub firm: FirmId,
    /// The linked product that opens it.
    pub contract: ContractId,
    /// 「現在開いているデータの事業所名」
    pub office_name: OfficeName,
    /// Where it lies.
    pub place: DataPlace,
    /// Who wants it.
    pub by: Party,
    /// What they said はい to.
    pub acknowledged: Acknowledged,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// It is wished for. Wished for twice, it is wished for once.
    Wished(Box<DataBinding>),
    /// Not, or not yet.
    Not(Objection),
}

/// What became of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It goes, or is gone.
    Done,
    /// Other data is set than the one that was named (S61).
    OtherData,
    /// Nothing is set.
    Nothing,
}

/// The customer's present business data. Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn live(context: &Context, account: &AccountId) -> Result<Option<DataBinding>, FlowError> {
    Ok(store::data_bindings::live(&mut *context.store.read().await?, account).await?)
}

/// The customer's newest business data, whatever became of it. Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn last(context: &Context, account: &AccountId) -> Result<Option<DataBinding>, FlowError> {
    Ok(store::data_bindings::last(&mut *context.store.read().await?, account).await?)
}

/// The same, for a customer who waits: what is under way is hastened.
///
/// # Errors
/// What the store says.
pub async fn watched(context: &Context, account: &AccountId) -> Result<Option<DataBinding>, FlowError> {
    let binding = last(context, account).await?;
    if binding.as_ref().is_some_and(|binding| binding.state.is_under_way()) {
        hasten(context, account).await?;
    }
    Ok(binding)
}

/// 「あなたの会社・個人事業者名」: the name that the customer registered (S64).
///
/// # Errors
/// What the store says.
pub async fn registered_name(context: &Context, account: &AccountId) -> Result<Option<OfficeName>, FlowError> {
    registered(&mut *context.store.read().await?, account).await
}

/// ［設定を行う］
///
/// # Errors
/// What the store says.
pub async fn set(context: &Context, account: &AccountId, wish: &Wish) -> Result<Set, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let live = store::data_bindings::live(&mut tx, account).await?;
        if let Some(same) = live.as_ref().filter(|live| is_wish(live, wish)) {
            return Ok(Set::Wished(Box::new(same.clone())));
        }
        let links = store::linkages::of(&mut tx, account).await?;
        let link = links.iter().find(|link| link.firm == wish.firm && link.contract == wish.contract);
        let Some(link) = link else { return Ok(Set::Not(Objection::NotLinked)) };
        let registered = registered(&mut tx, account).await?;
        let proposal = Proposal {
            id: BusinessDataId::new(context.entropy.uuid(now)),
            link,
            office_name: wish.office_name.clone(),
            registered_name: registered.as_ref(),
            place: wish.place,
            by: wish.by,
            acknowledged: wish.acknowledged,
        };
        let binding = match proposal.accept(live.as_ref(), now) {
            Ok(binding) => binding,
            Err(objection) => return Ok(Set::Not(objection)),
        };
        store::data_bindings::insert(&mut tx, &binding).await?;
        note(&mut tx, &binding, "", actor(&binding, wish.by), now).await?;
        commit_and_wake(context, tx, account, now).await?;
        Ok(Set::Wished(Box::new(binding)))
    })
}

/// Releases the data of this name and place.
///
/// # Errors
/// What the store says.
pub async fn release(
    context: &Context,
    account: &AccountId,
    by: Party,
    office_name: &OfficeName,
    place: DataPlace,
) -> Result<Released, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let Some(before) = store::data_bindings::live(&mut tx, account).await? else { return Ok(Released::Nothing) };
        let from = before.state.name().name();
        match before.release(by, office_name, place, now) {
            Ok(binding) => {
                store::data_bindings::update(&mut tx, &binding).await?;
                let actor = actor(&binding, by);
                note(&mut tx, &binding, from, actor, now).await?;
                commit_and_wake(context, tx, account, now).await?;
                Ok(Released::Done)
            }
            Err(Impossible::OtherData) => Ok(Released::OtherData),
            Err(Impossible::State(_)) => Ok(Released::Done),
        }
    })
}

/// The operator releases whatever is set. False when nothing is.
///
/// # Errors
/// What the store says.
pub async fn free(context: &Context, customer: &Customer) -> Result<bool, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let Some(before) = store::data_bindings::live(&mut tx, &customer.account).await? else { return Ok(false) };
        let from = before.state.name().name();
        let Ok(binding) = before.free(ReleasedBy::Operator, now) else { return Ok(true) };
        store::data_bindings::update(&mut tx, &binding).await?;
        note(&mut tx, &binding, from, "operator".to_owned(), now).await?;
        commit_and_wake(context, tx, &customer.account, now).await?;
        Ok(true)
    })
}

pub(super) fn is_wish(live: &DataBinding, wish: &Wish) -> bool {
    let same = live.firm == wish.firm && live.contract == wish.contract && live.place == wish.place;
    same && live.office_name == wish.office_name && live.set_by == wish.by && live.state.released_by().is_none()
}

fn actor(binding: &DataBinding, by: Party) -> String {
    match by {
        Party::Customer => account_actor(&binding.account),
        Party::Firm => format!("firm {}", binding.firm),
    }
}

pub(super) async fn registered(
    connection: &mut store::AnyConnection,
    account: &AccountId,
) -> Result<Option<OfficeName>, FlowError> {
    let company = store::companies::of(connection, account).await?;
    Ok(company.and_then(|company| OfficeName::parse(&company.name.name).ok()))
}

async fn note(
    tx: &mut Tx,
    binding: &DataBinding,
    from: &'static str,
    actor: String,
    now: Timestamp,
) -> Result<(), FlowError> {
    let (to, cause) = (binding.state.name().name(), format!("asked; {}", binding.id));
    let event = Event { actor, event: "business data changed", from, to, cause };
    Ok(store::audit::append(tx, &[event.of(&binding.approval, now)]).await?)
}
