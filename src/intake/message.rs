//! Everything that can be read off the bytes of a mail alone.

use std::fmt;

use mail_parser::DateTime;

use super::class::{Reason, classify};
use super::digest::digest;
use super::fields::{Field, Header};
use super::sender::{FromFault, sender};
use super::{Wish, encoded_word, line_ends, mime, report, wish};
use crate::domain::delivery_report::DeliveryReport;
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::inbound::{Class, Digest, stored_names};
use crate::domain::reply::{Reply, Words};
use crate::domain::text;
use crate::domain::time::Timestamp;

/// Longest Message-ID that is kept, in bytes (RFC 5322 §2.1.1: no line is longer).
const MESSAGE_ID_LIMIT: usize = 998;
/// Longest subject that is kept, in characters.
const SUBJECT_LIMIT: usize = 200;
/// Fields that may stand once only (RFC 5322 §3.6, RFC 2045 §4; RFC 7103 §7.5 on what to do otherwise).
const ONCE: [&str; 7] =
    ["From", "Sender", "Date", "Subject", "Message-ID", "Content-Type", "Content-Transfer-Encoding"];

/// Why a mail is dangerous to interpret: readers may disagree about what it says. Such a mail belongs into quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// A field stands twice that may stand once: From, Sender, Date, Subject, Message-ID, Content-Type,
    /// Content-Transfer-Encoding.
    DuplicateField,
    /// A line in the header that is no field and continues none.
    StrayLine,
    /// A NUL byte in the header.
    Nul,
    /// A CR without a LF, anywhere in the mail.
    LoneCr,
    /// More than 2,000 header fields.
    TooManyFields,
    /// A header block of more than 100 KiB.
    HeaderTooLong,
    /// More than 1,000 parts.
    TooManyParts,
    /// Multiparts nested more than 100 deep.
    TooDeep,
}

stored_names!(MailFault {
    DuplicateField = "duplicate_field",
    StrayLine = "stray_line",
    Nul = "nul",
    LoneCr = "lone_cr",
    TooManyFields = "too_many_fields",
    HeaderTooLong = "header_too_long",
    TooManyParts = "too_many_parts",
    TooDeep = "too_deep",
});

/// What a mail says. `Debug` shows nothing that a person wrote.
pub struct Reading {
    /// Its identity.
    pub digest: Digest,
    /// Its size in bytes, as it came.
    pub size: u64,
    /// Message-ID with its angle brackets, at most 998 bytes of printable ASCII.
    pub message_id: Option<String>,
    /// The subject on one line, at most 200 characters; empty where there is none.
    pub subject: String,
    /// When it says that it was written.
    pub date: Option<Timestamp>,
    /// Who it says that it is from. Said, not proved.
    pub from: Result<EmailAddress, FromFault>,
    /// What it is.
    pub class: Class,
    /// Why it is a program's mail; empty for a person's.
    pub reasons: Vec<Reason>,
    /// Why it must not be acted upon; empty for a sound mail.
    pub faults: Vec<MailFault>,
    /// What it asks for.
    pub wish: Wish,
    /// What it says of a mail of ours; of delivery reports alone.
    pub report: Option<DeliveryReport>,
    /// The Message-IDs of our domain that it answers, without angle brackets.
    pub answers: Vec<String>,
    /// What it says, where it is a person's and answers something.
    pub words: Option<Words>,
}

impl Reading {
    /// What `from` answers to a mail of ours, if it answers one.
    #[must_use]
    pub fn reply(&self, from: &EmailAddress) -> Option<Reply> {
        let words = self.words.clone()?;
        Some(Reply { from: from.clone(), answers: self.answers.clone(), words })
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("digest", &self.digest)
            .field("size", &self.size)
            .field("class", &self.class)
            .field("reasons", &self.reasons)
            .field("faults", &self.faults)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Reads a mail. `own_domain` is the right side of our own Message-IDs.
///
/// Bounded in time, memory and stack whatever the bytes are; the caller still puts a panic barrier around it, for the parsers
/// of others that it uses (F26).
#[must_use]
pub fn read(raw: &[u8], own_domain: &Domain) -> Reading {
    let header = Header::scan(raw);
    let body = mime::body(&header);
    let (class, reasons) = classify(&header, own_domain);
    let wish = if class == Class::Request { wish::read(&body.text, &body.files) } else { Wish::Nothing };
    let class = match (class, &wish) {
        (Class::Request, Wish::Command(_)) => Class::FirmCommand,
        (Class::Request, Wish::Nothing) => Class::Other,
        (class, _) => class,
    };
    let mut answers = Vec::new();
    report::ids(&header, &["In-Reply-To", "References"], own_domain, &mut answers);
    let mut faults = header.faults.clone();
    faults.extend(body.fault);
    if ONCE.iter().any(|name| header.all(name).nth(1).is_some()) {
        faults.push(MailFault::DuplicateField);
    }
    if line_ends::has_lone_cr(raw) {
        faults.push(MailFault::LoneCr);
    }
    let subject = header.first("Subject").map(subject).unwrap_or_default();
    let is_reply = reasons.is_empty() && !answers.is_empty();
    let words = is_reply.then(|| Words::of(&subject, &body.text, body.files.len()));
    Reading {
        digest: digest(raw),
        size: raw.len() as u64,
        message_id: header.first("Message-ID").and_then(message_id),
        subject,
        date: header.first("Date").and_then(date),
        from: sender(&header),
        class,
        reasons,
        faults,
        wish,
        report: (class == Class::DeliveryReport).then(|| report::read(&header, &body, own_domain)),
        answers,
        words,
    }
}

fn message_id(field: &Field<'_>) -> Option<String> {
    let id = field.unfolded();
    let sound = !id.is_empty() && id.len() <= MESSAGE_ID_LIMIT && id.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then(|| id.into_owned())
}

fn subject(field: &Field<'_>) -> String {
    let unfolded: Vec<u8> = field.value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    text::cut(&text::one_line(&encoded_word::text(&unfolded)), SUBJECT_LIMIT)
}

fn date(field: &Field<'_>) -> Option<Timestamp> {
    let date = DateTime::parse_rfc822(&field.unfolded()).filter(DateTime::is_valid)?;
    Some(Timestamp::from_millis(date.to_timestamp().checked_mul(1_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::sample::own_domain;

    fn reading(raw: &str) -> Reading {
        read(raw.as_bytes(), &own_domain())
    }

    #[test]
    fn what_the_header_says() {
        let seen = reading(concat!(
            "Message-ID: <1@b.example>\r\nFrom: A <a@b.example>\r\nDate: Fri, 3 Jul 2026 09:00:00 +0900\r\n",
            "Subject: =?ISO-2022-JP?B?GyRCN0BMcxsoQg==?=\r\n\t=?ISO-2022-JP?B?GyRCPnBKcxsoQg==?= x\r\n\r\nbody\r\n"
        ));
        assert_eq!(seen.message_id.as_deref(), Some("<1@b.example>"));
        assert_eq!(seen.subject, "契約情報 x");
        assert_eq!(seen.date.unwrap().to_string(), "2026-07-03T00:00:00Z");
        assert_eq!(seen.from.unwrap().to_text(), "a@b.example");
        assert_eq!((seen.class, seen.faults.len(), seen.size > 150), (Class::Other, 0, true));
    }

    #[test]
    fn what_is_not_said_is_not_made_up() {
        let seen = reading("");
        assert_eq!((seen.message_id, seen.subject.as_str(), seen.date), (None, "", None));
        assert_eq!(seen.from, Err(FromFault::None));
        let seen = reading("Message-ID: <a b>\r\nDate: yesterday\r\nSubject: a\u{202E}b\r\n\r\n");
        assert_eq!((seen.message_id, seen.subject.as_str(), seen.date), (None, "ab", None));
        let long = format!("Message-ID: <{}@b>\r\nSubject: {}\r\n\r\n", "a".repeat(999), "山".repeat(300));
        let seen = reading(&long);
        assert_eq!((seen.message_id, seen.subject.chars().count()), (None, SUBJECT_LIMIT));
    }

    #[test]
    fn a_field_that_stands_twice_is_a_fault() {
        for name in ONCE {
            let raw = format!("{name}: a\r\n{}: a\r\n\r\n", name.to_uppercase());
            assert_eq!(reading(&raw).faults, [MailFault::DuplicateField], "{name}");
        }
        assert!(reading("Received: a\r\nReceived: b\r\nTo: a\r\nTo: b\r\n\r\n").faults.is_empty());
    }

    #[test]
    fn a_lone_cr_is_a_fault_wherever_it_stands() {
        for raw in ["Subject: a\rb\r\n\r\n", "Subject: a\r\n\r\na\rb\r\n"] {
            assert_eq!(reading(raw).faults, [MailFault::LoneCr]);
        }
    }

    /// The ways in which Japanese mailers send the same form, labels right, missing and wrong.
    #[test]
    fn a_form_in_every_charset_is_the_same_form() {
        use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8};
        let form = "顧問先メールアドレス：ｙａｍａｄａ＠example.jp\r\n顧問先名: ㈱髙﨑①～－\r\nメッセージ: いつもお世話になっております。\r\n";
        for (label, encoding) in [
            ("; charset=ISO-2022-JP", ISO_2022_JP),
            ("; charset=\"iso-2022-jp-ms\"", ISO_2022_JP),
            ("; charset=CP50221", ISO_2022_JP),
            ("; charset=us-ascii", ISO_2022_JP),
            ("", ISO_2022_JP),
            ("; charset=Shift_JIS", SHIFT_JIS),
            ("; charset=CP932", SHIFT_JIS),
            ("; charset=Windows-31J", SHIFT_JIS),
            ("", SHIFT_JIS),
            ("; charset=us-ascii", SHIFT_JIS),
            ("; charset=EUC-JP", EUC_JP),
            ("; charset=UTF-8", UTF_8),
            ("; charset=shift_jis", UTF_8),
            ("; charset=iso-8859-1", UTF_8),
            ("", UTF_8),
        ] {
            let (body, _, lost) = encoding.encode(form);
            assert!(!lost, "{}", encoding.name());
            let in_base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &body).into_bytes();
            let in_quotes: Vec<u8> = body.iter().flat_map(|byte| format!("={byte:02X}").into_bytes()).collect();
            for (transfer, bytes) in [("8bit", body.to_vec()), ("base64", in_base64), ("quoted-printable", in_quotes)] {
                let head = format!("Content-Type: text/plain{label}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n");
                let seen = read(&[head.as_bytes(), &bytes].concat(), &own_domain()).wish.into_form().unwrap();
                let case = format!("{label} {} {transfer}", encoding.name());
                assert_eq!(seen.customer.to_text(), "yamada@example.jp", "{case}");
                assert_eq!(seen.client_name.as_deref(), Some("㈱髙﨑①～－"), "{case}");
                assert_eq!(seen.message, "いつもお世話になっております。", "{case}");
            }
        }
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let text = format!("{:?}", reading("From: taro@b.example\r\nSubject: secret\r\n\r\n顧問先名: secret\r\n"));
        assert!(!text.contains("taro") && !text.contains("secret") && text.contains("Request"));
    }
}
