//! Business data that is or was bound.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::linkages::approval;
use super::row::{clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::contract::ContractId;
use crate::domain::data_binding::{Acknowledged, DataBinding, Party, ReleasedBy, State, StateName};
use crate::domain::ids::{AccountId, BusinessDataId, FirmId};
use crate::domain::office_name::OfficeName;
use crate::domain::product::DataPlace;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO data_binding (id, account_id, firm_id, request_id, request_number, contract_id,
    office_name, place, set_by, difference_at, latest_data_at, state, released_by, state_at, bound_at, repairs, calls,
    version)";
const UPDATE: &str = "UPDATE data_binding SET state = $1, released_by = $2, state_at = $3, bound_at = $4, repairs = $5,
    calls = $6, version = version + 1 WHERE id = $7 AND version = $8";
const LIVE: &str = "SELECT * FROM data_binding WHERE state <> 'unbound' AND account_id IN";
const LAST: &str = "SELECT * FROM data_binding WHERE account_id = $1 ORDER BY id DESC LIMIT 1";
const BY_ID: &str = "SELECT * FROM data_binding WHERE id = $1";

/// Writes a new binding.
///
/// # Errors
/// [`StoreError::Taken`] when the customer has a live one.
pub async fn insert(connection: &mut AnyConnection, binding: &DataBinding) -> Result<(), StoreError> {
    batch::insert(connection, INSERT, "", &[columns(binding)]).await?;
    Ok(())
}

/// Writes a changed binding; `binding.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn update(connection: &mut AnyConnection, binding: &DataBinding) -> Result<(), StoreError> {
    let done = sqlx::query(UPDATE)
        .bind(binding.state.name().name())
        .bind(binding.state.released_by().map(ReleasedBy::name))
        .bind(binding.state_at.as_millis())
        .bind(binding.bound_at.map(Timestamp::as_millis))
        .bind(i64::from(binding.repairs))
        .bind(binding.calls)
        .bind(binding.id.as_str().to_owned())
        .bind(binding.version)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The customer's newest binding, whatever became of it.
///
/// # Errors
/// What the database says.
pub async fn last(connection: &mut AnyConnection, account: &AccountId) -> Result<Option<DataBinding>, StoreError> {
    let row = sqlx::query(LAST).bind(account.as_str().to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(binding).transpose()
}

/// The customer's present binding.
///
/// # Errors
/// What the database says.
pub async fn live(connection: &mut AnyConnection, account: &AccountId) -> Result<Option<DataBinding>, StoreError> {
    Ok(live_of(connection, &[account]).await?.pop())
}

/// The live bindings of these customers, however many they are.
///
/// # Errors
/// What the database says.
pub async fn live_of(connection: &mut AnyConnection, accounts: &[&AccountId]) -> Result<Vec<DataBinding>, StoreError> {
    let keys: Vec<_> = accounts.iter().map(|account| account.as_str().to_owned()).collect();
    batch::listed(connection, LIVE, &keys, "").await?.iter().map(binding).collect()
}

/// The binding of this name, live or not.
///
/// # Errors
/// What the database says.
pub async fn by_id(connection: &mut AnyConnection, id: &BusinessDataId) -> Result<Option<DataBinding>, StoreError> {
    let row = sqlx::query(BY_ID).bind(id.as_str().to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(binding).transpose()
}

fn columns(binding: &DataBinding) -> Vec<Value> {
    vec![
        Value::Text(binding.id.as_str().to_owned()),
        Value::Text(binding.account.as_str().to_owned()),
        Value::Text(binding.firm.as_str().to_owned()),
        Value::Text(binding.approval.request.as_str().to_owned()),
        Value::Number(binding.approval.number),
        Value::Text(binding.contract.as_str().to_owned()),
        Value::Text(clean(binding.office_name.as_str())),
        Value::Text(binding.place.name().to_owned()),
        Value::Text(binding.set_by.name().to_owned()),
        Value::MaybeNumber(binding.acknowledged.difference_at.map(Timestamp::as_millis)),
        Value::MaybeNumber(binding.acknowledged.latest_data_at.map(Timestamp::as_millis)),
        Value::Text(binding.state.name().name().to_owned()),
        Value::MaybeText(binding.state.released_by().map(|by| by.name().to_owned())),
        Value::Number(binding.state_at.as_millis()),
        Value::MaybeNumber(binding.bound_at.map(Timestamp::as_millis)),
        Value::Number(i64::from(binding.repairs)),
        Value::Number(binding.calls),
        Value::Number(binding.version),
    ]
}

fn binding(row: &AnyRow) -> Result<DataBinding, StoreError> {
    let by = maybe_text(row, "released_by")?;
    let by = by.map(|name| ReleasedBy::stored(&name).ok_or(StoreError::Corrupt("released_by"))).transpose()?;
    let state = State::stored(named(row, "state", StateName::stored)?, by);
    Ok(DataBinding {
        id: BusinessDataId::stored(text(row, "id")?),
        account: AccountId::stored(text(row, "account_id")?),
        firm: FirmId::stored(text(row, "firm_id")?),
        approval: approval(row)?,
        contract: ContractId::parse(&text(row, "contract_id")?).map_err(|_| StoreError::Corrupt("contract_id"))?,
        office_name: OfficeName::parse(&text(row, "office_name")?).map_err(|_| StoreError::Corrupt("office_name"))?,
        place: named(row, "place", DataPlace::stored)?,
        set_by: named(row, "set_by", Party::stored)?,
        acknowledged: Acknowledged {
            difference_at: maybe_time(row, "difference_at")?,
            latest_data_at: maybe_time(row, "latest_data_at")?,
        },
        state: state.ok_or(StoreError::Corrupt("data_binding.state"))?,
        state_at: time(row, "state_at")?,
        bound_at: maybe_time(row, "bound_at")?,
        repairs: count(row, "repairs")?,
        calls: number(row, "calls")?,
        version: number(row, "version")?,
    })
}
