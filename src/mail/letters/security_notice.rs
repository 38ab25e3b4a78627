//! M21: something happened to an account or an address that its owner must know of.

use super::voice::Voice;
use super::{Rendered, dates, templates};
use crate::config::sender::Sender;
use crate::domain::account::SecurityEvent;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// M21.
#[derive(Clone)]
pub struct SecurityNotice {
    /// The language it is written in.
    pub locale: Locale,
    /// What happened.
    pub event: SecurityEvent,
    /// When.
    pub at: Timestamp,
}

struct View {
    from: Voice,
    event: SecurityEvent,
    at: String,
}

templates! {
    View:
    Ja: "mail/security_notice/ja/subject.txt" "mail/security_notice/ja/body.txt" "mail/security_notice/ja/body.html";
    En: "mail/security_notice/en/subject.txt" "mail/security_notice/en/body.txt" "mail/security_notice/en/body.html";
}

impl SecurityNotice {
    /// Letters to read aloud, one for each event.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let at = Timestamp::from_millis(1_797_143_565_000);
        SecurityEvent::ALL.into_iter().map(|event| Self { locale, event, at }).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (from, at) = (Voice::of(sender, self.locale), dates::at(self.at, sender.time_zone, self.locale));
        fill(&View { from, event: self.event, at }, self.locale)
    }
}
