//! The schedule loop.
//!
//! # Description
//! Runs the sweep on its cron schedule: requests whose time is over end, and what is no longer needed is forgotten. A run
//! that was missed is made up once. All of it is also true at use, so that a stopped schedule extends no right.
//!
//! # When it fails
//! It is logged and tried again at the next slot.
//!
//! # Configuration
//! `[schedule]`, `[retention]`.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::until;
use crate::flows::purge::Retention;
use crate::flows::{Context, FlowError, sweep};
use crate::lifecycle::Pulse;
use crate::schedule::Schedule;

/// Longest sleep: a clock that was set is noticed.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// The loop and what it needs.
#[derive(Debug)]
pub struct Sweeper {
    /// For the flows.
    pub context: Context,
    /// When.
    pub schedule: Schedule,
    /// How long things are kept.
    pub retention: Retention,
    /// Shows that the loop moves.
    pub pulse: Pulse,
    /// Asks it to end.
    pub stop: CancellationToken,
}

impl Sweeper {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// None: a failed run is made up.
    pub async fn run(self) -> Result<(), FlowError> {
        while !self.stop.is_cancelled() {
            self.pulse.beat();
            if let Err(error) = self.once().await {
                warn!("the sweep failed and is tried again at its next time: {error}");
            }
            let now = self.context.clock.now();
            let pause = self.schedule.next_after(now).map_or(LOOK_EVERY, |next| until(now, next)).min(LOOK_EVERY);
            self.pulse.rest(Instant::now() + pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn once(&self) -> Result<(), FlowError> {
        let now = self.context.clock.now();
        let last = sweep::last(&self.context).await?;
        let Some(slot) = last.map_or(Some(now), |last| self.schedule.latest_missed(last, now)) else { return Ok(()) };
        let swept = sweep::sweep(&self.context, &self.retention, slot).await?;
        info!(sweep.expired = swept.expired, sweep.forgotten = swept.forgotten, "the sweep ran");
        Ok(())
    }
}
