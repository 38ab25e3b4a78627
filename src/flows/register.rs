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
use crate::domain::verification::{Aim, Draft};
use crate::store::{self, StoreError};

use super::issue::{self, Wanted};
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
pub async fn register(context: &Context, registration: Registration) -> Result<Begun, FlowError> {
    let Ok(place) = context.passwords.queue() else { return Ok(Begun::Busy) };
    let Registration { address, name, password, terms_version, locale, source, invited_by } = registration;
    let wanted = Wanted { address, source, invited_by };
    // Before the hash, so that who must wait costs nothing, and again after it.
    if let (_, Err(from)) = wanted.permit(context).await? {
        return Ok(Begun::Later(from));
    }
    let password = context.passwords.hash(place, &password).await?;
    let (mut tx, permitted) = wanted.permit(context).await?;
    let allowance = match permitted {
        Ok(allowance) => allowance,
        Err(from) => return Ok(Begun::Later(from)),
    };
    let aim = match store::accounts::by_address(&mut tx, &wanted.address).await? {
        Some(_) => Aim::Taken,
        None => Aim::Register(Draft { name, password, terms_version }),
    };
    let id = issue::begin(context, &mut tx, wanted.address, allowance, (aim, locale)).await?;
    tx.commit().await.map_err(StoreError::from)?;
    context.bell.ring();
    Ok(Begun::Attempt(id))
}
