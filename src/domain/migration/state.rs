//! Where a migration and each customer number in it stand.

use crate::domain::contract::{ContractId, CustomerNumber, Grant, MoveFault, Refusal};
use crate::domain::inbound::state_names;
use crate::domain::product::Product;
use crate::domain::time::Timestamp;

/// Where a migration stands. Each state but the first carries when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The customer enters numbers; leaving the page changes nothing (S37).
    Collecting,
    /// ［登録を完了して移行を開始する］ was pressed; that the contract system knows of it is not certain yet.
    Submitted(Timestamp),
    /// The contract system is at it.
    InProgress(Timestamp),
    /// Final: every contract came over.
    Completed(Timestamp),
    /// Final: it is over, and something stayed where it was. That may be entered anew.
    Partial(Timestamp),
    /// No end came in [`GIVEN_UP_AFTER`]. What the contract system says later still counts.
    Abandoned(Timestamp),
}

state_names!(State => StateName {
    Collecting = "collecting",
    Submitted = "submitted",
    InProgress = "in_progress",
    Completed = "completed",
    Partial = "partial",
    Abandoned = "abandoned",
});

impl State {
    /// From the database: the name, and when the state began.
    #[must_use]
    pub const fn stored(name: StateName, at: Timestamp) -> Self {
        match name {
            StateName::Collecting => Self::Collecting,
            StateName::Submitted => Self::Submitted(at),
            StateName::InProgress => Self::InProgress(at),
            StateName::Completed => Self::Completed(at),
            StateName::Partial => Self::Partial(at),
            StateName::Abandoned => Self::Abandoned(at),
        }
    }

    /// When it began; none while the customer still enters numbers.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Collecting => None,
            Self::Submitted(at)
            | Self::InProgress(at)
            | Self::Completed(at)
            | Self::Partial(at)
            | Self::Abandoned(at) => Some(at),
        }
    }
}

/// What a customer number turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// The kind of product.
    pub product: Product,
    /// Its full name.
    pub name: String,
}

/// Where one customer number stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// The contract system was asked and has not answered.
    Entered,
    /// The password was right.
    Authenticated(Owned, Grant),
    /// It cannot be taken; it may be entered again.
    Refused(Refusal),
    /// A network product: it goes the other way (S42).
    Network,
    /// Final: it stands in the list of contracts.
    Moved(Owned, ContractId),
    /// Final for this migration: it stayed where it was.
    Stayed(Owned, MoveFault),
}

state_names!(ItemState => ItemStateName {
    Entered = "entered",
    Authenticated = "authenticated",
    Refused = "refused",
    Network = "network",
    Moved = "moved",
    Stayed = "stayed",
});

impl ItemState {
    pub(super) const fn may_be_entered_again(&self) -> bool {
        matches!(self, Self::Entered | Self::Refused(_))
    }
}

/// One customer number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationItem {
    /// Which.
    pub number: CustomerNumber,
    /// Where it stands.
    pub state: ItemState,
}
