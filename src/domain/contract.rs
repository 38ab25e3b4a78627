//! What crosses the border to the contract-management system: whose contracts, which, and how they stand. renkei holds what
//! the customer wants; that system holds what is so, and what it said is kept as it said it.

use std::fmt;

use super::email_address::EmailAddress;
use super::firm::FirmNumber;
use super::ids::{BusinessDataId, MigrationId};
use super::inbound::stored_names;
use super::product::{DataPlace, Product};
use super::text;
use super::time::Timestamp;

/// Whose contracts: a 弥生ID, which is a mail address. Two that differ only in case are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder(String);

impl Holder {
    /// The holder who logs in with this address.
    #[must_use]
    pub fn of(address: &EmailAddress) -> Self {
        Self(address.key())
    }

    /// As the contract-management system knows it: the address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $refusal:ident, $says:literal, |$written:ident| $clean:expr, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        /// A text is not what it should be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($says)]
        pub struct $refusal;

        impl $name {
            /// From what was written.
            ///
            /// # Errors
            /// Where it cannot be one; never shows what was written.
            pub fn parse($written: &str) -> Result<Self, $refusal> {
                let clean: String = $clean;
                let fits: fn(&str) -> bool = $fits;
                if fits(&clean) { Ok(Self(clean)) } else { Err($refusal) }
            }

            /// As stored and shown.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// An お客様番号: 4 to 16 digits. Full-width digits are taken, spaces and hyphens between them left out.
    CustomerNumber,
    NotACustomerNumber,
    "a customer number has 4 to 16 digits",
    |written| grouped(written),
    |text| (4..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
);
text_type!(
    /// A サービス契約ID: 4 to 32 ASCII letters and digits, upper case. Full-width ones are taken, spaces and hyphens left out.
    ServiceContractId,
    NotAServiceContractId,
    "a service contract ID has 4 to 32 letters and digits",
    |written| grouped(written).to_ascii_uppercase(),
    |text| (4..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
);
text_type!(
    /// A contract, as the contract-management system names it: 1 to 64 printable ASCII characters without a space.
    ContractId,
    NotAContractId,
    "a contract's id has 1 to 64 printable ASCII characters",
    |written| written.to_owned(),
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

/// What people group digits with is not part of the number.
fn grouped(written: &str) -> String {
    let dash = |c: char| matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | 'ー') || c.is_whitespace();
    text::fold(written).chars().filter(|c| !dash(*c)).collect()
}

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

/// Names one call that changes something. The same call again under the same key does nothing and answers as before; a
/// key is never used for another call. 1 to 64 printable ASCII characters: an id, and what counts its changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallKey(String);

impl CallKey {
    /// `id`, in its `change`-th state: who repeats a call after a crash finds the same key again.
    #[must_use]
    pub fn new(id: &str, change: i64) -> Self {
        Self(format!("{id}.{change}"))
    }

    /// From what was sent.
    #[must_use]
    pub fn parse(sent: &str) -> Option<Self> {
        let fits = (1..=64).contains(&sent.len()) && sent.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(sent.to_owned()))
    }

    /// As sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a contract still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Active,
    /// It ended. A contract that is merely missing from an answer has not ended.
    Ended,
}

stored_names!(Standing { Active = "active", Ended = "ended" });

/// One contract in the list (契約一覧).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Which.
    pub id: ContractId,
    /// What kind of product it is about.
    pub product: Product,
    /// The product's full name; one line, at most 100 characters.
    pub name: String,
    /// Whether it still runs.
    pub standing: Standing,
}

impl Contract {
    /// Whether the customer may link it.
    #[must_use]
    pub fn is_linkable(&self) -> bool {
        self.product.is_accounting() && self.standing == Standing::Active
    }
}

/// All contracts of one holder, at one moment. What still sits in the old あんしん保守サポート system is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractSnapshot {
    /// Whose.
    pub holder: Holder,
    /// Ordered by id; no id twice.
    pub contracts: Vec<Contract>,
    /// When it was asked for, by our clock.
    pub fetched_at: Timestamp,
}

/// Which of its three faces ［製品・サービスの連携の設定］ shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// An accounting product can be chosen (S31).
    Accounting,
    /// 「登録している製品がありません」 (S32).
    Nothing,
    /// There are contracts, but none of an accounting product (S33).
    NoAccounting,
}

impl ContractSnapshot {
    /// What the customer may link.
    pub fn linkable(&self) -> impl Iterator<Item = &Contract> {
        self.contracts.iter().filter(|contract| contract.is_linkable())
    }

    /// The contract of this name.
    #[must_use]
    pub fn contract(&self, id: &ContractId) -> Option<&Contract> {
        self.contracts.iter().find(|contract| contract.id == *id)
    }

    /// Which case the customer is.
    #[must_use]
    pub fn holding(&self) -> Holding {
        if self.linkable().next().is_some() {
            Holding::Accounting
        } else if self.contracts.iter().all(|contract| contract.standing == Standing::Ended) {
            Holding::Nothing
        } else {
            Holding::NoAccounting
        }
    }
}

/// Why the contract-management system will not do what was asked: asking again gives the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The number or ID is unknown, or the password is wrong: one answer for both.
    WrongPassword,
    /// No password was ever set for it (S41).
    NoPassword,
    /// It belongs to another 弥生ID.
    OtherHolder,
    /// The number is of a network product, which is registered by its サービス契約ID (S42).
    NetworkProduct,
    /// It stands in the list of contracts already (S35).
    AlreadyMigrated,
    /// A grant is unknown, spent, too old, or was given to another.
    BadGrant,
    /// No such contract, or it ended.
    NoContract,
    /// Other business data is bound (S58), or the data to be released is not the data that is bound (S61).
    OtherDataBound,
    /// The key was used for another call.
    KeyReused,
}

stored_names!(Refusal {
    WrongPassword = "wrong_password",
    NoPassword = "no_password",
    OtherHolder = "other_holder",
    NetworkProduct = "network_product",
    AlreadyMigrated = "already_migrated",
    BadGrant = "bad_grant",
    NoContract = "no_contract",
    OtherDataBound = "other_data_bound",
    KeyReused = "key_reused",
});

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

/// What a firm is linked with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkSubject {
    /// An accounting product, by its contract.
    Contract(ContractId),
    /// スマート証憑管理, which follows the accounting product (S52).
    SmartVoucher,
}

/// Whether a link is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkageState {
    /// It is there.
    Linked,
    /// It is being made or taken away: look again.
    Pending,
    /// It is not there.
    NotLinked,
}

stored_names!(LinkageState { Linked = "linked", Pending = "pending", NotLinked = "not_linked" });

/// What is wanted of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkageWish {
    /// That it is there.
    Link,
    /// That it is not there.
    Unlink,
}

stored_names!(LinkageWish { Link = "link", Unlink = "unlink" });

/// A link as the contract-management system has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActualLinkage {
    /// With whom.
    pub firm: FirmNumber,
    /// With what.
    pub subject: LinkSubject,
    /// Whether it is there.
    pub state: LinkageState,
}

/// Who bound business data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BoundBy {
    /// The customer, on the page.
    Customer,
    /// This firm, by mail (S57).
    Firm(FirmNumber),
}

/// The one business data (事業所データ) of a holder that is bound for スマート取引取込 (S58).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Which data: our name for it, chosen before it was bound.
    pub data: BusinessDataId,
    /// The accounting product that opens it.
    pub contract: ContractId,
    /// 事業所名, as it stands in ［事業所設定］; one line, 1 to 100 characters.
    pub office_name: String,
    /// Where it lies.
    pub place: DataPlace,
    /// Who bound it.
    pub bound_by: BoundBy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        assert_eq!(CustomerNumber::parse(" １２３４－5678 ").unwrap().as_str(), "12345678");
        assert_eq!(ServiceContractId::parse("ab12 ｃｄ３４").unwrap().as_str(), "AB12CD34");
        for bad in ["", "123", "12345678901234567", "1234a", "一二三四"] {
            assert!(CustomerNumber::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "abc", "ab_12", &"a".repeat(33)] {
            assert!(ServiceContractId::parse(bad).is_err(), "{bad}");
        }
        assert!(ContractId::parse("c 1").is_err() && ContractId::parse("c-1").is_ok());
    }

    #[test]
    fn a_holder_is_one_whatever_the_case() {
        let of = |text: &str| Holder::of(&EmailAddress::parse(text).unwrap());
        assert_eq!(of("Yamada@Example.jp"), of("yamada@example.jp"));
    }

    #[test]
    fn a_grant_is_not_shown() {
        let grant = Grant::new("g-1".to_owned()).unwrap();
        assert!(!format!("{grant:?}").contains("g-1"));
        assert_eq!(Grant::new("g 1".to_owned()), None);
    }

    fn owning(products: &[(Product, Standing)]) -> Holding {
        let contract = |(n, (product, standing)): (usize, &(Product, Standing))| Contract {
            id: ContractId::parse(&format!("c{n}")).unwrap(),
            product: *product,
            name: product.label().to_owned(),
            standing: *standing,
        };
        let holder = Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap());
        let contracts = products.iter().enumerate().map(contract).collect();
        ContractSnapshot { holder, contracts, fetched_at: Timestamp::from_millis(0) }.holding()
    }

    #[test]
    fn the_three_cases() {
        use Standing::{Active, Ended};
        assert_eq!(owning(&[]), Holding::Nothing);
        assert_eq!(owning(&[(Product::Standard, Ended)]), Holding::Nothing);
        assert_eq!(owning(&[(Product::Cloud, Active), (Product::Standard, Ended)]), Holding::NoAccounting);
        assert_eq!(owning(&[(Product::SmartVoucher, Active)]), Holding::NoAccounting);
        assert_eq!(owning(&[(Product::Cloud, Active), (Product::Network, Active)]), Holding::Accounting);
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
