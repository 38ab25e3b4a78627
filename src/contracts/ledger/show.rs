//! What an operator is shown of the ledger.

use sqlx::Row;

use super::error::LedgerError;
use super::row::{Place, named, text};
use super::{Connection, Fault, Ledger};
use crate::domain::contract::{ActualLinkage, Binding, CustomerNumber, Holder, Standing};
use crate::domain::product::Product;

const COUNTS: &str = "SELECT product, place, standing, COUNT(*) AS many FROM ledger_contract
    GROUP BY product, place, standing ORDER BY product, place, standing";
const OF_HOLDER: &str = "SELECT * FROM ledger_contract WHERE holder = $1 ORDER BY id";
const BY_NUMBER: &str = "SELECT * FROM ledger_contract WHERE customer_number = $1";

/// So many contracts of a kind.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Count {
    /// The product's name in the interface.
    pub product: &'static str,
    /// old, unlisted or listed.
    pub place: &'static str,
    /// active or ended.
    pub standing: &'static str,
    /// How many.
    pub many: i64,
}

/// One contract.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Its id.
    pub contract: String,
    /// The product's name in the interface.
    pub product: &'static str,
    /// The product's full name.
    pub name: String,
    /// Its お客様番号.
    pub customer_number: Option<String>,
    /// Its サービス契約ID.
    pub service_contract_id: Option<String>,
    /// Whether a password is known: set or none.
    pub password: &'static str,
    /// old, unlisted or listed.
    pub place: &'static str,
    /// active or ended.
    pub standing: &'static str,
}

/// What one holder has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Contracts, those included that only wait for the holder.
    pub entries: Vec<Entry>,
    /// Links.
    pub linkages: Vec<ActualLinkage>,
    /// Business data.
    pub binding: Option<Binding>,
}

impl Ledger {
    /// How many contracts there are, by kind.
    ///
    /// # Errors
    /// [`LedgerError`]
    pub async fn counts(&self) -> Result<Vec<Count>, LedgerError> {
        let mut connection = self.read().await?;
        let rows = sqlx::query(COUNTS).fetch_all(&mut *connection).await?;
        let count = |row: &sqlx::any::AnyRow| {
            Ok::<_, Fault>(Count {
                product: named(row, "product", Product::stored)?.name(),
                place: named(row, "place", Place::stored)?.name(),
                standing: named(row, "standing", Standing::stored)?.name(),
                many: row.try_get("many")?,
            })
        };
        Ok(rows.iter().map(count).collect::<Result<_, _>>()?)
    }

    /// What a holder has.
    ///
    /// # Errors
    /// [`LedgerError`]
    pub async fn holding(&self, holder: &Holder) -> Result<Holding, LedgerError> {
        let entries = entries(self.read().await?, OF_HOLDER, holder.as_str()).await?;
        Ok(Holding { entries, linkages: self.links(holder).await?, binding: self.bound(holder).await? })
    }

    /// The contract with this customer number.
    ///
    /// # Errors
    /// [`LedgerError`]
    pub async fn entry(&self, number: &CustomerNumber) -> Result<Option<Entry>, LedgerError> {
        Ok(entries(self.read().await?, BY_NUMBER, number.as_str()).await?.pop())
    }
}

async fn entries(mut connection: Connection, sql: &'static str, value: &str) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query(sql).bind(value.to_owned()).fetch_all(&mut *connection).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &sqlx::any::AnyRow) -> Result<Entry, Fault> {
    let hash: Option<String> = row.try_get("password_hash")?;
    Ok(Entry {
        contract: text(row, "id")?,
        product: named(row, "product", Product::stored)?.name(),
        name: text(row, "name")?,
        customer_number: row.try_get("customer_number")?,
        service_contract_id: row.try_get("service_contract_id")?,
        password: hash.map_or("none", |_| "set"),
        place: named(row, "place", Place::stored)?.name(),
        standing: named(row, "standing", Standing::stored)?.name(),
    })
}
