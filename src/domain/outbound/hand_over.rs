//! How an attempt to hand a mail over can end.

use super::super::enhanced_status::EnhancedStatus;

/// How an attempt to hand a mail over ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// The relay took it.
    Sent,
    /// Not now: 4xx, or the connection failed before the mail's end. `reply` is the SMTP code, where there was one.
    Deferred {
        /// e.g. 451
        reply: Option<u16>,
    },
    /// Never: 5xx about this recipient or this mail.
    Refused {
        /// e.g. 550; none where our own side found it impossible.
        reply: Option<u16>,
        /// What the reply's text said of the recipient or of the mail (RFC 2034), e.g. 5.1.1.
        status: Option<EnhancedStatus>,
    },
    /// The relay will not have us at all: 5xx in greeting, TLS or AUTH, or no connection. Says nothing about the mail: the
    /// queue is held.
    RelayFault {
        /// e.g. 535
        reply: Option<u16>,
    },
    /// Lost after the mail's end was sent: it may or may not have been taken.
    Unknown,
}

impl HandOver {
    /// As stored and shown.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred { .. } => "deferred",
            Self::Refused { .. } => "refused",
            Self::RelayFault { .. } => "relay_fault",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it says something of the mail, and counts as an attempt at it.
    #[must_use]
    pub const fn is_about_the_mail(&self) -> bool {
        !matches!(self, Self::RelayFault { .. })
    }

    /// The SMTP code that came with it.
    #[must_use]
    pub const fn reply(&self) -> Option<u16> {
        match self {
            Self::Deferred { reply } | Self::Refused { reply, .. } | Self::RelayFault { reply } => *reply,
            Self::Sent | Self::Unknown => None,
        }
    }

    /// The enhanced status that came with a refusal.
    #[must_use]
    pub const fn status(&self) -> Option<EnhancedStatus> {
        match self {
            Self::Refused { status, .. } => *status,
            _ => None,
        }
    }

    /// What the relay said, for people: the enhanced status, or else the SMTP code; empty where it said nothing.
    #[must_use]
    pub fn said(&self) -> String {
        let reply = || self.reply().map(|reply| reply.to_string());
        self.status().map(|status| status.to_string()).or_else(reply).unwrap_or_default()
    }
}
