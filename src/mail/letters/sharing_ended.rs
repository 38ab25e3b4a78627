//! The customer stopped sharing their contract information with a firm: to the firm.

use super::sharing_stopped::{AboutStop, View};
use super::{Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// The letter to the firm.
#[derive(Clone)]
pub struct SharingEnded {
    /// What was stopped.
    pub about: AboutStop,
}

templates! {
    View:
    Ja: "mail/sharing_ended/ja/subject.txt" "mail/sharing_ended/ja/body.txt" "mail/sharing_ended/ja/body.html";
    En: "mail/sharing_ended/en/subject.txt" "mail/sharing_ended/en/body.txt" "mail/sharing_ended/en/body.html";
}

impl SharingEnded {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Option<Self> {
        Some(Self { about: AboutStop::sample(locale)? })
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        fill(&self.about.view(sender), self.about.locale)
    }
}
