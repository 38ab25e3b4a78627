//! `renkei reconcile`: what customers want and what the contract-management system has, brought together by hand.

use clap::Args;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::AccountId;
use crate::flows::Context;
use crate::flows::reconcile::{self, Difference, Done, Pace, Page};

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("how").required(true)))]
pub(super) struct Reconcile {
    /// Do it, also beside a running daemon.
    #[arg(long, group = "how")]
    now: bool,
    /// Only print each correction that would be made; changes nothing on either side.
    #[arg(long, group = "how")]
    dry_run: bool,
    /// Only for this customer; all of them otherwise.
    #[arg(long, value_name = "ID", value_parser = address)]
    customer: Option<EmailAddress>,
}

#[derive(Debug, Serialize)]
struct Row {
    customer: String,
    correction: String,
}

#[derive(Debug, Serialize)]
struct Summary {
    customers: usize,
    corrections: usize,
    troubled: usize,
}

impl Reconcile {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (config, context) = invocation.context().await?;
        let customer = match &self.customer {
            Some(address) => Some(reconcile::find(&context, &address.key()).await?),
            None => None,
        };
        if self.dry_run {
            return dry_run(invocation.json, &context, customer).await;
        }
        let pace = Pace { calls_a_second: config.reconcile.calls_a_second };
        let done = match customer {
            Some(account) => reconcile::one(&context, &account).await?,
            None => all(&context, pace).await?,
        };
        let summary = Summary { customers: done.customers, corrections: done.corrections, troubled: done.troubled };
        if invocation.json {
            print::one(&summary)?;
        } else {
            let Summary { customers, corrections, troubled } = summary;
            println!("{customers} customers, {corrections} corrections, {troubled} not at rest");
        }
        if done.troubled > 0 {
            return Err(Failure::Failed(anyhow::anyhow!(
                "the contract-management system did not answer as it should for {} customers: they are tried again",
                done.troubled
            )));
        }
        Ok(())
    }
}

/// A run of its own over all customers; one that the daemon is at is not touched.
async fn all(context: &Context, pace: Pace) -> Result<Done, Failure> {
    let slot = context.clock.now();
    let mut done = Done::default();
    loop {
        let begun = tokio::time::Instant::now();
        match Page::by_hand(context, slot, pace).await? {
            Page::More(page) => {
                done = done.and(page);
                tokio::time::sleep_until(begun + pace.span(page.calls)).await;
            }
            Page::LeftAlone(_) => {
                let failure = "the contract-management system failed again and again: not all customers were looked at";
                return Err(Failure::Failed(anyhow::anyhow!(failure)));
            }
            Page::Last => return Ok(done),
        }
    }
}

async fn dry_run(json: bool, context: &Context, customer: Option<AccountId>) -> Result<(), Failure> {
    let mut rows = Vec::new();
    if let Some(account) = customer {
        rows.extend(shown(reconcile::differences(context, &account).await?)?);
    } else {
        let mut after = String::new();
        loop {
            let page = reconcile::accounts_after(context, &after, 100).await?;
            let Some(last) = page.last() else { break };
            last.as_str().clone_into(&mut after);
            for account in &page {
                rows.extend(shown(reconcile::differences(context, account).await?)?);
            }
        }
    }
    print::list(json, &rows, "customer  correction", |row| format!("{}  {}", row.customer, row.correction))
}

fn shown(difference: Difference) -> Result<Vec<Row>, Failure> {
    let customer = difference.customer.address.to_text();
    let corrections = difference.corrections.map_err(|error| Failure::Failed(anyhow::Error::from(error)))?;
    let row = |correction: &crate::domain::reconcile::Correction| Row {
        customer: customer.clone(),
        correction: correction.to_string(),
    };
    Ok(corrections.iter().map(row).collect())
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|_| "a mail address".to_owned())
}
