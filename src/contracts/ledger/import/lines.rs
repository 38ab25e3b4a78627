//! The lines of the two files, read and judged one by one. No refusal shows what stands in a line: it may be a password.

use std::collections::HashSet;
use std::hash::Hash;

use csv::{ReaderBuilder, StringRecord};
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::{File, Refused};
use crate::contracts::ledger::password::is_hash;
use crate::contracts::ledger::row::Place;
use crate::domain::contract::{ContractId, CustomerNumber, Holder, ServiceContractId, Standing};
use crate::domain::email_address::EmailAddress;
use crate::domain::product::{self, Registration};
use crate::domain::text::{self, fold, one_line};

/// A line of `products.csv`, as it is typed.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductLine {
    contract: String,
    product: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    customer_number: String,
    #[serde(default)]
    service_contract_id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_hash: String,
    #[serde(default)]
    standing: String,
}

/// A line of `customers.csv`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerLine {
    account: String,
    contract: String,
    #[serde(default)]
    place: String,
}

/// A product that can be taken.
pub(super) struct Product {
    pub contract: ContractId,
    pub kind: product::Product,
    pub name: String,
    pub customer_number: Option<CustomerNumber>,
    pub service_contract_id: Option<ServiceContractId>,
    pub password: Password,
    pub standing: Standing,
}

/// What is given of a password.
pub(super) enum Password {
    None,
    Clear(SecretString),
    Hash(String),
}

/// A contract and whose it is.
pub(super) struct Customer {
    pub holder: Holder,
    pub contract: ContractId,
    pub place: Option<Place>,
}

impl Product {
    /// Where a contract stands that was never seen before.
    pub(super) fn first_place(&self) -> Place {
        match self.kind.rules().registration {
            Registration::CustomerNumber => Place::Old,
            Registration::ServiceContractId => Place::Unlisted,
            Registration::NotNeeded | Registration::Derived => Place::Listed,
        }
    }
}

/// The good lines of `products.csv`; the others are added to `refused`.
pub(super) fn products(bytes: &[u8], refused: &mut Vec<Refused>) -> Vec<(u64, Product)> {
    let mut good = read(bytes, File::Products, refused, ProductLine::judged);
    let mut apart = Apart { file: File::Products, refused };
    apart.keep(&mut good, "contract", |product| Some(product.contract.clone()));
    apart.keep(&mut good, "customer_number", |product| product.customer_number.clone());
    apart.keep(&mut good, "service_contract_id", |product| product.service_contract_id.clone());
    good
}

/// The good lines of `customers.csv`.
pub(super) fn customers(bytes: &[u8], refused: &mut Vec<Refused>) -> Vec<(u64, Customer)> {
    let mut good = read(bytes, File::Customers, refused, CustomerLine::judged);
    Apart { file: File::Customers, refused }.keep(&mut good, "contract", |customer| Some(customer.contract.clone()));
    good
}

fn read<L: DeserializeOwned, T>(
    bytes: &[u8],
    file: File,
    refused: &mut Vec<Refused>,
    judge: fn(L) -> Result<T, String>,
) -> Vec<(u64, T)> {
    let text = text::of_file(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut good = Vec::new();
    let headers = match reader.headers() {
        Ok(headers) => headers.iter().map(str::trim).collect::<StringRecord>(),
        Err(_) => StringRecord::new(),
    };
    for (nth, record) in (2..).zip(reader.records()) {
        let line = record.as_ref().ok().and_then(|record| Some(record.position()?.line())).unwrap_or(nth);
        match record.map_err(|_| "is no CSV".to_owned()).and_then(|record| judged(&record, &headers, judge)) {
            Ok(value) => good.push((line, value)),
            Err(why) => refused.push(Refused { file, line, why }),
        }
    }
    good
}

fn judged<L: DeserializeOwned, T>(
    record: &StringRecord,
    headers: &StringRecord,
    judge: fn(L) -> Result<T, String>,
) -> Result<T, String> {
    if record.len() != headers.len() {
        return Err(format!("it has {} fields, and the header row {}", record.len(), headers.len()));
    }
    if record.iter().any(|field| field.contains('\u{FFFD}')) {
        return Err("it holds characters that are neither UTF-8 nor CP932".to_owned());
    }
    // Fields are texts: only the header row can be wrong, and what is said of it names columns.
    let line = record.deserialize(Some(headers)).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => "is no CSV".to_owned(),
    })?;
    judge(line)
}

impl ProductLine {
    fn judged(self) -> Result<Product, String> {
        let standing = match fold(&self.standing).as_str() {
            "" => Standing::Active,
            given => Standing::stored(given).ok_or("standing: active or ended")?,
        };
        let kind = parse_product(&self.product).ok_or("product: no product is called so")?;
        let customer_number = optional(&self.customer_number, CustomerNumber::parse, "customer_number")?;
        let service_contract_id = optional(&self.service_contract_id, ServiceContractId::parse, "service_contract_id")?;
        match kind.rules().registration {
            Registration::CustomerNumber if customer_number.is_none() => {
                return Err("customer_number: this product is registered by it".to_owned());
            }
            Registration::ServiceContractId if service_contract_id.is_none() => {
                return Err("service_contract_id: this product is registered by it".to_owned());
            }
            Registration::CustomerNumber if service_contract_id.is_some() => {
                return Err("service_contract_id: this product has none".to_owned());
            }
            _ => {}
        }
        let name = match one_line(&self.name) {
            name if name.is_empty() => kind.label().to_owned(),
            name if name.chars().count() > 100 => return Err("name: at most 100 characters".to_owned()),
            name => name,
        };
        let contract = ContractId::parse(self.contract.trim()).map_err(|error| format!("contract: {error}"))?;
        let password = password(self.password, &self.password_hash)?;
        Ok(Product { contract, kind, name, customer_number, service_contract_id, password, standing })
    }
}

impl CustomerLine {
    fn judged(self) -> Result<Customer, String> {
        let address = EmailAddress::parse(self.account.trim()).map_err(|_| "account: no mail address")?;
        let contract = ContractId::parse(self.contract.trim()).map_err(|error| format!("contract: {error}"))?;
        let place = match fold(&self.place).as_str() {
            "" => None,
            "listed" => Some(Place::Listed),
            _ => return Err("place: listed or nothing".to_owned()),
        };
        Ok(Customer { holder: Holder::of(&address), contract, place })
    }
}

/// By its name in the interface, or as the guide calls it.
fn parse_product(written: &str) -> Option<product::Product> {
    let written = fold(written);
    product::Product::stored(&written)
        .or_else(|| product::Product::ALL.into_iter().find(|product| fold(product.label()) == written))
}

fn optional<T, E: std::fmt::Display>(
    written: &str,
    parse: fn(&str) -> Result<T, E>,
    column: &str,
) -> Result<Option<T>, String> {
    if written.trim().is_empty() {
        return Ok(None);
    }
    parse(written).map(Some).map_err(|error| format!("{column}: {error}"))
}

fn password(clear: String, hash: &str) -> Result<Password, String> {
    match (clear.is_empty(), hash.trim()) {
        (true, "") => Ok(Password::None),
        (false, "") if clear.chars().count() > 128 => Err("password: at most 128 characters".to_owned()),
        (false, "") => Ok(Password::Clear(SecretString::from(clear))),
        (true, hash) if is_hash(hash) => Ok(Password::Hash(hash.to_owned())),
        (true, _) => Err("password_hash: no Argon2id hash ($argon2id$…)".to_owned()),
        (false, _) => Err("password: either it or password_hash".to_owned()),
    }
}

/// Refuses what stands in a file twice, each time it stands there.
struct Apart<'a> {
    file: File,
    refused: &'a mut Vec<Refused>,
}

impl Apart<'_> {
    fn keep<T, K: Eq + Hash>(&mut self, lines: &mut Vec<(u64, T)>, column: &str, key: impl Fn(&T) -> Option<K>) {
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for key in lines.iter().filter_map(|(_, line)| key(line)) {
            if let Some(again) = seen.replace(key) {
                twice.insert(again);
            }
        }
        lines.retain(|(line, value)| {
            let is_twice = key(value).is_some_and(|key| twice.contains(&key));
            if is_twice {
                let why = format!("{column}: it stands in this file twice");
                self.refused.push(Refused { file: self.file, line: *line, why });
            }
            !is_twice
        });
    }
}
