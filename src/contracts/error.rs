//! Why a call did not come to what was asked, and what the caller may do about it.

use std::time::Duration;

use crate::domain::contract::Refusal;

/// What is to be done. No variant shows anything of a customer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// It was not done: it can be asked again later.
    #[error("the contract-management system {0}")]
    Retry(Trouble),
    /// It will not be done: asking again gives the same answer.
    #[error("the contract-management system refused: {}", .0.name())]
    Refused(Refusal),
    /// It may have been done: look first.
    #[error("the contract-management system {0}: what was asked may have been done")]
    Unknown(Trouble),
}

impl DirectoryError {
    /// How long the system asked to be left alone.
    #[must_use]
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::Retry(Trouble::Busy(wait)) => wait,
            Self::Retry(Trouble::LeftAlone(wait)) => Some(wait),
            _ => None,
        }
    }

    /// How long we leave the system alone, whoever asks: it failed again and again.
    #[must_use]
    pub const fn left_alone(self) -> Option<Duration> {
        match self {
            Self::Retry(Trouble::LeftAlone(wait)) => Some(wait),
            _ => None,
        }
    }
}

/// What went wrong, in words that stand behind "the contract-management system".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection, or none that is safe.
    #[error("cannot be reached")]
    Down,
    /// No answer within the limit.
    #[error("does not answer in time")]
    Silent,
    /// The connection broke before the answer was whole.
    #[error("hung up in the middle")]
    Cut,
    /// It has too much to do, or we have: it may say how long.
    #[error("is busy")]
    Busy(Option<Duration>),
    /// It failed so often that it is left alone for so long.
    #[error("failed again and again and is left alone for a while")]
    LeftAlone(Duration),
    /// It said so, with this status.
    #[error("failed with HTTP status {0}")]
    Failed(u16),
    /// It does not take our token or certificate.
    #[error("does not accept our credentials (HTTP status {0})")]
    Denied(u16),
    /// An answer that cannot be, or is about something else than what was asked. The last good one stays.
    #[error("gave an answer that cannot be: {0}")]
    Nonsense(&'static str),
    /// The built-in one: what its database says stands in the log.
    #[error("cannot use its database")]
    Database,
}
