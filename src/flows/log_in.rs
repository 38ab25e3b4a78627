//! ログイン: the same answer after the same time, whether the ID exists or not (threat T10).

use tracing::{info, warn};

use crate::domain::account::{Account, PasswordHash, SecurityEvent};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::outbound::OutboundMail;
use crate::domain::password::TypedPassword;
use crate::domain::source::Source;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::passwords::Verdict;
use crate::store::limits::{Kind, Limit};
use crate::store::{self, StoreError};

use super::sessions::{self, SessionSecret};
use super::{Context, FlowError, accounts, issue, outgoing};

/// What came of it.
#[derive(Debug)]
pub enum LoggedIn {
    /// Come in: the session has begun.
    In(AccountId, SessionSecret),
    /// The ID or the password is wrong, or the account is locked.
    Refused,
    /// Too many wrong ones from there: not judged before this moment.
    Later(Timestamp),
    /// Too many people at once: try again in a moment.
    Busy,
}

/// Who stands at the door.
#[derive(Clone, Copy, Debug)]
pub struct AtTheDoor<'a> {
    /// Where the log-in comes from.
    pub source: Source,
    /// The request whose link was opened, if one was.
    pub request: Option<&'a RequestId>,
    /// What the cookie held: that session ends.
    pub before: Option<&'a SessionSecret>,
}

/// Judges an ID, as it was typed, and a password. The failure is counted before anything is judged, and taken back where
/// there was none: guesses side by side get no more tries than guesses one after another.
///
/// # Errors
/// [`FlowError::NoKeys`], or what the store says.
pub async fn log_in(
    context: &Context,
    id: &str,
    password: &TypedPassword,
    door: AtTheDoor<'_>,
) -> Result<LoggedIn, FlowError> {
    let Ok(place) = context.passwords.queue() else { return Ok(LoggedIn::Busy) };
    let now = context.now();
    let typed = text::composed(id);
    let known_as = EmailAddress::parse(&typed).map_or_else(|_| text::fold(&typed), |address| address.key());
    let subject = issue::subject(context, &known_as)?;
    let limit = Limit { kind: Kind::LogIn, subject, source: issue::source(context, door.source)? };

    let mut tx = context.store.begin().await?;
    let before = store::limits::take(&mut tx, &limit, now).await?.remembered(now);
    if let Some(from) = before.log_in_waits_until(now) {
        return Ok(LoggedIn::Later(from));
    }
    store::limits::set(&mut tx, &limit, before.and_one(now)).await?;
    // Nobody has an ID that is no address; looking for it takes as long.
    let account = store::accounts::count_failure(&mut tx, &known_as).await?;
    tx.commit().await.map_err(StoreError::from)?;

    let hash = account.as_ref().map(|account| &account.password);
    let verdict = context.passwords.verify(place, password, hash).await?;
    match (account, verdict) {
        (Some(account), Verdict::Right) => come_in(context, &limit, &account, account.password.clone(), door).await,
        (Some(account), Verdict::RightButWeak) => {
            let stronger = match context.passwords.queue() {
                Ok(place) => context.passwords.hash_anew(place, password).await?,
                Err(_) => account.password.clone(),
            };
            come_in(context, &limit, &account, stronger, door).await
        }
        _ => refused(context, &known_as).await,
    }
}

/// The session begins in the transaction that sees the password unchanged: a reset ends it, or comes before it.
async fn come_in(
    context: &Context,
    limit: &Limit,
    account: &Account,
    hash: PasswordHash,
    door: AtTheDoor<'_>,
) -> Result<LoggedIn, FlowError> {
    let mut tx = context.store.begin().await?;
    store::limits::forget(&mut tx, limit).await?;
    if !store::accounts::let_in(&mut tx, account, &hash).await? {
        return Ok(LoggedIn::Refused);
    }
    let secret = sessions::begin_in(context, &mut tx, &account.id, door.request, door.before).await?;
    tx.commit().await.map_err(StoreError::from)?;
    info!(account.id = %account.id, "logged in");
    Ok(LoggedIn::In(account.id.clone(), secret))
}

/// The failure that was one too many locks the account, and its owner is told. Asked at every refusal: whoever was cut off
/// between the counting and the lock has it made up, and an ID that nobody has costs the same.
async fn refused(context: &Context, known_as: &str) -> Result<LoggedIn, FlowError> {
    info!("a log-in was refused");
    let now = context.now();
    let mut tx = context.store.begin().await?;
    if let Some(account) = store::accounts::lock(&mut tx, known_as, now).await? {
        let notice = outgoing::security(context, &account.address, account.locale, SecurityEvent::AccountLocked, now);
        store::outbox::insert(&mut tx, &[OutboundMail { account: Some(account.id.clone()), ..notice }]).await?;
        accounts::note(&mut tx, &account.id, "renkei", ("locked", "failures in a row".to_owned()), now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        warn!(account.id = %account.id, "an account was locked: too many log-ins failed in a row");
    }
    Ok(LoggedIn::Refused)
}
