//! The migration (契約の移行), as the contract-management system tells of it.

use std::fmt;

use super::{ContractId, CustomerNumber, Holder};
use crate::domain::ids::MigrationId;
use crate::domain::inbound::stored_names;
use crate::domain::product::Product;

/// What the contract-management system gives for a customer number whose password was right. Opaque; it is kept with the
/// item and starts the migration in the password's place. 1 to 512 printable ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Grant(String);

impl Grant {
    /// As it was given; nothing for a text that no system should give.
    #[must_use]
    pub fn new(given: String) -> Option<Self> {
        let fits = (1..=512).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_graphic());
        fits.then_some(Self(given))
    }

    /// As it is stored and given back.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant(…)")
    }
}

/// A customer number whose password was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Which number.
    pub number: CustomerNumber,
    /// What its contract is about.
    pub product: Product,
    /// The product's full name; one line, at most 100 characters.
    pub name: String,
    /// Starts the migration of its contract.
    pub grant: Grant,
}

/// How a migration stands, an entry for each number that it was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Which.
    pub migration: MigrationId,
    /// Whose.
    pub holder: Holder,
    /// Ordered by number; no number twice; never empty.
    pub items: Vec<MigratedContract>,
}

/// One contract on its way out of the old system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigratedContract {
    /// Its customer number.
    pub number: CustomerNumber,
    /// Where it is.
    pub state: ItemState,
}

/// Where one contract is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Its turn has not come, or it is under way.
    Moving,
    /// It stands in the list under this id. Final.
    Moved(ContractId),
    /// It stays where it is. Final for this migration.
    Failed(MoveFault),
}

/// Why a contract could not be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoveFault {
    /// Its contract ended.
    ContractEnded,
    /// It was registered under another 弥生ID in the meantime.
    OtherHolder,
    /// What a person in the contract-management system must put right.
    NeedsSupport,
}

stored_names!(MoveFault {
    ContractEnded = "contract_ended",
    OtherHolder = "other_holder",
    NeedsSupport = "needs_support",
});

/// How far a migration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something is still moving.
    InProgress,
    /// Everything was moved.
    Completed,
    /// It is over, and something stayed.
    Partial,
}

impl MigrationStatus {
    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let any = |wanted: fn(&ItemState) -> bool| self.items.iter().any(|item| wanted(&item.state));
        if any(|state| *state == ItemState::Moving) {
            Progress::InProgress
        } else if any(|state| matches!(state, ItemState::Failed(_))) {
            Progress::Partial
        } else {
            Progress::Completed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email_address::EmailAddress;

    #[test]
    fn a_grant_is_not_shown() {
        let grant = Grant::new("g-1".to_owned()).unwrap();
        assert!(!format!("{grant:?}").contains("g-1"));
        assert_eq!(Grant::new("g 1".to_owned()), None);
    }

    #[test]
    fn a_migration_is_over_when_nothing_moves() {
        use ItemState::{Failed, Moved, Moving};
        let moved = || Moved(ContractId::parse("c1").unwrap());
        let failed = || Failed(MoveFault::NeedsSupport);
        for (states, progress) in [
            (vec![Moving, failed()], Progress::InProgress),
            (vec![moved(), Moving], Progress::InProgress),
            (vec![moved(), failed()], Progress::Partial),
            (vec![moved(), moved()], Progress::Completed),
        ] {
            let item = |state| MigratedContract { number: CustomerNumber::parse("1234").unwrap(), state };
            let status = MigrationStatus {
                migration: MigrationId::stored("m".to_owned()),
                holder: Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap()),
                items: states.into_iter().map(item).collect(),
            };
            assert_eq!(status.progress(), progress, "{status:?}");
        }
    }
}
