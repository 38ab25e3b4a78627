//! `renkei suppression`: addresses that failed for good, to which nothing is mailed that nobody waits for.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::domain::email_address::EmailAddress;
use crate::domain::suppression;
use crate::flows::suppressions;

#[derive(Debug, Subcommand)]
pub(super) enum Suppression {
    /// List suppressed addresses, newest first.
    List {
        /// How many.
        #[arg(long, default_value_t = 100)]
        most: u32,
    },
    /// Say that an address is right: mails to it leave again. `request retry` mails a customer at once.
    Lift {
        /// See `suppression list`.
        address: String,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    address: String,
    status: String,
    mail: String,
    since: String,
}

impl From<suppression::Suppression> for Row {
    fn from(it: suppression::Suppression) -> Self {
        Self { address: it.address_key, status: it.status, mail: it.mail.to_string(), since: it.since.to_string() }
    }
}

impl Suppression {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        match self {
            Self::List { most } => {
                let rows: Vec<Row> = suppressions::list(&context, most).await?.into_iter().map(Row::from).collect();
                print::list(invocation.json, &rows, "address  since  status  mail", |row| {
                    format!("{}  {}  {}  {}", row.address, row.since, row.status, row.mail)
                })
            }
            Self::Lift { address } => {
                let address = EmailAddress::parse(&address).map_err(|error| Failure::Wrong(error.to_string()))?;
                Ok(suppressions::lift(&context, &address).await?)
            }
        }
    }
}
