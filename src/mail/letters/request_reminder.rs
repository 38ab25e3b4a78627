//! M8: a request ends soon; the customer is reminded once, with the same link.

use super::request_notice::{RequestNotice, Shown};
use super::voice::Voice;
use super::{AboutRequest, Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M8.
#[derive(Clone)]
pub struct RequestReminder {
    /// What it is about.
    pub about: AboutRequest,
    /// The approval link, whole.
    pub link: String,
}

struct View {
    from: Voice,
    about: Shown,
    link: String,
}

templates! {
    View:
    Ja: "mail/request_reminder/ja/subject.txt" "mail/request_reminder/ja/body.txt" "mail/request_reminder/ja/body.html";
    En: "mail/request_reminder/en/subject.txt" "mail/request_reminder/en/body.txt" "mail/request_reminder/en/body.html";
}

impl RequestReminder {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let RequestNotice { about, link, .. } = RequestNotice::sample(locale);
        Self { about, link }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.about.locale;
        let view = View { from: Voice::of(sender, locale), about: self.about.shown(sender), link: self.link.clone() };
        fill(&view, locale)
    }
}
