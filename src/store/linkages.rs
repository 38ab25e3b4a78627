//! Links of firms with products.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::approval::Approval;
use crate::domain::contract::ContractId;
use crate::domain::ids::{AccountId, FirmId, LinkageId, RequestId};
use crate::domain::linkage::{EndedBy, Linkage, State, StateName};
use crate::domain::product::Product;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO linkage (id, account_id, firm_id, contract_id, request_id, request_number, product,
    product_name, state, ended_by, state_at, wished_at, linked_at, repairs, calls, voucher_calls, version)";
const UPDATE: &str =
    "UPDATE linkage SET request_id = $1, request_number = $2, state = $3, ended_by = $4, state_at = $5,
    wished_at = $6, linked_at = $7, repairs = $8, calls = $9, voucher_calls = $10, version = version + 1
    WHERE id = $11 AND version = $12";
const OF_ACCOUNTS: &str = "SELECT * FROM linkage WHERE account_id IN";
const OF_REQUESTS: &str = "SELECT * FROM linkage WHERE state <> 'unlinked' AND request_id IN";

/// Writes new links.
///
/// # Errors
/// [`StoreError::Taken`] when a firm and contract have one already.
pub async fn insert(connection: &mut AnyConnection, links: &[Linkage]) -> Result<(), StoreError> {
    let rows: Vec<_> = links.iter().map(columns).collect();
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// Writes a changed link; `link.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn update(connection: &mut AnyConnection, link: &Linkage) -> Result<(), StoreError> {
    let done = sqlx::query(UPDATE)
        .bind(link.approval.request.as_str().to_owned())
        .bind(link.approval.number)
        .bind(link.state.name().name())
        .bind(link.state.ended_by().map(EndedBy::name))
        .bind(link.state_at.as_millis())
        .bind(link.wished_at.as_millis())
        .bind(link.linked_at.map(Timestamp::as_millis))
        .bind(i64::from(link.repairs))
        .bind(link.calls)
        .bind(link.voucher_calls)
        .bind(link.id.as_str().to_owned())
        .bind(link.version)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// All links of a customer, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, account: &AccountId) -> Result<Vec<Linkage>, StoreError> {
    of_accounts(connection, &[account]).await
}

/// All links of these customers, the oldest first, however many they are.
///
/// # Errors
/// What the database says.
pub async fn of_accounts(connection: &mut AnyConnection, accounts: &[&AccountId]) -> Result<Vec<Linkage>, StoreError> {
    let keys: Vec<_> = accounts.iter().map(|account| account.as_str().to_owned()).collect();
    batch::listed(connection, OF_ACCOUNTS, &keys, " ORDER BY id").await?.iter().map(link).collect()
}

/// Links that these requests came to and that are not gone, the oldest first, however many requests they are.
///
/// # Errors
/// What the database says.
pub async fn of_requests(connection: &mut AnyConnection, ids: &[&RequestId]) -> Result<Vec<Linkage>, StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    batch::listed(connection, OF_REQUESTS, &keys, " ORDER BY id").await?.iter().map(link).collect()
}

fn columns(link: &Linkage) -> Vec<Value> {
    vec![
        Value::Text(link.id.as_str().to_owned()),
        Value::Text(link.account.as_str().to_owned()),
        Value::Text(link.firm.as_str().to_owned()),
        Value::Text(link.contract.as_str().to_owned()),
        Value::Text(link.approval.request.as_str().to_owned()),
        Value::Number(link.approval.number),
        Value::Text(link.product.name().to_owned()),
        Value::Text(clean(&link.product_name)),
        Value::Text(link.state.name().name().to_owned()),
        Value::MaybeText(link.state.ended_by().map(|by| by.name().to_owned())),
        Value::Number(link.state_at.as_millis()),
        Value::Number(link.wished_at.as_millis()),
        Value::MaybeNumber(link.linked_at.map(Timestamp::as_millis)),
        Value::Number(i64::from(link.repairs)),
        Value::Number(link.calls),
        Value::Number(link.voucher_calls),
        Value::Number(link.version),
    ]
}

fn link(row: &AnyRow) -> Result<Linkage, StoreError> {
    let ended_by =
        maybe_text(row, "ended_by")?.map(|name| EndedBy::stored(&name).ok_or(StoreError::Corrupt("ended_by")));
    let state = State::stored(named(row, "state", StateName::stored)?, ended_by.transpose()?);
    Ok(Linkage {
        id: LinkageId::stored(text(row, "id")?),
        account: AccountId::stored(text(row, "account_id")?),
        firm: FirmId::stored(text(row, "firm_id")?),
        approval: approval(row)?,
        contract: ContractId::parse(&text(row, "contract_id")?).map_err(|_| StoreError::Corrupt("contract_id"))?,
        product: named(row, "product", Product::stored)?,
        product_name: text(row, "product_name")?,
        state: state.ok_or(StoreError::Corrupt("linkage.state"))?,
        state_at: time(row, "state_at")?,
        wished_at: time(row, "wished_at")?,
        linked_at: maybe_time(row, "linked_at")?,
        repairs: count(row, "repairs")?,
        calls: number(row, "calls")?,
        voucher_calls: number(row, "voucher_calls")?,
        version: number(row, "version")?,
    })
}

pub(super) fn approval(row: &AnyRow) -> Result<Approval, StoreError> {
    Ok(Approval { request: RequestId::stored(text(row, "request_id")?), number: number(row, "request_number")? })
}
