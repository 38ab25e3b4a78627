//! The list of contracts (契約一覧), as several pages show it, with what to know about its age.

use crate::domain::contract::{Contract, Standing};
use crate::domain::locale::Locale;
use crate::domain::product::Product;
use crate::flows::dates;
use crate::flows::snapshot::Contracts;
use crate::web::Visitor;

/// The list; templates include `pages/parts/listing.html` with it as `listing`.
pub(super) struct Listing {
    /// Accounting products first.
    pub rows: Vec<Row>,
    pub age: Age,
}

/// A contract.
pub(super) struct Row {
    pub name: String,
    pub kind: &'static str,
    pub has_ended: bool,
}

/// How far the list can be relied on.
pub(super) enum Age {
    Current,
    /// The contract system does not answer: this is what it said then.
    Old(String),
    /// It does not answer, and never did.
    Unknown,
}

impl Age {
    /// Of these contracts.
    pub fn of(visitor: &Visitor, contracts: &Contracts) -> Self {
        match contracts {
            Contracts::Current(_) => Self::Current,
            // An entry made since is known to be missing: then nobody knows how old the list is.
            Contracts::Old(list) if list.fetched_at.as_millis() > 0 => {
                Self::Old(dates::at(list.fetched_at, visitor.site.time_zone, Locale::Ja))
            }
            Contracts::Old(_) => Self::Old("以前".to_owned()),
            Contracts::Unknown => Self::Unknown,
        }
    }
}

impl Listing {
    /// Of these contracts.
    pub fn of(visitor: &Visitor, contracts: &Contracts) -> Self {
        let mut all: Vec<&Contract> = contracts.known().map_or_else(Vec::new, |list| list.contracts.iter().collect());
        all.sort_by_key(|contract| (!contract.is_linkable(), contract.standing == Standing::Ended));
        Self { rows: all.into_iter().map(row).collect(), age: Age::of(visitor, contracts) }
    }

    /// Whether there is nothing in it, and not only nothing known.
    pub fn is_known_to_be_empty(&self) -> bool {
        self.rows.is_empty() && !matches!(self.age, Age::Unknown)
    }

    /// Without what has ended.
    pub fn running(mut self) -> Self {
        self.rows.retain(|row| !row.has_ended);
        self
    }
}

fn row(contract: &Contract) -> Row {
    let kind = match contract.product {
        product if product.is_accounting() => "会計製品",
        Product::Cloud => "クラウドサービス",
        Product::SmartVoucher => "サービス",
        _ => "会計製品以外の製品",
    };
    let name = if contract.name.is_empty() { contract.product.label().to_owned() } else { contract.name.clone() };
    Row { name, kind, has_ended: contract.standing == Standing::Ended }
}
