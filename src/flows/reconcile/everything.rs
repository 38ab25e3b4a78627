//! The run over all customers, by night: in pages, within a rate, from where the last one broke off.

use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::store::reconcile_runs::{self, Run};
use crate::store::{self, StoreError};

use super::super::{Context, FlowError};
use super::{Done, some};

/// The run of the schedule, and the one of a command beside it.
const NAME: &str = "everything";
const BY_HAND: &str = "by hand";

/// How fast a run over all customers may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Customers a second, 1 or more.
    pub customers_a_second: u32,
}

impl Pace {
    /// How many customers are taken in hand at once: those of one second, at most 500.
    #[must_use]
    pub fn page(self) -> u32 {
        self.customers_a_second.clamp(1, 500)
    }

    /// How long these customers must take at least.
    #[must_use]
    pub fn span(self, customers: usize) -> Duration {
        let customers = u32::try_from(customers).unwrap_or(u32::MAX);
        Duration::from_secs(u64::from(customers)) / self.customers_a_second.max(1)
    }
}

/// Where the run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Everything {
    /// It never ran.
    Never,
    /// It broke off, or somebody is at it: the time it was due.
    Underway(Timestamp),
    /// It is done: the time it was due.
    Finished(Timestamp),
}

/// What one page came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// There is more.
    More(Done),
    /// That was the last one.
    Last,
}

/// Where the run stands.
///
/// # Errors
/// What the store says.
pub async fn everything(context: &Context) -> Result<Everything, FlowError> {
    Ok(match reconcile_runs::of(&mut *context.store.read().await?, NAME).await? {
        None => Everything::Never,
        Some(Run { slot, finished_at: None, .. }) => Everything::Underway(slot),
        Some(Run { slot, .. }) => Everything::Finished(slot),
    })
}

impl Page {
    /// Does the next page of the run that was due at `slot`. A run of another slot that broke off is not taken up: this one
    /// begins anew.
    ///
    /// # Errors
    /// What the store says; the same page is then done once more.
    pub async fn next(context: &Context, slot: Timestamp, pace: Pace) -> Result<Self, FlowError> {
        Self::next_of(context, NAME, slot, pace).await
    }

    /// The same for a run that a command began at `slot`: the run of the schedule is not touched.
    ///
    /// # Errors
    /// As [`Page::next`].
    pub async fn by_hand(context: &Context, slot: Timestamp, pace: Pace) -> Result<Self, FlowError> {
        Self::next_of(context, BY_HAND, slot, pace).await
    }

    async fn next_of(context: &Context, name: &str, slot: Timestamp, pace: Pace) -> Result<Self, FlowError> {
        let mut connection = context.store.read().await?;
        let last = reconcile_runs::of(&mut connection, name).await?.filter(|run| run.slot == slot);
        if last.as_ref().is_some_and(|run| run.finished_at.is_some()) {
            return Ok(Self::Last);
        }
        let run = last.unwrap_or(Run { slot, after: String::new(), customers: 0, corrections: 0, finished_at: None });
        let accounts = store::contract_customers::page(&mut connection, &run.after, i64::from(pace.page())).await?;
        drop(connection);
        let done = some(context, &accounts).await?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let run = Run {
            after: accounts.last().map_or(run.after, |account| account.as_str().to_owned()),
            customers: run.customers + count(accounts.len()),
            corrections: run.corrections + count(done.corrections),
            finished_at: accounts.is_empty().then(|| context.now()),
            slot,
        };
        let mut tx = context.store.begin().await?;
        reconcile_runs::put(&mut tx, name, &run).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(if run.finished_at.is_some() { Self::Last } else { Self::More(done) })
    }
}
