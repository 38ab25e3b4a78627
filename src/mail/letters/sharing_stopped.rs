//! The customer stopped sharing their contract information with a firm (契約情報の提供を停止する): to the customer.

use super::voice::Voice;
use super::{FirmCard, Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::header::addr_spec;

/// What was stopped, for both who are told.
#[derive(Clone)]
pub struct AboutStop {
    /// The reader's language.
    pub locale: Locale,
    /// The firm.
    pub firm: FirmCard,
    /// The request's number.
    pub request_number: i64,
    /// 事業者名
    pub business: Option<String>,
    /// The ID that had approved and has stopped.
    pub account: EmailAddress,
    /// When it was stopped.
    pub at: Timestamp,
}

/// The letter to the customer.
#[derive(Clone)]
pub struct SharingStopped {
    /// What was stopped.
    pub about: AboutStop,
}

pub(super) struct View {
    pub from: Voice,
    pub firm: FirmCard,
    pub number: i64,
    pub business: Option<String>,
    pub account: String,
    pub at: String,
}

templates! {
    View:
    Ja: "mail/sharing_stopped/ja/subject.txt" "mail/sharing_stopped/ja/body.txt" "mail/sharing_stopped/ja/body.html";
    En: "mail/sharing_stopped/en/subject.txt" "mail/sharing_stopped/en/body.txt" "mail/sharing_stopped/en/body.html";
}

impl AboutStop {
    /// Of the sample letters. None only if its address were none.
    pub(super) fn sample(locale: Locale) -> Option<Self> {
        let business = match locale {
            Locale::Ja => "株式会社山田商店",
            Locale::En => "Yamada Store Inc.",
        };
        Some(Self {
            locale,
            firm: FirmCard::sample(locale),
            request_number: 12,
            business: Some(business.to_owned()),
            account: EmailAddress::parse("yamada@example.jp").ok()?,
            at: Timestamp::from_millis(1_795_482_841_000),
        })
    }

    pub(super) fn view(&self, sender: &Sender) -> View {
        View {
            from: Voice::of(sender, self.locale),
            firm: self.firm.shown(self.locale),
            number: self.request_number,
            business: foreign::optional_line(self.business.as_ref(), self.locale),
            account: addr_spec(&self.account),
            at: dates::at(self.at, sender.time_zone, self.locale),
        }
    }
}

impl SharingStopped {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Option<Self> {
        Some(Self { about: AboutStop::sample(locale)? })
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        fill(&self.about.view(sender), self.about.locale)
    }
}
