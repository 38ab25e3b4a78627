//! 弥生IDの新規登録: somebody typed an address, a name and a password; a code is mailed that proves the address (S14 to S16).
//!
//! An address that has an account already gets the same page, after the same work, and another mail.

use crate::domain::account::PersonName;
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AttemptId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::password::NewPassword;
use crate::domain::source::Source;
use crate::domain::time::Timestamp;

use super::{Context, FlowError};

/// What was typed and agreed to.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Becomes the ID.
    pub address: EmailAddress,
    /// ログイン者名
    pub name: PersonName,
    /// See [`Context::new_password`].
    pub password: NewPassword,
    /// The version of the terms whose box was ticked.
    pub terms_version: String,
    /// The language of the mails.
    pub locale: Locale,
    /// Where the person comes from.
    pub source: Source,
    /// The request whose mailed link brought them here; counts when it was mailed to this very address.
    pub invited_by: Option<RequestId>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A code is on its way: the page that takes it belongs to this attempt.
    Attempt(AttemptId),
    /// Too many attempts: not before this moment.
    Later(Timestamp),
    /// Too many people at once: try again in a moment.
    Busy,
}

/// Begins an attempt to register.
///
/// # Errors
/// [`FlowError::ClockBehind`], [`FlowError::NoKeys`], or what the store says.
pub async fn register(_context: &Context, _registration: Registration) -> Result<Begun, FlowError> {
    Err(FlowError::NoKeys)
}
