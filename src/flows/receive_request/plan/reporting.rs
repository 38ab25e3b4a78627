//! Delivery reports and people's answers: what they may change is little, and only where they name a mail of ours.

use crate::domain::delivery_report::{DeliveryReport, Fate};
use crate::domain::inbound::{InboundMessage, Verdict};
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::domain::reply::Reply;
use crate::domain::suppression::Suppression;

use super::super::super::outgoing;
use super::super::known::Known;
use super::{Plan, settle};

impl Plan<'_> {
    /// A report about a mail of ours; one about no mail of ours is counted and nothing else.
    pub(super) fn report(&mut self, message: &mut InboundMessage, report: &DeliveryReport, known: &Known) {
        let mut by_token = report.tokens.iter().filter_map(|token| known.tokens.get(token));
        let by_token = by_token.find_map(|id| known.mails.iter().find(|mail| mail.id == *id));
        let by_id = || known.mails.iter().find(|mail| report.message_ids.contains(&mail.message_id));
        let Some(mail) = by_token.or_else(by_id) else {
            self.unmatched += 1;
            return settle(message, Verdict::Discarded, &["a report about no mail of ours".to_owned()]);
        };
        message.request.clone_from(&mail.request);
        let status = report.shown_status();
        let told = format!("{} reported: {} {}", mail.kind.name(), report.fate.name(), status);
        settle(message, Verdict::Accepted, &[told.trim_end().to_owned(), format!("outbox {}", mail.id)]);
        match report.fate {
            Fate::Delivered => {}
            Fate::Delayed => {
                self.reported.push((mail.id.clone(), OutboundState::Delayed, status));
            }
            Fate::Failed => {
                self.reported.push((mail.id.clone(), OutboundState::Bounced, status));
                self.failed(message, mail, report, known);
            }
        }
    }

    /// A request mail that failed for good: its request says so, its firm is told, its address rests.
    fn failed(&mut self, message: &InboundMessage, mail: &OutboundMail, report: &DeliveryReport, known: &Known) {
        self.suppressed.extend(Suppression::after(mail, report.status, self.now));
        if mail.kind != LetterKind::RequestNotice {
            return;
        }
        let request = mail.request.as_ref().and_then(|id| known.named.get(id)).map(|request| self.present(request));
        let Some(request) = request else { return };
        let before = request.state.name().name();
        let Ok(request) = request.cannot_be_delivered(self.now) else { return };
        self.note("renkei".to_owned(), &request, "undeliverable", before, &message.id);
        if let Some(firm) = known.firms.get(&request.firm) {
            self.outbound.push(outgoing::undeliverable(self.context, firm, &request, &report.shown_status(), self.now));
        }
        self.change(&request);
    }

    /// A person answers a mail of ours in words: an operator reads it, who answers questions gets it, nobody acts on it.
    pub(super) fn answer_of_a_person(&mut self, message: &mut InboundMessage, reply: &Reply, known: &Known) {
        let Some(mail) = known.mails.iter().find(|mail| reply.answers.contains(&mail.message_id)) else {
            return settle(message, Verdict::Quarantined, &["a person answers a mail that is not known".to_owned()]);
        };
        let number = mail.request.as_ref().and_then(|id| known.named.get(id)).map(|request| request.number);
        let about = number.map_or_else(String::new, |number| format!(" about request {number}"));
        message.request.clone_from(&mail.request);
        let mut reasons = vec![format!("a person answers our {}{about}", mail.kind.name())];
        reasons.extend(self.send_on(message, reply, mail, known));
        settle(message, Verdict::Quarantined, &reasons);
    }
}
