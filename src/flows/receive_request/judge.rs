//! One mail judged: what it is, whose it is, whether that is proved. The order of the questions is the policy; the first
//! answer that ends it is the verdict. Nothing is written here.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::inbound::{Class, Digest, Locator};
use crate::domain::request_form::{FormFault, RequestForm};
use crate::domain::time::Timestamp;
use crate::intake::{self, Proof, Reading, Verifier};
use crate::store;

use super::super::{Context, FlowError};
use super::Seen;

/// What the operator set about judging.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How many mails are judged at the same time.
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

/// Judges all, some side by side, in the given order.
pub(super) async fn all(
    context: &Context,
    verifier: &Arc<Verifier>,
    policy: &Policy,
    seen: Vec<Seen>,
    stuck: Duration,
) -> Result<Vec<Judged>, FlowError> {
    let each = seen.len().div_ceil(policy.side_by_side.max(1)).max(1);
    let mut seen = seen.into_iter();
    let mut tasks = Vec::new();
    loop {
        let chunk: Vec<Seen> = seen.by_ref().take(each).collect();
        if chunk.is_empty() {
            break;
        }
        tasks.push(tokio::spawn(some(context.clone(), Arc::clone(verifier), chunk)));
    }
    let mut judged = Vec::new();
    for task in tasks {
        let done = tokio::time::timeout(stuck, task).await.map_err(|_| FlowError::Stuck(stuck.as_secs()))?;
        judged.extend(done.map_err(|_| FlowError::Panicked)??);
    }
    Ok(judged)
}

async fn some(context: Context, verifier: Arc<Verifier>, seen: Vec<Seen>) -> Result<Vec<Judged>, FlowError> {
    let mut firms = HashMap::new();
    let mut judged = Vec::with_capacity(seen.len());
    for mail in seen {
        judged.push(one(&context, &verifier, &mut firms, mail).await?);
        tokio::task::yield_now().await;
    }
    Ok(judged)
}

type Firms = HashMap<String, Option<Firm>>;

async fn one(context: &Context, verifier: &Verifier, firms: &mut Firms, mail: Seen) -> Result<Judged, FlowError> {
    let blank = Judged {
        at: mail.at,
        size: mail.size,
        arrived_at: mail.arrived_at,
        digest: None,
        message_id: None,
        class: Class::Other,
        finding: Finding::Idle(vec!["larger than intake.mail_limit: not read".to_owned()]),
    };
    let Some(raw) = mail.raw else { return Ok(blank) };
    let own = &context.mail_domain;
    let Ok(reading) = catch_unwind(AssertUnwindSafe(|| intake::read(&raw, own))) else {
        let digest = Some(intake::digest(&raw));
        return Ok(Judged { digest, finding: suspect("reading it failed inside the program"), ..blank });
    };
    Ok(Judged {
        digest: Some(reading.digest.clone()),
        message_id: reading.message_id.clone(),
        class: reading.class,
        finding: find(context, verifier, firms, &raw, reading).await?,
        ..blank
    })
}

async fn find(
    context: &Context,
    verifier: &Verifier,
    firms: &mut Firms,
    raw: &[u8],
    reading: Reading,
) -> Result<Finding, FlowError> {
    if !reading.faults.is_empty() {
        return Ok(Finding::Suspect(reading.faults.iter().map(|fault| plain(fault.name())).collect()));
    }
    if reading.class != Class::Request {
        return Ok(Finding::Idle(reading.reasons.iter().map(|reason| plain(reason.name())).collect()));
    }
    let from = match &reading.from {
        Ok(from) => from.clone(),
        Err(fault) => return Ok(suspect(&format!("From: {}", plain(fault.name())))),
    };
    let Some(firm) = firm_of(context, firms, &from).await? else {
        return Ok(suspect("no firm writes from this address"));
    };
    if firm.status != FirmStatus::Active {
        return Ok(suspect("the firm is suspended"));
    }
    let proved_by = match intake::prove(raw, &reading, &firm, verifier, context.now()).await {
        Proof::Proven { by } => by,
        Proof::Unreachable => return Ok(Finding::Unreachable { firm: Box::new(firm) }),
        Proof::Unproven(why) => return Ok(suspect(&format!("not proven: {}", plain(why.name())))),
    };
    let firm = Box::new(firm);
    Ok(match reading.form {
        Ok(form) => match form.against(&firm.number) {
            None => Finding::Asks { firm, from, proved_by, form: Box::new(form) },
            Some(fault) => Finding::Faulty { firm, from, faults: vec![fault] },
        },
        Err(faults) => Finding::Faulty { firm, from, faults },
    })
}

async fn firm_of(context: &Context, firms: &mut Firms, from: &EmailAddress) -> Result<Option<Firm>, FlowError> {
    if let Some(known) = firms.get(&from.key()) {
        return Ok(known.clone());
    }
    let firm = store::firms::by_sender(&mut *context.store.read().await?, from).await?;
    firms.insert(from.key(), firm.clone());
    Ok(firm)
}

/// A name as a person reads it.
fn plain(name: &str) -> String {
    name.replace('_', " ")
}

fn suspect(why: &str) -> Finding {
    Finding::Suspect(vec![why.to_owned()])
}
