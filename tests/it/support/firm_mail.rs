//! A firm's request mail, as firms send it: Japanese, in UTF-8 and base64 or in ISO-2022-JP and 7bit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use renkei::clock::Clock;
use renkei::domain::time::Timestamp;

use super::firm_key::FirmKey;

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, base64.
    Utf8,
    /// ISO-2022-JP, 7bit.
    Iso2022Jp,
}

impl Charset {
    const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Iso2022Jp => "ISO-2022-JP",
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Iso2022Jp => {
                let (bytes, _, lossy) = encoding_rs::ISO_2022_JP.encode(text);
                assert!(!lossy, "ISO-2022-JP has no way to write all of: {text}");
                bytes.into_owned()
            }
        }
    }
}

/// A request mail in the making. As it starts it is a good one; every field can be changed, taken out or doubled.
#[derive(Clone, Debug)]
pub struct FirmMail {
    charset: Charset,
    name: String,
    from: String,
    headers: Vec<(String, String)>,
    lines: Vec<(String, String)>,
    message: Option<String>,
    signature: String,
    files: Vec<(String, Vec<u8>)>,
}

impl FirmMail {
    /// A request of the firm that writes from `from`, for the client at `customer`.
    pub fn new(from: &str, customer: &str) -> Self {
        let domain = from.rsplit_once('@').map_or("firm.example", |(_, domain)| domain);
        let id: u64 = u64::from_be_bytes(renkei::entropy::Entropy::System.bytes());
        let mail = Self {
            charset: Charset::Utf8,
            name: "青空会計事務所".to_owned(),
            from: from.to_owned(),
            headers: Vec::new(),
            lines: vec![("顧問先メールアドレス".to_owned(), customer.to_owned())],
            message: Some("いつもお世話になっております。\n契約情報の取得を申請いたします。".to_owned()),
            signature: "青空会計事務所 田中".to_owned(),
            files: Vec::new(),
        };
        mail.date(Clock::System.now())
            .header("To", "requests@renkei.example")
            .header("Subject", "契約情報取得の申請")
            .header("Message-ID", &format!("<{id:016x}@{domain}>"))
    }

    /// Writes the text so.
    #[must_use]
    pub fn charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    /// The display name of From.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// The time of Date.
    #[must_use]
    pub fn date(self, at: Timestamp) -> Self {
        let at: DateTime<Utc> = DateTime::from_timestamp_millis(at.as_millis()).unwrap();
        self.header("Date", &at.to_rfc2822())
    }

    /// Sets a header field, in place of those of that name; what is not ASCII is written in encoded words.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.without_header(name).more_header(name, value)
    }

    /// Adds a header field beside those of that name.
    #[must_use]
    pub fn more_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes the header fields of that name out.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self
    }

    /// Sets a field of the form, in place of the one with that label.
    #[must_use]
    pub fn field(self, label: &str, value: &str) -> Self {
        self.without_field(label).more_field(label, value)
    }

    /// Adds a field to the form, also beside one with that label.
    #[must_use]
    pub fn more_field(mut self, label: &str, value: &str) -> Self {
        self.lines.push((label.to_owned(), value.to_owned()));
        self
    }

    /// Takes the fields with that label out of the form.
    #[must_use]
    pub fn without_field(mut self, label: &str) -> Self {
        self.lines.retain(|(have, _)| have != label);
        self
    }

    /// 事務所番号
    #[must_use]
    pub fn firm_number(self, number: &str) -> Self {
        self.field("事務所番号", number)
    }

    /// 顧問先名
    #[must_use]
    pub fn client_name(self, name: &str) -> Self {
        self.field("顧問先名", name)
    }

    /// メッセージ, the last field.
    #[must_use]
    pub fn message(self, message: &str) -> Self {
        Self { message: Some(message.to_owned()), ..self }
    }

    /// No メッセージ.
    #[must_use]
    pub fn without_message(self) -> Self {
        Self { message: None, ..self }
    }

    /// Attaches a file.
    #[must_use]
    pub fn attach(mut self, name: &str, bytes: &[u8]) -> Self {
        self.files.push((name.to_owned(), bytes.to_vec()));
        self
    }

    /// A command instead of a request: no customer, no message.
    #[must_use]
    pub fn command(self, procedure: &str) -> Self {
        self.without_field("顧問先メールアドレス").without_message().field("手続き", procedure)
    }

    /// The text as a person reads it, `\n` line ends.
    pub fn text(&self) -> String {
        let fields = self.lines.iter().map(|(label, value)| format!("{label}: {value}"));
        let message = self.message.iter().map(|message| format!("メッセージ:\n{message}"));
        let signature = format!("\n-- \n{}\n", self.signature);
        fields.chain(message).chain([signature]).collect::<Vec<_>>().join("\n")
    }

    /// The mail without a signature, CRLF line ends.
    pub fn unsigned(&self) -> Vec<u8> {
        let (charset, transfer) = match self.charset {
            Charset::Utf8 => ("UTF-8", "base64"),
            Charset::Iso2022Jp => ("ISO-2022-JP", "7bit"),
        };
        let kind = format!("text/plain; charset={charset}");
        let mime = [("MIME-Version", "1.0"), ("Content-Type", &kind), ("Content-Transfer-Encoding", transfer)];
        let mut lines = vec![format!("{} <{}>", header("From", &self.name, self.charset), self.from)];
        lines.extend(self.headers.iter().map(|(name, value)| header(name, value, self.charset)));
        let part = mime.iter().map(|(name, value)| format!("{name}: {value}"));
        if self.files.is_empty() {
            lines.extend(part);
        } else {
            lines.push("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=b\"\r\n\r\n--=b".to_owned());
            lines.extend(part.skip(1));
        }
        let mut mail = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        let body = self.charset.encode(&self.text().replace('\n', "\r\n"));
        match self.charset {
            Charset::Iso2022Jp => mail.extend(body),
            Charset::Utf8 => {
                for line in STANDARD.encode(body).as_bytes().chunks(76) {
                    mail.extend_from_slice(line);
                    mail.extend_from_slice(b"\r\n");
                }
            }
        }
        for (name, bytes) in &self.files {
            let head = format!(
                "\r\n--=b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n"
            );
            mail.extend_from_slice(head.as_bytes());
            for line in STANDARD.encode(bytes).as_bytes().chunks(76) {
                mail.extend_from_slice(line);
                mail.extend_from_slice(b"\r\n");
            }
        }
        if !self.files.is_empty() {
            mail.extend_from_slice(b"\r\n--=b--\r\n");
        }
        mail
    }

    /// The mail with the firm's signature.
    pub fn signed(&self, key: &FirmKey) -> Vec<u8> {
        key.sign(&self.unsigned())
    }
}

/// A header field; what is not ASCII in RFC 2047 encoded words, on lines of at most 76 characters.
fn header(name: &str, value: &str, charset: Charset) -> String {
    if value.is_ascii() {
        return format!("{name}: {value}");
    }
    let word = |part: &str| format!("=?{}?B?{}?=", charset.name(), STANDARD.encode(charset.encode(part)));
    let mut done = format!("{name}: ");
    let mut line = done.len();
    let mut part = String::new();
    for c in value.chars() {
        let longer = format!("{part}{c}");
        if line + word(&longer).len() > 76 {
            done = done + &word(&part) + "\r\n ";
            (line, part) = (1, c.to_string());
        } else {
            part = longer;
        }
    }
    done + &word(&part)
}
