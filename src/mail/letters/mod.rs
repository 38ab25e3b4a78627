//! The letters: each a typed context, and per language a subject, a text and an HTML body in `templates/mail/<letter>`.
//!
//! A context holds plain values as the flow has them. [`Letter::render`] cleans what a firm wrote (`foreign`), puts
//! dates into words (`dates`) and fills the templates, which are compiled in.

mod command_answer;
mod csv_file;
mod dates;
mod faults;
mod firm_card;
mod foreign;
mod form_refused;
mod omit_links;
mod receipt;
mod request_copy;
mod request_notice;
mod state_line;
mod table_receipt;
mod undeliverable;
mod voice;

pub use command_answer::CommandAnswer;
pub use csv_file::Attachment;
pub use firm_card::FirmCard;
pub use form_refused::FormRefused;
pub use receipt::{Receipt, ReceiptOutcome};
pub use request_copy::RequestCopy;
pub use request_notice::{AboutRequest, RequestNotice};
pub use state_line::StateLine;
pub use table_receipt::{LineOutcome, TableContent, TableLine, TableReceipt};
pub use undeliverable::Undeliverable;

use std::fmt;

use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::domain::outbound::LetterKind;

/// A letter with all that it says. Only its kind is ever logged.
#[derive(Clone)]
pub enum Letter {
    /// M1: the firm's request, to the customer, with the link.
    RequestNotice(RequestNotice),
    /// M1's copy without the link, to 追加宛先.
    RequestCopy(RequestCopy),
    /// M4: the receipt, to the firm.
    Receipt(Receipt),
    /// M5: what is wrong in a request form, to the firm.
    FormRefused(FormRefused),
    /// What became of each row of a request table, to the firm.
    TableReceipt(TableReceipt),
    /// What came of a command, to the firm.
    CommandAnswer(CommandAnswer),
    /// M19: the request mail cannot be delivered, to the firm.
    Undeliverable(Undeliverable),
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
            Self::Receipt(_) => LetterKind::Receipt,
            Self::FormRefused(_) => LetterKind::FormRefused,
            Self::TableReceipt(_) => LetterKind::TableReceipt,
            Self::CommandAnswer(_) => LetterKind::CommandAnswer,
            Self::Undeliverable(_) => LetterKind::Undeliverable,
        }
    }

    /// The language it is written in.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        match self {
            Self::RequestNotice(letter) => letter.about.locale,
            Self::RequestCopy(letter) => letter.about.locale,
            Self::Receipt(letter) => letter.locale,
            Self::FormRefused(letter) => letter.locale,
            Self::TableReceipt(letter) => letter.locale,
            Self::CommandAnswer(letter) => letter.locale,
            Self::Undeliverable(letter) => letter.locale,
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
            Self::Receipt(letter) => letter.render(sender),
            Self::FormRefused(letter) => letter.render(sender),
            Self::TableReceipt(letter) => letter.render(sender),
            Self::CommandAnswer(letter) => letter.render(sender),
            Self::Undeliverable(letter) => letter.render(sender),
        }
    }

    /// One of each letter and of each of its variants, for reading aloud and for tests.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let notice = RequestNotice::sample(locale);
        let reminder = RequestNotice { reminder: Some(1), ..notice.clone() };
        let mut all = vec![Self::RequestNotice(notice), Self::RequestNotice(reminder)];
        all.push(Self::RequestCopy(RequestCopy::sample(locale)));
        all.extend(Receipt::samples(locale).into_iter().map(Self::Receipt));
        all.push(Self::FormRefused(FormRefused::sample(locale)));
        all.extend(TableReceipt::samples(locale).into_iter().map(Self::TableReceipt));
        all.extend(CommandAnswer::samples(locale).into_iter().map(Self::CommandAnswer));
        all.extend(Undeliverable::sample(locale).map(Self::Undeliverable));
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
