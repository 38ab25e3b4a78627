//! Accounts as their owners' pages and the operator see them.

use crate::domain::account::Account;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::AccountId;
use crate::domain::outbound::OutboundMail;
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError, Tx};

use super::outbox::AFTER_ALL;
use super::{Context, FlowError, issue};

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
pub async fn by_id(context: &Context, id: &AccountId) -> Result<Option<Account>, FlowError> {
    let account = store::accounts::by_id(&mut *context.store.read().await?, id).await?;
    Ok(account.filter(|account| account.erased_at.is_none()))
}

/// Its owner agrees to these terms. Agreeing twice changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn accept_terms(context: &Context, id: &AccountId, version: &str) -> Result<(), FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    if store::accounts::accept_terms(&mut tx, id, version, now).await? {
        note(&mut tx, id, &format!("account {id}"), ("accepted terms", format!("version {version}")), now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        return Ok(());
    }
    let account = store::accounts::by_id(&mut tx, id).await?.filter(|account| account.erased_at.is_none());
    account.map(drop).ok_or(FlowError::NoAccount)
}

/// The newest accounts below an id, newest first, erased ones included.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context, below: Option<&str>, most: u32) -> Result<Vec<Account>, FlowError> {
    let mut connection = context.store.read().await?;
    Ok(store::accounts::page(&mut connection, below.unwrap_or(AFTER_ALL), i64::from(most)).await?)
}

/// The account with this address, and its story.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn show(context: &Context, address: &EmailAddress) -> Result<Story, FlowError> {
    let mut connection = context.store.read().await?;
    let account = store::accounts::by_address(&mut connection, address).await?.ok_or(FlowError::NoAccount)?;
    let events = store::audit::of(&mut connection, &object(&account.id)).await?;
    let mails = store::outbox::of_account(&mut connection, &account.id).await?;
    Ok(Story { account, events, mails })
}

/// Lets the owner of this address log in, register or reset again, whatever was guessed before.
///
/// # Errors
/// [`FlowError::NoAccount`] when there is neither an account nor anything that was guessed.
pub async fn unlock(context: &Context, address: &EmailAddress) -> Result<(), FlowError> {
    let now = context.now();
    let subject = issue::subject(context, &address.key())?;
    let mut tx = context.store.begin().await?;
    let guessed = store::limits::forget_all(&mut tx, &subject).await?;
    match store::accounts::by_address(&mut tx, address).await? {
        Some(account) => {
            store::accounts::unlock(&mut tx, &account.id).await?;
            note(&mut tx, &account.id, "operator", ("unlocked", "command".to_owned()), now).await?;
        }
        None if guessed == 0 => return Err(FlowError::NoAccount),
        None => {}
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Takes the personal data out of an account, and out of its mails, attempts and contracts; nobody is logged in with it any more. The
/// audit trail stays: it holds none. What a firm asked of the address is the firm's, and goes when its time has come.
///
/// # Errors
/// [`FlowError::NoAccount`], [`FlowError::AccountInUse`], [`FlowError::AccountAtWork`]
pub async fn erase(context: &Context, address: &EmailAddress) -> Result<(), FlowError> {
    let now = context.now();
    let subject = issue::subject(context, &address.key())?;
    let mut tx = context.store.begin().await?;
    store::limits::forget_all(&mut tx, &subject).await?;
    let account = store::accounts::by_address(&mut tx, address).await?.ok_or(FlowError::NoAccount)?;
    let shared = store::decisions::shared_by(&mut tx, &account.id).await?;
    if shared > 0 {
        return Err(FlowError::AccountInUse(shared));
    }
    if store::contract_customers::has_unfinished(&mut tx, &account.id).await? {
        return Err(FlowError::AccountAtWork);
    }
    store::contract_customers::forget(&mut tx, &account.id).await?;
    store::companies::forget(&mut tx, &account.id).await?;
    store::decisions::forget(&mut tx, &account.id).await?;
    store::accounts::erase(&mut tx, &account, now).await?;
    store::sessions::end_all(&mut tx, &account.id).await?;
    store::outbox::forget_account(&mut tx, &account.id).await?;
    store::attempts::forget_address(&mut tx, address).await?;
    note(&mut tx, &account.id, "operator", ("erased", "command".to_owned()), now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Tells the audit trail what happened to an account: the event, and why.
pub(super) async fn note(
    tx: &mut Tx,
    id: &AccountId,
    actor: &str,
    (event, cause): (&'static str, String),
    now: Timestamp,
) -> Result<(), FlowError> {
    let (from, to) = match event {
        "registered" => ("", "active"),
        "locked" => ("active", "locked"),
        "unlocked" => ("locked", "active"),
        "erased" => ("active", "erased"),
        _ => ("active", "active"),
    };
    let event = AuditEvent { at: now, actor: actor.to_owned(), object: object(id), event, from, to, cause };
    Ok(store::audit::append(tx, &[event]).await?)
}

fn object(id: &AccountId) -> String {
    format!("account {id}")
}
