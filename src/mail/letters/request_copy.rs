//! M1's copy, to 追加宛先: what the customer was told, without the link.

use super::request_notice::Shown;
use super::voice::Voice;
use super::{AboutRequest, Rendered, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M1's copy. It cannot hold a link: only the customer's own mail does.
#[derive(Clone)]
pub struct RequestCopy {
    /// What the customer was told.
    pub about: AboutRequest,
}

struct View {
    from: Voice,
    about: Shown,
}

templates! {
    View:
    Ja: "mail/request_copy/ja/subject.txt" "mail/request_copy/ja/body.txt" "mail/request_copy/ja/body.html";
    En: "mail/request_copy/en/subject.txt" "mail/request_copy/en/body.txt" "mail/request_copy/en/body.html";
}

impl RequestCopy {
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
