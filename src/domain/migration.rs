//! 契約の移行: the contracts that a customer brings over from the old contract system, entered by お客様番号 and started
//! together, once (S34 to S46).
//!
//! `Collecting → Submitted → InProgress → Completed | Partial | Abandoned`. The id names the migration in every call, so
//! that one whose start has an unknown outcome is looked up and never started twice (invariant 8).

mod state;

use std::time::Duration;

use super::approval::Approval;
use super::backoff;
use super::contract::{self, CustomerNumber, Grant, Granted, Holding, MigrationStatus, Refusal};
use super::ids::{AccountId, MigrationId};
use super::time::{Timestamp, days};

pub use state::{ItemState, ItemStateName, MigrationItem, Owned, State, StateName};

/// A migration that has not come to an end by then is given up and shown to the operator (timer T7).
pub const GIVEN_UP_AFTER: Duration = days(7);
/// Most customer numbers in one migration.
pub const MOST_ITEMS: usize = 100;

/// A migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationCase {
    /// Identity, here and in the contract system.
    pub id: MigrationId,
    /// Whose contracts.
    pub account: AccountId,
    /// The approved request that it goes back to.
    pub approval: Approval,
    /// Where it stands.
    pub state: State,
    /// In the order in which they were entered; no number twice.
    pub items: Vec<MigrationItem>,
    /// How many runs have looked at it since it was submitted, and left it under way.
    pub polls: u32,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// The state does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the migration is {}: this can no longer be done", .0.name())]
pub struct Closed(pub StateName);

/// Why a number is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// The migration has begun or is over.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// It is there already (S35).
    #[error("this number is in the list already")]
    Twice,
    /// There are [`MOST_ITEMS`].
    #[error("no more than {MOST_ITEMS} numbers can be registered at once")]
    TooMany,
}

/// Why a migration does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It has begun or is over.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// No number in it was authenticated (S43).
    #[error("nothing is registered yet")]
    Empty,
}

/// What the contract system says about a number and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// They belong together and to this customer.
    Granted(Granted),
    /// It will not have it.
    Refused(Refusal),
}

impl MigrationCase {
    /// A migration with nothing in it.
    #[must_use]
    pub const fn new(id: MigrationId, account: AccountId, approval: Approval) -> Self {
        Self { id, account, approval, state: State::Collecting, items: Vec::new(), polls: 0, version: 0 }
    }

    /// A number is about to be checked.
    ///
    /// # Errors
    /// [`EnterError`]
    pub fn enter(mut self, number: CustomerNumber) -> Result<Self, EnterError> {
        self.must_collect()?;
        if let Some(item) = self.items.iter_mut().find(|item| item.number == number) {
            if !item.state.may_be_entered_again() {
                return Err(EnterError::Twice);
            }
            item.state = ItemState::Entered;
            return Ok(self);
        }
        if self.items.len() >= MOST_ITEMS {
            return Err(EnterError::TooMany);
        }
        self.items.push(MigrationItem { number, state: ItemState::Entered });
        Ok(self)
    }

    /// The contract system answered about a number that was entered. An answer about any other says nothing.
    ///
    /// # Errors
    /// [`Closed`] once the migration has begun.
    pub fn answered(mut self, number: &CustomerNumber, answer: Checked) -> Result<Self, Closed> {
        self.must_collect()?;
        let entered = |item: &&mut MigrationItem| item.number == *number && item.state == ItemState::Entered;
        if let Some(item) = self.items.iter_mut().find(entered) {
            item.state = match answer {
                Checked::Granted(granted) if granted.number != *number => ItemState::Entered,
                Checked::Granted(granted) if !granted.product.is_migrated() => ItemState::Network,
                Checked::Granted(granted) => {
                    ItemState::Authenticated(Owned { product: granted.product, name: granted.name }, granted.grant)
                }
                Checked::Refused(Refusal::NetworkProduct) => ItemState::Network,
                Checked::Refused(refusal) => ItemState::Refused(refusal),
            };
        }
        Ok(self)
    }

    /// The customer takes a number out of the list.
    ///
    /// # Errors
    /// [`Closed`] once the migration has begun.
    pub fn leave_out(mut self, number: &CustomerNumber) -> Result<Self, Closed> {
        self.must_collect()?;
        self.items.retain(|item| item.number != *number);
        Ok(self)
    }

    /// Nobody heard what the contract system says of a number: it leaves the list, unless another try was answered meanwhile.
    ///
    /// # Errors
    /// [`Closed`] once the migration has begun.
    pub fn unheard(mut self, number: &CustomerNumber) -> Result<Self, Closed> {
        self.must_collect()?;
        self.items.retain(|item| item.number != *number || item.state != ItemState::Entered);
        Ok(self)
    }

    /// ［登録を完了して移行を開始する］: it begins with what was authenticated; the rest is left out.
    ///
    /// # Errors
    /// [`SubmitError`]
    pub fn submit(mut self, now: Timestamp) -> Result<Self, SubmitError> {
        self.must_collect()?;
        self.items.retain(|item| matches!(item.state, ItemState::Authenticated(..)));
        if self.items.is_empty() {
            return Err(SubmitError::Empty);
        }
        Ok(Self { state: State::Submitted(now), polls: 0, ..self })
    }

    /// The contract system says how it stands. What once came over stays so, whatever is said later (failure F20).
    ///
    /// # Errors
    /// [`Closed`] before it was submitted and after its end.
    pub fn looked_at(mut self, status: &MigrationStatus, now: Timestamp) -> Result<Self, Closed> {
        let (State::Submitted(_) | State::InProgress(_) | State::Abandoned(_)) = self.state else {
            return Err(Closed(self.state.name()));
        };
        for item in &mut self.items {
            let said = status.items.iter().find(|said| said.number == item.number).map(|said| &said.state);
            if let ItemState::Authenticated(owned, _) = &item.state {
                match said {
                    Some(contract::ItemState::Moved(id)) => {
                        item.state = ItemState::Moved(owned.clone(), id.clone());
                    }
                    Some(contract::ItemState::Failed(fault)) => item.state = ItemState::Stayed(owned.clone(), *fault),
                    Some(contract::ItemState::Moving) | None => {}
                }
            }
        }
        let any = |wanted: fn(&ItemState) -> bool| self.items.iter().any(|item| wanted(&item.state));
        let state = if any(|state| matches!(state, ItemState::Authenticated(..))) {
            match self.state {
                State::Submitted(at) => State::InProgress(at),
                unchanged => unchanged,
            }
        } else if any(|state| matches!(state, ItemState::Stayed(..))) {
            State::Partial(now)
        } else {
            State::Completed(now)
        };
        Ok(Self { state, ..self })
    }

    /// A run has looked at it and left it under way: the next look comes later.
    #[must_use]
    pub fn looked(self) -> Self {
        Self { polls: self.polls.saturating_add(1), ..self }
    }

    /// The contract system will not start it: what has not come over stays, and each such number may be entered anew.
    ///
    /// # Errors
    /// [`Closed`] unless it is submitted.
    pub fn refused(mut self, refusal: Refusal, now: Timestamp) -> Result<Self, Closed> {
        let State::Submitted(_) = self.state else { return Err(Closed(self.state.name())) };
        for item in &mut self.items {
            if !matches!(item.state, ItemState::Moved(..)) {
                item.state = ItemState::Refused(refusal);
            }
        }
        Ok(Self { state: State::Partial(now), ..self })
    }

    /// No end came in time.
    ///
    /// # Errors
    /// [`Closed`] before its time and in any other state.
    pub fn give_up(self, now: Timestamp) -> Result<Self, Closed> {
        if self.is_overdue(now) {
            Ok(Self { state: State::Abandoned(now), ..self })
        } else {
            Err(Closed(self.state.name()))
        }
    }

    /// The customer wants one that was given up to go on: under the same name, so that nothing moves twice.
    ///
    /// # Errors
    /// [`Closed`] unless it was given up.
    pub fn resume(self, now: Timestamp) -> Result<Self, Closed> {
        let State::Abandoned(_) = self.state else { return Err(Closed(self.state.name())) };
        Ok(Self { state: State::Submitted(now), polls: 0, ..self })
    }

    /// Whether 契約の移行 is offered to whose last migration this is (S35): once everything came over, never again, unless
    /// there is still nothing to link (S32, S33). What was begun may be gone on with, what stayed may be entered anew.
    #[must_use]
    pub fn is_offered(last: Option<&Self>, holding: Holding) -> bool {
        match last.map(|case| case.state) {
            Some(State::Collecting | State::Partial(_) | State::Abandoned(_)) => true,
            Some(State::Submitted(_) | State::InProgress(_)) => false,
            Some(State::Completed(_)) | None => holding != Holding::Accounting,
        }
    }

    /// Whether the contract system has something to do for it.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.state, State::Submitted(_) | State::InProgress(_))
    }

    /// Whether it is under way for too long.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_under_way() && self.state.since().is_some_and(|since| now.since(since) >= GIVEN_UP_AFTER)
    }

    /// When it is looked at next, after a look at `now`: 30 s, doubled up to 5 min, and at the end of its time.
    #[must_use]
    pub fn next_look(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.state.since().filter(|_| self.is_under_way())?;
        Some(now.after(backoff::migration_poll(self.polls)).min(since.after(GIVEN_UP_AFTER)).max(now))
    }

    /// What starts the migration.
    pub fn grants(&self) -> impl Iterator<Item = (&CustomerNumber, &Grant)> {
        self.items.iter().filter_map(|item| match &item.state {
            ItemState::Authenticated(_, grant) => Some((&item.number, grant)),
            _ => None,
        })
    }

    const fn must_collect(&self) -> Result<(), Closed> {
        match self.state {
            State::Collecting => Ok(()),
            other => Err(Closed(other.name())),
        }
    }
}

#[cfg(test)]
mod tests;
