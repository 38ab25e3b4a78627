//! M3n: somebody asks for a new password with an address that has no account. Without this letter its owner would wait for a code.

use super::voice::Voice;
use super::{Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M3n.
#[derive(Clone)]
pub struct NotRegistered {
    /// The language it is written in.
    pub locale: Locale,
}

struct View {
    from: Voice,
}

templates! {
    View:
    Ja: "mail/not_registered/ja/subject.txt" "mail/not_registered/ja/body.txt" "mail/not_registered/ja/body.html";
    En: "mail/not_registered/en/subject.txt" "mail/not_registered/en/body.txt" "mail/not_registered/en/body.html";
}

impl NotRegistered {
    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        fill(&View { from: Voice::of(sender, self.locale) }, self.locale)
    }
}
