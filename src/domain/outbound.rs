//! A mail in the outbox: what it is about, how it may leave, how an attempt can end.

mod hand_over;

use std::time::Duration;

use super::backoff;
use super::email_address::EmailAddress;
use super::ids::{AccountId, AttemptId, FirmId, OutboundId, RequestId};
use super::inbound::stored_names;
use super::locale::Locale;
use super::time::Timestamp;

pub use hand_over::HandOver;

/// The letters of this house, by the names of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// M1: the firm's request, to the customer, with the link.
    RequestNotice,
    /// M1's copy without the link, to 追加宛先.
    RequestCopy,
    /// M11: the request was taken back, to the customer.
    RequestCancelled,
    /// M6: the request was approved, to the firm.
    RequestApproved,
    /// M7: the request was declined, to the firm.
    RequestDeclined,
    /// Another ID than the mailed one answered, to the mailed address.
    AnsweredElsewhere,
    /// 契約情報の提供を停止する was confirmed, to the customer.
    SharingStopped,
    /// The same, to the firm.
    SharingEnded,
    /// M12: a migration has begun, to the customer.
    MigrationStarted,
    /// M13: a migration is done, to the customer.
    MigrationCompleted,
    /// M14: a migration is over and something stayed, or it does not end, to the customer.
    MigrationUnfinished,
    /// M15: products are linked, to both sides.
    ProductsLinked,
    /// M16: a link cannot be made or does not stay, to both sides.
    LinkLost,
    /// M17: products are no longer linked, to both sides.
    ProductsUnlinked,
    /// M18: business data was set or released, to both sides.
    BusinessDataChanged,
    /// M16: business data did not stay, to both sides.
    BusinessDataLost,
    /// M4: the receipt, to the firm.
    Receipt,
    /// M5: what is wrong in a request form, to the firm.
    FormRefused,
    /// M2: the verification code.
    VerificationCode,
    /// M3: the account is registered.
    AccountRegistered,
    /// M3x: the address has an account already.
    AlreadyRegistered,
    /// M3n: the address has no account.
    NotRegistered,
    /// M21: something happened that the owner must know of.
    SecurityNotice,
    /// M8: the request ends soon, to the customer, with the link.
    RequestReminder,
    /// M9: requests that end soon, and approved ones without a linked product, to the firm.
    FirmDigest,
    /// M10c: nobody answered in time, to the customer.
    ExpiredToCustomer,
    /// M10f: the same, to the firm.
    ExpiredToFirm,
    /// T15: approved, and nothing is linked yet, to the customer.
    LinkReminder,
    /// M20: what went wrong since the last one, to the operator.
    OperatorDigest,
    /// What became of each row of a request table, or why it could not be read, to the firm.
    TableReceipt,
    /// What came of a command, to the firm.
    CommandAnswer,
    /// M19: the request mail cannot be delivered, to the firm.
    Undeliverable,
    /// What a person answered to a letter of ours, to who answers questions.
    ForwardedReply,
}

stored_names!(LetterKind {
    RequestNotice = "request_notice",
    RequestCopy = "request_copy",
    RequestCancelled = "request_cancelled",
    RequestApproved = "request_approved",
    RequestDeclined = "request_declined",
    AnsweredElsewhere = "answered_elsewhere",
    SharingStopped = "sharing_stopped",
    SharingEnded = "sharing_ended",
    MigrationStarted = "migration_started",
    MigrationCompleted = "migration_completed",
    MigrationUnfinished = "migration_unfinished",
    ProductsLinked = "products_linked",
    LinkLost = "link_lost",
    ProductsUnlinked = "products_unlinked",
    BusinessDataChanged = "business_data_changed",
    BusinessDataLost = "business_data_lost",
    Receipt = "receipt",
    FormRefused = "form_refused",
    VerificationCode = "verification_code",
    AccountRegistered = "account_registered",
    AlreadyRegistered = "already_registered",
    NotRegistered = "not_registered",
    SecurityNotice = "security_notice",
    RequestReminder = "request_reminder",
    FirmDigest = "firm_digest",
    ExpiredToCustomer = "expired_to_customer",
    ExpiredToFirm = "expired_to_firm",
    LinkReminder = "link_reminder",
    OperatorDigest = "operator_digest",
    TableReceipt = "table_receipt",
    CommandAnswer = "command_answer",
    Undeliverable = "undeliverable",
    ForwardedReply = "forwarded_reply",
});

/// Who waits. A lower lane overtakes a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A person sits before a page and waits for this very mail. It belongs to an attempt to prove an address, is claimed
    /// alone right before it leaves, and never leaves twice.
    Waiting,
    /// A person will act on it.
    Prompt,
    /// Receipts, copies, digests.
    Notice,
}

impl Lane {
    /// The lanes that leave in batches, the first to go first: all but [`Lane::Waiting`].
    pub const BATCHED: [Self; 2] = [Self::Prompt, Self::Notice];

    /// As stored: 0 goes first.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Prompt => 1,
            Self::Notice => 2,
        }
    }
}

impl LetterKind {
    /// The lane it leaves in.
    #[must_use]
    pub const fn lane(self) -> Lane {
        match self {
            Self::VerificationCode | Self::AlreadyRegistered | Self::NotRegistered => Lane::Waiting,
            Self::RequestNotice
            | Self::RequestApproved
            | Self::RequestDeclined
            | Self::AnsweredElsewhere
            | Self::SecurityNotice
            | Self::MigrationCompleted
            | Self::MigrationUnfinished
            | Self::ProductsLinked
            | Self::LinkLost
            | Self::BusinessDataLost
            | Self::ForwardedReply => Lane::Prompt,
            Self::RequestCopy
            | Self::RequestCancelled
            | Self::SharingStopped
            | Self::SharingEnded
            | Self::MigrationStarted
            | Self::ProductsUnlinked
            | Self::BusinessDataChanged
            | Self::Receipt
            | Self::FormRefused
            | Self::AccountRegistered
            | Self::RequestReminder
            | Self::FirmDigest
            | Self::ExpiredToCustomer
            | Self::ExpiredToFirm
            | Self::LinkReminder
            | Self::OperatorDigest
            | Self::TableReceipt
            | Self::CommandAnswer
            | Self::Undeliverable => Lane::Notice,
        }
    }

    /// Whether it waits for the day: nobody asked for it at this hour.
    #[must_use]
    pub const fn keeps_quiet_hours(self) -> bool {
        matches!(
            self,
            Self::RequestReminder
                | Self::FirmDigest
                | Self::ExpiredToCustomer
                | Self::ExpiredToFirm
                | Self::LinkReminder
                | Self::OperatorDigest
        )
    }

    /// Whether it answers a mail (RFC 3834: null return path, `Auto-Submitted: auto-replied`).
    #[must_use]
    pub const fn is_reply(self) -> bool {
        matches!(self, Self::Receipt | Self::FormRefused | Self::TableReceipt | Self::CommandAnswer)
    }

    /// Whether it stays where its address has failed for good: what a customer gets unasked about a request. What a person
    /// waits for is tried all the same, and firms are answered where they write from.
    #[must_use]
    pub const fn is_suppressible(self) -> bool {
        matches!(
            self,
            Self::RequestNotice
                | Self::RequestCopy
                | Self::RequestReminder
                | Self::RequestCancelled
                | Self::ExpiredToCustomer
        )
    }
}

/// Where an outbound mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundState {
    /// Waits until it is due.
    Queued,
    /// Its firm is suspended; it is queued again when the firm is.
    Withheld,
    /// A daemon holds it under a lease; its attempt is counted.
    Leased,
    /// The relay took it.
    Sent,
    /// It will not be tried again; an operator may `outbox retry` it.
    Failed,
    /// What it was about has ended.
    Useless,
    /// Its address has failed for good before: it did not leave.
    Suppressed,
    /// The relay took it, and a report says that it is still being tried.
    Delayed,
    /// The relay took it, and a report says that it will never be delivered.
    Bounced,
}

stored_names!(OutboundState {
    Queued = "queued",
    Withheld = "withheld",
    Leased = "leased",
    Sent = "sent",
    Failed = "failed",
    Useless = "useless",
    Suppressed = "suppressed",
    Delayed = "delayed",
    Bounced = "bounced",
});

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundMail {
    /// Identity.
    pub id: OutboundId,
    /// Which letter.
    pub kind: LetterKind,
    /// The request it is about.
    pub request: Option<RequestId>,
    /// The firm it is about or goes to.
    pub firm: Option<FirmId>,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// The attempt it carries a code for.
    pub attempt: Option<AttemptId>,
    /// Who gets it.
    pub recipient: EmailAddress,
    /// In which language.
    pub locale: Locale,
    /// JSON: what the letter says that stands in no other row.
    pub about: String,
    /// The Message-ID, without angle brackets, fixed at birth.
    pub message_id: String,
    /// The Message-ID of the mail it answers.
    pub in_reply_to: Option<String>,
    /// Where it stands.
    pub state: OutboundState,
    /// How often it was tried, the present attempt included.
    pub attempts: u32,
    /// How many of them ended unknown.
    pub unknowns: u32,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// When it is to be tried.
    pub due_at: Timestamp,
    /// How its last attempt ended, by [`HandOver::name`]; empty before the first.
    pub last_outcome: String,
}

/// Most attempts that may end unknown before the mail is shown as failed.
pub const UNKNOWN_LIMIT: u32 = 3;
/// How long a mail waits whose outcome is unknown for the second time: a process that ends again and again must not use up
/// its attempts within seconds.
pub const UNKNOWN_PAUSE: Duration = super::time::minutes(1);
/// How long a lease lasts: longer than one delivery may take within RFC 5321 §4.5.3.2's limits.
pub const LEASE: Duration = super::time::minutes(30);

/// What the outbox writes after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Over, sent.
    Sent,
    /// Over, failed.
    Failed,
    /// Again at this moment.
    Again(Timestamp),
}

/// The outbox's one rule: what follows from how an attempt ended.
///
/// `attempts` counts this attempt and `unknowns` this one too if it was unknown; both start at 1. A relay fault costs the
/// mail nothing but time: it is due again when the relay is tried again.
#[must_use]
pub fn after_attempt(outcome: &HandOver, attempts: u32, unknowns: u32, born: Timestamp, now: Timestamp) -> Next {
    let again = || {
        let due = now.after(backoff::mail_retry(attempts));
        if due.since(born) > backoff::MAIL_LIFE { Next::Failed } else { Next::Again(due) }
    };
    match outcome {
        HandOver::Sent => Next::Sent,
        HandOver::Refused { .. } => Next::Failed,
        HandOver::RelayFault { .. } => Next::Again(now),
        HandOver::Unknown if unknowns >= UNKNOWN_LIMIT => Next::Failed,
        HandOver::Deferred { .. } | HandOver::Unknown => again(),
    }
}

#[cfg(test)]
mod tests;
