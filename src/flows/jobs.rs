//! The scheduled jobs, and when each last ran, so that a missed run is made up once.

use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// What runs by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Ends and forgets: [`super::sweep`].
    Sweep,
    /// Reminds customers: [`super::remind`].
    Remind,
    /// Tells firms and the operator: [`super::digest`].
    Digest,
}

impl Job {
    /// Its name, as stored and logged.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Remind => "remind",
            Self::Digest => "digest",
        }
    }
}

/// The slot for which the job last ran.
///
/// # Errors
/// What the store says.
pub async fn last(context: &Context, job: Job) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::jobs::last(&mut *context.store.read().await?, job.name()).await?)
}

/// Notes that the job ran for a slot, once it is through: one that breaks off is made up.
pub(super) async fn ran(context: &Context, job: Job, slot: Timestamp) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::jobs::ran(&mut tx, job.name(), slot).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
