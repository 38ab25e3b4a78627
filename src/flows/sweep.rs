//! The scheduled housekeeping: what is over ends, what is no longer needed is forgotten.

use crate::domain::time::Timestamp;

use super::jobs::{self, Job};
use super::purge::{Retention, purge};
use super::{Context, FlowError, expire::expire, sessions};

/// What a sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Requests that ended.
    pub expired: usize,
    /// Rows that were forgotten.
    pub forgotten: u64,
}

/// Ends and forgets what is due, then notes that the slot ran: a sweep that breaks off is made up.
///
/// # Errors
/// What the store says.
pub async fn sweep(context: &Context, retention: &Retention, slot: Timestamp) -> Result<Swept, FlowError> {
    let expired = expire(context).await?;
    let forgotten = purge(context, retention).await? + sessions::purge(context).await?;
    jobs::ran(context, Job::Sweep, slot).await?;
    Ok(Swept { expired, forgotten })
}
