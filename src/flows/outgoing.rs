//! Outbox rows: what each letter is about, beyond the request and the firm it names.

use serde::{Deserialize, Serialize};

use crate::domain::account::{Account, SecurityEvent};
use crate::domain::decision::{Choice, Identity};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm::Firm;
use crate::domain::firm_command::Answer;
use crate::domain::firm_request::{Asked, Request};
use crate::domain::ids::{AccountId, OutboundId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::domain::request_form::FormFault;
use crate::domain::request_table::TableFault;
use crate::domain::time::Timestamp;
use crate::domain::verification::{Aim, Attempt};

use super::Context;

/// What a request notice (M1) is beyond its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutNotice {
    /// 0 for the first, then 1, 2, 3.
    pub reminder: u32,
}

/// What was answered (M6, M7, and to the mailed address), as it was at that moment: an account can be erased and a company
/// changed before the mail leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutAnswer {
    /// The address that is the ID.
    pub account: String,
    /// Whether that is the address that was mailed.
    pub identity: Identity,
    /// 事業者名
    pub business: Option<String>,
    /// The stored name of the choice.
    pub choice: String,
    /// To the firm.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// What was stopped, as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutStopping {
    /// The address that is the ID.
    pub account: String,
    /// 事業者名
    pub business: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What a refusal (M5) names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutFaults {
    /// Each of them, in the order of the form.
    pub faults: Vec<FormFault>,
}

/// Which code a mail of [`Lane::Waiting`](crate::domain::outbound::Lane::Waiting) is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutCode {
    /// 1, 2, 3.
    pub sequence: u32,
}

/// What a security notice (M21) is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutSecurity {
    /// [`SecurityEvent::name`]
    pub event: String,
    /// When.
    pub at: Timestamp,
}

/// M2, M3x or M3n, whichever the attempt's aim asks for; the same row but for its kind.
pub(super) fn code(context: &Context, attempt: &Attempt, sequence: u32, now: Timestamp) -> OutboundMail {
    let kind = match attempt.aim {
        Aim::Register(_) | Aim::Reset(_) => LetterKind::VerificationCode,
        Aim::Taken => LetterKind::AlreadyRegistered,
        Aim::Nobody => LetterKind::NotRegistered,
    };
    let mail = queued(context, kind, &attempt.address, json(&AboutCode { sequence }), now);
    OutboundMail { attempt: Some(attempt.id.clone()), locale: attempt.locale, ..mail }
}

/// M3, to the account's owner.
pub(super) fn registered(context: &Context, account: &Account, now: Timestamp) -> OutboundMail {
    let mail = queued(context, LetterKind::AccountRegistered, &account.address, String::new(), now);
    OutboundMail { account: Some(account.id.clone()), locale: account.locale, ..mail }
}

/// M21, to an address that may have no account.
pub(super) fn security(
    context: &Context,
    to: &EmailAddress,
    locale: Locale,
    event: SecurityEvent,
    now: Timestamp,
) -> OutboundMail {
    let about = json(&AboutSecurity { event: event.name().to_owned(), at: now });
    OutboundMail { locale, ..queued(context, LetterKind::SecurityNotice, to, about, now) }
}

/// What became of a table (in its receipt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "table")]
pub(super) enum AboutTable {
    /// Each row stands for itself.
    Rows {
        /// In the order of the table.
        rows: Vec<RowOutcome>,
    },
    /// It could not be read at all.
    Fault {
        /// Why.
        why: TableFault,
    },
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "row")]
pub(super) enum RowOutcome {
    /// It is a sound form.
    Taken {
        /// The line that a spreadsheet shows beside it.
        line: u32,
        /// The request that it made or is about.
        request: String,
        /// What it came to.
        asked: Asked,
    },
    /// It has faults.
    Faulty {
        /// The line that a spreadsheet shows beside it.
        line: u32,
        /// All of them.
        faults: Vec<FormFault>,
    },
}

impl RowOutcome {
    pub(super) fn taken(line: u32, request: &Request, asked: Asked) -> Self {
        Self::Taken { line, request: request.id.as_str().to_owned(), asked }
    }

    pub(super) fn faulty(line: u32, faults: &[FormFault]) -> Self {
        Self::Faulty { line, faults: faults.to_vec() }
    }
}

/// Why a request mail could not be delivered (M19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutFailure {
    /// The enhanced status or the SMTP reply; empty where none was given.
    pub status: String,
}

/// The requests that a mail is about beside the one that its row names.
pub(super) fn named_requests(mail: &OutboundMail) -> Vec<RequestId> {
    match mail.kind {
        LetterKind::TableReceipt => match serde_json::from_str(&mail.about) {
            Ok(AboutTable::Rows { rows }) => {
                let taken = rows.into_iter().filter_map(|row| match row {
                    RowOutcome::Taken { request, .. } => Some(RequestId::stored(request)),
                    RowOutcome::Faulty { .. } => None,
                });
                taken.collect()
            }
            _ => vec![],
        },
        LetterKind::CommandAnswer => match serde_json::from_str(&mail.about) {
            Ok(Answer::States { requests, .. }) => requests.into_iter().map(RequestId::stored).collect(),
            _ => vec![],
        },
        _ => vec![],
    }
}

/// M1, and with the first one a copy without the link to each of 追加宛先.
pub(super) fn notice(context: &Context, request: &Request, now: Timestamp) -> Vec<OutboundMail> {
    let about = json(&AboutNotice { reminder: request.notices.saturating_sub(1) });
    let to = |kind, to: &EmailAddress| {
        let mail = queued(context, kind, to, about.clone(), now);
        let (request_id, firm) = (Some(request.id.clone()), Some(request.firm.clone()));
        OutboundMail { request: request_id, firm, locale: request.locale, ..mail }
    };
    let mut mails = vec![to(LetterKind::RequestNotice, &request.customer)];
    if request.notices == 1 {
        mails.extend(request.copies.iter().map(|copy| to(LetterKind::RequestCopy, copy)));
    }
    mails
}

/// M11, to the customer.
pub(super) fn cancelled(context: &Context, request: &Request, now: Timestamp) -> OutboundMail {
    let mail = queued(context, LetterKind::RequestCancelled, &request.customer, String::new(), now);
    to_customer(request, mail)
}

/// M6 or M7 to the firm; where another ID answered, also a notice to the mailed address.
pub(super) fn answered(
    context: &Context,
    firm: &Firm,
    request: &Request,
    account: &AccountId,
    choice: Choice,
    about: &AboutAnswer,
) -> Vec<OutboundMail> {
    let kind = match choice {
        Choice::Approve => LetterKind::RequestApproved,
        Choice::Decline => LetterKind::RequestDeclined,
    };
    let mut mails = vec![to_firm(firm, request, queued(context, kind, &firm.notify_address, json(about), about.at))];
    if about.identity == Identity::Other {
        let at = about.at;
        // The message is the firm's to read.
        let about = json(&AboutAnswer { message: String::new(), business: None, ..about.clone() });
        let mail = queued(context, LetterKind::AnsweredElsewhere, &request.customer, about, at);
        mails.push(to_customer(request, mail));
    }
    mails.into_iter().map(|mail| OutboundMail { account: Some(account.clone()), ..mail }).collect()
}

/// To both who shared: the customer's account, and the firm.
pub(super) fn stopped(
    context: &Context,
    firm: &Firm,
    request: &Request,
    account: &Account,
    about: &AboutStopping,
) -> Vec<OutboundMail> {
    let to = |kind, to| {
        let mail = queued(context, kind, to, json(about), about.at);
        OutboundMail { account: Some(account.id.clone()), ..mail }
    };
    let own = to_customer(request, to(LetterKind::SharingStopped, &account.address));
    vec![
        OutboundMail { locale: account.locale, ..own },
        to_firm(firm, request, to(LetterKind::SharingEnded, &firm.notify_address)),
    ]
}

/// What we ourselves have to say to the customer: it names no firm, so that it also leaves while the firm is suspended.
fn to_customer(request: &Request, mail: OutboundMail) -> OutboundMail {
    OutboundMail { request: Some(request.id.clone()), locale: request.locale, ..mail }
}

fn to_firm(firm: &Firm, request: &Request, mail: OutboundMail) -> OutboundMail {
    OutboundMail { request: Some(request.id.clone()), firm: Some(firm.id.clone()), locale: firm.locale, ..mail }
}

/// A letter about a request that nobody waits for at this hour. Its language is the request's.
pub(super) fn by_day(
    context: &Context,
    kind: LetterKind,
    to: &EmailAddress,
    request: &Request,
    about: String,
    now: Timestamp,
) -> OutboundMail {
    OutboundMail {
        request: Some(request.id.clone()),
        firm: Some(request.firm.clone()),
        locale: request.locale,
        due_at: context.quiet_hours.due_at(now),
        ..queued(context, kind, to, about, now)
    }
}

/// M4, to who wrote.
pub(super) fn receipt(
    context: &Context,
    asker: &Asker<'_>,
    request: &Request,
    asked: Asked,
    now: Timestamp,
) -> OutboundMail {
    let mail = queued(context, LetterKind::Receipt, asker.from, json(&asked), now);
    OutboundMail { request: Some(request.id.clone()), ..asker.answered_by(mail) }
}

/// M5, to who wrote.
pub(super) fn refusal(context: &Context, asker: &Asker<'_>, faults: &[FormFault], now: Timestamp) -> OutboundMail {
    let about = json(&AboutFaults { faults: faults.to_vec() });
    asker.answered_by(queued(context, LetterKind::FormRefused, asker.from, about, now))
}

/// What became of each row of a table, to who wrote.
pub(super) fn table_receipt(
    context: &Context,
    asker: &Asker<'_>,
    rows: Vec<RowOutcome>,
    now: Timestamp,
) -> OutboundMail {
    let about = json(&AboutTable::Rows { rows });
    asker.answered_by(queued(context, LetterKind::TableReceipt, asker.from, about, now))
}

/// Why a table could not be read, to who wrote.
pub(super) fn table_refusal(context: &Context, asker: &Asker<'_>, why: &TableFault, now: Timestamp) -> OutboundMail {
    let about = json(&AboutTable::Fault { why: why.clone() });
    asker.answered_by(queued(context, LetterKind::TableReceipt, asker.from, about, now))
}

/// What came of a command, to who wrote.
pub(super) fn answer(
    context: &Context,
    asker: &Asker<'_>,
    request: Option<&RequestId>,
    answer: &Answer,
    now: Timestamp,
) -> OutboundMail {
    let mail = queued(context, LetterKind::CommandAnswer, asker.from, json(answer), now);
    OutboundMail { request: request.cloned(), ..asker.answered_by(mail) }
}

/// M19, to the firm.
pub(super) fn undeliverable(
    context: &Context,
    firm: &Firm,
    request: &Request,
    status: &str,
    now: Timestamp,
) -> OutboundMail {
    let about = json(&AboutFailure { status: status.to_owned() });
    to_firm(firm, request, queued(context, LetterKind::Undeliverable, &firm.notify_address, about, now))
}

/// Who wrote a proven mail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    /// Whose mail it is.
    pub firm: &'a Firm,
    /// The address it came from: one of the firm's.
    pub from: &'a EmailAddress,
    /// Its Message-ID.
    pub message_id: Option<&'a str>,
}

impl Asker<'_> {
    fn answered_by(&self, mail: OutboundMail) -> OutboundMail {
        OutboundMail {
            firm: Some(self.firm.id.clone()),
            locale: self.firm.locale,
            in_reply_to: self.message_id.map(str::to_owned),
            ..mail
        }
    }
}

/// A mail that is due at once and is about nothing yet.
pub(super) fn queued(
    context: &Context,
    kind: LetterKind,
    to: &EmailAddress,
    about: String,
    now: Timestamp,
) -> OutboundMail {
    OutboundMail {
        id: OutboundId::new(context.entropy.uuid(now)),
        kind,
        request: None,
        firm: None,
        account: None,
        attempt: None,
        recipient: to.clone(),
        locale: Locale::default(),
        about,
        message_id: message_id(context),
        in_reply_to: None,
        state: OutboundState::Queued,
        attempts: 0,
        unknowns: 0,
        created_at: now,
        due_at: now,
        last_outcome: String::new(),
    }
}

/// Random, not the row's id: strangers see it.
fn message_id(context: &Context) -> String {
    let random = u128::from_be_bytes(context.entropy.bytes());
    format!("{random:032x}@{}", context.mail_domain)
}

pub(super) fn json<T: Serialize>(about: &T) -> String {
    // Our own plain enums and structs always become JSON.
    serde_json::to_string(about).unwrap_or_default()
}
