//! M11: a request that the customer was mailed about was taken back.

use super::request_notice::Shown;
use super::voice::Voice;
use super::{AboutRequest, Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M11.
#[derive(Clone)]
pub struct RequestCancelled {
    /// What was asked.
    pub about: AboutRequest,
}

struct View {
    from: Voice,
    about: Shown,
}

templates! {
    View:
    Ja: "mail/request_cancelled/ja/subject.txt" "mail/request_cancelled/ja/body.txt" "mail/request_cancelled/ja/body.html";
    En: "mail/request_cancelled/en/subject.txt" "mail/request_cancelled/en/body.txt" "mail/request_cancelled/en/body.html";
}

impl RequestCancelled {
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
