//! A person's reply to a letter of ours: what of it may go on to who answers questions, and when it may.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::email_address::{Domain, EmailAddress};
use super::outbound::LetterKind;
use super::text;

/// Most characters of a reply that are sent on.
const WORDS_LIMIT: usize = 10_000;
/// Most characters of its subject.
const SUBJECT_LIMIT: usize = 200;
/// A run of a token's letters as long as this is taken for one: the token of a mailed link has 64.
const TOKEN_RUN: usize = 60;
/// The same right after the path of a mailed link, where a mail program may have broken the line.
const TOKEN_START: usize = 16;
/// The path of a mailed link, before its token.
const LINK_PATH: &str = "/r/";
/// How many digits a verification code has.
const CODE_DIGITS: usize = 6;
/// What stands where something was left out.
const OMITTED: &str = "［…］";
/// What the subjects of automatic answers begin with that say so nowhere else, lower case.
const AUTOMATIC: [&str; 10] = [
    "auto:",
    "auto-reply",
    "auto reply",
    "autoreply",
    "automatic reply",
    "out of office",
    "自動応答",
    "自動返信",
    "不在通知",
    "【自動返信】",
];

/// What a person wrote. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// One line of at most 200 characters; may be empty.
    pub subject: String,
    /// Lines without control characters, at most 10,000 characters; other people's links stay as they are written.
    pub text: String,
    /// How many characters stood after those.
    pub left_out: usize,
    /// How many files came with it.
    pub files: usize,
}

/// A reply to a letter of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Who it says that it is from. Said, not proved.
    pub from: EmailAddress,
    /// The Message-IDs of ours that it answers, without angle brackets.
    pub answers: Vec<String>,
    /// What it says.
    pub words: Words,
}

/// Why a reply stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stays {
    /// It would come back to us, or already has.
    #[error("it comes from our own domain")]
    Own,
    /// Who answers questions wrote it.
    #[error("it comes from the contact address")]
    Contact,
    /// It answers a reply that was sent on: so does who answers questions, from wherever.
    #[error("it answers a reply that was sent on")]
    Answered,
    /// A program wrote it.
    #[error("its subject is that of an automatic answer")]
    Automatic,
    /// These very bytes were sent on.
    #[error("it was sent on before")]
    Before,
    /// Nobody shall flood the contact address through us.
    #[error("the replies of this person for this day are spent")]
    Budget,
    /// Its words must not lie in the database for everybody to read.
    #[error("there is no server key to seal it with")]
    Unsealed,
}

impl Words {
    /// Cleaned and cut. The links that we mail open doors and go to nobody else: they are left out.
    #[must_use]
    pub fn of(subject: &str, written: &str, files: usize) -> Self {
        let whole = text::many_lines(&without_tokens(written));
        let all = whole.chars().count();
        Self {
            subject: text::cut(&text::one_line(&without_tokens(subject)), SUBJECT_LIMIT),
            text: whole.chars().take(WORDS_LIMIT).collect(),
            left_out: all.saturating_sub(WORDS_LIMIT),
            files,
        }
    }

    /// The same without what may be a code: a reply to the mail with a code often quotes it.
    #[must_use]
    pub fn without_codes(&self) -> Self {
        let clean = |text: &str| replace_runs(text, |c| c.is_ascii_digit(), |run, _| run.len() == CODE_DIGITS);
        Self { subject: clean(&self.subject), text: clean(&self.text), ..self.clone() }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("left_out", &self.left_out).field("files", &self.files).finish_non_exhaustive()
    }
}

impl Reply {
    /// Whether it may go on to `contact`, as far as it says itself. `own` is the domain of our Message-IDs, `answered` the
    /// letter that it answers.
    ///
    /// # Errors
    /// [`Stays`]
    pub fn may_go_to(&self, contact: &EmailAddress, own: &Domain, answered: LetterKind) -> Result<(), Stays> {
        let subject = self.words.subject.to_lowercase();
        if self.from == *contact {
            Err(Stays::Contact)
        } else if self.from.domain() == own {
            Err(Stays::Own)
        } else if answered == LetterKind::ForwardedReply {
            Err(Stays::Answered)
        } else if AUTOMATIC.iter().any(|start| subject.starts_with(start)) {
            Err(Stays::Automatic)
        } else {
            Ok(())
        }
    }

    /// What of it goes on.
    #[must_use]
    pub fn words_about(&self, answered: LetterKind) -> Words {
        if answered == LetterKind::VerificationCode { self.words.without_codes() } else { self.words.clone() }
    }
}

fn without_tokens(written: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    replace_runs(written, is_of_token, |run, before| {
        let is_line = run.bytes().all(|byte| matches!(byte, b'-' | b'_'));
        let least = if before.ends_with(LINK_PATH) { TOKEN_START } else { TOKEN_RUN };
        !is_line && run.len() >= least
    })
}

/// `text` with [`OMITTED`] for each longest run of `belongs` that `goes`, which also sees what stands before it.
fn replace_runs(text: &str, belongs: impl Fn(char) -> bool, goes: impl Fn(&str, &str) -> bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let before = text.get(..at).unwrap_or_default();
        kept.push_str(if !run.is_empty() && goes(run, before) { OMITTED } else { run });
        let gap = after.find(&belongs).unwrap_or(after.len());
        kept.push_str(after.get(..gap).unwrap_or_default());
        at += end + gap;
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn reply(from: &str, subject: &str) -> Reply {
        Reply { from: address(from), answers: vec![], words: Words::of(subject, "x", 0) }
    }

    #[test]
    fn only_a_person_s_reply_goes_on_and_only_forwards() {
        let (contact, own) = (address("support@example.jp"), Domain::parse("renkei.example").unwrap());
        let judge = |from, subject, kind| reply(from, subject).may_go_to(&contact, &own, kind);
        let notice = LetterKind::RequestNotice;
        assert_eq!(judge("yamada@example.jp", "Re: x", notice), Ok(()));
        assert_eq!(judge("Support@example.jp", "Re: x", notice), Err(Stays::Contact));
        assert_eq!(judge("x@renkei.example", "Re: x", notice), Err(Stays::Own));
        assert_eq!(judge("taro@example.jp", "Re: x", LetterKind::ForwardedReply), Err(Stays::Answered));
        for subject in ["Automatic reply: x", "自動応答: x", "Out of Office Re: x", "AUTO: x"] {
            assert_eq!(judge("yamada@example.jp", subject, notice), Err(Stays::Automatic), "{subject}");
        }
    }

    #[test]
    fn what_opens_a_door_is_left_out_and_other_links_stay() {
        let token = "Ab-_".repeat(16);
        let of = |written: &str| Words::of("", written, 0).text;
        assert_eq!(
            of(&format!("> https://renkei.example/r/{token}\n見ました")),
            "> https://renkei.example/r/［…］\n見ました"
        );
        assert_eq!(
            of(&format!("https://renkei.example/r/{}=\n{}", &token[..20], &token[20..40])).matches('A').count(),
            5
        );
        assert_eq!(
            of(&format!("https://safe.example/?u=https%3A%2F%2Frenkei.example%2Fr%2F{token}")).matches(&token).count(),
            0
        );
        for stays in ["https://www.example.jp/r/japan?x=y-z", &"-".repeat(72), &"_".repeat(64), "03-0000-0000"] {
            assert_eq!(of(stays), stays);
        }
    }

    #[test]
    fn a_quoted_code_is_left_out_of_a_reply_to_it() {
        let words = Reply { words: Words::of("Re: 042195", "042195 03-1234-5678 2026", 0), ..reply("a@b.example", "") };
        assert_eq!(words.words_about(LetterKind::VerificationCode).text, "［…］ 03-1234-5678 2026");
        assert_eq!(words.words_about(LetterKind::VerificationCode).subject, "Re: ［…］");
        assert_eq!(words.words_about(LetterKind::RequestNotice), words.words);
    }

    #[test]
    fn a_long_reply_says_how_much_is_missing() {
        let words = Words::of(&"件".repeat(300), &"山".repeat(WORDS_LIMIT + 12), 2);
        assert_eq!((words.subject.chars().count(), words.text.chars().count(), words.left_out), (200, 10_000, 12));
        assert!(!format!("{words:?}").contains('山'));
    }

    proptest! {
        #[test]
        fn what_is_no_token_stays_as_it_was_written(written in "[ -~ぁ-ん\n]{0,200}") {
            prop_assert_eq!(replace_runs(&written, |c| c.is_ascii_digit(), |_, _| false), written);
        }

        #[test]
        fn nobody_writes_more_than_the_limit_or_a_control_character(written in "\\PC{0,40}[\0-\u{1f}\u{202a}-\u{202e}]{0,9}") {
            let words = Words::of(&written, &written, 0);
            prop_assert!(!words.subject.chars().any(char::is_control));
            prop_assert!(!words.text.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
