//! What can go wrong with a relay, and what that means for the mail.

use crate::config::secret::SecretError;
use crate::domain::enhanced_status::EnhancedStatus;
use crate::domain::outbound::HandOver;

/// How far an attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting, greeting, EHLO, STARTTLS, AUTH: about us, not about a mail.
    Opening,
    /// MAIL, RCPT and DATA.
    Envelope,
    /// The mail is being written.
    Content,
    /// The final dot was written: the relay may have taken the mail.
    End,
}

/// What went wrong. Its text never has an address, and never the relay's own words, which may have one.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The relay said something else than it had to.
    #[error("it answered {code} ({stage:?})")]
    Said {
        /// To what.
        stage: Stage,
        /// The reply's code.
        code: u16,
        /// The enhanced status that its text began with, where that is about the recipient or the mail.
        status: Option<EnhancedStatus>,
    },
    /// No connection, a cut, silence, or an answer that is no SMTP.
    #[error("the connection failed ({stage:?}): {why}")]
    Lost {
        /// While what.
        stage: Stage,
        /// In short.
        why: std::io::Error,
    },
    /// TLS did not come about.
    #[error("TLS failed: {0}")]
    Tls(std::io::Error),
    /// It does not offer what the settings ask for.
    #[error("it does not offer {0}")]
    Lacks(&'static str),
    /// The password.
    #[error("the password: {0}")]
    Password(#[from] SecretError),
}

impl Fault {
    /// Silence.
    pub(super) fn silence(stage: Stage) -> Self {
        Self::Lost { stage, why: std::io::ErrorKind::TimedOut.into() }
    }

    /// An answer that is no SMTP.
    pub(super) fn nonsense(stage: Stage) -> Self {
        Self::Lost { stage, why: std::io::Error::new(std::io::ErrorKind::InvalidData, "no SMTP reply") }
    }

    /// Whether the relay may simply have closed a connection that had been idle.
    pub(super) fn is_stale(&self) -> bool {
        match self {
            Self::Lost { stage: Stage::Envelope, why } => why.kind() != std::io::ErrorKind::TimedOut,
            Self::Said { stage: Stage::Envelope, code, .. } => *code == 421,
            _ => false,
        }
    }

    /// Whether the dialogue can go on after it.
    pub(super) fn leaves_connection(&self) -> bool {
        matches!(self, Self::Said { code, .. } if *code != 421)
    }

    /// How the attempt ended.
    #[must_use]
    pub fn outcome(&self) -> HandOver {
        match self {
            Self::Said { code: 400..500, .. } => HandOver::Deferred { reply: self.reply() },
            // The relay wants a login, or another one (RFC 4954 §6), wherever it says so.
            Self::Said { code: 530 | 534 | 535 | 538, .. } | Self::Said { stage: Stage::Opening, code: 500.., .. } => {
                HandOver::RelayFault { reply: self.reply() }
            }
            Self::Said { code: 500.., status, .. } => HandOver::Refused { reply: self.reply(), status: *status },
            Self::Said { stage: Stage::End, .. } | Self::Lost { stage: Stage::End, .. } => HandOver::Unknown,
            // Nobody there, or nobody who speaks: the next mail would fare no better, and this one is not to blame.
            Self::Lost { stage: Stage::Opening, .. } | Self::Tls(_) | Self::Lacks(_) | Self::Password(_) => {
                HandOver::RelayFault { reply: None }
            }
            Self::Said { .. } | Self::Lost { .. } => HandOver::Deferred { reply: self.reply() },
        }
    }

    fn reply(&self) -> Option<u16> {
        match self {
            Self::Said { code, .. } => Some(*code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_means_by_its_stage() {
        let table = [
            (Stage::Opening, 421, HandOver::Deferred { reply: Some(421) }),
            (Stage::Opening, 454, HandOver::Deferred { reply: Some(454) }),
            (Stage::Opening, 554, HandOver::RelayFault { reply: Some(554) }),
            (Stage::Envelope, 450, HandOver::Deferred { reply: Some(450) }),
            (Stage::Envelope, 530, HandOver::RelayFault { reply: Some(530) }),
            (Stage::Envelope, 550, HandOver::Refused { reply: Some(550), status: None }),
            (Stage::Envelope, 250, HandOver::Deferred { reply: Some(250) }),
            (Stage::End, 452, HandOver::Deferred { reply: Some(452) }),
            (Stage::End, 552, HandOver::Refused { reply: Some(552), status: None }),
            (Stage::End, 354, HandOver::Unknown),
        ];
        for (stage, code, outcome) in table {
            assert_eq!(Fault::Said { stage, code, status: None }.outcome(), outcome, "{stage:?} {code}");
        }
    }

    #[test]
    fn only_after_the_dot_is_a_loss_unknown() {
        for stage in [Stage::Envelope, Stage::Content] {
            assert_eq!(Fault::silence(stage).outcome(), HandOver::Deferred { reply: None });
        }
        assert_eq!(Fault::silence(Stage::End).outcome(), HandOver::Unknown);
    }

    #[test]
    fn a_relay_that_cannot_be_reached_is_no_fault_of_the_mail() {
        assert_eq!(Fault::silence(Stage::Opening).outcome(), HandOver::RelayFault { reply: None });
        assert_eq!(Fault::nonsense(Stage::Opening).outcome(), HandOver::RelayFault { reply: None });
    }
}
