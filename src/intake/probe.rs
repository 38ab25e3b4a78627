//! Entrances to the parsers of this room, each alone, for fuzzing (`fuzz/`) and for the suite that replays what it found. They
//! give nothing back: what counts is that they come back, soon and without growing.

use super::fields::Header;
use super::mime;
use super::written::Written;
use super::{charset, encoded_word, form, parameters, sender, wish};
use crate::domain::email_address::Domain;

/// The names of the entrances, as `fuzz/` calls its targets.
pub const TARGETS: [&str; 6] = ["intake", "form", "table", "report", "charset", "sender"];

/// Sends `bytes` through the entrance of this name; an unknown name does nothing.
pub fn enter(target: &str, bytes: &[u8]) {
    match target {
        "intake" => intake(bytes),
        "form" => form(bytes),
        "table" => table(bytes),
        "report" => report(bytes),
        "charset" => charset(bytes),
        "sender" => sender(bytes),
        _ => {}
    }
}

/// A whole mail.
pub fn intake(raw: &[u8]) {
    if let Ok(own) = Domain::parse("renkei.example") {
        let _ = super::read(raw, &own);
    }
}

/// The text of a form or a command.
pub fn form(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let _ = form::parse(&Written::read(&text));
    let _ = wish::read(&text, &[]);
}

/// An attached table.
pub fn table(bytes: &[u8]) {
    let head = b"From: a@b.example\r\nContent-Type: text/csv\r\n\r\n";
    let raw = [head.as_slice(), bytes].concat();
    let header = Header::scan(&raw);
    let body = mime::body(&header);
    let _ = wish::read(&body.text, &body.files);
}

/// The fields of a delivery report.
pub fn report(bytes: &[u8]) {
    let head = b"From: MAILER-DAEMON@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";
    intake(&[head.as_slice(), bytes].concat());
}

/// Text of a charset: up to the first NUL its label, behind it the bytes.
pub fn charset(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let label = parts.next().and_then(|label| std::str::from_utf8(label).ok());
    let text = parts.next().unwrap_or(bytes);
    let _ = charset::decode(text, label);
    let _ = encoded_word::text(text);
}

/// The value of From, and a file's name.
pub fn sender(value: &[u8]) {
    let raw = [b"From: ".as_slice(), value, b"\r\nContent-Disposition: attachment; ", value, b"\r\n\r\n"].concat();
    let header = Header::scan(&raw);
    let _ = sender::sender(&header);
    let _ = parameters::file_name(&header.fields);
}
