//! What kind of mail it is, decided by its header alone, before anything is answered (RFC 3834 §2, threat T18).
//!
//! `X-Auto-Response-Suppress` says nothing here: people's mailers set it too.

use super::encoded_word;
use super::fields::{Field, Header};
use super::mime::content_type;
use crate::domain::email_address::Domain;
use crate::domain::inbound::{Class, stored_names};

/// Every answer and letter of ours carries this field; a mail that has it is ours, come back.
pub const LOOP_FIELD: &str = "X-Renkei-Loop";
/// More `Received` lines than this and a mail goes in circles (RFC 5321 §6.3 asks for at least 100 before a relay gives up; a
/// mail to a firm's partner passes a tenth of that).
const RECEIVED_LIMIT: usize = 30;

/// Why a mail is not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Our own Message-ID.
    OwnMessageId,
    /// [`LOOP_FIELD`].
    LoopField,
    /// More than 30 `Received` lines.
    ManyReceived,
    /// `multipart/report; report-type=delivery-status` (RFC 6522, RFC 3464).
    DeliveryStatus,
    /// A bounce of the old kind, without the fields of a report.
    Bounce,
    /// Another report: a read receipt, a complaint.
    Report,
    /// `Auto-Submitted` other than `no`.
    AutoSubmitted,
    /// A `List-…` field (RFC 2369, RFC 2919).
    List,
    /// `Precedence: bulk`, `junk` or `list`.
    Precedence,
    /// A null return path.
    NullReturnPath,
    /// From MAILER-DAEMON or postmaster.
    SystemSender,
}

stored_names!(Reason {
    OwnMessageId = "own_message_id",
    LoopField = "loop_field",
    ManyReceived = "many_received",
    DeliveryStatus = "delivery_status",
    Bounce = "bounce",
    Report = "report",
    AutoSubmitted = "auto_submitted",
    List = "list",
    Precedence = "precedence",
    NullReturnPath = "null_return_path",
    SystemSender = "system_sender",
});

impl Reason {
    fn class(self) -> Class {
        match self {
            Self::OwnMessageId | Self::LoopField | Self::ManyReceived => Class::Loop,
            Self::DeliveryStatus | Self::Bounce => Class::DeliveryReport,
            _ => Class::Automatic,
        }
    }
}

/// The class of a mail and all the reasons for it; the first reason decides.
pub(super) fn classify(header: &Header<'_>, own_domain: &Domain) -> (Class, Vec<Reason>) {
    let first = |name| header.first(name).map(Field::unfolded);
    let report = report_type(header);
    let is_delivery_status = report.as_deref() == Some("delivery-status");
    let reasons: Vec<_> = [
        (Reason::LoopField, header.first(LOOP_FIELD).is_some()),
        (Reason::ManyReceived, header.all("Received").count() > RECEIVED_LIMIT),
        // A relay on a host of our domain's name gives its reports our domain's Message-IDs: they go before those.
        (Reason::DeliveryStatus, is_delivery_status),
        (Reason::Bounce, !is_delivery_status && is_bounce(header)),
        (Reason::OwnMessageId, first("Message-ID").is_some_and(|id| is_of(&id, own_domain))),
        (Reason::Report, report.is_some() && !is_delivery_status),
        (Reason::AutoSubmitted, header.all("Auto-Submitted").any(|field| first_word(field) != "no")),
        (Reason::List, header.fields.iter().any(is_list)),
        (
            Reason::Precedence,
            header.all("Precedence").any(|field| matches!(first_word(field).as_str(), "bulk" | "junk" | "list")),
        ),
        (Reason::NullReturnPath, first("Return-Path").is_some_and(|path| path == "<>")),
        (Reason::SystemSender, first("From").is_some_and(|from| is_system(&from))),
    ]
    .into_iter()
    .filter_map(|(reason, holds)| holds.then_some(reason))
    .collect();
    (reasons.first().map_or(Class::Request, |reason| reason.class()), reasons)
}

/// What the subjects of bounces begin with or hold, lower case.
const BOUNCES: [&str; 27] = [
    "undelivered mail",
    "undeliverable",
    "undelivered message",
    "returned mail",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery system",
    "mail system error",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery report",
    "failure notice",
    "message delayed",
    "non delivery report",
    "non-delivery",
    "nondeliverable",
    "could not be delivered",
    "user unknown",
    "host unknown",
    "warning: message",
    "warning: could not send",
    "配信不能",
    "配信できません",
    "配信エラー",
    "送信できません",
];

/// By the field that Exim and others add, or by a sender that is none with a subject that says so.
fn is_bounce(header: &Header<'_>) -> bool {
    if header.first("X-Failed-Recipients").is_some() {
        return true;
    }
    let first = |name| header.first(name).map(Field::unfolded);
    let is_nobody = first("Return-Path").is_some_and(|path| path == "<>")
        || first("From").is_some_and(|from| is_system(&from))
        || header.first("From").is_none();
    let subject = header.first("Subject").map(|field| encoded_word::text(field.unfolded().as_bytes()).to_lowercase());
    is_nobody && subject.is_some_and(|subject| BOUNCES.iter().any(|words| subject.contains(words)))
}

fn is_of(message_id: &str, domain: &Domain) -> bool {
    let right = message_id.trim_end_matches('>').rsplit_once('@').map(|(_, right)| right);
    right.is_some_and(|right| right.eq_ignore_ascii_case(domain.as_str()))
}

fn is_list(field: &Field<'_>) -> bool {
    field.name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"list-"))
}

fn first_word(field: &Field<'_>) -> String {
    let value = field.unfolded().to_ascii_lowercase();
    value.split(|c: char| c == ';' || c == '(' || c.is_whitespace()).next().unwrap_or_default().to_owned()
}

fn report_type(header: &Header<'_>) -> Option<String> {
    let parsed = content_type(&header.fields)?;
    let is_report = parsed.ctype().eq_ignore_ascii_case("multipart")
        && parsed.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"));
    is_report.then(|| parsed.attribute("report-type").unwrap_or_default().to_ascii_lowercase())
}

/// Looked for as text: such senders often have no address that can be written to.
fn is_system(from: &str) -> bool {
    let from = from.to_ascii_lowercase();
    let stands_alone = |at: usize| {
        let before = from.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| c == '<' || c == '"' || c.is_whitespace())
    };
    from.starts_with("mailer-daemon")
        || ["mailer-daemon@", "mailer-daemon>", "postmaster@"]
            .iter()
            .any(|name| from.match_indices(name).any(|(at, _)| stands_alone(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(fields: &str) -> (Class, Vec<Reason>) {
        let raw = format!("{fields}\r\n\r\nbody");
        classify(&Header::scan(raw.as_bytes()), &Domain::parse("renkei.example").unwrap())
    }

    #[test]
    fn a_person_s_mail_is_a_request() {
        for fields in [
            "From: a@b.example",
            "From: a@b.example\r\nAuto-Submitted: no\r\nPrecedence: first-class",
            "From: a@b.example\r\nX-Auto-Response-Suppress: All\r\nReturn-Path: <a@b.example>",
            "From: a@b.example\r\nIn-Reply-To: <1@renkei.example>\r\nMessage-ID: <1@sub.renkei.example>",
            "From: not-postmaster@b.example\r\nContent-Type: multipart/mixed; boundary=x",
            &format!("From: a@b.example\r\n{}", "Received: x\r\n".repeat(30).trim_end()),
        ] {
            assert_eq!(class(fields), (Class::Request, vec![]), "{fields}");
        }
    }

    #[test]
    fn what_programs_send_is_told_apart() {
        for (fields, class_, reason) in [
            ("Message-ID: <1@Renkei.Example>", Class::Loop, Reason::OwnMessageId),
            ("x-renkei-loop: 1", Class::Loop, Reason::LoopField),
            (
                "Content-Type: Multipart/Report;\r\n Report-Type=\"Delivery-Status\"; boundary=x",
                Class::DeliveryReport,
                Reason::DeliveryStatus,
            ),
            (
                "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
                Class::Automatic,
                Reason::Report,
            ),
            ("Auto-Submitted: auto-replied (vacation)", Class::Automatic, Reason::AutoSubmitted),
            ("Auto-Submitted: auto-generated; x=no", Class::Automatic, Reason::AutoSubmitted),
            ("List-Unsubscribe: <mailto:x@b.example>", Class::Automatic, Reason::List),
            ("LIST-ID: x", Class::Automatic, Reason::List),
            ("Precedence: Bulk", Class::Automatic, Reason::Precedence),
            ("Precedence: list", Class::Automatic, Reason::Precedence),
            ("Return-Path: <>", Class::Automatic, Reason::NullReturnPath),
            ("From: MAILER-DAEMON (Mail Delivery System)", Class::Automatic, Reason::SystemSender),
            ("From: Mail <mailer-daemon@host>", Class::Automatic, Reason::SystemSender),
            ("From: Postmaster@b.example", Class::Automatic, Reason::SystemSender),
        ] {
            assert_eq!(class(fields), (class_, vec![reason]), "{fields}");
        }
        assert_eq!(class("Received: x\r\n".repeat(31).trim_end()), (Class::Loop, vec![Reason::ManyReceived]));
    }

    #[test]
    fn a_bounce_of_the_old_kind_is_a_report_and_a_vacation_is_none() {
        for fields in [
            "X-Failed-Recipients: a@b.example\r\nSubject: x",
            "From: MAILER-DAEMON@b.example\r\nSubject: failure notice",
            "Return-Path: <>\r\nFrom: System Administrator <x@b.example>\r\nSubject: Undeliverable: y",
            "From: Postmaster@b.example\r\nSubject: =?utf-8?B?6YWN5L+h5LiN6IO9OiB5?=",
            "From: Mail Delivery Subsystem <MAILER-DAEMON>\r\nSubject: Returned mail: User unknown",
            "From: MAILER-DAEMON@b.example\r\nMessage-ID: <1@renkei.example>\r\nSubject: Warning: message 1 delayed 24 hours",
        ] {
            let (class, reasons) = class(fields);
            assert_eq!((class, reasons[0]), (Class::DeliveryReport, Reason::Bounce), "{fields}");
        }
        for fields in [
            "From: a@b.example\r\nSubject: failure notice\r\nAuto-Submitted: auto-replied",
            "Return-Path: <>\r\nFrom: a@b.example\r\nSubject: Out of office: Returned on Monday",
            "Return-Path: <>\r\nFrom: a@b.example\r\nSubject: =?utf-8?B?5LiN5Zyo?=",
        ] {
            assert_eq!(class(fields).0, Class::Automatic, "{fields}");
        }
    }

    #[test]
    fn a_loop_goes_before_a_report_and_that_before_the_rest() {
        let report = "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status";
        assert_eq!(class(report).0, Class::DeliveryReport);
        let (class, reasons) = class(&format!("{report}\r\nX-Renkei-Loop: 1"));
        assert_eq!((class, reasons.len()), (Class::Loop, 3));
    }
}
