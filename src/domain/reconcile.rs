//! Bringing together what a customer wants and what the contract system says is so: ours, theirs and now come in,
//! corrections go out.
//!
//! Each correction is one step that can be done twice without harm. A call is made only where theirs, read right before,
//! is not as it should be: an outcome that got lost is looked up by the next run, never repeated blindly. A run that finds
//! nothing to correct has come to rest.

mod changes;

use std::fmt;

use super::backoff;
use super::contract::{
    ActualLinkage, Binding, ContractSnapshot, LinkSubject, LinkageState, LinkageWish, MigrationStatus, Standing,
};
use super::data_binding::{self, DataBinding};
use super::ids::{BusinessDataId, FirmId, LinkageId};
use super::linkage::{Linkage, MOST_REPAIRS, State};
use super::migration::MigrationCase;
use super::time::Timestamp;

pub use changes::{Answer, Change, Pair, after_call, at_once};

/// What one customer wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// The last migration, whatever its state.
    pub migration: Option<MigrationCase>,
    /// All links, with every firm, the oldest first.
    pub links: Vec<Linkage>,
    /// The live binding, if there is one.
    pub binding: Option<DataBinding>,
}

/// What the contract system says of the same customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// The contracts.
    pub contracts: ContractSnapshot,
    /// What it knows of our migration; none where it has never heard of it.
    pub migration: Option<MigrationStatus>,
    /// The links that it knows.
    pub links: Vec<FirmLink>,
    /// The business data that is set.
    pub binding: Option<Binding>,
}

/// A link as the contract system has it, with the firm as we know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmLink {
    /// With whom.
    pub firm: FirmId,
    /// With what.
    pub subject: LinkSubject,
    /// Whether it is there.
    pub state: LinkageState,
}

impl FirmLink {
    /// What was said about `firm`.
    #[must_use]
    pub fn new(firm: FirmId, said: ActualLinkage) -> Self {
        Self { firm, subject: said.subject, state: said.state }
    }
}

/// One step towards agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Of the migration.
    Migration(MigrationStep),
    /// Of a link.
    Link(LinkageId, LinkStep),
    /// Of スマート証憑管理 with this firm: the contract system is asked for it.
    SmartVoucher(FirmId, LinkageWish),
    /// Of the business data.
    Binding(BusinessDataId, BindingStep),
}

/// Of the migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationStep {
    /// The contract system is asked to start it.
    Start,
    /// What it says is taken over.
    TakeOver,
    /// Its time is over.
    GiveUp,
}

/// Of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStep {
    /// The contract system is asked to make it.
    Apply,
    /// It is there.
    Confirm,
    /// It went away.
    Drift,
    /// It cannot be made in the time that anybody should wait.
    Lose,
    /// Its contract ended.
    End,
    /// The contract system is asked to take it away.
    Remove,
    /// It is gone.
    Gone,
    /// It came back against the customer's wish.
    CameBack,
}

/// Of the business data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingStep {
    /// The contract system is asked to set it.
    Set,
    /// It is set.
    Confirm,
    /// It is not set any more.
    Drift,
    /// Other data stands in its place.
    Displaced,
    /// Its product went.
    Free,
    /// The contract system is asked to release it.
    Release,
    /// It is released.
    Gone,
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Migration(step) => f.write_str(match step {
                MigrationStep::Start => "start the migration",
                MigrationStep::TakeOver => "take over how the migration stands",
                MigrationStep::GiveUp => "give the migration up",
            }),
            Self::Link(id, step) => {
                let step = match step {
                    LinkStep::Apply => "link",
                    LinkStep::Confirm => "note that it is linked:",
                    LinkStep::Drift => "note that it is no longer linked:",
                    LinkStep::Lose => "give up linking",
                    LinkStep::End => "end, as its contract ended,",
                    LinkStep::Remove => "unlink",
                    LinkStep::Gone => "note that it is unlinked:",
                    LinkStep::CameBack => "unlink once more",
                };
                write!(f, "{step} link {id}")
            }
            Self::SmartVoucher(firm, wish) => write!(f, "{} Smart Voucher, firm {firm}", wish.name()),
            Self::Binding(id, step) => {
                let step = match step {
                    BindingStep::Set => "set",
                    BindingStep::Confirm => "note that it is set:",
                    BindingStep::Drift => "note that it is no longer set:",
                    BindingStep::Displaced => "note that other data is set instead of",
                    BindingStep::Free => "release, as its product is no longer linked,",
                    BindingStep::Release => "release",
                    BindingStep::Gone => "note that it is released:",
                };
                write!(f, "{step} business data {id}")
            }
        }
    }
}

impl Correction {
    /// Whether the contract system is asked to do something.
    #[must_use]
    pub const fn is_call(&self) -> bool {
        match self {
            Self::Migration(step) => matches!(step, MigrationStep::Start),
            Self::Link(_, step) => matches!(step, LinkStep::Apply | LinkStep::Remove),
            Self::SmartVoucher(..) => true,
            Self::Binding(_, step) => matches!(step, BindingStep::Set | BindingStep::Release),
        }
    }
}

/// What is to be done, in this order. Empty: at rest.
#[must_use]
pub fn reconcile(ours: &Ours, theirs: &Theirs, now: Timestamp) -> Vec<Correction> {
    let mut corrections = Vec::new();
    corrections.extend(migration(ours, theirs, now).map(Correction::Migration));
    if let Some(binding) = &ours.binding {
        let step = self::binding(binding, ours, theirs, now);
        corrections.extend(step.map(|step| Correction::Binding(binding.id.clone(), step)));
    }
    for link in &ours.links {
        let step = self::link(link, ours, theirs, now);
        corrections.extend(step.map(|step| Correction::Link(link.id.clone(), step)));
    }
    corrections.extend(vouchers(ours, theirs));
    corrections
}

/// How a run went at the contract system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It answered all that it was asked.
    Everything,
    /// A call had no certain answer.
    Trouble,
}

/// When the customer is due again after a run that left it like this; none at rest, however the run went. `tries` counts the
/// runs one after another that left something undone, this one included.
#[must_use]
pub fn next_run(ours: &Ours, tries: u32, heard: Heard, now: Timestamp) -> Option<Timestamp> {
    let waits_for_links = ours.links.iter().any(|link| {
        let settled = matches!(link.state, State::Linked | State::Lost | State::Unlinked(_));
        !settled
    });
    let waits_for_data = ours.binding.as_ref().is_some_and(|binding| binding.state != data_binding::State::Bound);
    let later = now.after(backoff::contract_retry(tries.max(1)));
    let again = (waits_for_links || waits_for_data).then_some(later);
    // A migration is looked at in its own rhythm; while nobody answers, in that of the others.
    let look = ours.migration.as_ref().and_then(|case| case.next_look(now));
    let look = look.map(|look| if heard == Heard::Trouble { look.max(later) } else { look });
    [again, look].into_iter().flatten().min()
}

fn migration(ours: &Ours, theirs: &Theirs, now: Timestamp) -> Option<MigrationStep> {
    let case = ours.migration.as_ref()?;
    match theirs.migration.as_ref().filter(|status| status.migration == case.id) {
        Some(status) => {
            let taken_over = case.clone().looked_at(status, now).ok()?;
            if case.is_overdue(now) && taken_over.is_under_way() {
                return Some(MigrationStep::GiveUp);
            }
            let says_more = (taken_over.state, &taken_over.items) != (case.state, &case.items);
            says_more.then_some(MigrationStep::TakeOver)
        }
        None if case.is_overdue(now) => Some(MigrationStep::GiveUp),
        // Nobody has heard of it: its start never arrived, or was never sent.
        None => case.is_under_way().then_some(MigrationStep::Start),
    }
}

fn link(link: &Linkage, ours: &Ours, theirs: &Theirs, now: Timestamp) -> Option<LinkStep> {
    let contract = theirs.contracts.contract(&link.contract);
    if link.state.is_wanted() && contract.is_some_and(|contract| contract.standing == Standing::Ended) {
        return Some(LinkStep::End);
    }
    let there = theirs.state_of(&link.firm, &LinkSubject::Contract(link.contract.clone()));
    let voucher = theirs.state_of(&link.firm, &LinkSubject::SmartVoucher);
    let whole = there == LinkageState::Linked && voucher == LinkageState::Linked;
    match link.state {
        State::Desired | State::Applying | State::Drifted => match there {
            _ if whole => Some(LinkStep::Confirm),
            _ if link.is_overdue(now) => Some(LinkStep::Lose),
            LinkageState::NotLinked if contract.is_some() && !ours.must_wait(link) => Some(LinkStep::Apply),
            _ => None,
        },
        State::Linked => {
            (there == LinkageState::NotLinked || voucher == LinkageState::NotLinked).then_some(LinkStep::Drift)
        }
        State::Lost => whole.then_some(LinkStep::Confirm),
        State::Unlinking(_) => match there {
            LinkageState::Linked => Some(LinkStep::Remove),
            LinkageState::Pending => None,
            LinkageState::NotLinked => {
                let settled = ours.wants_voucher(&link.firm, theirs) || voucher == LinkageState::NotLinked;
                settled.then_some(LinkStep::Gone)
            }
        },
        State::Unlinked(_) => {
            (there == LinkageState::Linked && link.repairs < MOST_REPAIRS).then_some(LinkStep::CameBack)
        }
    }
}

fn vouchers(ours: &Ours, theirs: &Theirs) -> Vec<Correction> {
    let mut firms: Vec<&FirmId> = ours.links.iter().map(|link| &link.firm).collect();
    firms.sort();
    firms.dedup();
    let correction = |firm: &FirmId| {
        let wish = match (ours.wants_voucher(firm, theirs), theirs.state_of(firm, &LinkSubject::SmartVoucher)) {
            (true, LinkageState::NotLinked) => LinkageWish::Link,
            (false, LinkageState::Linked) => LinkageWish::Unlink,
            _ => return None,
        };
        Some(Correction::SmartVoucher(firm.clone(), wish))
    };
    firms.into_iter().filter_map(correction).collect()
}

fn binding(binding: &DataBinding, ours: &Ours, theirs: &Theirs, now: Timestamp) -> Option<BindingStep> {
    let own = theirs.binding.as_ref().map(|theirs| binding.is(theirs));
    let product = ours.links.iter().find(|link| link.firm == binding.firm && link.contract == binding.contract);
    let product_went = product.is_none_or(|link| !link.state.is_wanted());
    match (binding.state, own) {
        (data_binding::State::Proposed | data_binding::State::Bound, _) if product_went => Some(BindingStep::Free),
        (data_binding::State::Proposed, Some(true)) => Some(BindingStep::Confirm),
        (data_binding::State::Proposed, None) => Some(BindingStep::Set),
        (data_binding::State::Bound, Some(true)) | (data_binding::State::Unbound(_), _) => None,
        (data_binding::State::Bound, None) => Some(BindingStep::Drift),
        (data_binding::State::Proposed, Some(false)) if binding.may_still_come_back(now) => None,
        (data_binding::State::Proposed | data_binding::State::Bound, Some(false)) => Some(BindingStep::Displaced),
        (data_binding::State::Releasing(_), Some(true)) => Some(BindingStep::Release),
        (data_binding::State::Releasing(_), None | Some(false)) => Some(BindingStep::Gone),
    }
}

impl Ours {
    /// Whether スマート証憑管理 is to be linked with a firm: with an accounting product that is, or is being, linked. A link
    /// that was given up and is there all the same counts too.
    fn wants_voucher(&self, firm: &FirmId, theirs: &Theirs) -> bool {
        self.links.iter().filter(|link| link.firm == *firm).any(|link| match link.state {
            State::Applying | State::Linked | State::Drifted => true,
            State::Desired => !self.must_wait(link),
            State::Lost => theirs.state_of(firm, &LinkSubject::Contract(link.contract.clone())) == LinkageState::Linked,
            State::Unlinking(_) | State::Unlinked(_) => false,
        })
    }

    /// Whether another firm's link to the same product must go first.
    fn must_wait(&self, link: &Linkage) -> bool {
        self.links.iter().any(|other| {
            let goes = matches!(other.state, State::Unlinking(_));
            goes && other.firm != link.firm && other.contract == link.contract
        })
    }
}

impl Theirs {
    /// What it says of one link; what it does not name is not there.
    fn state_of(&self, firm: &FirmId, subject: &LinkSubject) -> LinkageState {
        let named = self.links.iter().find(|link| link.firm == *firm && link.subject == *subject);
        named.map_or(LinkageState::NotLinked, |link| link.state)
    }
}

#[cfg(test)]
mod tests;
