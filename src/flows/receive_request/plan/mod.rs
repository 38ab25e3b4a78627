//! From what was judged to what is written: pure but for the identities it draws. One plan is one transaction.
//!
//! The order of the questions here goes on where judging ended: was it seen before, is its firm still there, may it be
//! answered, does a budget hold it.

mod asking;
mod commanding;
mod recognising;
mod reporting;
mod sending_on;
mod sharing;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::audit::AuditEvent;
use crate::domain::budget::Budgets;
use crate::domain::data_binding::DataBinding;
use crate::domain::firm::Firm;
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, FirmId, InboundId, LinkageId, OutboundId, RequestId};
use crate::domain::inbound::{Digest, HOLDS, InboundMessage, Locator, Seal, Verdict, hold_for};
use crate::domain::linkage::Linkage;
use crate::domain::outbound::{OutboundMail, OutboundState};
use crate::domain::suppression::Suppression;
use crate::domain::time::Timestamp;

use super::super::Context;
use super::super::outgoing::{self, Asker};
use super::super::replies::Desk;
use super::Received;
use super::judge::{Faulty, Finding, Judge, Judged, Proven, SUSPENDED};
use super::known::Known;
use recognising::Seen;

/// What the mails before this one did, that the database does not show yet.
#[derive(Debug, Default)]
pub(super) struct Memory {
    acted: HashSet<Digest>,
    seals: HashSet<Seal>,
    latest: HashMap<(FirmId, String), Request>,
    touched: HashMap<RequestId, Request>,
    links: HashMap<LinkageId, Linkage>,
    data: HashMap<AccountId, DataBinding>,
    born: HashMap<FirmId, Vec<Timestamp>>,
    notices: HashMap<String, Vec<Timestamp>>,
    answers: HashMap<String, u32>,
    forwarded: HashSet<Digest>,
    replies: HashMap<String, u32>,
}

/// What is to be written.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    context: &'a Context,
    mailbox: &'a str,
    budgets: Budgets,
    desk: Option<&'a Desk>,
    memory: &'a mut Memory,
    pub now: Timestamp,
    over_budget: usize,
    pub requests: Vec<Request>,
    pub changed: BTreeMap<RequestId, Request>,
    /// As they stood before.
    pub withdrawn: Vec<Request>,
    /// Links that are to go.
    pub unlinked: BTreeMap<LinkageId, Linkage>,
    /// Business data that is to be set, by customer.
    pub bound: BTreeMap<AccountId, DataBinding>,
    /// Business data that is to go, by customer.
    pub released: BTreeMap<AccountId, DataBinding>,
    pub inbound: Vec<InboundMessage>,
    pub relocated: Vec<(InboundId, Locator)>,
    pub came_again: Vec<&'a Digest>,
    pub file_again: Vec<InboundId>,
    pub outbound: Vec<OutboundMail>,
    pub reported: Vec<(OutboundId, OutboundState, String)>,
    pub suppressed: Vec<Suppression>,
    pub lifted: Vec<String>,
    pub seals: Vec<(Seal, InboundId)>,
    pub forwarded: Vec<(Digest, OutboundId)>,
    pub unmatched: usize,
    pub audit: Vec<AuditEvent>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(context: &'a Context, judge: &'a Judge, mailbox: &'a str, memory: &'a mut Memory) -> Self {
        Self {
            context,
            mailbox,
            budgets: judge.budgets,
            desk: judge.desk.as_ref(),
            memory,
            now: context.now(),
            over_budget: 0,
            requests: vec![],
            changed: BTreeMap::new(),
            withdrawn: vec![],
            unlinked: BTreeMap::new(),
            bound: BTreeMap::new(),
            released: BTreeMap::new(),
            inbound: vec![],
            relocated: vec![],
            came_again: vec![],
            file_again: vec![],
            outbound: vec![],
            reported: vec![],
            suppressed: vec![],
            lifted: vec![],
            seals: vec![],
            forwarded: vec![],
            unmatched: 0,
            audit: vec![],
        }
    }

    /// Adds one mail and everything that follows from it.
    pub(super) fn add(&mut self, mail: &'a Judged, known: &Known) {
        let mut message = self.message(mail);
        match self.recognise(mail, known) {
            Seen::Before => return,
            Seen::Held(held) => (message.id, message.tries) = (held.id.clone(), held.tries),
            Seen::Never => {}
        }
        match &mail.finding {
            Finding::Idle(reasons) => settle(&mut message, Verdict::Discarded, reasons),
            Finding::Suspect(reasons) => settle(&mut message, Verdict::Quarantined, reasons),
            Finding::Unreachable { firm } => self.hold(&mut message, firm),
            Finding::Reports(report) => self.report(&mut message, report, known),
            Finding::Answers(reply) => self.answer_of_a_person(&mut message, reply, known),
            Finding::Asks { by, .. }
            | Finding::AsksMany { by, .. }
            | Finding::Commands { by, .. }
            | Finding::Faulty { by, .. } => self.serve(&mut message, mail, by, known),
        }
        if let (true, Some(digest)) = (acts(message.verdict), &message.digest) {
            self.memory.acted.insert(digest.clone());
        }
        self.inbound.push(message);
    }

    /// A proven firm's mail.
    fn serve(&mut self, message: &mut InboundMessage, mail: &Judged, by: &Proven, known: &Known) {
        if known.suspended.contains(&by.firm.id) {
            return settle(message, Verdict::Quarantined, &[SUSPENDED.to_owned()]);
        }
        if by.seals.iter().any(|seal| known.seals.contains(seal) || self.memory.seals.contains(seal)) {
            return settle(message, Verdict::Discarded, &["its signature was seen before".to_owned()]);
        }
        message.firm = Some(by.firm.id.clone());
        let asker = Asker { firm: &by.firm, from: &by.from, message_id: mail.message_id.as_deref() };
        match &mail.finding {
            Finding::Asks { form, .. } => self.asks(message, &asker, by, form, known),
            Finding::AsksMany { rows, .. } => self.asks_many(message, &asker, by, rows, known),
            Finding::Commands { command, .. } => self.command(message, &asker, by, command, known),
            Finding::Faulty { why, .. } => self.refuse(message, &asker, why, known),
            _ => {}
        }
        if acts(message.verdict) {
            self.memory.seals.extend(by.seals.iter().cloned());
            self.seals.extend(by.seals.iter().map(|seal| (seal.clone(), message.id.clone())));
        }
    }

    fn refuse(&mut self, message: &mut InboundMessage, asker: &Asker<'_>, why: &Faulty, known: &Known) {
        let (reasons, answer) = match why {
            Faulty::Form(faults) => (
                faults.iter().map(|fault| fault.name().to_owned()).collect(),
                outgoing::refusal(self.context, asker, faults, self.now),
            ),
            Faulty::Table(fault) => {
                (vec![fault.name().to_owned()], outgoing::table_refusal(self.context, asker, fault, self.now))
            }
            Faulty::Command(fault) => {
                let answer = crate::domain::firm_command::Answer::Fault { why: fault.clone() };
                (vec![fault.name().to_owned()], outgoing::answer(self.context, asker, None, &answer, self.now))
            }
        };
        settle(message, Verdict::Refused, &reasons);
        self.answer(message, answer, known);
    }

    /// Answers within the sender's budget for the day.
    fn answer(&mut self, message: &mut InboundMessage, answer: OutboundMail, known: &Known) {
        let key = answer.recipient.key();
        let before = known.answers.get(&key).copied().unwrap_or(0);
        let given = self.memory.answers.entry(key).or_default();
        if before.saturating_add(*given) >= self.budgets.answers_per_sender {
            message.reasons.push("not answered: the sender's answers of this day are spent".to_owned());
            return;
        }
        *given += 1;
        self.outbound.push(answer);
    }

    /// Gives the new requests their numbers, from `first` on.
    pub(super) fn number_from(&mut self, first: i64) {
        for (number, request) in (first..).zip(&mut self.requests) {
            request.number = number;
        }
        for (request, event) in self.requests.iter().zip(self.audit.iter_mut().filter(|event| event.event == RECEIVED))
        {
            event.object = object(request);
        }
    }

    pub(super) fn received(&self) -> Received {
        let count = |verdict| self.inbound.iter().filter(|message| message.verdict == verdict).count();
        Received {
            requests: self.requests.len(),
            letters: self.outbound.len(),
            to_file: self.inbound.iter().filter(|message| message.verdict.folder().is_some()).count(),
            unread: self.inbound.iter().filter(|message| message.digest.is_none()).count(),
            held: count(Verdict::Held),
            quarantined: count(Verdict::Quarantined),
            over_budget: self.over_budget,
            unmatched_reports: self.unmatched,
        }
    }

    fn hold(&self, message: &mut InboundMessage, firm: &Firm) {
        if message.tries >= HOLDS {
            let why = "the key of the signing domain could not be fetched for three days";
            settle(message, Verdict::Quarantined, &[why.to_owned()]);
            return;
        }
        settle(message, Verdict::Held, &["the key of the signing domain cannot be fetched".to_owned()]);
        message.firm = Some(firm.id.clone());
        message.due_at = Some(self.now.after(hold_for(message.tries)));
        message.tries += 1;
    }

    /// The request as it is by now.
    fn present(&self, request: &Request) -> Request {
        let new = || self.requests.iter().rev().find(|new| new.id == request.id);
        self.memory.touched.get(&request.id).or_else(new).unwrap_or(request).clone()
    }

    /// Writes a changed request down, and lets later mails see it.
    fn change(&mut self, request: &Request) {
        self.changed.insert(request.id.clone(), request.clone());
        self.memory.touched.insert(request.id.clone(), request.clone());
        let pair = (request.firm.clone(), request.customer.key());
        if self.memory.latest.get(&pair).is_none_or(|latest| latest.id == request.id) {
            self.memory.latest.insert(pair, request.clone());
        }
    }

    fn note(&mut self, actor: String, request: &Request, event: &'static str, from: &'static str, cause: &InboundId) {
        self.audit.push(AuditEvent {
            at: self.now,
            actor,
            object: object(request),
            event,
            from,
            to: request.state.name().name(),
            cause: format!("mail {cause}"),
        });
    }

    fn message(&self, mail: &Judged) -> InboundMessage {
        InboundMessage {
            id: InboundId::new(self.context.entropy.uuid(self.now)),
            mailbox: self.mailbox.to_owned(),
            at: mail.at.clone(),
            digest: mail.digest.clone(),
            size: mail.size,
            message_id: mail.message_id.clone(),
            class: mail.class,
            verdict: Verdict::Discarded,
            reasons: vec![],
            firm: None,
            request: None,
            arrived_at: mail.arrived_at,
            judged_at: self.now,
            due_at: None,
            tries: 0,
            filed_at: None,
        }
    }
}

const RECEIVED: &str = "received";

fn object(request: &Request) -> String {
    format!("request {}", request.number)
}

fn actor(firm: &Firm) -> String {
    format!("firm {}", firm.number)
}

fn settle(message: &mut InboundMessage, verdict: Verdict, reasons: &[String]) {
    message.verdict = verdict;
    message.reasons = reasons.to_vec();
}

const fn acts(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Accepted | Verdict::Refused)
}
