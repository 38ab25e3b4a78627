//! M2: the verification code (S16). It holds no link, and nothing that was typed into a form: whoever typed it has not
//! proven yet that the address is theirs.

use super::voice::Voice;
use super::{Rendered, dates, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::domain::verification::{CODE_LIFE, Digits, Purpose};

/// M2.
#[derive(Clone)]
pub struct VerificationCode {
    /// The language it is written in.
    pub locale: Locale,
    /// What the code is for.
    pub purpose: Purpose,
    /// The code.
    pub code: Digits,
    /// Which code it is: 1, or 2 and 3 for the resends.
    pub sequence: u32,
    /// When it was minted.
    pub minted_at: Timestamp,
}

struct View {
    from: Voice,
    purpose: Purpose,
    code: String,
    resend: u32,
    minted: String,
    until: String,
}

templates! {
    View:
    Ja: "mail/verification_code/ja/subject.txt" "mail/verification_code/ja/body.txt" "mail/verification_code/ja/body.html";
    En: "mail/verification_code/en/subject.txt" "mail/verification_code/en/body.txt" "mail/verification_code/en/body.html";
}

impl VerificationCode {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let minted_at = Timestamp::from_millis(1_797_143_565_000);
        Self { locale, purpose: Purpose::Register, code: Digits::of(42_195), sequence: 1, minted_at }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let clock = |at| dates::clock(at, sender.time_zone, self.locale);
        let view = View {
            from: Voice::of(sender, self.locale),
            purpose: self.purpose,
            code: self.code.to_text(),
            resend: self.sequence.saturating_sub(1),
            minted: clock(self.minted_at),
            until: clock(self.minted_at.after(CODE_LIFE)),
        };
        fill(&view, self.locale)
    }
}
