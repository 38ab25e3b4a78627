//! What a person answered to a letter of ours, to who answers questions. It goes to nobody else, and an answer to it goes to
//! that person.

use super::voice::Voice;
use super::{Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::reply::Words;
use crate::domain::text;
use crate::mail::header::addr_spec;

/// A reply, sent on.
#[derive(Clone)]
pub struct ForwardedReply {
    /// The language of who answers questions.
    pub locale: Locale,
    /// The number of the request that the letter was about, where it was about one.
    pub request_number: Option<i64>,
    /// Who the reply says that it is from.
    pub from: EmailAddress,
    /// Whom the letter was mailed to.
    pub mailed: EmailAddress,
    /// The reply's id in quarantine.
    pub inbound: String,
    /// What was written.
    pub words: Words,
}

struct View {
    from: Voice,
    number: Option<i64>,
    writer: String,
    mailed: String,
    is_other: bool,
    subject: String,
    words: Vec<String>,
    left_out: usize,
    files: usize,
    inbound: String,
}

templates! {
    View:
    Ja: "mail/forwarded_reply/ja/subject.txt" "mail/forwarded_reply/ja/body.txt" "mail/forwarded_reply/ja/body.html";
    En: "mail/forwarded_reply/en/subject.txt" "mail/forwarded_reply/en/body.txt" "mail/forwarded_reply/en/body.html";
}

impl ForwardedReply {
    /// Letters to read aloud: from the mailed address, and a long one from another that is about no request.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let (subject, written) = match locale {
            Locale::Ja => (
                "Re: 【弥生】田中会計事務所様より弥生製品の契約情報取得が申請されています",
                "お世話になっております。山田です。\n\nログインのパスワードを忘れてしまいました。どうすればよいでしょうか。",
            ),
            Locale::En => (
                "Re: [Yayoi] Tanaka Accounting requests the contract information",
                "Hello, this is Yamada.\n\nI have forgotten the password of my ID. What shall I do?",
            ),
        };
        let addresses = (EmailAddress::parse("yamada@example.jp"), EmailAddress::parse("hanako@example.com"));
        let (Ok(mailed), Ok(other)) = addresses else { return Vec::new() };
        let one = Self {
            locale,
            request_number: Some(12),
            from: mailed.clone(),
            mailed,
            inbound: "019ab6d2-5a00-7000-8000-000000000001".to_owned(),
            words: Words::of(subject, written, 0),
        };
        let words = Words { left_out: 1_234, files: 2, ..one.words.clone() };
        vec![one.clone(), Self { request_number: None, from: other, words, ..one }]
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let view = View {
            from: Voice::of(sender, self.locale),
            number: self.request_number,
            writer: addr_spec(&self.from),
            mailed: addr_spec(&self.mailed),
            is_other: self.from != self.mailed,
            subject: text::one_line(&self.words.subject),
            words: foreign::as_written(&self.words.text),
            left_out: self.words.left_out,
            files: self.words.files,
            inbound: text::one_line(&self.inbound),
        };
        fill(&view, self.locale)
    }
}
