//! Delivery reports: what became of a mail of ours, from RFC 3464's fields where they are, else from the words that mail
//! programs have used for it.

use super::fields::{Field, Header};
use super::mime::{Body, File};
use crate::domain::delivery_report::{DeliveryReport, Fate};
use crate::domain::email_address::Domain;
use crate::domain::enhanced_status::EnhancedStatus;

/// Most groups of fields of a report that are looked at.
const GROUPS: usize = 100;
/// Most candidates for a token or a Message-ID that are kept.
const CANDIDATES: usize = 20;
/// Length of a token, in characters (`Keys::report_token`).
const TOKEN: usize = 42;
/// Most of a report's text that is looked at, in bytes.
const TEXT_LIMIT: usize = 64 * 1024;
/// How reports say that nothing is lost yet.
const DELAYED: [&str; 10] = [
    "will be retried",
    "will keep trying",
    "will continue to be",
    "still trying",
    "has been delayed",
    "delivery delayed",
    "not yet been delivered",
    "no action is required",
    "遅延して",
    "再送を試み",
];

/// Reads the report with this header and body.
pub(super) fn read(header: &Header<'_>, body: &Body<'_>, own_domain: &Domain) -> DeliveryReport {
    let mut report =
        DeliveryReport { fate: Fate::Delivered, status: None, tokens: addressed(header), message_ids: Vec::new() };
    let status = body.files.iter().find(|file| is_of(file, &["delivery-status", "global-delivery-status"]));
    let text = body.text.get(..body.text.floor_char_boundary(TEXT_LIMIT)).unwrap_or_default();
    match status.map(File::bytes).and_then(|bytes| fields(&bytes, &mut report)) {
        Some(()) => {}
        None => words(header, text, &mut report),
    }
    let returned = |file: &&File<'_>| is_of(file, &["rfc822", "rfc822-headers", "global", "global-headers"]);
    for file in body.files.iter().filter(returned).take(3) {
        let bytes = file.bytes();
        ids(&Header::scan(&bytes), &["Message-ID"], own_domain, &mut report.message_ids);
    }
    ids(header, &["In-Reply-To", "References"], own_domain, &mut report.message_ids);
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ']);
        if line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:")) {
            own(line.get(11..).unwrap_or_default(), own_domain, &mut report.message_ids);
        }
    }
    report
}

fn is_of(file: &File<'_>, subtypes: &[&str]) -> bool {
    let media = file.media();
    media
        .split_once('/')
        .is_some_and(|(kind, subtype)| matches!(kind, "message" | "text") && subtypes.contains(&subtype))
}

/// RFC 3464 §2: fields about the mail, then a group for each recipient. `None` where no group says what was done.
fn fields(bytes: &[u8], report: &mut DeliveryReport) -> Option<()> {
    let mut rest = bytes;
    let mut found = None;
    for _ in 0..GROUPS {
        if rest.is_empty() {
            break;
        }
        let group = Header::scan(rest);
        if let Some(id) = group.first("Original-Envelope-Id") {
            tokens(&id.unfolded(), &mut report.tokens);
        }
        if let Some(fate) = group.first("Action").and_then(action) {
            let status = group.first("Status").map(Field::unfolded).unwrap_or_default();
            if found.is_none() || rank(fate) > rank(report.fate) {
                report.fate = fate;
                report.status = enhanced(&status);
            }
            found = Some(());
        }
        rest = group.body;
    }
    found
}

fn action(field: &Field<'_>) -> Option<Fate> {
    let value = field.unfolded().to_ascii_lowercase();
    match value.split(|c: char| !c.is_ascii_alphabetic()).next() {
        Some("failed") => Some(Fate::Failed),
        Some("delayed") => Some(Fate::Delayed),
        Some("delivered" | "relayed" | "expanded") => Some(Fate::Delivered),
        _ => None,
    }
}

const fn rank(fate: Fate) -> u8 {
    match fate {
        Fate::Delivered => 0,
        Fate::Delayed => 1,
        Fate::Failed => 2,
    }
}

/// A bounce of the old kind: what it does not call delayed has failed.
fn words(header: &Header<'_>, text: &str, report: &mut DeliveryReport) {
    let subject = header.first("Subject").map(|field| super::encoded_word::text(field.unfolded().as_bytes()));
    let said = (subject.unwrap_or_default() + "\n" + text).to_lowercase();
    report.status = said.split_whitespace().find_map(enhanced);
    let is_delayed = report.status.is_some_and(EnhancedStatus::is_transient)
        || DELAYED.iter().any(|words| said.contains(words))
        || {
            let first = said.lines().next().unwrap_or_default();
            first.contains("delay") || first.starts_with("warning") || first.contains("遅延")
        };
    let is_final = report.status.is_some_and(EnhancedStatus::is_permanent);
    report.fate = if is_delayed && !is_final { Fate::Delayed } else { Fate::Failed };
}

/// `5.1.1`, with what mailers put around it.
fn enhanced(word: &str) -> Option<EnhancedStatus> {
    EnhancedStatus::parse(word.trim_matches(|c: char| !c.is_ascii_digit()))
}

/// Tags of the addresses that the report came to.
fn addressed(header: &Header<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Failed-Sender"] {
        for field in header.all(name).take(5) {
            tokens(&field.unfolded(), &mut found);
        }
    }
    found
}

/// Words that may be a token: only the server key can tell.
fn tokens(value: &str, found: &mut Vec<String>) {
    let value = value.to_ascii_lowercase();
    let words = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == TOKEN);
    for word in words.take(CANDIDATES) {
        if found.len() < CANDIDATES && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
}

/// The Message-IDs of our domain that these fields hold, without angle brackets.
pub(super) fn ids(header: &Header<'_>, names: &[&str], own_domain: &Domain, found: &mut Vec<String>) {
    for field in names.iter().filter_map(|name| header.first(name)) {
        own(&field.unfolded(), own_domain, found);
    }
}

fn own(value: &str, own_domain: &Domain, found: &mut Vec<String>) {
    for word in value.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | '"')) {
        let is_ours = word.rsplit_once('@').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(own_domain.as_str()));
        if is_ours && word.len() < 200 && found.len() < CANDIDATES && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::sample::reading;

    const ID: &str = "0123456789abcdef0123456789abcdef@renkei.example";
    const TAG: &str = "abcdefghijklmnopqrstuvwxyz234567abcdefghij";

    fn report(raw: &str) -> DeliveryReport {
        reading(raw.replace('\n', "\r\n").as_bytes()).report.unwrap()
    }

    fn standard(status: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\nTo: bounce+{TAG}@renkei.example\nSubject: x\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\nContent-Type: text/plain\n\nwords\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nOriginal-Envelope-Id: {TAG}\n\n{status}\n\
             --b\nContent-Type: text/rfc822-headers\n\nReceived: x\nMessage-ID: <{ID}>\nSubject: y\n\n--b--\n"
        )
    }

    #[test]
    fn a_report_of_the_standard() {
        for (status, fate, code) in [
            (
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1 (no such user)\n",
                Fate::Failed,
                "5.1.1",
            ),
            ("Action: Delayed\nStatus: 4.4.7\n", Fate::Delayed, "4.4.7"),
            ("Action: relayed (to a foreign system)\nStatus: 2.1.9\n", Fate::Delivered, "2.1.9"),
            ("Action: delivered\nStatus: 2.0.0\n\nAction: failed\nStatus: 5.2.2\n", Fate::Failed, "5.2.2"),
            ("Action: failed\n", Fate::Failed, ""),
        ] {
            let read = report(&standard(status));
            assert_eq!((read.fate, read.shown_status().as_str()), (fate, code), "{status}");
            assert_eq!((read.tokens, read.message_ids), (vec![TAG.to_owned()], vec![ID.to_owned()]));
        }
    }

    #[test]
    fn bounces_of_the_old_kind() {
        let mail = |head: &str, body: &str| {
            report(&format!("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n{head}\n\n{body}\n"))
        };
        let qmail = "Hi. This is the qmail-send program at mx.example.\n\n<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
                     --- Below this line is a copy of the message.\n\nReturn-Path: <x@renkei.example>\n";
        let read = mail("Subject: failure notice", &format!("{qmail}Message-ID: <{ID}>"));
        assert_eq!(
            (read.fate, read.shown_status().as_str(), read.message_ids),
            (Fate::Failed, "5.1.1", vec![ID.to_owned()])
        );
        let read = mail("Subject: Returned mail: User unknown", "550 <a@b.example>... User unknown");
        assert_eq!((read.fate, read.shown_status().as_str()), (Fate::Failed, ""));
        let read = mail("Subject: Warning: message 1x delayed 24 hours", "It has not yet been delivered.");
        assert_eq!(read.fate, Fate::Delayed);
        let read = mail(&format!("Subject: Undeliverable: x\nIn-Reply-To: <{ID}>"), "no words");
        assert_eq!((read.fate, read.message_ids), (Fate::Failed, vec![ID.to_owned()]));
    }

    #[test]
    fn identifiers_of_others_are_not_kept() {
        let foreign = standard("Action: failed\n").replace("renkei.example>", "other.example>").replace(TAG, "short");
        let read = report(&foreign);
        assert!(read.tokens.is_empty() && read.message_ids.is_empty());
    }
}
