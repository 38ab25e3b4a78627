//! What crosses the border to the contract-management system: whose contracts, which, and how they stand. renkei holds what
//! the customer wants; that system holds what is so, and what it said is kept as it said it.

mod linking;
mod migrating;
mod names;

use super::inbound::stored_names;
use super::product::Product;
use super::time::Timestamp;

pub use linking::{ActualLinkage, Binding, BoundBy, LinkSubject, LinkageState, LinkageWish};
pub use migrating::{Grant, Granted, ItemState, MigratedContract, MigrationStatus, MoveFault, Progress};
pub use names::{
    CallKey, ContractId, CustomerNumber, Holder, NotAContractId, NotACustomerNumber, NotAServiceContractId,
    ServiceContractId,
};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email_address::EmailAddress;

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
}
