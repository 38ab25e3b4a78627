//! From what was judged to what is written: pure but for the identities it draws. One plan is one transaction.

use std::collections::HashMap;

use crate::domain::audit::AuditEvent;
use crate::domain::firm::{Firm, Receipts};
use crate::domain::firm_request::{Asked, Birth, Request, asked_again};
use crate::domain::ids::{FirmId, InboundId, RequestId};
use crate::domain::inbound::{Digest, HOLDS, InboundMessage, Locator, Verdict, hold_for};
use crate::domain::outbound::OutboundMail;
use crate::domain::request_form::RequestForm;
use crate::domain::time::Timestamp;

use super::super::outgoing::{self, Asker};
use super::super::{Context, expire};
use super::Received;
use super::judge::{Finding, Judged};

/// What the database held before.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Mails with one of the window's digests.
    pub copies: Vec<InboundMessage>,
    /// The last request of each firm about each of the window's customers.
    pub requests: Vec<Request>,
}

/// Whether a mail is new.
#[derive(Debug)]
enum Seen<'a> {
    Never,
    /// It was held, and is to be judged again.
    Held(&'a InboundMessage),
    /// It was dealt with: nothing remains to be judged.
    Before,
}

/// What is to be written.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    context: &'a Context,
    mailbox: &'a str,
    now: Timestamp,
    acted: HashMap<Digest, InboundId>,
    latest: HashMap<(FirmId, String), Request>,
    pub requests: Vec<Request>,
    pub changed: Vec<Request>,
    pub inbound: Vec<InboundMessage>,
    pub relocated: Vec<(InboundId, Locator)>,
    pub came_again: Vec<&'a Digest>,
    pub file_again: Vec<InboundId>,
    pub outbound: Vec<OutboundMail>,
    pub audit: Vec<AuditEvent>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(context: &'a Context, mailbox: &'a str) -> Self {
        Self {
            context,
            mailbox,
            now: context.now(),
            acted: HashMap::new(),
            latest: HashMap::new(),
            requests: vec![],
            changed: vec![],
            inbound: vec![],
            relocated: vec![],
            came_again: vec![],
            file_again: vec![],
            outbound: vec![],
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
            Finding::Faulty { firm, from, faults } => {
                let asker = Asker { firm, from, message_id: mail.message_id.as_deref() };
                let reasons: Vec<_> = faults.iter().map(|fault| fault.name().to_owned()).collect();
                settle(&mut message, Verdict::Refused, &reasons);
                message.firm = Some(firm.id.clone());
                self.outbound.push(outgoing::refusal(self.context, &asker, faults, self.now));
            }
            Finding::Asks { firm, from, proved_by, form } => {
                let asker = Asker { firm, from, message_id: mail.message_id.as_deref() };
                let request = self.ask(&asker, proved_by.as_str(), form, &message.id, known);
                settle(&mut message, Verdict::Accepted, &[format!("proved by {proved_by}")]);
                message.firm = Some(firm.id.clone());
                message.request = Some(request);
            }
        }
        if let (true, Some(digest)) = (acts(message.verdict), &message.digest) {
            self.acted.insert(digest.clone(), message.id.clone());
        }
        self.inbound.push(message);
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
        }
    }

    /// Deals with a mail whose bytes were seen before.
    fn recognise<'k>(&mut self, mail: &'a Judged, known: &'k Known) -> Seen<'k> {
        let Some(digest) = &mail.digest else { return Seen::Never };
        let copies = || known.copies.iter().filter(|copy| copy.digest.as_ref() == Some(digest));
        if copies().any(|copy| copy.verdict == Verdict::Quarantined) {
            self.came_again.push(digest);
        }
        // Under a new UIDVALIDITY a mail that is in our hands has another name.
        let renamed = |copy: &&InboundMessage| {
            copy.mailbox == self.mailbox && copy.at.uidvalidity != mail.at.uidvalidity && copy.filed_at.is_none()
        };
        if let Some(acted) = copies().find(|copy| acts(copy.verdict)) {
            if acted.mailbox == self.mailbox && acted.at == mail.at {
                self.file_again.push(acted.id.clone());
                return Seen::Before;
            }
            if renamed(&acted) {
                self.relocated.push((acted.id.clone(), mail.at.clone()));
                return Seen::Before;
            }
            self.discard_copy(mail);
            return Seen::Before;
        }
        if self.acted.contains_key(digest) {
            self.discard_copy(mail);
            return Seen::Before;
        }
        let held = copies().find(|copy| copy.verdict == Verdict::Held && (copy.at == mail.at || renamed(copy)));
        if let Some(held) = held.filter(|held| held.at != mail.at) {
            self.relocated.push((held.id.clone(), mail.at.clone()));
        }
        held.map_or(Seen::Never, Seen::Held)
    }

    fn discard_copy(&mut self, mail: &Judged) {
        let mut message = self.message(mail);
        settle(&mut message, Verdict::Discarded, &["a copy of a mail that was dealt with".to_owned()]);
        self.inbound.push(message);
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

    /// Applies the rule of [`asked_again`]; gives back the request that the mail is about.
    fn ask(
        &mut self,
        asker: &Asker<'_>,
        proved_by: &str,
        form: &RequestForm,
        cause: &InboundId,
        known: &Known,
    ) -> RequestId {
        let pair = (asker.firm.id.clone(), form.customer.key());
        let stored = || {
            let same = |request: &&Request| request.firm == pair.0 && request.customer == form.customer;
            known.requests.iter().find(same).cloned()
        };
        let last = self.latest.get(&pair).cloned().or_else(stored);
        let asked = asked_again(last.as_ref(), self.now);
        let request = match (asked, last) {
            (Asked::Reminder, Some(last)) => self.remind(asker.firm, last, cause),
            (Asked::TooSoon(_) | Asked::NoMoreReminders(_) | Asked::Disowned(_) | Asked::Linked, Some(last)) => last,
            (_, last) => {
                if let Some(last) = last {
                    self.end(asker.firm, last, cause);
                }
                self.create(asker.firm, proved_by, form, cause)
            }
        };
        if asker.firm.receipts == Receipts::Each {
            self.outbound.push(outgoing::receipt(self.context, asker, &request, asked, self.now));
        }
        let id = request.id.clone();
        self.latest.insert(pair, request);
        id
    }

    /// Ends a request whose time is over, where no sweep has done so yet.
    fn end(&mut self, firm: &Firm, last: Request, cause: &InboundId) {
        let before = last.state.name().name();
        let Ok(over) = last.clone().expire(self.now) else { return };
        self.note(firm, &over, "expired", before, cause);
        // Its customer is asked anew at this very moment, and need not hear that the old request is over.
        self.outbound.push(expire::told_firm(self.context, firm, &last, self.now));
        self.changed.push(over);
    }

    fn remind(&mut self, firm: &Firm, last: Request, cause: &InboundId) -> Request {
        let before = last.state.name().name();
        // The rule and the transition ask the same question: what may be reminded may be notified again.
        let Ok(request) = last.clone().notify_again(self.now) else { return last };
        self.outbound.extend(outgoing::notice(self.context, &request, self.now));
        self.note(firm, &request, "reminded", before, cause);
        self.changed.push(request.clone());
        request
    }

    fn create(&mut self, firm: &Firm, proved_by: &str, form: &RequestForm, cause: &InboundId) -> Request {
        let birth = Birth {
            id: RequestId::new(self.context.entropy.uuid(self.now)),
            number: 0,
            link_key: self.context.links.key_in_force().to_owned(),
            proved_by: proved_by.to_owned(),
        };
        let request = Request::new(birth, firm, form.clone(), self.now);
        self.outbound.extend(outgoing::notice(self.context, &request, self.now));
        self.note(firm, &request, RECEIVED, "", cause);
        self.requests.push(request.clone());
        request
    }

    fn note(&mut self, firm: &Firm, request: &Request, event: &'static str, from: &'static str, cause: &InboundId) {
        self.audit.push(AuditEvent {
            at: self.now,
            actor: format!("firm {}", firm.number),
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

fn settle(message: &mut InboundMessage, verdict: Verdict, reasons: &[String]) {
    message.verdict = verdict;
    message.reasons = reasons.to_vec();
}

const fn acts(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Accepted | Verdict::Refused)
}
