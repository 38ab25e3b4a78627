//! ログイン: the same answer after the same time, whether the ID exists or not (threat T10).

use crate::domain::ids::AccountId;
use crate::domain::password::TypedPassword;
use crate::domain::source::Source;
use crate::domain::time::Timestamp;

use super::{Context, FlowError};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedIn {
    /// Come in.
    Account(AccountId),
    /// The ID or the password is wrong, or the account is locked.
    Refused,
    /// Too many wrong ones from there: not judged before this moment.
    Later(Timestamp),
    /// Too many people at once: try again in a moment.
    Busy,
}

/// Judges an ID, as it was typed, and a password.
///
/// # Errors
/// What the store says.
pub async fn log_in(
    _context: &Context,
    _id: &str,
    _password: &TypedPassword,
    _source: Source,
) -> Result<LoggedIn, FlowError> {
    Ok(LoggedIn::Refused)
}
