//! Addresses that failed for good: nothing that nobody waits for is mailed to them until the firm or the operator says that
//! they are right.

use super::enhanced_status::EnhancedStatus;
use super::ids::OutboundId;
use super::outbound::OutboundMail;
use super::time::Timestamp;

/// A suppressed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// [`super::email_address::EmailAddress::key`]
    pub address_key: String,
    /// The enhanced status that ended it, as text.
    pub status: String,
    /// The mail that failed.
    pub mail: OutboundId,
    /// Since when.
    pub since: Timestamp,
}

impl Suppression {
    /// What a mail that failed with this status does to its address; `None` where that says nothing of the address. A bare
    /// SMTP reply does not: relays say 550 to spam and to senders that they do not know, too.
    #[must_use]
    pub fn after(mail: &OutboundMail, status: Option<EnhancedStatus>, since: Timestamp) -> Option<Self> {
        let status = status.filter(|status| mail.kind.is_suppressible() && status.is_of_the_address())?;
        Some(Self { address_key: mail.recipient.key(), status: status.to_string(), mail: mail.id.clone(), since })
    }
}
