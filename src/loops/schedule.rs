//! The schedule loop.
//!
//! # Description
//! Runs each job on its own cron schedule, one after another: the sweep, in which requests whose time is over end and what is
//! no longer needed is forgotten; the reminders to customers; the digests for firms and the operator. Each remembers its
//! last run, and a run that was missed is made up once. All of it is also true at use, so that a stopped schedule extends no
//! right.
//!
//! # When it fails
//! The job that failed is logged and tried again within a minute; the others run all the same.
//!
//! # Configuration
//! `[schedule]`, `[retention]`, `[operator]`.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::until;
use crate::domain::time::Timestamp;
use crate::flows::digest::{self, Operator};
use crate::flows::jobs::{self, Job};
use crate::flows::purge::Retention;
use crate::flows::{Context, FlowError, remind, sweep};
use crate::lifecycle::Pulse;
use crate::schedule::Schedule;

/// Longest sleep: a clock that was set is noticed, and a job that failed is tried again.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// The loop and what it needs.
#[derive(Debug)]
pub struct Scheduler {
    /// For the flows.
    pub context: Context,
    /// What runs, and when.
    pub timetable: Vec<(Job, Schedule)>,
    /// How long things are kept.
    pub retention: Retention,
    /// Who gets the operator's digest.
    pub operator: Option<Operator>,
    /// Shows that the loop moves.
    pub pulse: Pulse,
    /// Asks it to end.
    pub stop: CancellationToken,
}

impl Scheduler {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// None: a failed run is made up.
    pub async fn run(self) -> Result<(), FlowError> {
        while !self.stop.is_cancelled() {
            for (job, schedule) in &self.timetable {
                self.pulse.beat();
                if let Err(error) = self.once(*job, schedule).await {
                    warn!(job = job.name(), "a job failed and is tried again within a minute: {error}");
                }
            }
            let pause = self.pause();
            self.pulse.rest(Instant::now() + pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Until the first of the next slots.
    fn pause(&self) -> Duration {
        let now = self.context.clock.now();
        let next = self.timetable.iter().filter_map(|(_, schedule)| schedule.next_after(now)).min();
        next.map_or(LOOK_EVERY, |next| until(now, next)).min(LOOK_EVERY)
    }

    async fn once(&self, job: Job, schedule: &Schedule) -> Result<(), FlowError> {
        let now = self.context.clock.now();
        let last = jobs::last(&self.context, job).await?;
        match last.map_or(Some(now), |last| schedule.latest_missed(last, now)) {
            Some(slot) => self.work(job, slot).await,
            None => Ok(()),
        }
    }

    async fn work(&self, job: Job, slot: Timestamp) -> Result<(), FlowError> {
        match job {
            Job::Sweep => {
                let swept = sweep::sweep(&self.context, &self.retention, slot).await?;
                info!(sweep.expired = swept.expired, sweep.forgotten = swept.forgotten, "the sweep ran");
            }
            Job::Remind => {
                let reminded = remind::remind(&self.context, slot).await?;
                let (to_answer, to_link) = (reminded.to_answer, reminded.to_link);
                info!(remind.to_answer = to_answer, remind.to_link = to_link, "customers were reminded");
            }
            Job::Digest => {
                let told = digest::digest(&self.context, self.operator.as_ref(), slot).await?;
                info!(digest.firms = told.firms, digest.operator = told.operator, "the digests were written");
            }
        }
        Ok(())
    }
}
