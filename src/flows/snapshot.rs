//! 契約一覧: the list of contracts as a page shows it. Fetched anew when it is older than a minute or when the customer wants
//! it (S47); while the contract system is down, the last one is shown as what it is.

use std::time::Duration;

use tracing::warn;

use crate::domain::contract::ContractSnapshot;
use crate::domain::customer::Customer;
use crate::store;

use super::contract_customer::{begin, commit};
use super::{Context, FlowError};

/// How old a list may be that is shown without asking anew.
pub const FRESH: Duration = Duration::from_mins(1);

/// How new the list must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// At most [`FRESH`] old.
    Recent,
    /// 「最新の一覧に更新する」
    Newest,
}

/// The list of contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contracts {
    /// As new as it was wanted.
    Current(ContractSnapshot),
    /// The contract system does not answer: this is the last it said.
    Old(ContractSnapshot),
    /// The contract system does not answer, and never did for this customer.
    Unknown,
}

impl Contracts {
    /// The list, however old.
    #[must_use]
    pub const fn known(&self) -> Option<&ContractSnapshot> {
        match self {
            Self::Current(list) | Self::Old(list) => Some(list),
            Self::Unknown => None,
        }
    }
}

/// The list of contracts of a customer.
///
/// # Errors
/// What the store says.
pub async fn contracts(context: &Context, customer: &Customer, wanted: Wanted) -> Result<Contracts, FlowError> {
    let mut connection = context.store.read().await?;
    let known = store::contract_customers::by_account(&mut connection, &customer.account).await?;
    drop(connection);
    let last = known.and_then(|known| known.contracts);
    let now = context.now();
    // A clock that went backwards makes no list fresh.
    let is_fresh = |list: &&ContractSnapshot| list.fetched_at <= now && now.since(list.fetched_at) <= FRESH;
    if let (Wanted::Recent, Some(list)) = (wanted, last.as_ref().filter(is_fresh)) {
        return Ok(Contracts::Current(list.clone()));
    }
    match context.contracts.snapshot(&customer.holder()).await {
        Ok(list) => {
            let mut tx = begin(context, customer).await?;
            store::contract_customers::fetched(&mut tx, &customer.account, &list).await?;
            commit(tx).await?;
            Ok(Contracts::Current(list))
        }
        Err(error) => {
            warn!(account.id = %customer.account, "the list of contracts is not fetched: {error}");
            Ok(last.map_or(Contracts::Unknown, Contracts::Old))
        }
    }
}
