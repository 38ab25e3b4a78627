//! One mail judged: what it is, whose it is, whether that is proved. The order of the questions is the policy; the first
//! answer that ends it is the verdict. Nothing is written here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::inbound::{Class, Digest, Locator};
use crate::domain::request_form::{FormFault, RequestForm};
use crate::domain::time::Timestamp;
use crate::intake::{self, Proof, Reading, Verifier};
use crate::store;

use super::super::{Context, FlowError};
use super::Seen;

/// What judging takes.
#[derive(Clone, Debug)]
pub struct Judge {
    /// Proves who wrote.
    pub verifier: Arc<Verifier>,
    /// In how many threads mails are read.
    pub side_by_side: usize,
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
    Asks { firm: Box<Firm>, from: EmailAddress, proved_by: Domain, form: Box<RequestForm> },
    /// A proven firm asks in a form with faults.
    Faulty { firm: Box<Firm>, from: EmailAddress, faults: Vec<FormFault> },
    /// The proof could not be fetched: to be judged again.
    Unreachable { firm: Box<Firm> },
    /// Not proven, or a danger.
    Suspect(Vec<String>),
    /// Nothing to do.
    Idle(Vec<String>),
}

impl Judged {
    /// Whom a sound form is about.
    pub(super) fn customer(&self) -> Option<&EmailAddress> {
        match &self.finding {
            Finding::Asks { form, .. } => Some(&form.customer),
            _ => None,
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
        let asks = |reading: &&Reading| reading.faults.is_empty() && reading.class == Class::Request;
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
        return Judged { digest, finding: suspect("reading it failed inside the program"), ..blank };
    };
    Judged {
        digest: Some(reading.digest.clone()),
        message_id: reading.message_id.clone(),
        class: reading.class,
        finding: find(verifier, firms, &raw, reading, now).await,
        ..blank
    }
}

async fn find(verifier: &Verifier, firms: &Firms, raw: &[u8], reading: Reading, now: Timestamp) -> Finding {
    if !reading.faults.is_empty() {
        return Finding::Suspect(reading.faults.iter().map(|fault| plain(fault.name())).collect());
    }
    if reading.class != Class::Request {
        return Finding::Idle(reading.reasons.iter().map(|reason| plain(reason.name())).collect());
    }
    let from = match &reading.from {
        Ok(from) => from.clone(),
        Err(fault) => return suspect(&format!("From: {}", plain(fault.name()))),
    };
    let Some(firm) = firms.get(&from.key()).and_then(Option::as_ref) else {
        return suspect("no firm writes from this address");
    };
    if firm.status != FirmStatus::Active {
        return suspect("the firm is suspended");
    }
    let firm = Box::new(firm.clone());
    let proved_by = match intake::prove(raw, &reading, &firm, verifier, now).await {
        Proof::Proven { by } => by,
        Proof::Unreachable => return Finding::Unreachable { firm },
        Proof::Unproven(why) => return suspect(&format!("not proven: {}", plain(why.name()))),
    };
    match reading.form {
        Ok(form) => match form.against(&firm.number) {
            None => Finding::Asks { firm, from, proved_by, form: Box::new(form) },
            Some(fault) => Finding::Faulty { firm, from, faults: vec![fault] },
        },
        Err(faults) => Finding::Faulty { firm, from, faults },
    }
}

/// A name as a person reads it.
fn plain(name: &str) -> String {
    name.replace('_', " ")
}

fn suspect(why: &str) -> Finding {
    Finding::Suspect(vec![why.to_owned()])
}
