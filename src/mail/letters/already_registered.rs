//! M3x: somebody registers an address that has an account already. Instead of a code it says how to log in; it says nothing that was typed.

use super::voice::Voice;
use super::{Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M3x.
#[derive(Clone)]
pub struct AlreadyRegistered {
    /// The language it is written in.
    pub locale: Locale,
}

struct View {
    from: Voice,
}

templates! {
    View:
    Ja: "mail/already_registered/ja/subject.txt" "mail/already_registered/ja/body.txt" "mail/already_registered/ja/body.html";
    En: "mail/already_registered/en/subject.txt" "mail/already_registered/en/body.txt" "mail/already_registered/en/body.html";
}

impl AlreadyRegistered {
    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        fill(&View { from: Voice::of(sender, self.locale) }, self.locale)
    }
}
