//! Why a use case could not be done.

use crate::domain::firm::FirmNumber;
use crate::domain::firm_request::Ended;
use crate::passwords::PasswordError;
use crate::store::StoreError;

/// Says what to do, without personal data.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state of the request does not allow it.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// No firm has this number.
    #[error("there is no firm {0}: see `renkei firm list`")]
    NoFirm(FirmNumber),
    /// The number or one of the addresses belongs to another firm.
    #[error("another firm has this number or one of these addresses already")]
    FirmTaken,
    /// A firm with undecided requests cannot be removed.
    #[error("firm {0} has {1} undecided requests: withdraw them first, or suspend the firm")]
    FirmInUse(FirmNumber, i64),
    /// No request has this number.
    #[error("there is no request {0}: see `renkei request list`")]
    NoRequest(i64),
    /// No mail in the outbox has this id, or it is not in a state for this.
    #[error("no mail {0} waits or has failed in the outbox: see `renkei outbox list`")]
    NoMail(String),
    /// No quarantined mail has this id.
    #[error("no mail {0} is in quarantine: see `renkei quarantine list`")]
    NotQuarantined(String),
    /// Nothing keeps mails to this address from leaving.
    #[error("this address is not suppressed: see `renkei suppression list`")]
    NotSuppressed,
    /// Judging a mail took longer than any mail may take.
    #[error("a mail could not be judged in {0} seconds")]
    Stuck(u64),
    /// No account has this ID.
    #[error("there is no such account: see `renkei account list`")]
    NoAccount,
    /// An account that something still rests on cannot be erased.
    #[error("this account shares its contract information with {0} firms: its owner must stop that first")]
    AccountInUse(i64),
    /// An account cannot be erased while something of it is under way at the contract system.
    #[error(
        "the contract system is still at work for this account: try again once `renkei reconcile` has brought it to an end"
    )]
    AccountAtWork,
    /// Nothing is approved, so that nothing can be migrated, linked or bound.
    #[error("this customer shares nothing: a firm's request must be approved first")]
    NothingApproved,
    /// Nobody with this ID has come to migrate or link.
    #[error("no customer with this ID has migrated or linked anything")]
    NoCustomer,
    /// The server keys are missing: no code can be made.
    #[error("there is no server key: run `renkei keys init`")]
    NoKeys,
    /// The clock is behind what was last written: codes would live too long.
    #[error("the clock is {0} s behind what was last written: no code is sent until it is right")]
    ClockBehind(u64),
    /// A password could not be hashed or verified.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A task of ours panicked outside the panic barrier.
    #[error("judging mails ended unexpectedly")]
    Panicked,
}

impl FlowError {
    /// Whether what was asked for is wrong, so that asking again does not help.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Stuck(_) | Self::Panicked | Self::ClockBehind(_) | Self::Password(_))
    }
}
