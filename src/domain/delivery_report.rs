//! What a delivery report (RFC 3464, or a bounce of the old kind) says about a mail of ours. Said, not proved: what it may
//! change is little, and only where it names the mail by something that only we and the way there know (threat T19).

use super::enhanced_status::EnhancedStatus;
use super::inbound::stored_names;

/// What became of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It will never be delivered.
    Failed,
    /// It is still being tried.
    Delayed,
    /// It was delivered, relayed or expanded.
    Delivered,
}

stored_names!(Fate { Failed = "failed", Delayed = "delayed", Delivered = "delivered" });

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// What became of the mail; of several recipients the worst.
    pub fate: Fate,
    /// The enhanced status, where one was given.
    pub status: Option<EnhancedStatus>,
    /// What may be the token of the mail: the envelope's id, and the tags of the addresses that the report came to.
    pub tokens: Vec<String>,
    /// The Message-IDs of the mail that was returned, without angle brackets.
    pub message_ids: Vec<String>,
}

impl DeliveryReport {
    /// The status as it is shown; empty where none was given.
    #[must_use]
    pub fn shown_status(&self) -> String {
        self.status.map(|status| status.to_string()).unwrap_or_default()
    }
}
