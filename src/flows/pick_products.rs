//! ［変更する］: the customer ticks the accounting products to share with a firm (S51 to S54). What was ticked is a wish; the
//! run that reconciles makes it so.

use crate::domain::contract::{Contract, ContractId};
use crate::domain::customer::Customer;
use crate::domain::ids::{FirmId, LinkageId};
use crate::domain::linkage::Linkage;
use crate::domain::product_choice::{Change, Choice, Exclusivity};
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::at_hand::account_actor;
use super::contract_customer::{Event, approval, begin, commit_and_wake, retried};
use super::snapshot::{Contracts, Wanted, contracts};
use super::{Context, FlowError};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The list of contracts, as new as it could be had.
    pub contracts: Contracts,
    /// Each accounting product with a box.
    pub boxes: Vec<TickBox>,
}

/// An accounting product with a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickBox {
    /// The product.
    pub contract: Contract,
    /// How it stands with this firm; none where it never did.
    pub link: Option<Linkage>,
    /// The firms it is shared with now.
    pub shared_with: Vec<FirmId>,
}

impl TickBox {
    /// Whether the box is ticked when the page opens.
    #[must_use]
    pub fn is_ticked(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.state.is_wanted())
    }
}

/// What became of ［変更する］.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// It is wished for, or nothing had to be changed.
    Done,
    /// Links would end: the customer must confirm these.
    Confirm {
        /// Links with this firm whose tick was taken away.
        unlinked: Vec<Linkage>,
        /// Links with other firms that would give way.
        replaced: Vec<Linkage>,
    },
    /// A tick at what is no accounting product of this customer.
    NotLinkable,
    /// The list of contracts is not known: the contract system does not answer.
    Unavailable,
}

/// What the customer ticked, and the ends that they have seen and confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Pick<'a> {
    /// With whom.
    pub firm: &'a FirmId,
    /// What is ticked.
    pub ticked: &'a [ContractId],
    /// The links that may end.
    pub confirmed: &'a [LinkageId],
    /// The operator's policy.
    pub exclusivity: Exclusivity,
}

/// What the page shows; fetches the list of contracts where it is old.
///
/// # Errors
/// [`FlowError::NothingApproved`]
pub async fn offer(context: &Context, customer: &Customer, firm: &FirmId, wanted: Wanted) -> Result<Offer, FlowError> {
    let mut connection = context.store.read().await?;
    approval(&mut connection, &customer.account, Some(firm)).await?;
    let links = store::linkages::of(&mut connection, &customer.account).await?;
    drop(connection);
    let contracts = contracts(context, customer, wanted).await?;
    let of_contract =
        |contract: &Contract| links.iter().filter(|link| link.contract == contract.id).collect::<Vec<_>>();
    let tick_box = |contract: &Contract| TickBox {
        link: of_contract(contract).into_iter().find(|link| link.firm == *firm).cloned(),
        shared_with: of_contract(contract)
            .into_iter()
            .filter(|link| link.firm != *firm && link.state.is_wanted())
            .map(|link| link.firm.clone())
            .collect(),
        contract: contract.clone(),
    };
    let boxes = contracts.known().map(|list| list.linkable().map(tick_box).collect()).unwrap_or_default();
    Ok(Offer { contracts, boxes })
}

/// ［変更する］. Sent twice, it changes once.
///
/// # Errors
/// [`FlowError::NothingApproved`]
pub async fn pick(context: &Context, customer: &Customer, pick: Pick<'_>) -> Result<Picked, FlowError> {
    let owned = contracts(context, customer, Wanted::Recent).await?;
    let Some(owned) = owned.known() else { return Ok(Picked::Unavailable) };
    retried!(async {
        let now = context.now();
        let mut tx = begin(context, customer).await?;
        let approval = approval(&mut tx, &customer.account, Some(pick.firm)).await?;
        let links = store::linkages::of(&mut tx, &customer.account).await?;
        let choice = Choice {
            account: &customer.account,
            firm: pick.firm,
            approval: &approval,
            ticked: pick.ticked,
            owned,
            links: &links,
            exclusivity: pick.exclusivity,
        };
        let id = || LinkageId::new(context.entropy.uuid(now));
        let Ok(change) = choice.change(id, now) else { return Ok(Picked::NotLinkable) };
        if change.is_empty() {
            return Ok(Picked::Done);
        }
        let mut ends = change.unlinked.iter().chain(&change.replaced);
        if !ends.all(|link| pick.confirmed.contains(&link.id)) {
            return Ok(Picked::Confirm { unlinked: change.unlinked, replaced: change.replaced });
        }
        write(&mut tx, customer, &links, &change, now).await?;
        commit_and_wake(context, tx, &customer.account, now).await?;
        Ok(Picked::Done)
    })
}

async fn write(
    tx: &mut Tx,
    customer: &Customer,
    before: &[Linkage],
    change: &Change,
    now: Timestamp,
) -> Result<(), FlowError> {
    store::linkages::insert(tx, &change.new).await?;
    let mut events = Vec::new();
    for link in change.changed() {
        store::linkages::update(tx, link).await?;
    }
    for link in change.new.iter().chain(change.changed()) {
        let from = before.iter().find(|it| it.id == link.id).map_or("", |it| it.state.name().name());
        let event = Event {
            actor: account_actor(&customer.account),
            event: "link changed",
            from,
            to: link.state.name().name(),
            cause: format!("page; {}", link.id),
        };
        events.push(event.of(&link.approval, now));
    }
    Ok(store::audit::append(tx, &events).await?)
}
