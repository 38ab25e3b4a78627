//! One customer number in a migration, and what became of it.

use crate::domain::contract::{ContractId, CustomerNumber, Grant, MoveFault, Refusal};
use crate::domain::inbound::stored_names;
use crate::domain::product::Product;

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

/// The name alone, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemStateName {
    /// See [`ItemState::Entered`].
    Entered,
    /// See [`ItemState::Authenticated`].
    Authenticated,
    /// See [`ItemState::Refused`].
    Refused,
    /// See [`ItemState::Network`].
    Network,
    /// See [`ItemState::Moved`].
    Moved,
    /// See [`ItemState::Stayed`].
    Stayed,
}

stored_names!(ItemStateName {
    Entered = "entered",
    Authenticated = "authenticated",
    Refused = "refused",
    Network = "network",
    Moved = "moved",
    Stayed = "stayed",
});

impl ItemState {
    /// The name alone.
    #[must_use]
    pub const fn name(&self) -> ItemStateName {
        match self {
            Self::Entered => ItemStateName::Entered,
            Self::Authenticated(..) => ItemStateName::Authenticated,
            Self::Refused(_) => ItemStateName::Refused,
            Self::Network => ItemStateName::Network,
            Self::Moved(..) => ItemStateName::Moved,
            Self::Stayed(..) => ItemStateName::Stayed,
        }
    }

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
