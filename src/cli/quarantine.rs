//! `renkei quarantine`: mails that were not proven.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::app;
use crate::config::Config;
use crate::domain::ids::InboundId;
use crate::domain::inbound::{Folder, InboundMessage};
use crate::flows::{Context, quarantine};
use crate::mailbox::{Found, Mailbox};

#[derive(Debug, Subcommand)]
pub(super) enum Quarantine {
    /// List quarantined mails, newest first; below them how many delivery reports were about no mail of ours.
    List {
        /// How many.
        #[arg(long, default_value_t = 100)]
        most: u32,
        /// Only mails older than this one.
        #[arg(long, value_name = "ID")]
        below: Option<String>,
    },
    /// Show why a mail is in quarantine.
    Show {
        /// See `quarantine list`.
        id: String,
    },
    /// Move a mail back to INBOX, where it is judged again. The proof is asked for as before: nothing is let through.
    Release {
        /// See `quarantine list`.
        id: String,
    },
    /// Delete a mail.
    Drop {
        /// See `quarantine list`.
        id: String,
    },
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    class: &'static str,
    verdict: &'static str,
    reasons: Vec<String>,
    message_id: Option<String>,
    size: u64,
    arrived_at: String,
    judged_at: String,
    tries: u32,
}

impl From<InboundMessage> for Row {
    fn from(mail: InboundMessage) -> Self {
        Self {
            id: mail.id.to_string(),
            class: mail.class.name(),
            verdict: mail.verdict.name(),
            reasons: mail.reasons,
            message_id: mail.message_id,
            size: mail.size,
            arrived_at: mail.arrived_at.to_string(),
            judged_at: mail.judged_at.to_string(),
            tries: mail.tries,
        }
    }
}

impl Quarantine {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (config, context) = invocation.context().await?;
        match self {
            Self::List { most, below } => {
                let mails = quarantine::list(&context, below.as_deref(), most).await?;
                let rows: Vec<Row> = mails.into_iter().map(Row::from).collect();
                print::list(invocation.json, &rows, "id  arrived  size  reasons", |row| {
                    format!("{}  {}  {}  {}", row.id, row.arrived_at, row.size, row.reasons.join("; "))
                })?;
                let unmatched = quarantine::unmatched_reports(&context).await?;
                if unmatched > 0 && !invocation.json {
                    println!("{unmatched} delivery reports so far were about no mail of ours: they changed nothing");
                }
                Ok(())
            }
            Self::Show { id } => {
                show(invocation.json, &Row::from(quarantine::find(&context, &InboundId::stored(id)).await?))
            }
            Self::Release { id } => {
                let (mail, mut mailbox, found) = find(&config, &context, id).await?;
                mailbox.release(&found).await.map_err(anyhow::Error::from)?;
                Ok(quarantine::released(&context, &mail).await?)
            }
            Self::Drop { id } => {
                let (mail, mut mailbox, found) = find(&config, &context, id).await?;
                mailbox.delete(&found).await.map_err(anyhow::Error::from)?;
                Ok(quarantine::dropped(&context, &mail).await?)
            }
        }
    }
}

/// The note about a mail, and the mail itself, over a connection of our own.
async fn find(config: &Config, context: &Context, id: String) -> Result<(InboundMessage, Mailbox, Found), Failure> {
    let mail = quarantine::find(context, &InboundId::stored(id)).await?;
    let mut mailbox = app::mailbox(config, context)?;
    mailbox.connect().await.map_err(anyhow::Error::from)?;
    let found = mailbox.find(Folder::Quarantine, mail.size, |raw| quarantine::is_it(&mail, raw)).await;
    let found = found.map_err(anyhow::Error::from)?;
    let found = found.ok_or_else(|| anyhow::anyhow!("the mail is no longer in the quarantine folder"))?;
    Ok((mail, mailbox, found))
}

fn show(json: bool, row: &Row) -> Result<(), Failure> {
    if json {
        return print::one(row);
    }
    println!("mail {} ({} bytes, class {}, {})", row.id, row.size, row.class, row.verdict);
    println!("Message-ID: {}", row.message_id.as_deref().unwrap_or("none"));
    println!("arrived {}, judged {}", row.arrived_at, row.judged_at);
    for (place, reason) in (1..).zip(&row.reasons) {
        println!("{place}. {reason}");
    }
    Ok(())
}
