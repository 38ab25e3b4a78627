//! Reading the ledger's contracts.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::Fault;
use crate::domain::contract::{Contract, ContractId, Holder, Refusal, Standing};
use crate::domain::inbound::stored_names;
use crate::domain::product::Product;

/// Where a contract stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the old あんしん保守サポート system.
    Old,
    /// In no list yet: a network product whose サービス契約ID nobody has given.
    Unlisted,
    /// In its holder's list (契約一覧).
    Listed,
}

stored_names!(Place { Old = "old", Unlisted = "unlisted", Listed = "listed" });

/// A contract with what its holder is not told.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub contract: Contract,
    pub password_hash: Option<String>,
    pub place: Place,
    holder: Option<String>,
}

impl Record {
    /// That it is this holder's, or nobody's.
    pub(super) fn is_for(&self, holder: &Holder) -> Result<(), Refusal> {
        match &self.holder {
            Some(other) if other != holder.as_str() => Err(Refusal::OtherHolder),
            _ => Ok(()),
        }
    }

    /// That it runs.
    pub(super) fn runs(&self) -> Result<(), Refusal> {
        if self.contract.standing == Standing::Active { Ok(()) } else { Err(Refusal::NoContract) }
    }
}

/// The contract that `sql` finds by its one value.
pub(super) async fn find(
    connection: &mut AnyConnection,
    sql: &'static str,
    value: &str,
) -> Result<Option<Record>, Fault> {
    sqlx::query(sql).bind(value.to_owned()).fetch_optional(connection).await?.as_ref().map(record).transpose()
}

pub(super) fn record(row: &AnyRow) -> Result<Record, Fault> {
    Ok(Record {
        contract: contract(row)?,
        password_hash: row.try_get("password_hash")?,
        place: named(row, "place", Place::stored)?,
        holder: row.try_get("holder")?,
    })
}

pub(super) fn contract(row: &AnyRow) -> Result<Contract, Fault> {
    Ok(Contract {
        id: ContractId::parse(&text(row, "id")?).map_err(|_| Fault::Corrupt("ledger_contract.id"))?,
        product: named(row, "product", Product::stored)?,
        name: text(row, "name")?,
        standing: named(row, "standing", Standing::stored)?,
    })
}

pub(super) fn text(row: &AnyRow, column: &'static str) -> Result<String, Fault> {
    Ok(row.try_get(column)?)
}

/// A column whose text is the name of an enum's variant.
pub(super) fn named<T>(row: &AnyRow, column: &'static str, read: fn(&str) -> Option<T>) -> Result<T, Fault> {
    read(&text(row, column)?).ok_or(Fault::Corrupt(column))
}
