//! What a correction changes on our side: at once, and after the contract system has answered for certain. An outcome that
//! is unknown changes nothing: the next run looks.

use super::{BindingStep, Correction, LinkStep, MigrationStep, Ours, Theirs};
use crate::domain::contract::{LinkageWish, MigrationStatus, Refusal};
use crate::domain::data_binding::{DataBinding, ReleasedBy};
use crate::domain::ids::{FirmId, LinkageId};
use crate::domain::linkage::{EndedBy, Linkage, State};
use crate::domain::migration::MigrationCase;
use crate::domain::time::Timestamp;

/// One thing, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The migration.
    Migration(Box<Pair<MigrationCase>>),
    /// A link.
    Link(Box<Pair<Linkage>>),
    /// The business data.
    Binding(Box<Pair<DataBinding>>),
}

/// A state and the one that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<T> {
    /// As it was read.
    pub before: T,
    /// As it is to be written.
    pub after: T,
}

/// What the contract system answered to a call, for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It took it; how it ends is read from it.
    Taken,
    /// It started the migration, which stands like this.
    Started(MigrationStatus),
    /// It will not do it.
    Refused(Refusal),
}

/// What a correction changes before any call is made: all of it where it needs none, else what must be known should the
/// call's outcome get lost.
#[must_use]
pub fn at_once(ours: &Ours, theirs: &Theirs, correction: &Correction, now: Timestamp) -> Vec<Change> {
    let change = match correction {
        Correction::Migration(step) => ours.migration.as_ref().and_then(|case| {
            let after = match step {
                MigrationStep::Start => return None,
                MigrationStep::TakeOver => case.clone().looked_at(theirs.migration.as_ref()?, now),
                MigrationStep::GiveUp => case.clone().give_up(now),
            };
            Some(of_migration(case, after.ok()?))
        }),
        Correction::Link(id, step) => ours.link(id).and_then(|link| {
            let own = link.clone();
            let after = match step {
                LinkStep::Apply => own.apply(now),
                LinkStep::Confirm => own.confirm(now),
                LinkStep::Drift => own.drift(now),
                LinkStep::Lose => own.lose(now),
                LinkStep::End => own.unlink(EndedBy::ContractEnded, now),
                LinkStep::Remove => return None,
                LinkStep::Gone => own.gone(now),
                LinkStep::CameBack => own.came_back(now),
            };
            Some(of_link(link, after.ok()?))
        }),
        Correction::SmartVoucher(..) => None,
        Correction::Binding(id, step) => {
            ours.binding.as_ref().filter(|binding| binding.id == *id).and_then(|binding| {
                let own = binding.clone();
                let after = match step {
                    BindingStep::Set | BindingStep::Release => return None,
                    BindingStep::Confirm => own.confirm(now),
                    BindingStep::Drift => own.drift(now),
                    BindingStep::Displaced => own.displaced(now),
                    BindingStep::Free => own.free(ReleasedBy::ProductGone, now),
                    BindingStep::Gone => own.gone(now),
                };
                Some(of_binding(binding, after.ok()?))
            })
        }
    };
    change.into_iter().filter(Change::is_one).collect()
}

/// What a certain answer changes.
#[must_use]
pub fn after_call(ours: &Ours, correction: &Correction, answer: &Answer, now: Timestamp) -> Vec<Change> {
    match correction {
        Correction::Migration(_) => {
            ours.migration.as_ref().and_then(|case| started(case, answer, now)).into_iter().collect()
        }
        Correction::Link(id, step) => {
            ours.link(id).and_then(|link| link_answered(link, *step, answer, now)).into_iter().collect()
        }
        Correction::SmartVoucher(firm, wish) => voucher_answered(ours, firm, *wish, answer, now),
        Correction::Binding(id, step) => {
            let binding = ours.binding.as_ref().filter(|binding| binding.id == *id);
            binding.and_then(|binding| binding_answered(binding, *step, answer, now)).into_iter().collect()
        }
    }
}

fn started(case: &MigrationCase, answer: &Answer, now: Timestamp) -> Option<Change> {
    let after = match answer {
        Answer::Started(status) => case.clone().looked_at(status, now),
        Answer::Refused(refusal) => case.clone().refused(*refusal, now),
        Answer::Taken => return None,
    };
    Some(of_migration(case, after.ok()?))
}

fn link_answered(link: &Linkage, step: LinkStep, answer: &Answer, now: Timestamp) -> Option<Change> {
    let after = match (answer, step) {
        // The key was spent: the next call has another one.
        (Answer::Refused(Refusal::KeyReused) | Answer::Taken | Answer::Started(_), _) | (_, LinkStep::Remove) => {
            link.clone().answered()
        }
        (Answer::Refused(_), _) => link.clone().answered().lose(now).ok()?,
    };
    Some(of_link(link, after))
}

/// A firm whose スマート証憑管理 is refused cannot be linked at all: they come together (S52).
fn voucher_answered(ours: &Ours, firm: &FirmId, wish: LinkageWish, answer: &Answer, now: Timestamp) -> Vec<Change> {
    let Some(reason) = ours.voucher_reason(firm, wish) else { return Vec::new() };
    let mut changes = vec![of_link(reason, reason.clone().voucher_answered())];
    if wish == LinkageWish::Link && matches!(answer, Answer::Refused(refusal) if *refusal != Refusal::KeyReused) {
        for link in ours.links.iter().filter(|link| link.firm == *firm && link.state.is_alive()) {
            let before = if link.id == reason.id { reason.clone().voucher_answered() } else { link.clone() };
            changes.extend(before.lose(now).ok().map(|after| of_link(link, after)));
        }
        // The reason's own change is within its loss.
        let lost = |change: &Change| matches!(change, Change::Link(link) if link.after.state == State::Lost);
        if changes.iter().any(lost) {
            changes.retain(lost);
        }
    }
    changes
}

fn binding_answered(binding: &DataBinding, step: BindingStep, answer: &Answer, now: Timestamp) -> Option<Change> {
    let own = binding.clone().answered();
    let after = match (answer, step) {
        (Answer::Refused(refusal), BindingStep::Set) if *refusal != Refusal::KeyReused => own.refused(now).ok()?,
        _ => own,
    };
    Some(of_binding(binding, after))
}

fn of_migration(before: &MigrationCase, after: MigrationCase) -> Change {
    Change::Migration(Box::new(Pair { before: before.clone(), after }))
}

fn of_link(before: &Linkage, after: Linkage) -> Change {
    Change::Link(Box::new(Pair { before: before.clone(), after }))
}

fn of_binding(before: &DataBinding, after: DataBinding) -> Change {
    Change::Binding(Box::new(Pair { before: before.clone(), after }))
}

impl Change {
    /// The same, after the store has counted it: the version that is read next.
    #[must_use]
    pub fn as_written(mut self) -> Self {
        match &mut self {
            Self::Migration(pair) => pair.after.version += 1,
            Self::Link(pair) => pair.after.version += 1,
            Self::Binding(pair) => pair.after.version += 1,
        }
        self
    }

    /// Whether anything is different.
    fn is_one(&self) -> bool {
        match self {
            Self::Migration(pair) => pair.before != pair.after,
            Self::Link(pair) => pair.before != pair.after,
            Self::Binding(pair) => pair.before != pair.after,
        }
    }
}

impl Ours {
    /// The link of this name.
    #[must_use]
    pub fn link(&self, id: &LinkageId) -> Option<&Linkage> {
        self.links.iter().find(|link| link.id == *id)
    }

    /// The link that a call about a firm's スマート証憑管理 is made for: its row keeps the key.
    #[must_use]
    pub fn voucher_reason(&self, firm: &FirmId, wish: LinkageWish) -> Option<&Linkage> {
        let of_firm = || self.links.iter().filter(|link| link.firm == *firm);
        let fits = |link: &&Linkage| match wish {
            LinkageWish::Link => link.state.is_wanted(),
            LinkageWish::Unlink => matches!(link.state, State::Unlinking(_)),
        };
        of_firm().find(fits).or_else(|| of_firm().next())
    }

    /// Takes a change over.
    pub fn take(&mut self, change: Change) {
        match change {
            Change::Migration(pair) => {
                let Pair { after, .. } = *pair;
                self.migration = Some(after);
            }
            Change::Link(pair) => {
                let Pair { after, .. } = *pair;
                if let Some(link) = self.links.iter_mut().find(|link| link.id == after.id) {
                    *link = after;
                }
            }
            Change::Binding(pair) => {
                let Pair { after, .. } = *pair;
                self.binding = Some(after).filter(|binding| binding.state.is_live());
            }
        }
    }
}
