//! M10c: a request is over because nobody answered; the customer need not do anything.

use super::request_notice::Shown;
use super::voice::Voice;
use super::{AboutRequest, Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M10c. It cannot hold a link: there is nothing left to answer.
#[derive(Clone)]
pub struct ExpiredToCustomer {
    /// What it was about.
    pub about: AboutRequest,
}

struct View {
    from: Voice,
    about: Shown,
}

templates! {
    View:
    Ja: "mail/expired_to_customer/ja/subject.txt" "mail/expired_to_customer/ja/body.txt" "mail/expired_to_customer/ja/body.html";
    En: "mail/expired_to_customer/en/subject.txt" "mail/expired_to_customer/en/body.txt" "mail/expired_to_customer/en/body.html";
}

impl ExpiredToCustomer {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        Self { about: AboutRequest::sample(locale) }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.about.locale;
        fill(&View { from: Voice::of(sender, locale), about: self.about.shown(sender) }, locale)
    }
}
