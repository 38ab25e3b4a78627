//! The letter of a claimed mail: the link is derived here, right before it is mailed.

use crate::domain::firm_command::Answer;
use crate::domain::firm_request::Asked;
use crate::domain::ids::RequestId;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::mail::Letter;
use crate::mail::letters::{
    AboutRequest, CommandAnswer, FormRefused, LineOutcome, Receipt, ReceiptOutcome, RequestCopy, RequestNotice,
    StateLine, TableContent, TableLine, TableReceipt, Undeliverable,
};

use super::super::Context;
use super::super::outgoing::{self, AboutFailure, AboutFaults, AboutNotice, AboutTable, RowOutcome};
use super::subject::Subject;

/// `None` where something is missing that the letter cannot do without.
pub(super) fn letter(context: &Context, mail: &OutboundMail, subject: Subject<'_>) -> Option<Letter> {
    let Subject { request, firm, .. } = subject;
    Some(match mail.kind {
        LetterKind::RequestNotice => {
            let about: AboutNotice = serde_json::from_str(&mail.about).ok()?;
            Letter::RequestNotice(RequestNotice {
                about: AboutRequest::new(firm?, request?),
                link: context.links.approval(request?)?,
                reminder: (about.reminder > 0).then_some(about.reminder),
            })
        }
        LetterKind::RequestCopy => Letter::RequestCopy(RequestCopy { about: AboutRequest::new(firm?, request?) }),
        LetterKind::Receipt => {
            let asked: Asked = serde_json::from_str(&mail.about).ok()?;
            Letter::Receipt(Receipt {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                request_number: request?.number,
                customer: request?.customer.clone(),
                client_name: request?.client_name.clone(),
                expires_at: request?.expires_at,
                outcome: ReceiptOutcome::from(&asked),
            })
        }
        LetterKind::FormRefused => {
            let about: AboutFaults = serde_json::from_str(&mail.about).ok()?;
            Letter::FormRefused(FormRefused {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                firm_number: firm?.number.to_string(),
                faults: about.faults,
            })
        }
        LetterKind::TableReceipt => Letter::TableReceipt(TableReceipt {
            locale: mail.locale,
            firm_name: firm?.name.clone(),
            firm_number: firm?.number.to_string(),
            content: table(serde_json::from_str(&mail.about).ok()?, subject),
        }),
        LetterKind::CommandAnswer => {
            let answer: Answer = serde_json::from_str(&mail.about).ok()?;
            let states = outgoing::named_requests(mail);
            let states = states.iter().filter_map(|id| subject.requests.get(id)).map(StateLine::of).collect();
            Letter::CommandAnswer(CommandAnswer {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                firm_number: firm?.number.to_string(),
                request: request.map(StateLine::of),
                answer,
                states,
            })
        }
        LetterKind::Undeliverable => {
            let about: AboutFailure = serde_json::from_str(&mail.about).ok()?;
            Letter::Undeliverable(Undeliverable {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                request: StateLine::of(request?),
                status: about.status,
            })
        }
    })
}

/// The rows of a table; one whose request is gone says nothing.
fn table(about: AboutTable, subject: Subject<'_>) -> TableContent {
    match about {
        AboutTable::Fault { why } => TableContent::Fault(why),
        AboutTable::Rows { rows } => {
            TableContent::Rows(rows.into_iter().filter_map(|row| line(row, subject)).collect())
        }
    }
}

fn line(row: RowOutcome, subject: Subject<'_>) -> Option<TableLine> {
    Some(match row {
        RowOutcome::Faulty { line, faults } => TableLine { line, outcome: LineOutcome::Faulty(faults) },
        RowOutcome::Taken { line, request, asked } => {
            let request = subject.requests.get(&RequestId::stored(request))?;
            let outcome = LineOutcome::Taken {
                number: request.number,
                customer: request.customer.clone(),
                client_name: request.client_name.clone(),
                outcome: ReceiptOutcome::from(&asked),
            };
            TableLine { line, outcome }
        }
    })
}
