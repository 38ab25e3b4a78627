//! M1: a firm asks for a customer's contract information; the customer is mailed the link to decide (S7 to S10).

use super::voice::Voice;
use super::{FirmCard, Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::firm::Firm;
use crate::domain::firm_request::Request;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// What the customer, and whoever gets a copy, is told about a request.
#[derive(Clone)]
pub struct AboutRequest {
    /// The language the customer is written to in.
    pub locale: Locale,
    /// Who asks.
    pub firm: FirmCard,
    /// 顧問先名
    pub client_name: Option<String>,
    /// 担当者名
    pub contact_name: Option<String>,
    /// The firm's own words; empty where there are none.
    pub message: String,
    /// The first moment at which the request can no longer be answered.
    pub expires_at: Timestamp,
}

/// M1.
#[derive(Clone)]
pub struct RequestNotice {
    /// What it is about.
    pub about: AboutRequest,
    /// The approval link, whole.
    pub link: String,
    /// Which reminder it is: none for the first notice, then 1, 2, 3.
    pub reminder: Option<u32>,
}

/// [`AboutRequest`], fit to be shown.
pub(super) struct Shown {
    pub firm: FirmCard,
    pub client: Option<String>,
    pub contact: Option<String>,
    pub message: Vec<String>,
    pub until: String,
}

impl AboutRequest {
    /// `request` of `firm`.
    #[must_use]
    pub fn new(firm: &Firm, request: &Request) -> Self {
        Self {
            locale: request.locale,
            firm: FirmCard::from(firm),
            client_name: request.client_name.clone(),
            contact_name: request.contact_name.clone(),
            message: request.message.clone(),
            expires_at: request.expires_at,
        }
    }

    /// The request of the sample letters.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let (client, contact, message) = match locale {
            Locale::Ja => (
                "株式会社山田商店",
                "山田 太郎",
                "いつもお世話になっております。\n先日お電話でお話しした件です。\nご承認をお願いいたします。",
            ),
            Locale::En => (
                "Yamada Store Inc.",
                "Taro Yamada",
                "Thank you for your continued business.\nThis is what we talked about on the telephone.\nPlease approve it.",
            ),
        };
        Self {
            locale,
            firm: FirmCard::sample(locale),
            client_name: Some(client.to_owned()),
            contact_name: Some(contact.to_owned()),
            message: message.to_owned(),
            expires_at: Timestamp::from_millis(1_797_143_400_000),
        }
    }

    pub(super) fn shown(&self, sender: &Sender) -> Shown {
        let locale = self.locale;
        Shown {
            firm: self.firm.shown(locale),
            client: foreign::optional_line(self.client_name.as_ref(), locale),
            contact: foreign::optional_line(self.contact_name.as_ref(), locale),
            message: foreign::lines(&self.message, locale),
            until: dates::until(self.expires_at, sender.time_zone, locale),
        }
    }
}

struct View {
    from: Voice,
    about: Shown,
    link: String,
    reminder: Option<u32>,
}

templates! {
    View:
    Ja: "mail/request_notice/ja/subject.txt" "mail/request_notice/ja/body.txt" "mail/request_notice/ja/body.html";
    En: "mail/request_notice/en/subject.txt" "mail/request_notice/en/body.txt" "mail/request_notice/en/body.html";
}

impl RequestNotice {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let link = "https://portal.example/a/3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned();
        Self { about: AboutRequest::sample(locale), link, reminder: None }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.about.locale;
        let view = View {
            from: Voice::of(sender, locale),
            about: self.about.shown(sender),
            link: self.link.clone(),
            reminder: self.reminder,
        };
        fill(&view, locale)
    }
}
