//! M20: what went wrong, to who runs this renkei. Names and counts alone: where to look, not what to see.

use super::voice::Voice;
use super::{Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// M20.
#[derive(Clone)]
pub struct OperatorDigest {
    /// The operator's language.
    pub locale: Locale,
    /// What is wrong with the world around, by name, and since when.
    pub troubles: Vec<(String, Timestamp)>,
    /// Mails that were quarantined since the last digest.
    pub quarantined: i64,
    /// Letters that failed since then.
    pub failed: i64,
    /// Requests that a customer disowned since then.
    pub disowned: i64,
    /// Migrations that were given up since then.
    pub given_up: i64,
}

struct View {
    from: Voice,
    troubles: Vec<(String, String)>,
    quarantined: i64,
    failed: i64,
    disowned: i64,
    given_up: i64,
}

templates! {
    View:
    Ja: "mail/operator_digest/ja/subject.txt" "mail/operator_digest/ja/body.txt" "mail/operator_digest/ja/body.html";
    En: "mail/operator_digest/en/subject.txt" "mail/operator_digest/en/body.txt" "mail/operator_digest/en/body.html";
}

impl OperatorDigest {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let troubles = vec![("relay".to_owned(), Timestamp::from_millis(1_795_482_841_000))];
        Self { locale, troubles, quarantined: 3, failed: 1, disowned: 2, given_up: 1 }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let trouble = |(name, since): &(String, Timestamp)| {
            (foreign::line(name, locale), dates::from(*since, sender.time_zone, locale))
        };
        let view = View {
            from: Voice::of(sender, locale),
            troubles: self.troubles.iter().map(trouble).collect(),
            quarantined: self.quarantined,
            failed: self.failed,
            disowned: self.disowned,
            given_up: self.given_up,
        };
        fill(&view, locale)
    }
}
