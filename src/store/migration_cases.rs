//! Migrations and the customer numbers in them.

use std::collections::HashMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::linkages::approval;
use super::row::{clean, count, maybe_text, named, number, text, time};
use crate::domain::contract::{ContractId, CustomerNumber, Grant, MoveFault, Refusal};
use crate::domain::ids::{AccountId, MigrationId};
use crate::domain::migration::{ItemState, ItemStateName, MigrationCase, MigrationItem, Owned, State, StateName};
use crate::domain::product::Product;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO migration_case (id, account_id, request_id, request_number, state, state_at, polls,
    version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "UPDATE migration_case SET state = $1, state_at = $2, polls = $3, version = version + 1
    WHERE id = $4 AND version = $5";
const LOOKED: &str = "UPDATE migration_case SET polls = $1, version = version + 1 WHERE id = $2 AND version = $3";
/// Ids sort as they were born.
const LAST: &str = "SELECT * FROM migration_case WHERE id IN (SELECT MAX(id) FROM migration_case WHERE account_id IN";
const ITEMS: &str = "SELECT * FROM migration_item WHERE migration_id IN";
const CLEAR: &str = "DELETE FROM migration_item WHERE migration_id = $1";
const INSERT_ITEMS: &str = "INSERT INTO migration_item (migration_id, position, customer_number, state, product,
    product_name, credential, contract_id, fault)";

/// Writes a new migration.
///
/// # Errors
/// [`StoreError::Taken`] when the customer has one that is not over.
pub async fn insert(connection: &mut AnyConnection, case: &MigrationCase) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(case.id.as_str().to_owned())
        .bind(case.account.as_str().to_owned())
        .bind(case.approval.request.as_str().to_owned())
        .bind(case.approval.number)
        .bind(case.state.name().name())
        .bind(state_at(case))
        .bind(i64::from(case.polls))
        .bind(case.version)
        .execute(&mut *connection)
        .await?;
    put_items(connection, case).await
}

/// Writes a changed migration and its items; `case.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]; [`StoreError::Taken`] when one of its numbers is authenticated or moved in another one.
pub async fn update(connection: &mut AnyConnection, case: &MigrationCase) -> Result<(), StoreError> {
    let done = sqlx::query(UPDATE)
        .bind(case.state.name().name())
        .bind(state_at(case))
        .bind(i64::from(case.polls))
        .bind(case.id.as_str().to_owned())
        .bind(case.version)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Stale);
    }
    sqlx::query(CLEAR).bind(case.id.as_str().to_owned()).execute(&mut *connection).await?;
    put_items(connection, case).await
}

/// Writes how often it was looked at; `case.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn looked(connection: &mut AnyConnection, case: &MigrationCase) -> Result<(), StoreError> {
    let query = sqlx::query(LOOKED).bind(i64::from(case.polls)).bind(case.id.as_str().to_owned()).bind(case.version);
    let done = query.execute(connection).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The customer's last migration, whatever its state.
///
/// # Errors
/// What the database says.
pub async fn last(connection: &mut AnyConnection, account: &AccountId) -> Result<Option<MigrationCase>, StoreError> {
    Ok(last_of(connection, &[account]).await?.pop())
}

/// The last migration of each of these customers, however many they are.
///
/// # Errors
/// What the database says.
pub async fn last_of(
    connection: &mut AnyConnection,
    accounts: &[&AccountId],
) -> Result<Vec<MigrationCase>, StoreError> {
    let keys: Vec<_> = accounts.iter().map(|account| account.as_str().to_owned()).collect();
    let rows = batch::listed(connection, LAST, &keys, " GROUP BY account_id)").await?;
    let mut cases = rows.iter().map(case).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<_> = cases.iter().map(|case| case.id.as_str().to_owned()).collect();
    let mut items: HashMap<String, Vec<MigrationItem>> = HashMap::new();
    for row in batch::listed(connection, ITEMS, &ids, " ORDER BY migration_id, position").await? {
        items.entry(text(&row, "migration_id")?).or_default().push(item(&row)?);
    }
    for case in &mut cases {
        case.items = items.remove(case.id.as_str()).unwrap_or_default();
    }
    Ok(cases)
}

/// Without its items.
fn case(row: &AnyRow) -> Result<MigrationCase, StoreError> {
    Ok(MigrationCase {
        id: MigrationId::stored(text(row, "id")?),
        account: AccountId::stored(text(row, "account_id")?),
        approval: approval(row)?,
        state: State::stored(named(row, "state", StateName::stored)?, time(row, "state_at")?),
        items: Vec::new(),
        polls: count(row, "polls")?,
        version: number(row, "version")?,
    })
}

fn state_at(case: &MigrationCase) -> i64 {
    case.state.since().map_or(0, Timestamp::as_millis)
}

async fn put_items(connection: &mut AnyConnection, case: &MigrationCase) -> Result<(), StoreError> {
    let row = |(position, item): (i64, &MigrationItem)| {
        let (owned, grant, contract, fault) = match &item.state {
            ItemState::Entered | ItemState::Network => (None, None, None, None),
            ItemState::Authenticated(owned, grant) => (Some(owned), Some(grant), None, None),
            ItemState::Refused(refusal) => (None, None, None, Some(refusal.name())),
            ItemState::Moved(owned, contract) => (Some(owned), None, Some(contract), None),
            ItemState::Stayed(owned, fault) => (Some(owned), None, None, Some(fault.name())),
        };
        vec![
            Value::Text(case.id.as_str().to_owned()),
            Value::Number(position),
            Value::Text(item.number.as_str().to_owned()),
            Value::Text(item.state.name().name().to_owned()),
            Value::MaybeText(owned.map(|owned| owned.product.name().to_owned())),
            Value::MaybeText(owned.map(|owned| clean(&owned.name))),
            Value::MaybeText(grant.map(|grant| grant.expose().to_owned())),
            Value::MaybeText(contract.map(|contract| contract.as_str().to_owned())),
            Value::MaybeText(fault.map(str::to_owned)),
        ]
    };
    let rows: Vec<_> = (0..).zip(&case.items).map(row).collect();
    batch::insert(connection, INSERT_ITEMS, "", &rows).await?;
    Ok(())
}

fn item(row: &AnyRow) -> Result<MigrationItem, StoreError> {
    let corrupt = |column| move || StoreError::Corrupt(column);
    let owned = || -> Result<Owned, StoreError> {
        Ok(Owned { product: named(row, "product", Product::stored)?, name: text(row, "product_name")? })
    };
    let state = match named(row, "state", ItemStateName::stored)? {
        ItemStateName::Entered => ItemState::Entered,
        ItemStateName::Network => ItemState::Network,
        ItemStateName::Authenticated => {
            let grant = maybe_text(row, "credential")?.and_then(Grant::new);
            ItemState::Authenticated(owned()?, grant.ok_or_else(corrupt("migration_item.credential"))?)
        }
        ItemStateName::Refused => ItemState::Refused(named(row, "fault", Refusal::stored)?),
        ItemStateName::Moved => {
            let contract = maybe_text(row, "contract_id")?.and_then(|id| ContractId::parse(&id).ok());
            ItemState::Moved(owned()?, contract.ok_or_else(corrupt("migration_item.contract_id"))?)
        }
        ItemStateName::Stayed => ItemState::Stayed(owned()?, named(row, "fault", MoveFault::stored)?),
    };
    let number = CustomerNumber::parse(&text(row, "customer_number")?);
    Ok(MigrationItem { number: number.map_err(|_| StoreError::Corrupt("customer_number"))?, state })
}
