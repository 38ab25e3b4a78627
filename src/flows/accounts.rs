//! Accounts as their owners' pages and the operator see them.

use crate::domain::account::Account;
use crate::domain::audit::AuditEntry;
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::AccountId;
use crate::domain::outbound::OutboundMail;

use super::{Context, FlowError};

/// An account and its whole story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The account.
    pub account: Account,
    /// What happened to it, oldest first.
    pub events: Vec<AuditEntry>,
    /// What was mailed about it, oldest first.
    pub mails: Vec<OutboundMail>,
}

/// The account; `None` when there is none, or it was erased.
///
/// # Errors
/// What the store says.
pub async fn by_id(_context: &Context, _id: &AccountId) -> Result<Option<Account>, FlowError> {
    Ok(None)
}

/// Its owner agrees to these terms. Agreeing twice changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn accept_terms(_context: &Context, _id: &AccountId, _version: &str) -> Result<(), FlowError> {
    Err(FlowError::NoAccount)
}

/// The newest accounts below an id, newest first.
///
/// # Errors
/// What the store says.
pub async fn list(_context: &Context, _below: Option<&str>, _most: u32) -> Result<Vec<Account>, FlowError> {
    Ok(vec![])
}

/// The account with this address, and its story.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn show(_context: &Context, _address: &EmailAddress) -> Result<Story, FlowError> {
    Err(FlowError::NoAccount)
}

/// Lets the owner of this address log in, register or reset again, whatever was guessed before.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn unlock(_context: &Context, _address: &EmailAddress) -> Result<(), FlowError> {
    Err(FlowError::NoAccount)
}

/// Takes the personal data out of an account; its sessions end, the audit trail stays.
///
/// # Errors
/// [`FlowError::NoAccount`], [`FlowError::AccountInUse`]
pub async fn erase(_context: &Context, _address: &EmailAddress) -> Result<(), FlowError> {
    Err(FlowError::NoAccount)
}
