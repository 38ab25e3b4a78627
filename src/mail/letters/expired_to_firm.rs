//! M10f: a request is over because nobody answered; the firm may ask anew.

use super::firm_digest::{DigestEntry, Entry};
use super::voice::Voice;
use super::{Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M10f.
#[derive(Clone)]
pub struct ExpiredToFirm {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The request that is over.
    pub request: DigestEntry,
}

struct View {
    from: Voice,
    firm: String,
    request: Entry,
}

templates! {
    View:
    Ja: "mail/expired_to_firm/ja/subject.txt" "mail/expired_to_firm/ja/body.txt" "mail/expired_to_firm/ja/body.html";
    En: "mail/expired_to_firm/en/subject.txt" "mail/expired_to_firm/en/body.txt" "mail/expired_to_firm/en/body.html";
}

impl ExpiredToFirm {
    /// Letters to read aloud.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let firm_name = super::FirmCard::sample(locale).name;
        let of = |request| Self { locale, firm_name: firm_name.clone(), request };
        DigestEntry::samples(locale).into_iter().take(1).map(of).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            request: self.request.shown(sender, locale),
        };
        fill(&view, locale)
    }
}
