//! The loop that brings together what customers want and what the contract-management system has.
//!
//! # Description
//! Does what is due on its cron schedule, and at once when a page has rung for a person who waits. By night it goes through
//! all customers, in pages and within a rate, with what is due in between; a run that was broken off goes on where it was.
//!
//! # When it fails
//! A customer for whom the contract system does not answer is due again later and later, up to an hour. When the database
//! fails, it is logged and tried again within a minute.
//!
//! # Configuration
//! `[reconcile]`, `[contracts]`, `schedule.time_zone`.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::until;
use crate::domain::time::Timestamp;
use crate::flows::reconcile::{self, Done, Everything, Pace, Page};
use crate::flows::{Context, FlowError};
use crate::lifecycle::Pulse;
use crate::schedule::Schedule;

/// Longest sleep: a clock that was set is noticed, and a run that failed is tried again.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Customers that are claimed at once.
const BATCH: usize = 64;
/// How long a batch may take without a sign: that the contract system is slow is no fault of the loop's.
const PATIENCE: Duration = Duration::from_mins(10);

/// The loop and what it needs.
#[derive(Debug)]
pub struct Reconciler {
    /// For the flows.
    pub context: Context,
    /// When what is due is done.
    pub due: Schedule,
    /// When all customers are gone through.
    pub all: Schedule,
    /// How much that may ask.
    pub pace: Pace,
    /// Shows that the loop moves.
    pub pulse: Pulse,
    /// Asks it to end.
    pub stop: CancellationToken,
}

impl Reconciler {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// None: a failed run is made up.
    pub async fn run(self) -> Result<(), FlowError> {
        while !self.stop.is_cancelled() {
            if let Err(error) = self.once().await {
                warn!("reconciling failed and is tried again within a minute: {error}");
            }
            let pause = self.pause();
            self.pulse.rest(Instant::now() + pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.context.contract_bell.rung() => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Until the first of the next slots.
    fn pause(&self) -> Duration {
        let now = self.context.clock.now();
        let next = [&self.due, &self.all].into_iter().filter_map(|schedule| schedule.next_after(now)).min();
        next.map_or(LOOK_EVERY, |next| until(now, next)).min(LOOK_EVERY)
    }

    async fn once(&self) -> Result<(), FlowError> {
        self.do_due().await?;
        match self.slot().await? {
            Some(slot) => self.go_through_all(slot).await,
            None => Ok(()),
        }
    }

    async fn do_due(&self) -> Result<(), FlowError> {
        while !self.stop.is_cancelled() {
            self.pulse.rest(Instant::now() + PATIENCE);
            let done = reconcile::due(&self.context, BATCH).await?;
            if done.customers == 0 {
                break;
            }
            let (customers, corrections, troubled) = (done.customers, done.corrections, done.troubled);
            info!(customers, corrections, troubled, "what was due at the contract system was done");
        }
        self.pulse.beat();
        Ok(())
    }

    /// The run over all customers that is to be begun or gone on with.
    async fn slot(&self) -> Result<Option<Timestamp>, FlowError> {
        let now = self.context.clock.now();
        Ok(match reconcile::everything(&self.context).await? {
            Everything::Never => Some(now),
            Everything::Underway(slot) => self.all.latest_missed(slot, now).or(Some(slot)),
            Everything::Finished(slot) => self.all.latest_missed(slot, now),
        })
    }

    async fn go_through_all(&self, slot: Timestamp) -> Result<(), FlowError> {
        let mut all = Done::default();
        while !self.stop.is_cancelled() {
            self.pulse.rest(Instant::now() + PATIENCE);
            let begun = Instant::now();
            let span = match Page::next(&self.context, slot, self.pace).await? {
                Page::More(done) => {
                    all = all.and(done);
                    self.pace.span(done.calls)
                }
                Page::LeftAlone(rest) => rest,
                Page::Last => {
                    let Done { customers, corrections, troubled, calls, .. } = all;
                    info!(customers, corrections, troubled, calls, "all customers were gone through");
                    break;
                }
            };
            self.do_due().await?;
            tokio::select! {
                () = tokio::time::sleep_until(begun + span) => {}
                () = self.stop.cancelled() => {}
            }
        }
        self.pulse.beat();
        Ok(())
    }
}
