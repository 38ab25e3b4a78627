//! The page that takes the code: what it shows, another code, a try (S16 to S20).

use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, AttemptId};
use crate::domain::time::Timestamp;
use crate::domain::verification::{Digits, NotAsked, Over, Purpose};

use super::{Context, FlowError};

/// All that the page shows about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What the code is for.
    pub purpose: Purpose,
    /// Where the codes go: what this browser's person typed.
    pub address: EmailAddress,
    /// Which code it is: 1, or 2 and 3 for the resends.
    pub sequence: u32,
    /// Where its mail is.
    pub mail: MailState,
    /// Tries left at this code.
    pub tries_left: u32,
    /// Resends left; asking for a code that could not be sent costs none.
    pub resends_left: u32,
    /// From when on another code can be asked for.
    pub next_from: Timestamp,
    /// What can be done now.
    pub stage: Stage,
}

/// Where the mail with the newest code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Asked for then, about to be sent.
    Waiting(Timestamp),
    /// Sent.
    Sent {
        /// When the code was minted.
        at: Timestamp,
        /// The first moment at which it no longer counts.
        until: Timestamp,
    },
    /// It could not be sent; asking for it again is free.
    Unsent(Timestamp),
}

/// What can be done with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A code can be typed.
    Live,
    /// The code's ten minutes are over.
    Expired,
    /// The code died of five wrong tries.
    Killed,
    /// The code was right: a new password can be set until then.
    Proven(Timestamp),
    /// Nothing.
    Over(Over),
}

/// What a request for another code did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resent {
    /// Another code is on its way, the older one is dead.
    OnItsWay(Progress),
    /// None was asked for.
    Not(NotAsked),
    /// There is no such attempt (any more).
    NoAttempt,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It was right: the account was made.
    Account(AccountId),
    /// It was right, but the address was registered in another way meanwhile: log in.
    AlreadyRegistered,
    /// It was right: a new password may be set with [`super::reset_password::set`].
    MayReset,
    /// It was wrong.
    Wrong {
        /// At this code; at 0 it is dead.
        tries_left: u32,
        /// Resends left.
        resends_left: u32,
    },
    /// It is an older code of this attempt; a newer one was mailed. Costs a try.
    Old {
        /// Which code was typed: 1 or 2.
        typed: u32,
        /// Which one counts.
        newest: u32,
        /// At the newest code.
        tries_left: u32,
    },
    /// The newest code has not been sent yet: nothing can be right.
    NotSentYet {
        /// At that code.
        tries_left: u32,
    },
    /// The newest code could not be sent: asking for it again is free.
    Unsent,
    /// The newest code's ten minutes are over.
    Expired {
        /// Resends left.
        resends_left: u32,
    },
    /// The newest code died of five wrong tries.
    Killed {
        /// Resends left.
        resends_left: u32,
    },
    /// The attempt leads nowhere any more.
    Over(Over),
    /// There is no such attempt (any more).
    NoAttempt,
}

/// What the page shows; `None` when there is no such attempt (any more). Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn progress(_context: &Context, _id: &AttemptId) -> Result<Option<Progress>, FlowError> {
    Ok(None)
}

/// Asks for another code (S18 to S20).
///
/// # Errors
/// [`FlowError::ClockBehind`], or what the store says.
pub async fn resend(_context: &Context, _id: &AttemptId) -> Result<Resent, FlowError> {
    Ok(Resent::NoAttempt)
}

/// Tries a code. The try is committed before anything is compared.
///
/// # Errors
/// What the store says.
pub async fn verify(_context: &Context, _id: &AttemptId, _typed: &Digits) -> Result<Verified, FlowError> {
    Ok(Verified::NoAttempt)
}
