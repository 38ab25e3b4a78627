//! `renkei outbox`: what has not left.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::domain::ids::OutboundId;
use crate::domain::outbound::{OutboundMail, OutboundState};
use crate::flows::{outbox, troubles};

#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// List mails that have not left, newest first; a held relay is named above them.
    List {
        /// Only mails in this state: queued, withheld, leased, sent, failed, useless.
        #[arg(long, value_parser = state)]
        state: Option<OutboundState>,
        /// How many.
        #[arg(long, default_value_t = 100)]
        most: u32,
        /// Only mails older than this one.
        #[arg(long, value_name = "ID")]
        below: Option<String>,
    },
    /// Try a failed or waiting mail anew, at once.
    Retry {
        /// See `outbox list`.
        id: String,
    },
    /// Give a failed or waiting mail up.
    Drop {
        /// See `outbox list`.
        id: String,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    kind: &'static str,
    state: &'static str,
    to: String,
    attempts: u32,
    last_outcome: String,
    created_at: String,
    due_at: String,
}

impl From<OutboundMail> for Row {
    fn from(mail: OutboundMail) -> Self {
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.name(),
            state: mail.state.name(),
            to: mail.recipient.to_text(),
            attempts: mail.attempts,
            last_outcome: mail.last_outcome,
            created_at: mail.created_at.to_string(),
            due_at: mail.due_at.to_string(),
        }
    }
}

impl Outbox {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        match self {
            Self::List { state, most, below } => {
                if !invocation.json {
                    for trouble in troubles::list(&context).await? {
                        println!(
                            "{}: {} (since {}, again {})",
                            trouble.name, trouble.detail, trouble.since, trouble.until
                        );
                    }
                }
                let mails = outbox::list(&context, below.as_deref(), state, most).await?;
                let rows: Vec<Row> = mails.into_iter().map(Row::from).collect();
                let heading = "id  state  kind  attempts  last outcome  due  to";
                print::list(invocation.json, &rows, heading, |row| {
                    let last = if row.last_outcome.is_empty() { "-" } else { &row.last_outcome };
                    format!(
                        "{}  {}  {}  {}  {last}  {}  {}",
                        row.id, row.state, row.kind, row.attempts, row.due_at, row.to
                    )
                })
            }
            Self::Retry { id } => Ok(outbox::retry(&context, &OutboundId::stored(id)).await?),
            Self::Drop { id } => Ok(outbox::drop(&context, &OutboundId::stored(id)).await?),
        }
    }
}

fn state(text: &str) -> Result<OutboundState, String> {
    OutboundState::stored(text).ok_or_else(|| "one of queued, withheld, leased, sent, failed, useless".to_owned())
}
