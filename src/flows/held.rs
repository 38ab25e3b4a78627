//! Mails that wait in INBOX: which are due to be judged again, and when the next one is.

use crate::domain::ids::InboundId;
use crate::domain::inbound::{Locator, WINDOW_MAILS};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// A held mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Identity.
    pub id: InboundId,
    /// Where it lies.
    pub at: Locator,
    /// In octets.
    pub size: u64,
}

/// Held mails that are due, at most a window of them.
///
/// # Errors
/// What the store says.
pub async fn due(context: &Context, mailbox: &str) -> Result<Vec<Held>, FlowError> {
    let most = i64::try_from(WINDOW_MAILS).unwrap_or(i64::MAX);
    let mails = store::inbound::held_due(&mut *context.store.read().await?, mailbox, context.now(), most).await?;
    Ok(mails.into_iter().map(|mail| Held { id: mail.id, at: mail.at, size: mail.size }).collect())
}

/// When the next held mail is due.
///
/// # Errors
/// What the store says.
pub async fn next_due(context: &Context, mailbox: &str) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::inbound::next_held(&mut *context.store.read().await?, mailbox).await?)
}

/// A held mail is no longer in INBOX: somebody took it out of our hands.
///
/// # Errors
/// What the store says.
pub async fn vanished(context: &Context, held: &Held) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::inbound::forget_held(&mut tx, &held.id).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
