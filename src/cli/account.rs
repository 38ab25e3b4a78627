//! `renkei account`: people's accounts, by their ID, the mail address.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::domain::account;
use crate::domain::email_address::EmailAddress;
use crate::flows::accounts::{self, Story};

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// List accounts, newest first.
    List {
        /// How many.
        #[arg(long, default_value_t = 100)]
        most: u32,
        /// Only accounts older than this one.
        #[arg(long, value_name = "ID")]
        below: Option<String>,
    },
    /// Show an account and its whole story.
    Show {
        /// The mail address that it was registered with.
        address: String,
    },
    /// Let a person in again after too many failures: log-ins and codes. The password stays.
    Unlock {
        /// The mail address.
        address: String,
    },
    /// Take a person's data out for good; nobody can log in any more, the audit trail stays. Refused while a request about
    /// the address is approved.
    Erase {
        /// The mail address.
        address: String,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    state: &'static str,
    address: String,
    name: String,
    created_at: String,
    terms_version: String,
    failures: u32,
    locked_at: Option<String>,
    erased_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    row: Row,
    story: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    what: String,
}

impl From<&account::Account> for Row {
    fn from(account: &account::Account) -> Self {
        Self {
            id: account.id.to_string(),
            state: account.state(),
            address: account.address.to_text(),
            name: account.name.as_str().to_owned(),
            created_at: account.created_at.to_string(),
            terms_version: account.terms.version.clone(),
            failures: account.failures,
            locked_at: account.locked_at.map(|at| at.to_string()),
            erased_at: account.erased_at.map(|at| at.to_string()),
        }
    }
}

impl Account {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        match self {
            Self::List { most, below } => {
                let listed = accounts::list(&context, below.as_deref(), most).await?;
                let rows: Vec<Row> = listed.iter().map(Row::from).collect();
                print::list(invocation.json, &rows, "id  state  created  address  name", |row| {
                    format!("{}  {}  {}  {}  {}", row.id, row.state, row.created_at, row.address, row.name)
                })
            }
            Self::Show { address } => show(invocation.json, &accounts::show(&context, &id(&address)?).await?),
            Self::Unlock { address } => Ok(accounts::unlock(&context, &id(&address)?).await?),
            Self::Erase { address } => Ok(accounts::erase(&context, &id(&address)?).await?),
        }
    }
}

fn show(json: bool, story: &Story) -> Result<(), Failure> {
    let mut events: Vec<_> = story
        .events
        .iter()
        .map(|entry| (entry.at, format!("{} by {} ({}; {})", entry.event, entry.actor, entry.to, entry.cause)))
        .collect();
    events.extend(story.mails.iter().map(|mail| {
        let (kind, state) = (mail.kind.name(), mail.state.name());
        (mail.created_at, format!("mail {kind}: {state}, {} attempts ({})", mail.attempts, mail.id))
    }));
    events.sort();
    let story_of = |(at, what): (crate::domain::time::Timestamp, String)| Event { at: at.to_string(), what };
    let whole = Whole { row: Row::from(&story.account), story: events.into_iter().map(story_of).collect() };
    if json {
        return print::one(&whole);
    }
    let row = &whole.row;
    println!("account {}: {}", row.id, row.state);
    println!("{} {}", row.address, row.name);
    println!("created {}, terms {}, {} failed log-ins", row.created_at, row.terms_version, row.failures);
    for event in &whole.story {
        println!("{}  {}", event.at, event.what);
    }
    Ok(())
}

fn id(given: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(given).map_err(|error| Failure::Wrong(error.to_string()))
}
