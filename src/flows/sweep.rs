//! The scheduled housekeeping, as one job whose last run is remembered.

use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::purge::{Retention, purge};
use super::{Context, FlowError, expire::expire};

const NAME: &str = "sweep";

/// What a sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Requests that ended.
    pub expired: usize,
    /// Rows that were forgotten.
    pub forgotten: u64,
}

/// When the sweep last ran.
///
/// # Errors
/// What the store says.
pub async fn last(context: &Context) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::jobs::last(&mut *context.store.read().await?, NAME).await?)
}

/// Ends and forgets what is due, then notes that the slot ran: a sweep that breaks off is made up.
///
/// # Errors
/// What the store says.
pub async fn sweep(context: &Context, retention: &Retention, slot: Timestamp) -> Result<Swept, FlowError> {
    let expired = expire(context).await?;
    let forgotten = purge(context, retention).await?;
    let mut tx = context.store.begin().await?;
    store::jobs::ran(&mut tx, NAME, slot).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(Swept { expired, forgotten })
}
