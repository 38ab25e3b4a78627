//! `renkei request`: what firms asked for.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::StateName;
use crate::flows::requests::{self, Listed, Story};

#[derive(Debug, Subcommand)]
pub(super) enum Request {
    /// List requests, newest first.
    List {
        /// Only requests in this state: pending, undeliverable, opened, approved, declined, expired, cancelled.
        #[arg(long, value_parser = state)]
        state: Option<StateName>,
        /// Only requests whose customer knows nothing of the firm (この申請に心当たりがない).
        #[arg(long, conflicts_with = "state")]
        disowned: bool,
        /// How many.
        #[arg(long, default_value_t = 100)]
        most: u32,
        /// Only requests with a lower number.
        #[arg(long, value_name = "NUMBER")]
        below: Option<i64>,
    },
    /// Show a request and its whole story.
    Show {
        /// The request's number.
        number: i64,
    },
    /// Take an undecided request back: its link stops working, waiting mails do not leave.
    Withdraw {
        /// The request's number.
        number: i64,
    },
    /// Mail the customer once more, with the same link.
    Retry {
        /// The request's number.
        number: i64,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    number: i64,
    state: &'static str,
    firm_number: String,
    firm: String,
    customer: String,
    client_name: Option<String>,
    created_at: String,
    expires_at: String,
    disowned_at: Option<String>,
    stopped_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    row: Row,
    contact_name: Option<String>,
    copies: Vec<String>,
    message: String,
    proved_by: String,
    notices: u32,
    story: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    what: String,
}

impl From<&Listed> for Row {
    fn from(listed: &Listed) -> Self {
        let (request, firm) = (&listed.request, listed.firm.as_ref());
        Self {
            number: request.number,
            state: request.state.name().name(),
            firm_number: firm.map(|firm| firm.number.to_string()).unwrap_or_default(),
            firm: firm.map(|firm| firm.name.clone()).unwrap_or_default(),
            customer: request.customer.to_text(),
            client_name: request.client_name.clone(),
            created_at: request.created_at.to_string(),
            expires_at: request.expires_at.to_string(),
            disowned_at: request.disowned_at.map(|at| at.to_string()),
            stopped_at: request.stopped_at.map(|at| at.to_string()),
        }
    }
}

impl Row {
    fn state_in_words(&self) -> String {
        let mut words = self.state.to_owned();
        if self.disowned_at.is_some() {
            words.push_str(" (disowned)");
        }
        if self.stopped_at.is_some() {
            words.push_str(" (stopped)");
        }
        words
    }
}

impl Request {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        match self {
            Self::List { state, disowned, most, below } => {
                let listed = if disowned {
                    requests::disowned(&context, below, most).await?
                } else {
                    requests::list(&context, below, state, most).await?
                };
                let rows: Vec<Row> = listed.iter().map(Row::from).collect();
                print::list(invocation.json, &rows, "number  state  firm  until  customer", |row| {
                    let (number, firm, until) = (row.number, &row.firm_number, &row.expires_at);
                    let state = row.state_in_words();
                    format!("{number}  {state}  {firm}  {until}  {}", row.customer)
                })
            }
            Self::Show { number } => show(invocation.json, &requests::show(&context, number).await?),
            Self::Withdraw { number } => Ok(requests::withdraw(&context, number).await?),
            Self::Retry { number } => Ok(requests::retry(&context, number).await?),
        }
    }
}

fn show(json: bool, story: &Story) -> Result<(), Failure> {
    let mut events: Vec<_> = story
        .events
        .iter()
        .map(|entry| {
            let change =
                if entry.from == entry.to { entry.to.clone() } else { format!("{} → {}", entry.from, entry.to) };
            (
                entry.at,
                format!("{} by {} ({}; {})", entry.event, entry.actor, change.trim_start_matches(" → "), entry.cause),
            )
        })
        .collect();
    events.extend(story.mails.iter().map(|mail| {
        let outcome = if mail.last_outcome.is_empty() { "-" } else { &mail.last_outcome };
        let (kind, to, state) = (mail.kind.name(), mail.recipient.to_text(), mail.state.name());
        (
            mail.created_at,
            format!("mail {kind} to {to}: {state}, {} attempts, last {outcome} ({})", mail.attempts, mail.id),
        )
    }));
    events.sort();
    let request = &story.about.request;
    let whole = Whole {
        row: Row::from(&story.about),
        contact_name: request.contact_name.clone(),
        copies: request.copies.iter().map(EmailAddress::to_text).collect(),
        message: request.message.clone(),
        proved_by: request.proved_by.clone(),
        notices: request.notices,
        story: events.into_iter().map(|(at, what)| Event { at: at.to_string(), what }).collect(),
    };
    if json {
        return print::one(&whole);
    }
    let row = &whole.row;
    println!("request {}: {}", row.number, row.state_in_words());
    println!("firm: {} {} (proved by {})", row.firm_number, row.firm, whole.proved_by);
    println!("customer: {} {}", row.customer, row.client_name.as_deref().unwrap_or_default());
    println!("created {}, open until {}, {} notices", row.created_at, row.expires_at, whole.notices);
    if !whole.message.is_empty() {
        println!("message:");
        for line in whole.message.lines() {
            println!("  {line}");
        }
    }
    for event in &whole.story {
        println!("{}  {}", event.at, event.what);
    }
    Ok(())
}

fn state(text: &str) -> Result<StateName, String> {
    let names = "one of pending, undeliverable, opened, approved, declined, expired, cancelled";
    StateName::stored(text).ok_or_else(|| names.to_owned())
}
