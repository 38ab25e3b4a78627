//! Customers of the contract-management system: the last list of contracts, and when each is due.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::Dialect;
use super::error::StoreError;
use super::row::{address, clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::contract::{Contract, ContractId, ContractSnapshot, Standing};
use crate::domain::customer::Customer;
use crate::domain::ids::AccountId;
use crate::domain::locale::Locale;
use crate::domain::product::Product;
use crate::domain::time::Timestamp;

const ENTER: &str = "INSERT INTO contract_customer (account_id, address, locale, fetched_at, tries, wakes)
    VALUES ($1, $2, $3, 0, 0, 0)
    ON CONFLICT (account_id) DO UPDATE SET address = excluded.address, locale = excluded.locale";
const BY_ACCOUNT: &str = "SELECT * FROM contract_customer WHERE account_id = $1";
const BY_ADDRESS: &str = "SELECT * FROM contract_customer WHERE LOWER(address) = $1";
const WAKE: &str = "UPDATE contract_customer SET due_at = $1, tries = 0, wakes = wakes + 1 WHERE account_id = $2";
const HASTEN: &str = "UPDATE contract_customer SET due_at = $1 WHERE account_id = $2 AND due_at > $3";
const FETCHED: &str =
    "UPDATE contract_customer SET contracts = $1, fetched_at = $2 WHERE account_id = $3 AND fetched_at <= $4";
const STALE: &str = "UPDATE contract_customer SET fetched_at = 0 WHERE account_id = $1";
const CLAIM: &str = "UPDATE contract_customer SET lease_until = $1 WHERE account_id IN (SELECT account_id
    FROM contract_customer WHERE due_at IS NOT NULL AND due_at <= $2 AND (lease_until IS NULL OR lease_until <= $3)
    ORDER BY due_at LIMIT $4";
const CLAIM_ONE: &str = "UPDATE contract_customer SET lease_until = $1 WHERE account_id = $2
    AND (lease_until IS NULL OR lease_until <= $3) RETURNING *";
const RELEASE: &str = "UPDATE contract_customer SET lease_until = NULL, tries = $1,
    due_at = CASE WHEN wakes = $2 THEN $3 ELSE due_at END WHERE account_id = $4 AND lease_until = $5";
const PAGE: &str = "SELECT * FROM contract_customer WHERE account_id > $1 ORDER BY account_id LIMIT $2";
const NEXT_DUE: &str = "SELECT MIN(due_at) AS due_at FROM contract_customer WHERE due_at IS NOT NULL";

const UNFINISHED: &str = "SELECT (SELECT COUNT(*) FROM migration_case WHERE account_id = $1
    AND state IN ('submitted', 'in_progress'))
    + (SELECT COUNT(*) FROM linkage WHERE account_id = $1 AND state NOT IN ('unlinked', 'lost'))
    + (SELECT COUNT(*) FROM data_binding WHERE account_id = $1 AND state <> 'unbound')";
/// Rows first that name another.
const FORGET: [&str; 7] = [
    "DELETE FROM migration_item WHERE migration_id IN (SELECT id FROM migration_case WHERE account_id = $1)",
    "DELETE FROM migration_case WHERE account_id = $1",
    "DELETE FROM network_registration WHERE account_id = $1",
    "DELETE FROM contract_guess WHERE account_id = $1",
    "DELETE FROM data_binding WHERE account_id = $1",
    "DELETE FROM linkage WHERE account_id = $1",
    "DELETE FROM contract_customer WHERE account_id = $1",
];

/// A customer, as the last run left them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub customer: Customer,
    /// What the contract-management system said last; its moment is [`Timestamp::from_millis`]`(0)` when it is stale.
    pub contracts: Option<ContractSnapshot>,
    /// When something is to be done.
    pub due_at: Option<Timestamp>,
    /// Runs one after another that came to nothing.
    pub tries: u32,
    /// Counts who asked for a run.
    pub wakes: i64,
    /// Until when somebody is at it.
    pub lease_until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct StoredContract {
    id: String,
    product: String,
    name: String,
    standing: String,
}

/// Writes who the customer is; the first time, they are at rest and nothing is known.
///
/// # Errors
/// What the database says.
pub async fn enter(connection: &mut AnyConnection, customer: &Customer) -> Result<(), StoreError> {
    sqlx::query(ENTER)
        .bind(customer.account.as_str().to_owned())
        .bind(customer.address.to_text())
        .bind(customer.locale.tag())
        .execute(connection)
        .await?;
    Ok(())
}

/// The customer with this account.
///
/// # Errors
/// What the database says.
pub async fn by_account(connection: &mut AnyConnection, account: &AccountId) -> Result<Option<Known>, StoreError> {
    let row = sqlx::query(BY_ACCOUNT).bind(account.as_str().to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(known).transpose()
}

/// The customer with this 弥生ID, in lower case. Reads them all: for a command.
///
/// # Errors
/// What the database says.
pub async fn by_address(connection: &mut AnyConnection, key: &str) -> Result<Option<Known>, StoreError> {
    let row = sqlx::query(BY_ADDRESS).bind(key.to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(known).transpose()
}

/// Something is to be done for this customer from `at` on.
///
/// # Errors
/// What the database says.
pub async fn wake(connection: &mut AnyConnection, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query(WAKE).bind(at.as_millis()).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// What is due later is due at `at`; what is at rest stays so.
///
/// # Errors
/// What the database says.
pub async fn hasten(connection: &mut AnyConnection, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query(HASTEN).bind(at.as_millis()).bind(account.as_str().to_owned());
    query.bind(at.as_millis()).execute(connection).await?;
    Ok(())
}

/// Keeps a list of contracts, unless a newer one is there.
///
/// # Errors
/// What the database says.
pub async fn fetched(
    connection: &mut AnyConnection,
    account: &AccountId,
    contracts: &ContractSnapshot,
) -> Result<(), StoreError> {
    let stored: Vec<_> = contracts.contracts.iter().map(stored).collect();
    let json = serde_json::to_string(&stored).map_err(|_| StoreError::Corrupt("contract_customer.contracts"))?;
    let at = contracts.fetched_at.as_millis();
    sqlx::query(FETCHED).bind(json).bind(at).bind(account.as_str().to_owned()).bind(at).execute(connection).await?;
    Ok(())
}

/// The list of contracts is known to be old: something was added.
///
/// # Errors
/// What the database says.
pub async fn stale(connection: &mut AnyConnection, account: &AccountId) -> Result<(), StoreError> {
    sqlx::query(STALE).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Takes up to `most` due customers in hand until `until`, the longest due first.
///
/// # Errors
/// What the database says.
pub async fn claim(
    connection: &mut AnyConnection,
    dialect: Dialect,
    now: Timestamp,
    until: Timestamp,
    most: i64,
) -> Result<Vec<Known>, StoreError> {
    // Safe: both parts are literals.
    let sql = format!("{CLAIM}{}) RETURNING *", dialect.skip_locked());
    let query = sqlx::query(AssertSqlSafe(sql)).bind(until.as_millis()).bind(now.as_millis()).bind(now.as_millis());
    query.bind(most).fetch_all(connection).await?.iter().map(known).collect()
}

/// Takes one customer in hand, due or not; `None` when somebody else is at it.
///
/// # Errors
/// What the database says.
pub async fn claim_one(
    connection: &mut AnyConnection,
    account: &AccountId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Known>, StoreError> {
    let query = sqlx::query(CLAIM_ONE).bind(until.as_millis()).bind(account.as_str().to_owned()).bind(now.as_millis());
    query.fetch_optional(connection).await?.as_ref().map(known).transpose()
}

/// Lets a customer go who is due again at `due_at`; one who was woken meanwhile stays due. Nothing happens where the lease
/// ran out and somebody else has taken it.
///
/// # Errors
/// What the database says.
pub async fn release(
    connection: &mut AnyConnection,
    claimed: &Known,
    tries: u32,
    due_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query(RELEASE)
        .bind(i64::from(tries))
        .bind(claimed.wakes)
        .bind(due_at.map(Timestamp::as_millis))
        .bind(claimed.customer.account.as_str().to_owned())
        .bind(claimed.lease_until.map(Timestamp::as_millis))
        .execute(connection)
        .await?;
    Ok(())
}

/// The next customers after an account, in order.
///
/// # Errors
/// What the database says.
pub async fn page(connection: &mut AnyConnection, after: &str, most: i64) -> Result<Vec<Known>, StoreError> {
    let rows = sqlx::query(PAGE).bind(after.to_owned()).bind(most).fetch_all(connection).await?;
    rows.iter().map(known).collect()
}

/// When the next customer is due.
///
/// # Errors
/// What the database says.
pub async fn next_due(connection: &mut AnyConnection) -> Result<Option<Timestamp>, StoreError> {
    maybe_time(&sqlx::query(NEXT_DUE).fetch_one(connection).await?, "due_at")
}

fn stored(contract: &Contract) -> StoredContract {
    StoredContract {
        id: contract.id.to_string(),
        product: contract.product.name().to_owned(),
        name: clean(&contract.name),
        standing: contract.standing.name().to_owned(),
    }
}

fn contract(stored: StoredContract) -> Option<Contract> {
    Some(Contract {
        id: ContractId::parse(&stored.id).ok()?,
        product: Product::stored(&stored.product)?,
        name: stored.name,
        standing: Standing::stored(&stored.standing)?,
    })
}

fn known(row: &AnyRow) -> Result<Known, StoreError> {
    let corrupt = StoreError::Corrupt;
    let customer = Customer {
        account: AccountId::stored(text(row, "account_id")?),
        address: address(row, "address")?,
        locale: named(row, "locale", Locale::parse)?,
    };
    let contracts = match maybe_text(row, "contracts")? {
        None => None,
        Some(json) => {
            let stored: Vec<StoredContract> =
                serde_json::from_str(&json).map_err(|_| corrupt("contract_customer.contracts"))?;
            let contracts = stored.into_iter().map(contract).collect::<Option<_>>();
            Some(ContractSnapshot {
                holder: customer.holder(),
                contracts: contracts.ok_or(corrupt("contract_customer.contracts"))?,
                fetched_at: time(row, "fetched_at")?,
            })
        }
    };
    Ok(Known {
        customer,
        contracts,
        due_at: maybe_time(row, "due_at")?,
        tries: count(row, "tries")?,
        wakes: number(row, "wakes")?,
        lease_until: maybe_time(row, "lease_until")?,
    })
}

/// Whether a migration, a link or a binding of this account is not at its end.
///
/// # Errors
/// What the database says.
pub async fn has_unfinished(connection: &mut AnyConnection, id: &AccountId) -> Result<bool, StoreError> {
    let unfinished: i64 = sqlx::query_scalar(UNFINISHED).bind(id.as_str().to_owned()).fetch_one(connection).await?;
    Ok(unfinished > 0)
}

/// Forgets all that was kept for the contract system about an account.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut AnyConnection, id: &AccountId) -> Result<(), StoreError> {
    for sql in FORGET {
        sqlx::query(sql).bind(id.as_str().to_owned()).execute(&mut *connection).await?;
    }
    Ok(())
}
