//! One mail judged: what it is, whose it is, whether that is proved. The order of the questions is the policy; the first
//! answer that ends it is the verdict. Nothing is written here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::domain::budget::Budgets;
use crate::domain::delivery_report::DeliveryReport;
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{Firm, FirmNumber, FirmStatus};
use crate::domain::firm_command::{CommandFault, FirmCommand};
use crate::domain::inbound::{Class, Digest, Locator, Seal, timely};
use crate::domain::reply::Reply;
use crate::domain::request_form::{Field, FormFault, RequestForm};
use crate::domain::request_table::{Row, TableFault};
use crate::domain::time::Timestamp;
use crate::intake::{self, Proof, Reading, Verifier, Wish};
use crate::store;

use super::super::replies::Desk;
use super::super::{Context, FlowError};
use super::Seen;

/// What judging takes.
#[derive(Clone, Debug)]
pub struct Judge {
    /// Proves who wrote.
    pub verifier: Arc<Verifier>,
    /// In how many threads mails are read.
    pub side_by_side: usize,
    /// How much may happen in a day.
    pub budgets: Budgets,
    /// Who reads what people answer.
    pub desk: Option<Desk>,
}

/// A mail and what was found.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub at: Locator,
    pub size: u64,
    pub arrived_at: Timestamp,
    pub digest: Option<Digest>,
    pub message_id: Option<String>,
    pub class: Class,
    pub finding: Finding,
}

/// What it comes to, before the database is asked what was there already.
#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// A proven firm asks, in a sound form.
    Asks { by: Box<Proven>, form: Box<RequestForm> },
    /// A proven firm asks, in a table.
    AsksMany { by: Box<Proven>, rows: Vec<Row> },
    /// A proven firm wants something else done.
    Commands { by: Box<Proven>, command: FirmCommand },
    /// A proven firm wants something, but in no way that can be taken.
    Faulty { by: Box<Proven>, why: Faulty },
    /// What became of a mail of ours.
    Reports(DeliveryReport),
    /// A person answers a mail of ours, in words.
    Answers(Box<Reply>),
    /// The proof could not be fetched: to be judged again.
    Unreachable { firm: Box<Firm> },
    /// Not proven, or a danger.
    Suspect(Vec<String>),
    /// Nothing to do.
    Idle(Vec<String>),
}

/// Whose mail it is, proved.
#[derive(Clone, Debug)]
pub(super) struct Proven {
    pub firm: Firm,
    /// The address it came from: one of the firm's.
    pub from: EmailAddress,
    pub proved_by: Domain,
    /// What its signatures signed with.
    pub seals: Vec<Seal>,
}

/// Everything that is wrong in what a firm wants.
#[derive(Clone, Debug)]
pub(super) enum Faulty {
    Form(Vec<FormFault>),
    Table(TableFault),
    Command(CommandFault),
}

impl Judged {
    /// Whose mail it is, where that is proved.
    pub(super) fn proven(&self) -> Option<&Proven> {
        match &self.finding {
            Finding::Asks { by, .. }
            | Finding::AsksMany { by, .. }
            | Finding::Commands { by, .. }
            | Finding::Faulty { by, .. } => Some(by),
            _ => None,
        }
    }

    /// The sound forms in it.
    pub(super) fn forms(&self) -> Vec<&RequestForm> {
        match &self.finding {
            Finding::Asks { form, .. } => vec![form],
            Finding::AsksMany { rows, .. } => rows.iter().filter_map(|row| row.form.as_ref().ok()).collect(),
            _ => vec![],
        }
    }
}

/// Judges all, in the given order: read in a few threads beside the runtime, then proved side by side, so that one domain
/// name server that does not answer holds up its own mails alone.
pub(super) async fn all(
    context: &Context,
    judge: &Judge,
    seen: Vec<Seen>,
    stuck: Duration,
) -> Result<Vec<Judged>, FlowError> {
    let each = seen.len().div_ceil(judge.side_by_side.max(1)).max(1);
    let mut seen = seen.into_iter();
    let mut tasks = Vec::new();
    loop {
        let chunk: Vec<Seen> = seen.by_ref().take(each).collect();
        if chunk.is_empty() {
            break;
        }
        tasks.push(tokio::spawn(some(context.clone(), Arc::clone(&judge.verifier), chunk, stuck)));
    }
    let mut judged = Vec::new();
    for task in tasks {
        judged.extend(task.await.map_err(|_| FlowError::Panicked)??);
    }
    Ok(judged)
}

async fn some(
    context: Context,
    verifier: Arc<Verifier>,
    seen: Vec<Seen>,
    stuck: Duration,
) -> Result<Vec<Judged>, FlowError> {
    let own = context.mail_domain.clone();
    let reading =
        tokio::task::spawn_blocking(move || seen.into_iter().map(|mail| read(mail, &own)).collect::<Vec<_>>());
    let read = tokio::time::timeout(stuck, reading).await.map_err(|_| FlowError::Stuck(stuck.as_secs()))?;
    let read = read.map_err(|_| FlowError::Panicked)?;
    let mut firms = HashMap::new();
    for from in read.iter().filter_map(Read::from) {
        if let Entry::Vacant(place) = firms.entry(from.key()) {
            place.insert(store::firms::by_sender(&mut *context.store.read().await?, from).await?);
        }
    }
    let now = context.now();
    Ok(join_all(read.into_iter().map(|mail| one(&verifier, &firms, mail, now))).await)
}

type Firms = HashMap<String, Option<Firm>>;

/// A mail that was read, or could not be.
struct Read {
    mail: Seen,
    reading: Option<Reading>,
}

/// The panic barrier: what the parsers of others do to us ends here.
fn read(mail: Seen, own: &Domain) -> Read {
    let reading = mail.raw.as_ref().and_then(|raw| catch_unwind(AssertUnwindSafe(|| intake::read(raw, own))).ok());
    Read { mail, reading }
}

impl Read {
    /// Who may be asked for in the database: nobody, for a mail that is not judged any further.
    fn from(&self) -> Option<&EmailAddress> {
        let is_asked = |class| matches!(class, Class::Request | Class::FirmCommand | Class::Other);
        let asks = |reading: &&Reading| reading.faults.is_empty() && is_asked(reading.class);
        self.reading.as_ref().filter(asks)?.from.as_ref().ok()
    }
}

async fn one(verifier: &Verifier, firms: &Firms, read: Read, now: Timestamp) -> Judged {
    let Read { mail, reading } = read;
    let blank = Judged {
        at: mail.at,
        size: mail.size,
        arrived_at: mail.arrived_at,
        digest: None,
        message_id: None,
        class: Class::Other,
        finding: Finding::Idle(vec!["larger than intake.mail_limit: not read".to_owned()]),
    };
    let Some(raw) = mail.raw else { return blank };
    let Some(reading) = reading else {
        let digest = Some(intake::digest(&raw));
        return Judged { digest, finding: suspect(FAILED), ..blank };
    };
    let (digest, message_id, class) = (Some(reading.digest.clone()), reading.message_id.clone(), reading.class);
    let finding = find(verifier, firms, &raw, reading, mail.arrived_at, now).await;
    // A firm's words without a form want to be one.
    let is_firms = matches!(finding, Finding::Faulty { .. } | Finding::Unreachable { .. });
    let class = if class == Class::Other && is_firms { Class::Request } else { class };
    Judged { digest, message_id, class, finding, ..blank }
}

async fn find(
    verifier: &Verifier,
    firms: &Firms,
    raw: &[u8],
    reading: Reading,
    arrived_at: Timestamp,
    now: Timestamp,
) -> Finding {
    if !reading.faults.is_empty() {
        return Finding::Suspect(reading.faults.iter().map(|fault| plain(fault.name())).collect());
    }
    match reading.class {
        Class::Request | Class::FirmCommand | Class::Other => {}
        Class::DeliveryReport if reading.report.is_some() => {
            return reading.report.map_or_else(|| Finding::Idle(vec![]), Finding::Reports);
        }
        Class::DeliveryReport | Class::Automatic | Class::Loop => {
            return Finding::Idle(reading.reasons.iter().map(|reason| plain(reason.name())).collect());
        }
    }
    let from = match &reading.from {
        Ok(from) => from.clone(),
        Err(fault) => return suspect(&format!("From: {}", plain(fault.name()))),
    };
    let Some(firm) = firms.get(&from.key()).and_then(Option::as_ref) else {
        return reading.reply(&from).map_or_else(|| suspect(NO_FIRM), |reply| Finding::Answers(Box::new(reply)));
    };
    if firm.status != FirmStatus::Active {
        return suspect(SUSPENDED);
    }
    let firm = firm.clone();
    // A signature that was good when the mail came does not expire while the mail is held.
    let proved_by = match intake::prove(raw, &reading, &firm, verifier, arrived_at.min(now)).await {
        Proof::Proven { by } => by,
        Proof::Unreachable => return Finding::Unreachable { firm: Box::new(firm) },
        Proof::Unproven(why) => return suspect(&format!("not proven: {}", plain(why.name()))),
    };
    if let Err(why) = timely(reading.date, arrived_at) {
        return suspect(&format!("Date: {}", plain(why.name())));
    }
    if reading.wish == Wish::Nothing
        && let Some(reply) = reading.reply(&from)
    {
        // A firm's words, or its vacation notice, upon a letter of ours: no form, and no reason to answer.
        return Finding::Answers(Box::new(reply));
    }
    let seals = intake::seals(raw, &firm);
    wanted(reading.wish, Box::new(Proven { firm, from, proved_by, seals }))
}

/// What a proven firm wants.
fn wanted(wish: Wish, by: Box<Proven>) -> Finding {
    let own = &by.firm.number;
    let other = |given: Option<&FirmNumber>| given.filter(|given| *given != own).map(|given| given.as_str().to_owned());
    let why = match wish {
        Wish::Request(Ok(form)) => match form.against(own) {
            None => return Finding::Asks { by, form: Box::new(form) },
            Some(fault) => Faulty::Form(vec![fault]),
        },
        Wish::Request(Err(faults)) => Faulty::Form(faults),
        Wish::Table(Ok(table)) => match other(table.firm_number.as_ref()) {
            None => return Finding::AsksMany { rows: against(own, table.rows), by },
            Some(given) => Faulty::Table(TableFault::Text { faults: vec![FormFault::OtherFirmNumber { given }] }),
        },
        Wish::Table(Err(fault)) => Faulty::Table(fault),
        Wish::Command(Ok(order)) => match other(order.firm_number.as_ref()) {
            None => return Finding::Commands { by, command: order.command },
            Some(given) => Faulty::Command(CommandFault::OtherFirmNumber { given }),
        },
        Wish::Command(Err(fault)) => Faulty::Command(fault),
        Wish::Nothing => Faulty::Form(vec![FormFault::Missing { field: Field::Customer }]),
    };
    Finding::Faulty { by, why }
}

/// A row may name the firm, too.
fn against(own: &FirmNumber, rows: Vec<Row>) -> Vec<Row> {
    let judge = |form: RequestForm| match form.against(own) {
        None => Ok(form),
        Some(fault) => Err(vec![fault]),
    };
    rows.into_iter().map(|row| Row { form: row.form.and_then(judge), ..row }).collect()
}

/// Why a mail is suspect that a parser could not bear.
pub(super) const FAILED: &str = "reading it failed inside the program";
/// Why a mail is suspect whose sender is nobody that we know.
const NO_FIRM: &str = "no firm writes from this address";
/// Why a suspended firm's mail is suspect.
pub(super) const SUSPENDED: &str = "the firm is suspended";

/// A name as a person reads it.
fn plain(name: &str) -> String {
    name.replace('_', " ")
}

fn suspect(why: &str) -> Finding {
    Finding::Suspect(vec![why.to_owned()])
}
