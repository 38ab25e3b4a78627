//! The letter of a claimed mail: the link is derived here, right before it is mailed.

use crate::domain::account::SecurityEvent;
use crate::domain::decision::Choice;
use crate::domain::email_address::EmailAddress;
use crate::domain::firm::Firm;
use crate::domain::firm_command::Answer;
use crate::domain::firm_request::{Asked, Request};
use crate::domain::ids::RequestId;
use crate::domain::linkage::Shown;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::mail::Letter;
use crate::mail::letters::{
    AboutRequest, AboutStop, AccountRegistered, AnsweredElsewhere, CommandAnswer, DataNews, DigestEntry,
    ExpiredToCustomer, ExpiredToFirm, FirmCard, FirmDigest, FormRefused, ForwardedReply, LineOutcome, LinkNews,
    LinkReminder, MigrationNews, OperatorDigest, Receipt, ReceiptOutcome, RequestAnswered, RequestCancelled,
    RequestCopy, RequestNotice, RequestReminder, SecurityNotice, SharingEnded, SharingStopped, StateLine, TableContent,
    TableLine, TableReceipt, Undeliverable,
};

use super::super::Context;
use super::super::digest::AboutOperation;
use super::super::expire::AboutEnd;
use super::super::outgoing::{
    self, AboutAnswer, AboutFailure, AboutFaults, AboutNotice, AboutSecurity, AboutStopping, AboutTable, RowOutcome,
};
use super::super::replies;
use super::listed::Listed;
use super::subject::Subject;

/// `None` where something is missing that the letter cannot do without.
#[expect(clippy::too_many_lines, reason = "an arm for each letter, and nothing else")]
pub(super) fn letter(context: &Context, mail: &OutboundMail, subject: Subject<'_>) -> Option<Letter> {
    let Subject { request, firm, account, requests, .. } = subject;
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
        LetterKind::RequestCancelled => {
            Letter::RequestCancelled(RequestCancelled { about: AboutRequest::new(firm?, request?) })
        }
        LetterKind::RequestApproved | LetterKind::RequestDeclined => {
            Letter::RequestAnswered(answered(mail, firm?, request?)?)
        }
        LetterKind::AnsweredElsewhere => {
            let about: AboutAnswer = serde_json::from_str(&mail.about).ok()?;
            Letter::AnsweredElsewhere(AnsweredElsewhere {
                about: AboutRequest::new(firm?, request?),
                choice: Choice::stored(&about.choice)?,
                account: EmailAddress::parse(&about.account).ok()?,
                at: about.at,
            })
        }
        LetterKind::SharingStopped => Letter::SharingStopped(SharingStopped { about: stopped(mail, firm?, request?)? }),
        LetterKind::SharingEnded => Letter::SharingEnded(SharingEnded { about: stopped(mail, firm?, request?)? }),
        LetterKind::MigrationStarted | LetterKind::MigrationCompleted | LetterKind::MigrationUnfinished => {
            Letter::MigrationNews(MigrationNews { locale: mail.locale, about: serde_json::from_str(&mail.about).ok()? })
        }
        LetterKind::ProductsLinked | LetterKind::LinkLost | LetterKind::ProductsUnlinked => {
            let about = serde_json::from_str(&mail.about).ok()?;
            Letter::LinkNews(LinkNews { locale: mail.locale, firm: FirmCard::from(firm?), about })
        }
        LetterKind::BusinessDataChanged | LetterKind::BusinessDataLost => {
            let about = serde_json::from_str(&mail.about).ok()?;
            Letter::DataNews(DataNews { locale: mail.locale, firm: FirmCard::from(firm?), about })
        }
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
        LetterKind::AccountRegistered => Letter::AccountRegistered(AccountRegistered::new(account?)),
        LetterKind::SecurityNotice => {
            let about: AboutSecurity = serde_json::from_str(&mail.about).ok()?;
            let event = SecurityEvent::stored(&about.event)?;
            Letter::SecurityNotice(SecurityNotice { locale: mail.locale, event, at: about.at })
        }
        LetterKind::RequestReminder => Letter::RequestReminder(RequestReminder {
            about: AboutRequest::new(firm?, request?),
            link: context.links.approval(request?)?,
        }),
        LetterKind::FirmDigest => {
            let listed = Listed::of(mail, requests, context.now())?;
            Letter::FirmDigest(FirmDigest {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                ending: listed.ending.into_iter().map(DigestEntry::from).collect(),
                unlinked: listed.unlinked.into_iter().map(DigestEntry::from).collect(),
                more: listed.more,
            })
        }
        LetterKind::ExpiredToCustomer => {
            Letter::ExpiredToCustomer(ExpiredToCustomer { about: AboutRequest::new(firm?, request?) })
        }
        LetterKind::ExpiredToFirm => {
            let about: AboutEnd = serde_json::from_str(&mail.about).ok()?;
            Letter::ExpiredToFirm(ExpiredToFirm {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                request: DigestEntry { undeliverable: about.undeliverable, ..DigestEntry::from(request?) },
            })
        }
        LetterKind::LinkReminder => {
            let about: AboutNotice = serde_json::from_str(&mail.about).ok()?;
            Letter::LinkReminder(LinkReminder {
                about: AboutRequest::new(firm?, request?),
                manage: context.links.manage(),
                reminder: about.reminder,
            })
        }
        LetterKind::OperatorDigest => {
            let about: AboutOperation = serde_json::from_str(&mail.about).ok()?;
            Letter::OperatorDigest(OperatorDigest {
                locale: mail.locale,
                troubles: about.troubles,
                quarantined: about.quarantined,
                failed: about.failed,
                disowned: about.disowned,
                given_up: about.given_up,
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
            let line = |request: &Request| StateLine::of(request, subject.linkage(request));
            let states = states.iter().filter_map(|id| requests.get(id)).map(line).collect();
            Letter::CommandAnswer(CommandAnswer {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                firm_number: firm?.number.to_string(),
                request: request.map(line),
                answer,
                states,
            })
        }
        LetterKind::Undeliverable => {
            let about: AboutFailure = serde_json::from_str(&mail.about).ok()?;
            Letter::Undeliverable(Undeliverable {
                locale: mail.locale,
                firm_name: firm?.name.clone(),
                request: StateLine::of(request?, Shown::Nothing),
                status: about.status,
            })
        }
        LetterKind::ForwardedReply => {
            let about = replies::unsealed(context, mail)?;
            Letter::ForwardedReply(ForwardedReply {
                locale: mail.locale,
                request_number: request.map(|request| request.number),
                from: EmailAddress::parse(&about.from).ok()?,
                mailed: EmailAddress::parse(&about.mailed).ok()?,
                inbound: about.inbound,
                words: about.words,
            })
        }
        // They leave by `codes`, which alone mints.
        LetterKind::VerificationCode | LetterKind::AlreadyRegistered | LetterKind::NotRegistered => return None,
    })
}

fn answered(mail: &OutboundMail, firm: &Firm, request: &Request) -> Option<RequestAnswered> {
    let about: AboutAnswer = serde_json::from_str(&mail.about).ok()?;
    Some(RequestAnswered {
        locale: mail.locale,
        firm_name: firm.name.clone(),
        request_number: request.number,
        customer: request.customer.clone(),
        client_name: request.client_name.clone(),
        choice: Choice::stored(&about.choice)?,
        business: about.business,
        account: EmailAddress::parse(&about.account).ok()?,
        identity: about.identity,
        message: about.message,
        at: about.at,
        expires_at: request.expires_at,
    })
}

fn stopped(mail: &OutboundMail, firm: &Firm, request: &Request) -> Option<AboutStop> {
    let about: AboutStopping = serde_json::from_str(&mail.about).ok()?;
    Some(AboutStop {
        locale: mail.locale,
        firm: FirmCard::from(firm),
        request_number: request.number,
        business: about.business,
        account: EmailAddress::parse(&about.account).ok()?,
        at: about.at,
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
