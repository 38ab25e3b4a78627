//! `renkei firm`: who may ask. A registration changes here and nowhere else.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::firm_csv;
use super::{Failure, Invocation, print};
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{self, FirmNumber, FirmStatus, PinnedKey, ProofRule, Receipts, RequestDays};
use crate::domain::ids::FirmId;
use crate::domain::locale::Locale;
use crate::domain::text;
use crate::flows::{Context, firms};

#[derive(Debug, Subcommand)]
pub(super) enum Firm {
    /// Register a firm, or many from a CSV file.
    Add {
        /// A CSV file with a header row (UTF-8 or CP932): number, name, postal_address, telephone, senders, notify_address,
        /// signing_domain, receipts, request_days, locale, pinned_selector, pinned_record, authserv_id. Several senders are
        /// separated by spaces. All rows are taken or none.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["number", "name", "sender"])]
        csv: Option<PathBuf>,
        /// The firm's number: 1 to 16 letters, digits, hyphens.
        #[arg(long, required_unless_present = "csv")]
        number: Option<String>,
        #[command(flatten)]
        details: Details,
    },
    /// Change what is registered: only what is given.
    Edit {
        /// The firm's number.
        number: String,
        /// A new number.
        #[arg(long, value_name = "NUMBER")]
        new_number: Option<String>,
        #[command(flatten)]
        details: Details,
    },
    /// List firms.
    List,
    /// Stop a firm at once: its mails are quarantined, its waiting mails do not leave.
    Suspend {
        /// The firm's number.
        number: String,
    },
    /// Let a suspended firm go on.
    Resume {
        /// The firm's number.
        number: String,
    },
    /// End a registration. Its requests must be decided or withdrawn.
    Remove {
        /// The firm's number.
        number: String,
    },
}

/// What is registered of a firm, as it is typed.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Details {
    /// The firm's name, without 様.
    #[arg(long)]
    pub name: Option<String>,
    /// Its postal address (所在地).
    #[arg(long)]
    pub postal_address: Option<String>,
    /// Its telephone number.
    #[arg(long)]
    pub telephone: Option<String>,
    /// An address it writes from; may be given several times. With `edit`, all of them anew.
    #[arg(long = "sender", value_name = "ADDRESS")]
    pub sender: Vec<String>,
    /// Where notices go; the first sender unless given.
    #[arg(long, value_name = "ADDRESS")]
    pub notify_address: Option<String>,
    /// The domain that signs its mails (DKIM d=); the first sender's domain unless given.
    #[arg(long, value_name = "DOMAIN")]
    pub signing_domain: Option<String>,
    /// Receipts for accepted mails: each or none.
    #[arg(long)]
    pub receipts: Option<String>,
    /// How many days a request stays open, 1 to 90; 21 unless given.
    #[arg(long, value_name = "DAYS")]
    pub request_days: Option<u32>,
    /// The language it is written to in: ja or en.
    #[arg(long)]
    pub locale: Option<String>,
    /// The selector of a pinned DKIM key; then no DNS is asked.
    #[arg(long, value_name = "SELECTOR", requires = "pinned_record")]
    pub pinned_selector: Option<String>,
    /// The pinned key as DNS would give it: "v=DKIM1; k=…; p=…".
    #[arg(long, value_name = "RECORD", requires = "pinned_selector")]
    pub pinned_record: Option<String>,
    /// Believe Authentication-Results of this authserv-id instead of verifying DKIM here (see intake.received_host).
    #[arg(long, value_name = "ID", conflicts_with = "pinned_selector")]
    pub authserv_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    number: String,
    name: String,
    status: &'static str,
    postal_address: String,
    telephone: String,
    senders: Vec<String>,
    notify_address: String,
    signing_domain: String,
    proof: String,
    receipts: &'static str,
    request_days: u32,
    locale: &'static str,
}

impl Firm {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let (_, context) = invocation.context().await?;
        match self {
            Self::Add { csv: Some(file), .. } => {
                let added = firm_csv::read(&file, &context)?;
                firms::add_all(&context, &added).await?;
                println!("{} firms were registered", added.len());
                Ok(())
            }
            Self::Add { csv: None, number, details } => {
                let firm = details.new_firm(&context, &number.unwrap_or_default()).map_err(Failure::Wrong)?;
                Ok(firms::add(&context, &firm).await?)
            }
            Self::Edit { number, new_number, details } => {
                let firm = firms::find(&context, &parse_number(&number)?).await?;
                let number = new_number.as_deref().map_or(Ok(firm.number.clone()), parse_number)?;
                let changed = details.apply(firm::Firm { number, ..firm }).map_err(Failure::Wrong)?;
                Ok(firms::edit(&context, &changed).await?)
            }
            Self::List => {
                let rows: Vec<Row> = firms::list(&context).await?.into_iter().map(Row::from).collect();
                print::list(invocation.json, &rows, "number  status  signing domain  proof  name", |row| {
                    format!("{}  {}  {}  {}  {}", row.number, row.status, row.signing_domain, row.proof, row.name)
                })
            }
            Self::Suspend { number } => Ok(firms::suspend(&context, &parse_number(&number)?).await?),
            Self::Resume { number } => Ok(firms::resume(&context, &parse_number(&number)?).await?),
            Self::Remove { number } => Ok(firms::remove(&context, &parse_number(&number)?).await?),
        }
    }
}

impl Details {
    /// A firm that is not registered yet.
    pub(super) fn new_firm(&self, context: &Context, number: &str) -> Result<firm::Firm, String> {
        let number = FirmNumber::parse(number).map_err(|error| format!("number: {error}"))?;
        let first = self.sender.first().ok_or("sender: a firm needs at least one address that it writes from")?;
        let first = address("sender", first)?;
        self.apply(firm::Firm {
            id: FirmId::new(context.entropy.uuid(context.clock.now())),
            number,
            name: String::new(),
            postal_address: String::new(),
            telephone: String::new(),
            senders: vec![],
            notify_address: first.clone(),
            signing_domain: first.domain().clone(),
            proof: ProofRule::Dkim { pinned: None },
            receipts: Receipts::default(),
            request_days: RequestDays::default(),
            locale: Locale::default(),
            status: FirmStatus::Active,
            version: 0,
        })
    }

    /// `firm` with what was given.
    fn apply(&self, mut firm: firm::Firm) -> Result<firm::Firm, String> {
        let line =
            |given: &Option<String>, limit| given.as_deref().map(|given| text::cut(&text::one_line(given), limit));
        firm.name = line(&self.name, 100).unwrap_or(firm.name);
        if firm.name.is_empty() {
            return Err("name: a firm needs a name".to_owned());
        }
        firm.postal_address = line(&self.postal_address, 200).unwrap_or(firm.postal_address);
        firm.telephone = line(&self.telephone, 50).unwrap_or(firm.telephone);
        if !self.sender.is_empty() {
            firm.senders = self.sender.iter().map(|given| address("sender", given)).collect::<Result<_, _>>()?;
        }
        if let Some(given) = &self.notify_address {
            firm.notify_address = address("notify-address", given)?;
        }
        if let Some(given) = &self.signing_domain {
            firm.signing_domain = Domain::parse(given).map_err(|error| format!("signing-domain: {error}"))?;
        }
        if let Some(given) = &self.receipts {
            firm.receipts = Receipts::stored(given).ok_or("receipts: each or none")?;
        }
        if let Some(given) = self.request_days {
            firm.request_days = RequestDays::new(given).ok_or("request-days: 1 to 90")?;
        }
        if let Some(given) = &self.locale {
            firm.locale = Locale::parse(given).ok_or("locale: ja or en")?;
        }
        firm.proof = self.proof()?.unwrap_or(firm.proof);
        Ok(firm)
    }

    /// How the firm's mails are proved, where that was given. A file may hold what the command line would not take.
    fn proof(&self) -> Result<Option<ProofRule>, String> {
        match (&self.pinned_selector, &self.pinned_record, &self.authserv_id) {
            (None, None, None) => Ok(None),
            (None, None, Some(id)) => Ok(Some(ProofRule::AuthenticationResults { authserv_id: text::fold(id) })),
            (Some(_), Some(record), None) if !crate::intake::is_key_record(record) => {
                Err("pinned-record: no DKIM key record: v=DKIM1; k=…; p=…".to_owned())
            }
            (Some(selector), Some(record), None) => {
                let pinned = PinnedKey { selector: selector.clone(), record: record.clone() };
                Ok(Some(ProofRule::Dkim { pinned: Some(pinned) }))
            }
            _ => Err("pinned-selector and pinned-record go together, and without authserv-id".to_owned()),
        }
    }
}

impl From<firm::Firm> for Row {
    fn from(firm: firm::Firm) -> Self {
        Self {
            number: firm.number.to_string(),
            name: firm.name,
            status: firm.status.name(),
            postal_address: firm.postal_address,
            telephone: firm.telephone,
            senders: firm.senders.iter().map(EmailAddress::to_text).collect(),
            notify_address: firm.notify_address.to_text(),
            signing_domain: firm.signing_domain.to_string(),
            proof: match firm.proof {
                ProofRule::Dkim { pinned: None } => "dkim".to_owned(),
                ProofRule::Dkim { pinned: Some(key) } => format!("dkim, pinned {}", key.selector),
                ProofRule::AuthenticationResults { authserv_id } => format!("results of {authserv_id}"),
            },
            receipts: firm.receipts.name(),
            request_days: firm.request_days.get(),
            locale: firm.locale.tag(),
        }
    }
}

fn parse_number(given: &str) -> Result<FirmNumber, Failure> {
    FirmNumber::parse(given).map_err(|error| Failure::Wrong(format!("{given}: {error}")))
}

fn address(option: &str, given: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(given).map_err(|error| format!("{option} {given}: {error}"))
}
