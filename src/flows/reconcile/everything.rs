//! The run over all customers, by night: in pages, within a rate, from where the last one broke off.

use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::store::reconcile_runs::{self, Run};
use crate::store::{self, StoreError};

use super::super::{Context, FlowError};
use super::{Done, look_at};

/// The run of the schedule, and the one of a command beside it.
const NAME: &str = "everything";
const BY_HAND: &str = "by hand";
/// What a look at one customer asks: the contracts, the links, the data that is bound.
const CALLS_EACH: u32 = 3;
/// Most customers that are looked at before it is written down how far the run is.
const PAGE: u32 = 500;

/// How much a run over all customers may ask of the contract system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Calls a second, 1 or more.
    pub calls_a_second: u32,
}

impl Pace {
    /// How many customers are looked at before the next pause: those for whom a second is enough.
    #[must_use]
    pub fn page(self) -> u32 {
        (self.calls_a_second / CALLS_EACH).clamp(1, PAGE)
    }

    /// How long so many calls must take at least.
    #[must_use]
    pub fn span(self, calls: usize) -> Duration {
        let calls = u64::try_from(calls).unwrap_or(u64::MAX);
        Duration::from_secs(calls) / self.calls_a_second.max(1)
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
    /// The contract system is left alone for so long; the same page comes next.
    LeftAlone(Duration),
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
        let page = store::contract_customers::page(&mut connection, &run.after, i64::from(pace.page())).await?;
        drop(connection);
        let last = page.last().map(|known| known.customer.account.as_str().to_owned());
        let done = look_at(context, page).await?;
        if let Some(rest) = done.left_alone {
            return Ok(Self::LeftAlone(rest));
        }
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let run = Run {
            finished_at: last.is_none().then(|| context.now()),
            after: last.unwrap_or(run.after),
            customers: run.customers + count(done.customers),
            corrections: run.corrections + count(done.corrections),
            slot,
        };
        let mut tx = context.store.begin().await?;
        reconcile_runs::put(&mut tx, name, &run).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(if run.finished_at.is_some() { Self::Last } else { Self::More(done) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the pages ask, what is waited for them keeps the rate; what a page asks at least is asked within a second.
        #[test]
        fn the_rate_holds_for_any_pages(calls_a_second in 1..=10_000_u32, pages in prop::collection::vec(0..20_000_usize, 1..50)) {
            let pace = Pace { calls_a_second };
            let waited: Duration = pages.iter().map(|calls| pace.span(*calls)).sum();
            let allowed = waited.as_secs_f64() * f64::from(calls_a_second);
            let asked = u32::try_from(pages.iter().sum::<usize>()).unwrap();
            prop_assert!(f64::from(asked) <= allowed + 0.1, "{asked} calls in {waited:?}");
            let page = pace.page();
            prop_assert!(page >= 1 && (page == 1 || page * CALLS_EACH <= calls_a_second) && page <= PAGE);
        }
    }
}
