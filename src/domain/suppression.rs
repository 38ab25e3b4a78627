//! Addresses that failed for good: nothing that nobody waits for is mailed to them until the firm or the operator says that
//! they are right.

use super::ids::OutboundId;
use super::outbound::OutboundMail;
use super::time::Timestamp;

/// A suppressed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// [`super::email_address::EmailAddress::key`]
    pub address_key: String,
    /// The enhanced status code or SMTP reply that ended it, as text; empty where none was given.
    pub status: String,
    /// The mail that failed.
    pub mail: OutboundId,
    /// Since when.
    pub since: Timestamp,
}

impl Suppression {
    /// What a mail that failed with this status does to its address; `None` where that says nothing of the address.
    #[must_use]
    pub fn after(mail: &OutboundMail, status: &str, since: Timestamp) -> Option<Self> {
        (mail.kind.is_suppressible() && is_of_the_address(status)).then(|| Self {
            address_key: mail.recipient.key(),
            status: status.to_owned(),
            mail: mail.id.clone(),
            since,
        })
    }
}

/// Whether a failure with this status (RFC 3463, e.g. `5.1.1`) is the address's: the mailbox or its domain does not exist or
/// takes no mail. A refusal of the content, a full mailbox or a policy says nothing of the address, and neither does a bare
/// SMTP reply: relays say 550 to spam and to senders that they do not know, too.
#[must_use]
pub fn is_of_the_address(status: &str) -> bool {
    let mut digits = status.split('.');
    match (digits.next(), digits.next(), digits.next()) {
        (Some("5"), Some("1"), Some(detail)) => !matches!(detail, "7" | "8" | "9"),
        (Some("5"), Some("2"), Some("1")) | (Some("5"), Some("4"), Some("4")) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_address_did_counts_against_it() {
        for status in ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.4.4"] {
            assert!(is_of_the_address(status), "{status}");
        }
        for status in
            ["", "5.0.0", "5.1.8", "5.2.2", "5.7.1", "5.3.4", "550", "551", "553", "554", "552", "4.1.1", "x", "5.1"]
        {
            assert!(!is_of_the_address(status), "{status}");
        }
    }
}
