//! パスワードの再設定: a mailed code proves the address, then a new password is set, all sessions end and the lock is lifted.

use crate::domain::account::SecurityEvent;
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, AttemptId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::outbound::OutboundMail;
use crate::domain::password::NewPassword;
use crate::domain::source::Source;
use crate::domain::verification::{Aim, Attempt, AttemptState};
use crate::store::{self, StoreError};

use super::issue::{self, Wanted};
use super::register::Begun;
use super::{Context, FlowError, accounts, outgoing};

/// Who forgot a password.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// The ID that was typed.
    pub address: EmailAddress,
    /// The language of the mails where there is no account.
    pub locale: Locale,
    /// Where the person comes from.
    pub source: Source,
    /// As in [`super::register::Registration`].
    pub invited_by: Option<RequestId>,
}

/// What became of the new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// It is set; all sessions of the account have ended.
    Done(AccountId),
    /// The address is not proven, or no longer: begin anew.
    NotProven,
    /// Too many people at once: try again in a moment.
    Busy,
}

/// Begins an attempt: a code is mailed where there is an account, else a letter that says that there is none.
///
/// # Errors
/// [`FlowError::ClockBehind`], [`FlowError::NoKeys`], or what the store says.
pub async fn ask(context: &Context, forgotten: Forgotten) -> Result<Begun, FlowError> {
    let Forgotten { address, locale, source, invited_by } = forgotten;
    let wanted = Wanted { address, source, invited_by };
    let (mut tx, permitted) = wanted.permit(context).await?;
    let allowance = match permitted {
        Ok(allowance) => allowance,
        Err(from) => return Ok(Begun::Later(from)),
    };
    let aim = match store::accounts::by_address(&mut tx, &wanted.address).await? {
        Some(account) => (Aim::Reset(account.id), account.locale),
        None => (Aim::Nobody, locale),
    };
    let id = issue::begin(context, &mut tx, wanted.address, allowance, aim).await?;
    tx.commit().await.map_err(StoreError::from)?;
    context.bell.ring();
    Ok(Begun::Attempt(id))
}

/// Sets a new password after [`super::code::Verified::MayReset`], once. Every other attempt to do so ends, and what was
/// counted against the account is forgotten: it is its owner's again.
///
/// # Errors
/// What the store says.
pub async fn set(context: &Context, id: &AttemptId, password: &NewPassword) -> Result<Set, FlowError> {
    let Ok(place) = context.passwords.queue() else { return Ok(Set::Busy) };
    let known = store::attempts::by_id(&mut *context.store.read().await?, id).await?;
    if !known.is_some_and(|attempt| attempt.may_set_password(context.now())) {
        return Ok(Set::NotProven);
    }
    let hash = context.passwords.hash(place, password).await?;
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let attempt = store::attempts::take(&mut tx, id).await?.filter(|attempt| attempt.may_set_password(now));
    let Some(Attempt { aim: Aim::Reset(account), address, locale, state, .. }) = attempt else {
        return Ok(Set::NotProven);
    };
    store::limits::forget_all(&mut tx, &issue::subject(context, &address.key())?).await?;
    store::accounts::set_password(&mut tx, &account, &hash).await?;
    store::sessions::end_all(&mut tx, &account).await?;
    store::attempts::end_resets(&mut tx, &account, now).await?;
    let notice = outgoing::security(context, &address, locale, SecurityEvent::PasswordChanged, now);
    store::outbox::insert(&mut tx, &[OutboundMail { account: Some(account.clone()), ..notice }]).await?;
    issue::note(&mut tx, id, "set a new password", (state.name(), AttemptState::Used(now)), now).await?;
    accounts::note(&mut tx, &account, "renkei", ("password changed", format!("attempt {id}")), now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(Set::Done(account))
}
