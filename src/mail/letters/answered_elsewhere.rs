//! To the mailed address: another ID answered. Mails are forwarded; whoever reads this knows whether it was meant so.

use super::request_notice::Shown;
use super::voice::Voice;
use super::{AboutRequest, Rendered, dates, templates};
use crate::config::sender::Sender;
use crate::domain::decision::Choice;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// The notice of another ID's answer.
#[derive(Clone)]
pub struct AnsweredElsewhere {
    /// The request.
    pub about: AboutRequest,
    /// The answer.
    pub choice: Choice,
    /// The ID that answered: another person's address, so that it is shown in part.
    pub account: EmailAddress,
    /// When.
    pub at: Timestamp,
}

struct View {
    from: Voice,
    about: Shown,
    approved: bool,
    account: String,
    at: String,
}

templates! {
    View:
    Ja: "mail/answered_elsewhere/ja/subject.txt" "mail/answered_elsewhere/ja/body.txt" "mail/answered_elsewhere/ja/body.html";
    En: "mail/answered_elsewhere/en/subject.txt" "mail/answered_elsewhere/en/body.txt" "mail/answered_elsewhere/en/body.html";
}

impl AnsweredElsewhere {
    /// Letters to read aloud, one for each answer.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let Ok(account) = EmailAddress::parse("hanako@example.com") else { return Vec::new() };
        let at = Timestamp::from_millis(1_795_482_841_000);
        let of = |choice| Self { about: AboutRequest::sample(locale), choice, account: account.clone(), at };
        [Choice::Approve, Choice::Decline].map(of).into()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.about.locale;
        let view = View {
            from: Voice::of(sender, locale),
            about: self.about.shown(sender),
            approved: self.choice == Choice::Approve,
            account: in_part(&self.account),
            at: dates::at(self.at, sender.time_zone, locale),
        };
        fill(&view, locale)
    }
}

/// Enough of an address for who knows it, and too little to write to.
fn in_part(address: &EmailAddress) -> String {
    let first: String = address.local().chars().take(1).collect();
    format!("{first}***@{}", address.domain())
}
