//! T15: the customer approved and has linked no product yet.

use super::request_notice::Shown;
use super::voice::Voice;
use super::{AboutRequest, Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// T15. Its link is the same for everybody and opens nothing: who follows it logs in.
#[derive(Clone)]
pub struct LinkReminder {
    /// What was approved.
    pub about: AboutRequest,
    /// The page of the firms, whole.
    pub manage: String,
    /// Which reminder it is: 1 or 2.
    pub reminder: u32,
}

struct View {
    from: Voice,
    about: Shown,
    manage: String,
    reminder: u32,
}

templates! {
    View:
    Ja: "mail/link_reminder/ja/subject.txt" "mail/link_reminder/ja/body.txt" "mail/link_reminder/ja/body.html";
    En: "mail/link_reminder/en/subject.txt" "mail/link_reminder/en/body.txt" "mail/link_reminder/en/body.html";
}

impl LinkReminder {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let manage = format!("https://portal.example{}", crate::links::MANAGE);
        Self { about: AboutRequest::sample(locale), manage, reminder: 2 }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.about.locale;
        let view = View {
            from: Voice::of(sender, locale),
            about: self.about.shown(sender),
            manage: self.manage.clone(),
            reminder: self.reminder,
        };
        fill(&view, locale)
    }
}
