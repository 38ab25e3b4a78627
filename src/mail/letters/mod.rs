//! The letters: each a typed context, and per language a subject, a text and an HTML body in `templates/mail/<letter>`.
//!
//! A context holds plain values as the flow has them. [`Letter::render`] cleans what a firm wrote (`foreign`), puts
//! dates into words (`dates`) and fills the templates, which are compiled in.

mod account_registered;
mod already_registered;
mod answered_elsewhere;
mod command_answer;
mod csv_file;
mod data_news;
pub mod dates;
mod expired_to_customer;
mod expired_to_firm;
mod faults;
mod firm_card;
mod firm_digest;
pub mod foreign;
mod form_refused;
mod forwarded_reply;
mod link_news;
mod link_reminder;
mod migration_news;
mod not_registered;
mod omit_links;
mod operator_digest;
mod receipt;
mod request_answered;
mod request_cancelled;
mod request_copy;
mod request_notice;
mod request_reminder;
mod security_notice;
mod sharing_ended;
mod sharing_stopped;
mod state_line;
mod table_receipt;
mod undeliverable;
mod verification_code;
mod voice;

pub use account_registered::AccountRegistered;
pub use already_registered::AlreadyRegistered;
pub use answered_elsewhere::AnsweredElsewhere;
pub use command_answer::CommandAnswer;
pub use csv_file::Attachment;
pub use data_news::{AboutData, DataActor, DataEvent, DataNews};
pub use expired_to_customer::ExpiredToCustomer;
pub use expired_to_firm::ExpiredToFirm;
pub use firm_card::FirmCard;
pub use firm_digest::{DigestEntry, FirmDigest};
pub use form_refused::FormRefused;
pub use forwarded_reply::ForwardedReply;
pub use link_news::{
    AboutLinks, GoneProduct, LinkEnd, LinkEvent, LinkNews, LinkRule, LinkStanding, LinkedProduct, Reader,
};
pub use link_reminder::LinkReminder;
pub use migration_news::{AboutMigration, ItemFate, MigrationNews, MigrationOutcome, NewsItem};
pub use not_registered::NotRegistered;
pub use operator_digest::OperatorDigest;
pub use receipt::{Receipt, ReceiptOutcome};
pub use request_answered::RequestAnswered;
pub use request_cancelled::RequestCancelled;
pub use request_copy::RequestCopy;
pub use request_notice::{AboutRequest, RequestNotice};
pub use request_reminder::RequestReminder;
pub use security_notice::SecurityNotice;
pub use sharing_ended::SharingEnded;
pub use sharing_stopped::{AboutStop, SharingStopped};
pub use state_line::{Stage, StateLine};
pub use table_receipt::{LineOutcome, TableContent, TableLine, TableReceipt};
pub use undeliverable::Undeliverable;
pub use verification_code::VerificationCode;

use std::fmt;

use crate::config::sender::Sender;
use crate::domain::decision::Choice;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::outbound::LetterKind;
use crate::domain::verification::Purpose;

/// A letter with all that it says. Only its kind is ever logged.
#[derive(Clone)]
pub enum Letter {
    /// M1: the firm's request, to the customer, with the link.
    RequestNotice(RequestNotice),
    /// M1's copy without the link, to 追加宛先.
    RequestCopy(RequestCopy),
    /// M11: the request was taken back, to the customer.
    RequestCancelled(RequestCancelled),
    /// M6 and M7: what was answered, to the firm.
    RequestAnswered(RequestAnswered),
    /// Another ID answered, to the mailed address.
    AnsweredElsewhere(AnsweredElsewhere),
    /// The customer stopped sharing, to the customer.
    SharingStopped(SharingStopped),
    /// The customer stopped sharing, to the firm.
    SharingEnded(SharingEnded),
    /// M12 to M14: a migration, to the customer.
    MigrationNews(MigrationNews),
    /// M15 to M17: links, to both sides.
    LinkNews(LinkNews),
    /// M18: business data, to both sides.
    DataNews(DataNews),
    /// M4: the receipt, to the firm.
    Receipt(Receipt),
    /// M5: what is wrong in a request form, to the firm.
    FormRefused(FormRefused),
    /// M2: the verification code.
    VerificationCode(VerificationCode),
    /// M3: the account is registered.
    AccountRegistered(AccountRegistered),
    /// M3x: the address has an account already.
    AlreadyRegistered(AlreadyRegistered),
    /// M3n: the address has no account.
    NotRegistered(NotRegistered),
    /// M21: something happened that the owner must know of.
    SecurityNotice(SecurityNotice),
    /// M8: the request ends soon, to the customer, with the link.
    RequestReminder(RequestReminder),
    /// M9: requests that end soon, and approved ones without a linked product, to the firm.
    FirmDigest(FirmDigest),
    /// M10c: nobody answered in time, to the customer.
    ExpiredToCustomer(ExpiredToCustomer),
    /// M10f: the same, to the firm.
    ExpiredToFirm(ExpiredToFirm),
    /// T15: approved, and nothing is linked yet, to the customer.
    LinkReminder(LinkReminder),
    /// M20: what went wrong since the last one, to the operator.
    OperatorDigest(OperatorDigest),
    /// What became of each row of a request table, to the firm.
    TableReceipt(TableReceipt),
    /// What came of a command, to the firm.
    CommandAnswer(CommandAnswer),
    /// M19: the request mail cannot be delivered, to the firm.
    Undeliverable(Undeliverable),
    /// What a person answered, to who answers questions.
    ForwardedReply(ForwardedReply),
}

/// What the templates gave. The subject is one line; the bodies have `\n` line ends.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For `Subject`, not encoded.
    pub subject: String,
    /// For text/plain.
    pub text: String,
    /// For text/html.
    pub html: String,
}

impl Letter {
    /// Its name in the outbox.
    #[must_use]
    pub const fn kind(&self) -> LetterKind {
        match self {
            Self::RequestNotice(_) => LetterKind::RequestNotice,
            Self::RequestCopy(_) => LetterKind::RequestCopy,
            Self::RequestCancelled(_) => LetterKind::RequestCancelled,
            Self::RequestAnswered(letter) => match letter.choice {
                Choice::Approve => LetterKind::RequestApproved,
                Choice::Decline => LetterKind::RequestDeclined,
            },
            Self::AnsweredElsewhere(_) => LetterKind::AnsweredElsewhere,
            Self::SharingStopped(_) => LetterKind::SharingStopped,
            Self::SharingEnded(_) => LetterKind::SharingEnded,
            Self::MigrationNews(letter) => match letter.about.outcome {
                MigrationOutcome::Started => LetterKind::MigrationStarted,
                MigrationOutcome::Completed => LetterKind::MigrationCompleted,
                MigrationOutcome::Partial | MigrationOutcome::Refused | MigrationOutcome::Abandoned => {
                    LetterKind::MigrationUnfinished
                }
            },
            Self::LinkNews(letter) => match letter.about.event {
                LinkEvent::Completed => LetterKind::ProductsLinked,
                LinkEvent::Lost => LetterKind::LinkLost,
                LinkEvent::Ended => LetterKind::ProductsUnlinked,
            },
            Self::DataNews(letter) => match letter.about.event {
                DataEvent::Lost => LetterKind::BusinessDataLost,
                _ => LetterKind::BusinessDataChanged,
            },
            Self::Receipt(_) => LetterKind::Receipt,
            Self::FormRefused(_) => LetterKind::FormRefused,
            Self::VerificationCode(_) => LetterKind::VerificationCode,
            Self::AccountRegistered(_) => LetterKind::AccountRegistered,
            Self::AlreadyRegistered(_) => LetterKind::AlreadyRegistered,
            Self::NotRegistered(_) => LetterKind::NotRegistered,
            Self::SecurityNotice(_) => LetterKind::SecurityNotice,
            Self::RequestReminder(_) => LetterKind::RequestReminder,
            Self::FirmDigest(_) => LetterKind::FirmDigest,
            Self::ExpiredToCustomer(_) => LetterKind::ExpiredToCustomer,
            Self::ExpiredToFirm(_) => LetterKind::ExpiredToFirm,
            Self::LinkReminder(_) => LetterKind::LinkReminder,
            Self::OperatorDigest(_) => LetterKind::OperatorDigest,
            Self::TableReceipt(_) => LetterKind::TableReceipt,
            Self::CommandAnswer(_) => LetterKind::CommandAnswer,
            Self::Undeliverable(_) => LetterKind::Undeliverable,
            Self::ForwardedReply(_) => LetterKind::ForwardedReply,
        }
    }

    /// The language it is written in.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        match self {
            Self::RequestNotice(letter) => letter.about.locale,
            Self::RequestCopy(letter) => letter.about.locale,
            Self::RequestCancelled(letter) => letter.about.locale,
            Self::RequestAnswered(letter) => letter.locale,
            Self::AnsweredElsewhere(letter) => letter.about.locale,
            Self::SharingStopped(letter) => letter.about.locale,
            Self::SharingEnded(letter) => letter.about.locale,
            Self::MigrationNews(letter) => letter.locale,
            Self::LinkNews(letter) => letter.locale,
            Self::DataNews(letter) => letter.locale,
            Self::Receipt(letter) => letter.locale,
            Self::FormRefused(letter) => letter.locale,
            Self::VerificationCode(letter) => letter.locale,
            Self::AccountRegistered(letter) => letter.locale,
            Self::AlreadyRegistered(letter) => letter.locale,
            Self::NotRegistered(letter) => letter.locale,
            Self::SecurityNotice(letter) => letter.locale,
            Self::RequestReminder(letter) => letter.about.locale,
            Self::FirmDigest(letter) => letter.locale,
            Self::ExpiredToCustomer(letter) => letter.about.locale,
            Self::ExpiredToFirm(letter) => letter.locale,
            Self::LinkReminder(letter) => letter.about.locale,
            Self::OperatorDigest(letter) => letter.locale,
            Self::TableReceipt(letter) => letter.locale,
            Self::CommandAnswer(letter) => letter.locale,
            Self::Undeliverable(letter) => letter.locale,
            Self::ForwardedReply(letter) => letter.locale,
        }
    }

    /// Who gets an answer to it, where that is not who gets the answers to all letters.
    #[must_use]
    pub const fn reply_to(&self) -> Option<&EmailAddress> {
        match self {
            Self::ForwardedReply(letter) => Some(&letter.from),
            _ => None,
        }
    }

    /// The file that it carries, where it carries one.
    #[must_use]
    pub fn attachment(&self, sender: &Sender) -> Option<Attachment> {
        match self {
            Self::CommandAnswer(letter) => letter.attachment(sender),
            _ => None,
        }
    }

    /// In words, in the name of `sender`.
    ///
    /// # Errors
    /// What askama reports; the templates were checked when they were compiled, so that only memory can be short.
    pub fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        match self {
            Self::RequestNotice(letter) => letter.render(sender),
            Self::RequestCopy(letter) => letter.render(sender),
            Self::RequestCancelled(letter) => letter.render(sender),
            Self::RequestAnswered(letter) => letter.render(sender),
            Self::AnsweredElsewhere(letter) => letter.render(sender),
            Self::SharingStopped(letter) => letter.render(sender),
            Self::SharingEnded(letter) => letter.render(sender),
            Self::MigrationNews(letter) => letter.render(sender),
            Self::LinkNews(letter) => letter.render(sender),
            Self::DataNews(letter) => letter.render(sender),
            Self::Receipt(letter) => letter.render(sender),
            Self::FormRefused(letter) => letter.render(sender),
            Self::VerificationCode(letter) => letter.render(sender),
            Self::AccountRegistered(letter) => letter.render(sender),
            Self::AlreadyRegistered(letter) => letter.render(sender),
            Self::NotRegistered(letter) => letter.render(sender),
            Self::SecurityNotice(letter) => letter.render(sender),
            Self::RequestReminder(letter) => letter.render(sender),
            Self::FirmDigest(letter) => letter.render(sender),
            Self::ExpiredToCustomer(letter) => letter.render(sender),
            Self::ExpiredToFirm(letter) => letter.render(sender),
            Self::LinkReminder(letter) => letter.render(sender),
            Self::OperatorDigest(letter) => letter.render(sender),
            Self::TableReceipt(letter) => letter.render(sender),
            Self::CommandAnswer(letter) => letter.render(sender),
            Self::Undeliverable(letter) => letter.render(sender),
            Self::ForwardedReply(letter) => letter.render(sender),
        }
    }

    /// One of each letter and of each of its variants, for reading aloud and for tests.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let notice = RequestNotice::sample(locale);
        let reminder = RequestNotice { reminder: Some(1), ..notice.clone() };
        let mut all = vec![Self::RequestNotice(notice), Self::RequestNotice(reminder)];
        all.push(Self::RequestCopy(RequestCopy::sample(locale)));
        all.push(Self::RequestCancelled(RequestCancelled::sample(locale)));
        all.extend(RequestAnswered::samples(locale).into_iter().map(Self::RequestAnswered));
        all.extend(AnsweredElsewhere::samples(locale).into_iter().map(Self::AnsweredElsewhere));
        all.extend(SharingStopped::sample(locale).map(Self::SharingStopped));
        all.extend(SharingEnded::sample(locale).map(Self::SharingEnded));
        all.extend(MigrationNews::samples(locale).into_iter().map(Self::MigrationNews));
        all.extend(LinkNews::samples(locale).into_iter().map(Self::LinkNews));
        all.extend(DataNews::samples(locale).into_iter().map(Self::DataNews));
        all.extend(Receipt::samples(locale).into_iter().map(Self::Receipt));
        all.push(Self::FormRefused(FormRefused::sample(locale)));
        let code = VerificationCode::sample(locale);
        let resend = VerificationCode { sequence: 2, purpose: Purpose::Reset, ..code.clone() };
        all.extend([code, resend].map(Self::VerificationCode));
        all.push(Self::AccountRegistered(AccountRegistered::sample(locale)));
        all.push(Self::AlreadyRegistered(AlreadyRegistered { locale }));
        all.push(Self::NotRegistered(NotRegistered { locale }));
        all.extend(SecurityNotice::samples(locale).into_iter().map(Self::SecurityNotice));
        all.push(Self::RequestReminder(RequestReminder::sample(locale)));
        all.extend(FirmDigest::samples(locale).into_iter().map(Self::FirmDigest));
        all.push(Self::ExpiredToCustomer(ExpiredToCustomer::sample(locale)));
        all.extend(ExpiredToFirm::samples(locale).into_iter().map(Self::ExpiredToFirm));
        all.push(Self::LinkReminder(LinkReminder::sample(locale)));
        all.push(Self::OperatorDigest(OperatorDigest::sample(locale)));
        all.extend(TableReceipt::samples(locale).into_iter().map(Self::TableReceipt));
        all.extend(CommandAnswer::samples(locale).into_iter().map(Self::CommandAnswer));
        all.extend(Undeliverable::sample(locale).map(Self::Undeliverable));
        all.extend(ForwardedReply::samples(locale).into_iter().map(Self::ForwardedReply));
        all
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({:?})", self.kind())
    }
}

/// Makes `fn fill(view, locale)`: the three templates of each language over one view, which they see as `v`.
macro_rules! templates {
    ($view:ident: $($locale:ident: $subject:tt $text:tt $html:tt;)+) => {
        fn fill(v: &$view, locale: Locale) -> Result<super::Rendered, askama::Error> {
            use askama::Template as _;
            match locale {
                $(Locale::$locale => {
                    #[derive(askama::Template)]
                    #[template(path = $subject)]
                    struct Subject<'a> { v: &'a $view }
                    #[derive(askama::Template)]
                    #[template(path = $text)]
                    struct Text<'a> { v: &'a $view }
                    #[derive(askama::Template)]
                    #[template(path = $html)]
                    struct Html<'a> { v: &'a $view }
                    Ok(super::Rendered {
                        subject: Subject { v }.render()?,
                        text: Text { v }.render()?,
                        html: Html { v }.render()?,
                    })
                })+
            }
        }
    };
}
use templates;

#[cfg(test)]
mod tests;
