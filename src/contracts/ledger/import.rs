//! Filling the ledger from two CSV files: the products, and which customer has which. Every line that cannot be taken is
//! named; no line is taken then, unless the others are asked for.

mod lines;

use sqlx::AnyConnection;

use super::error::{Fault, LedgerError};
use super::password::{self, Cost};
use super::row::Place;
use super::{Ledger, commit};
use lines::{Customer, Password, Product};

/// What to do with the good lines of a file that has bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRefusal {
    /// Nothing is taken.
    TakeNone,
    /// The others are taken.
    TakeOthers,
}

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    /// The products.
    Products,
    /// The customers.
    Customers,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// In which file.
    pub file: File,
    /// Its number; the header row is line 1.
    pub line: u64,
    /// Why, without what stands in it.
    pub why: String,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Products that were taken, new and known ones.
    pub products: u64,
    /// Contracts that were given to a customer.
    pub customers: u64,
    /// Lines that were not taken.
    pub refused: Vec<Refused>,
}

const UPSERT: &str = "INSERT INTO ledger_contract
    (id, product, name, customer_number, service_contract_id, password_hash, place, holder, standing)
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8) ON CONFLICT (id) DO UPDATE SET product = excluded.product,
    name = excluded.name, customer_number = excluded.customer_number, service_contract_id = excluded.service_contract_id,
    password_hash = COALESCE(excluded.password_hash, ledger_contract.password_hash), standing = excluded.standing";
const NUMBER_TAKEN: &str = "SELECT COUNT(*) FROM ledger_contract WHERE customer_number = $1 AND id <> $2";
const SERVICE_CONTRACT_TAKEN: &str = "SELECT COUNT(*) FROM ledger_contract WHERE service_contract_id = $1 AND id <> $2";
const KEEP_FOR: &str = "UPDATE ledger_contract SET holder = $1 WHERE id = $2 AND (holder IS NULL OR holder = $1)";
const LIST_FOR: &str =
    "UPDATE ledger_contract SET holder = $1, place = 'listed' WHERE id = $2 AND (holder IS NULL OR holder = $1)";
const KNOWN: &str = "SELECT COUNT(*) FROM ledger_contract WHERE id = $1";

impl Ledger {
    /// Takes both files, in UTF-8 or CP932. What is known already is brought up to date; a contract that was listed stays
    /// listed, and a password that is not given stays what it was.
    ///
    /// # Errors
    /// [`LedgerError`]; a line that cannot be taken is none, it stands in the report.
    pub async fn import(
        &self,
        products: &[u8],
        customers: &[u8],
        on_refusal: OnRefusal,
        cost: Cost,
    ) -> Result<Report, LedgerError> {
        let mut report = Report::default();
        let products = lines::products(products, &mut report.refused);
        let customers = lines::customers(customers, &mut report.refused);
        let hashed = self.hash_all(products, cost).await?;
        let mut tx = self.begin().await?;
        for (line, product, hash) in hashed {
            match take_product(&mut tx, &product, hash).await? {
                Ok(()) => report.products += 1,
                Err(why) => report.refused.push(Refused { file: File::Products, line, why: why.to_owned() }),
            }
        }
        for (line, customer) in customers {
            match take_customer(&mut tx, &customer).await? {
                Ok(()) => report.customers += 1,
                Err(why) => report.refused.push(Refused { file: File::Customers, line, why: why.to_owned() }),
            }
        }
        report.refused.sort();
        if report.refused.is_empty() || on_refusal == OnRefusal::TakeOthers {
            commit(tx).await?;
        } else {
            (report.products, report.customers) = (0, 0);
        }
        Ok(report)
    }

    /// Hashes what is given in clear, away from the runtime's threads.
    async fn hash_all(
        &self,
        products: Vec<(u64, Product)>,
        cost: Cost,
    ) -> Result<Vec<(u64, Product, Option<String>)>, LedgerError> {
        let entropy = self.entropy.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            let hash = |product: &Product| match &product.password {
                Password::None => None,
                Password::Hash(hash) => Some(hash.clone()),
                Password::Clear(password) => password::hash(password, entropy.bytes(), cost),
            };
            products.into_iter().map(|(line, product)| (line, hash(&product), product)).collect::<Vec<_>>()
        });
        let hashed = hashing.await.map_err(|_| LedgerError::Corrupt("the passwords given"))?;
        Ok(hashed.into_iter().map(|(line, hash, product)| (line, product, hash)).collect())
    }
}

async fn take_product(
    connection: &mut AnyConnection,
    product: &Product,
    hash: Option<String>,
) -> Result<Result<(), &'static str>, Fault> {
    let number = product.customer_number.as_ref().map(|number| number.as_str().to_owned());
    let service = product.service_contract_id.as_ref().map(|id| id.as_str().to_owned());
    if taken(connection, NUMBER_TAKEN, number.clone(), product).await? {
        return Ok(Err("customer_number: another contract has it"));
    }
    if taken(connection, SERVICE_CONTRACT_TAKEN, service.clone(), product).await? {
        return Ok(Err("service_contract_id: another contract has it"));
    }
    sqlx::query(UPSERT)
        .bind(product.contract.as_str().to_owned())
        .bind(product.kind.name())
        .bind(product.name.clone())
        .bind(number)
        .bind(service)
        .bind(hash)
        .bind(product.first_place().name())
        .bind(product.standing.name())
        .execute(connection)
        .await?;
    Ok(Ok(()))
}

async fn taken(
    connection: &mut AnyConnection,
    sql: &'static str,
    value: Option<String>,
    product: &Product,
) -> Result<bool, Fault> {
    let Some(value) = value else { return Ok(false) };
    let others: i64 =
        sqlx::query_scalar(sql).bind(value).bind(product.contract.as_str().to_owned()).fetch_one(connection).await?;
    Ok(others > 0)
}

async fn take_customer(connection: &mut AnyConnection, customer: &Customer) -> Result<Result<(), &'static str>, Fault> {
    let contract = customer.contract.as_str().to_owned();
    let done = sqlx::query(if customer.place == Some(Place::Listed) { LIST_FOR } else { KEEP_FOR })
        .bind(customer.holder.as_str().to_owned())
        .bind(contract.clone())
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 1 {
        return Ok(Ok(()));
    }
    let known: i64 = sqlx::query_scalar(KNOWN).bind(contract).fetch_one(connection).await?;
    Ok(Err(if known == 0 { "contract: there is none of this id" } else { "contract: it is another account's" }))
}
