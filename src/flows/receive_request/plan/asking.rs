//! A firm asks: about one customer in a form, or about many in a table.

use crate::domain::budget::next_slot;
use crate::domain::firm::{Firm, Receipts};
use crate::domain::firm_request::{Asked, Birth, Request, StateName, asked_again};
use crate::domain::ids::{FirmId, InboundId, RequestId};
use crate::domain::inbound::{InboundMessage, Verdict};
use crate::domain::outbound::OutboundMail;
use crate::domain::request_form::RequestForm;
use crate::domain::request_table::Row;
use crate::domain::time::Timestamp;

use super::super::super::expire;
use super::super::super::outgoing::{self, Asker, RowOutcome};
use super::super::judge::Proven;
use super::super::known::Known;
use super::{Plan, RECEIVED, actor, settle};

impl Plan<'_> {
    /// One customer, in a form.
    pub(super) fn asks(
        &mut self,
        message: &mut InboundMessage,
        asker: &Asker<'_>,
        by: &Proven,
        form: &RequestForm,
        known: &Known,
    ) {
        if self.is_over_budget(message, &by.firm, &[form], known) {
            return;
        }
        let (request, asked) = self.ask(by, form, &message.id, known);
        settle(message, Verdict::Accepted, &[format!("proved by {}", by.proved_by)]);
        message.request = Some(request.id.clone());
        if by.firm.receipts == Receipts::Each {
            let receipt = outgoing::receipt(self.context, asker, &request, asked, self.now);
            self.answer(message, receipt, known);
        }
    }

    /// Many customers, in a table: each row stands for itself.
    pub(super) fn asks_many(
        &mut self,
        message: &mut InboundMessage,
        asker: &Asker<'_>,
        by: &Proven,
        rows: &[Row],
        known: &Known,
    ) {
        let forms: Vec<&RequestForm> = rows.iter().filter_map(|row| row.form.as_ref().ok()).collect();
        if self.is_over_budget(message, &by.firm, &forms, known) {
            return;
        }
        let outcomes: Vec<RowOutcome> = rows
            .iter()
            .map(|row| match &row.form {
                Ok(form) => {
                    let (request, asked) = self.ask(by, form, &message.id, known);
                    RowOutcome::taken(row.line, &request, asked)
                }
                Err(faults) => RowOutcome::faulty(row.line, faults),
            })
            .collect();
        let bad = rows.len() - forms.len();
        let verdict = if forms.is_empty() { Verdict::Refused } else { Verdict::Accepted };
        let told = format!("a table: {} rows taken, {bad} with faults", forms.len());
        settle(message, verdict, &[format!("proved by {}", by.proved_by), told]);
        if by.firm.receipts == Receipts::Each || bad > 0 {
            let receipt = outgoing::table_receipt(self.context, asker, outcomes, self.now);
            self.answer(message, receipt, known);
        }
    }

    /// Applies the rule of [`asked_again`]; gives back the request that the form is about.
    fn ask(&mut self, by: &Proven, form: &RequestForm, cause: &InboundId, known: &Known) -> (Request, Asked) {
        let last = self.last(&by.firm.id, form, known);
        let asked = asked_again(last.as_ref(), self.now);
        let request = match (asked, last) {
            (Asked::Reminder, Some(last)) => self.remind(&by.firm, last, cause, known),
            (Asked::TooSoon(_) | Asked::NoMoreReminders(_) | Asked::Disowned(_) | Asked::Linked, Some(last)) => last,
            (_, last) => {
                if let Some(last) = last {
                    self.end(&by.firm, &last, cause);
                }
                self.create(by, form, cause, known)
            }
        };
        self.memory.latest.insert((by.firm.id.clone(), form.customer.key()), request.clone());
        (request, asked)
    }

    fn last(&self, firm: &FirmId, form: &RequestForm, known: &Known) -> Option<Request> {
        let pair = (firm.clone(), form.customer.key());
        self.memory.latest.get(&pair).cloned().or_else(|| known.last.get(&pair).map(|last| self.present(last)))
    }

    /// Holds a mail whose new requests are more than the firm's budget has left. A table is taken whole or held whole.
    fn is_over_budget(
        &mut self,
        message: &mut InboundMessage,
        firm: &Firm,
        forms: &[&RequestForm],
        known: &Known,
    ) -> bool {
        let is_new =
            |form: &&&RequestForm| asked_again(self.last(&firm.id, form, known).as_ref(), self.now) == Asked::New;
        let wanted = u32::try_from(forms.iter().filter(is_new).count()).unwrap_or(u32::MAX);
        if wanted == 0 {
            return false;
        }
        let mut past = known.born.get(&firm.id).cloned().unwrap_or_default();
        past.extend(self.memory.born.get(&firm.id).into_iter().flatten());
        let slot = next_slot(&past, wanted, self.budgets.requests_per_firm, self.now);
        if slot <= self.now {
            self.memory.born.entry(firm.id.clone()).or_default().extend((0..wanted).map(|_| self.now));
            return false;
        }
        settle(message, Verdict::Held, &["over the firm's budget of new requests: it goes on by itself".to_owned()]);
        message.due_at = Some(slot);
        self.over_budget += 1;
        true
    }

    /// Ends a request whose time is over, where no sweep has done so yet.
    fn end(&mut self, firm: &Firm, last: &Request, cause: &InboundId) {
        let before = last.state.name().name();
        let Ok(over) = last.clone().expire(self.now) else { return };
        self.note(actor(firm), &over, "expired", before, cause);
        // Its customer is asked anew at this very moment, and need not hear that the old request is over.
        self.outbound.push(expire::told_firm(self.context, firm, last, self.now));
        self.change(&over);
    }

    pub(super) fn remind(&mut self, firm: &Firm, last: Request, cause: &InboundId, known: &Known) -> Request {
        let before = last.state.name();
        // The rule and the transition ask the same question: what may be reminded may be notified again.
        let Ok(request) = last.clone().notify_again(self.now) else { return last };
        if before != StateName::Pending {
            // The firm says that the address is right, or who holds the link has shown it.
            self.lifted.push(request.customer.key());
        }
        self.notify(&request, known);
        self.note(actor(firm), &request, "reminded", before.name(), cause);
        self.change(&request);
        request
    }

    fn create(&mut self, by: &Proven, form: &RequestForm, cause: &InboundId, known: &Known) -> Request {
        let birth = Birth {
            id: RequestId::new(self.context.entropy.uuid(self.now)),
            number: 0,
            link_key: self.context.links.key_in_force().to_owned(),
            proved_by: by.proved_by.to_string(),
        };
        let request = Request::new(birth, &by.firm, form.clone(), self.now);
        self.notify(&request, known);
        self.note(actor(&by.firm), &request, RECEIVED, "", cause);
        self.requests.push(request.clone());
        request
    }

    /// M1 and its copies, each when its address may be asked again.
    fn notify(&mut self, request: &Request, known: &Known) {
        for mail in outgoing::notice(self.context, request, self.now) {
            let due_at = self.slot(&mail, known);
            self.outbound.push(OutboundMail { due_at, ..mail });
        }
    }

    fn slot(&mut self, mail: &OutboundMail, known: &Known) -> Timestamp {
        let key = mail.recipient.key();
        let mut past = known.notices.get(&key).cloned().unwrap_or_default();
        let more = self.memory.notices.entry(key).or_default();
        past.extend(more.iter().copied());
        let slot = next_slot(&past, 1, self.budgets.notices_per_customer, self.now);
        more.push(slot);
        slot
    }
}
