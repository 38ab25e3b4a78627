//! A letter as its reader sees it.

use mail_parser::MessageParser;
use renkei::domain::verification::Digits;
use renkei::mail::Composed;

use super::house::BASE_URL;

/// A mail that left, as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
}

impl Read {
    /// As a mail program shows it.
    pub fn of(mail: &Composed) -> Self {
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        Self {
            to: mail.to.to_text(),
            subject: parsed.subject().unwrap().to_owned(),
            text: parsed.body_text(0).unwrap().into_owned(),
            html: parsed.body_html(0).unwrap().into_owned(),
            message_id: parsed.message_id().unwrap().to_owned(),
        }
    }

    /// The token of the link in it.
    pub fn token(&self) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("{BASE_URL}/r/"))?;
        Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
    }

    /// The code in it.
    pub fn code(&self) -> Option<Digits> {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|octet| octet.is_ascii_digit());
        self.text.lines().find(is_code).and_then(Digits::parse)
    }
}
