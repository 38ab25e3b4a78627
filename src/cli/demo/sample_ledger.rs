//! What the sample customer owns: products in the contract-management system that is built in, imported as an operator imports
//! them. Two of them still sit in the old system, so that there is something to migrate.

use crate::app;
use crate::cli::Failure;
use crate::config::Config;
use crate::contracts::ledger::Cost;
use crate::contracts::ledger::import::OnRefusal;

/// What stands on the papers that came with a product.
pub(super) struct Paper {
    /// Its full name.
    pub(super) product: &'static str,
    /// お客様番号, or サービス契約ID for a network product.
    pub(super) number: String,
    /// Its password.
    pub(super) password: &'static str,
}

/// Fills the ledger for the customer of the `ordinal`-th request; each owns products of their own. Filled again, it stays as
/// it was.
pub(super) async fn fill(config: &Config, customer: &str, ordinal: i64) -> Result<[Paper; 3], Failure> {
    let papers = [
        Paper { product: "弥生会計 26 スタンダード", number: format!("1{ordinal:06}1"), password: "mihon-1" },
        Paper { product: "弥生販売 26", number: format!("1{ordinal:06}2"), password: "mihon-2" },
        Paper { product: "弥生会計 26 ネットワーク", number: format!("SC{ordinal:06}"), password: "mihon-3" },
    ];
    let kinds = ["accounting_standard", "other_desktop", "accounting_network"];
    let lines = papers.iter().zip(kinds).enumerate().map(|(place, (paper, kind))| {
        let Paper { product, number, password } = paper;
        let network = kind == "accounting_network";
        let numbers = if network { format!(",{number}") } else { format!("{number},") };
        format!("DEMO-{ordinal}-{place},{kind},{product},{numbers},{password}\n")
    });
    let head = "contract,product,name,customer_number,service_contract_id,password\n".to_owned();
    let cloud = format!("DEMO-{ordinal}-cloud,cloud,Misoca,,,\n");
    let products: String = std::iter::once(head).chain(lines).chain([cloud]).collect();
    let customers = format!("account,contract\n{customer},DEMO-{ordinal}-cloud\n");
    let ledger = app::ledger(config).await?;
    let done = ledger.import(products.as_bytes(), customers.as_bytes(), OnRefusal::TakeNone, Cost::default()).await;
    match done.map_err(anyhow::Error::from)?.refused.as_slice() {
        [] => Ok(papers),
        refused => Err(anyhow::anyhow!("the sample products were not taken: {refused:?}").into()),
    }
}
