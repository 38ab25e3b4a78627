//! `renkei ledger`: the contract-management system that is built in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::config::secret::SecretFile;
use crate::contracts::ledger::Cost;
use crate::contracts::ledger::import::{File, OnRefusal, Refused};
use crate::contracts::ledger::show::{Count, Entry};
use crate::domain::contract::{Binding, BoundBy, CustomerNumber, Holder, LinkSubject};
use crate::domain::email_address::EmailAddress;

#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Fill the ledger, or bring it up to date, from two CSV files with a header row (UTF-8 or CP932). Every line that cannot
    /// be taken is named, and then none is taken.
    Import {
        /// contract, product, name, customer_number, service_contract_id, password or password_hash (Argon2id), standing
        /// (active or ended). Products: accounting_standard, accounting_professional, blue_return, accounting_two_user,
        /// accounting_network, other_desktop, other_network, cloud, smart_voucher, or as the guide calls them.
        products: PathBuf,
        /// account (弥生ID), contract, place: listed where the contract already stands in the customer's list.
        customers: PathBuf,
        /// Take the other lines all the same.
        #[arg(long)]
        skip_refused: bool,
    },
    /// Show what it holds: how many contracts of each kind, one customer's, or one contract.
    Show {
        /// The customer's address (弥生ID).
        #[arg(long, value_name = "ADDRESS", conflicts_with = "number")]
        account: Option<String>,
        /// A customer number (お客様番号).
        #[arg(long)]
        number: Option<String>,
    },
    /// Speak the interface of docs/contract-system.openapi.yaml from the ledger, until stopped. TLS is a proxy's affair.
    Serve {
        /// The address and port to listen on.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// The file with the bearer token that clients must carry; a bare name is looked up among the systemd credentials.
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
    },
}

impl Ledger {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let config = invocation.config()?;
        match self {
            Self::Import { products, customers, skip_refused } => {
                let (products, customers) = (read(&products)?, read(&customers)?);
                let ledger = crate::app::ledger(&config).await?;
                let on_refusal = if skip_refused { OnRefusal::TakeOthers } else { OnRefusal::TakeNone };
                let done = ledger.import(&products, &customers, on_refusal, Cost::default()).await;
                let report = done.map_err(anyhow::Error::from)?;
                let refused: Vec<String> = report.refused.iter().map(line).collect();
                if !refused.is_empty() && on_refusal == OnRefusal::TakeNone {
                    return Err(Failure::Wrong(refused.join("\nrenkei: ")));
                }
                for line in refused {
                    eprintln!("renkei: {line}");
                }
                println!("{} products and {} customers' contracts were taken", report.products, report.customers);
                Ok(())
            }
            Self::Show { account: Some(account), .. } => {
                let address = EmailAddress::parse(&account).map_err(|error| wrong("account", &error))?;
                let holding = crate::app::ledger(&config).await?.holding(&Holder::of(&address)).await;
                let holding = holding.map_err(anyhow::Error::from)?;
                let rows: Vec<Row> = holding.entries.into_iter().map(Row::Contract).collect();
                let links = holding.linkages.iter().map(|link| Row::Link {
                    firm: link.firm.to_string(),
                    linked: subject(&link.subject),
                    state: link.state.name(),
                });
                let rows: Vec<Row> =
                    rows.into_iter().chain(links).chain(holding.binding.as_ref().map(Row::of_binding)).collect();
                print::list(invocation.json, &rows, "contracts, links, bound data", Row::text)
            }
            Self::Show { number: Some(number), .. } => {
                let number = CustomerNumber::parse(&number).map_err(|error| wrong("number", &error))?;
                let entry = crate::app::ledger(&config).await?.entry(&number).await.map_err(anyhow::Error::from)?;
                let rows: Vec<Row> = entry.into_iter().map(Row::Contract).collect();
                print::list(invocation.json, &rows, "contract", Row::text)
            }
            Self::Show { .. } => {
                let counts = crate::app::ledger(&config).await?.counts().await.map_err(anyhow::Error::from)?;
                print::list(invocation.json, &counts, "contracts  product  place  standing", |row: &Count| {
                    format!("{}  {}  {}  {}", row.many, row.product, row.place, row.standing)
                })
            }
            Self::Serve { listen, token_file } => {
                crate::telemetry::init(&config.log).map_err(|error| Failure::Wrong(error.to_string()))?;
                Ok(crate::app::serve_ledger(&config, listen, &SecretFile::new(token_file)).await?)
            }
        }
    }
}

/// What a customer has.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Row {
    Contract(Entry),
    Link { firm: String, linked: String, state: &'static str },
    Binding { data: String, contract: String, office_name: String, place: &'static str, bound_by: String },
}

impl Row {
    fn of_binding(binding: &Binding) -> Self {
        Self::Binding {
            data: binding.data.to_string(),
            contract: binding.contract.to_string(),
            office_name: binding.office_name.clone(),
            place: binding.place.name(),
            bound_by: match &binding.bound_by {
                BoundBy::Customer => "customer".to_owned(),
                BoundBy::Firm(firm) => format!("firm {firm}"),
            },
        }
    }

    fn text(&self) -> String {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        match self {
            Self::Contract(entry) => format!(
                "contract {}  {}  {}  number {}  service contract {}  password {}  {}  {}",
                entry.contract,
                entry.product,
                entry.name,
                or_dash(&entry.customer_number),
                or_dash(&entry.service_contract_id),
                entry.password,
                entry.place,
                entry.standing
            ),
            Self::Link { firm, linked, state } => format!("link  firm {firm}  {linked}  {state}"),
            Self::Binding { data, contract, office_name, place, bound_by } => {
                format!("bound data {data}  contract {contract}  {office_name}  {place}  by {bound_by}")
            }
        }
    }
}

fn subject(subject: &LinkSubject) -> String {
    match subject {
        LinkSubject::Contract(contract) => format!("contract {contract}"),
        LinkSubject::SmartVoucher => "smart_voucher".to_owned(),
    }
}

fn line(refused: &Refused) -> String {
    let file = match refused.file {
        File::Products => "products",
        File::Customers => "customers",
    };
    format!("{file}, line {}: {}", refused.line, refused.why)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::Wrong(format!("{}: {error}", file.display())))
}

fn wrong(option: &str, error: &impl std::fmt::Display) -> Failure {
    Failure::Wrong(format!("{option}: {error}"))
}
