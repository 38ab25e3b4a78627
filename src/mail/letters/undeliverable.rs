//! M19: the request mail cannot be delivered to the customer.

use super::state_line::{ShownState, StateLine};
use super::voice::Voice;
use super::{Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::enhanced_status::EnhancedStatus;
use crate::domain::firm_request::StateName;
use crate::domain::locale::Locale;

/// M19.
#[derive(Clone)]
pub struct Undeliverable {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The request.
    pub request: StateLine,
    /// The enhanced status or the SMTP reply; empty where none was given.
    pub status: String,
}

/// Whose fault it is, as far as the status tells.
enum Why {
    Address,
    Full,
    Other,
}

struct View {
    from: Voice,
    firm: String,
    request: ShownState,
    why: Why,
    status: String,
}

templates! {
    View:
    Ja: "mail/undeliverable/ja/subject.txt" "mail/undeliverable/ja/body.txt" "mail/undeliverable/ja/body.html";
    En: "mail/undeliverable/en/subject.txt" "mail/undeliverable/en/body.txt" "mail/undeliverable/en/body.html";
}

impl Undeliverable {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Option<Self> {
        let firm_name = match locale {
            Locale::Ja => "田中会計事務所",
            Locale::En => "Tanaka Accounting",
        };
        let request = StateLine::sample(locale, 12, StateName::Undeliverable)?;
        Some(Self { locale, firm_name: firm_name.to_owned(), request, status: "5.1.1".to_owned() })
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let why = match self.status.as_str() {
            "5.2.2" | "552" => Why::Full,
            status if EnhancedStatus::parse(status).is_some_and(EnhancedStatus::is_of_the_address) => Why::Address,
            _ => Why::Other,
        };
        let view = View {
            from: Voice::of(sender, self.locale),
            firm: foreign::line(&self.firm_name, self.locale),
            request: self.request.shown(sender.time_zone, self.locale),
            why,
            status: self.status.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect(),
        };
        fill(&view, self.locale)
    }
}
