//! The loop of codes.
//!
//! # Description
//! Two hands, so that one slow connection does not keep others waiting: each claims one code, which mints it, hands its
//! mail over and notes how that ended. Rung when a code was asked for; whoever has found one rings for the other hand.
//! Nothing here waits for the rest of the outbox, which may be long.
//!
//! # When it fails
//! A code waits for no relay: each failure before the mail's end is an attempt at it, and after the sixth it could not be
//! sent. A hand-over that takes a minute is cut off, which is unknown: the code stays live and is not sent again. A process
//! that ends leaves its codes behind in the same way.
//!
//! # Configuration
//! `[relay]`, `[sender]`, `[dkim]`. It opens up to two connections beside `relay.smtp.connections`.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::until;
use crate::domain::backoff;
use crate::flows::deliver::codes::{self, Minted};
use crate::flows::deliver::{Ended, Post};
use crate::flows::{Context, FlowError};
use crate::lifecycle::Pulse;

/// Longest time that a code's mail may take to be handed over.
const HAND_OVER: Duration = Duration::from_mins(1);
/// Longest time without a look: another process may have put a code into the outbox.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The loop and what it needs.
#[derive(Debug)]
pub struct Codes {
    /// For the flows; its bell is rung when a code was asked for.
    pub context: Context,
    /// Writes mails and hands them over.
    pub post: Arc<Post>,
    /// Shows that the hands move, one each.
    pub pulses: [Pulse; 2],
    /// Asks the loop to end: what is being handed over ends first or is cut off.
    pub stop: CancellationToken,
}

#[derive(Debug)]
struct Hand {
    context: Context,
    post: Arc<Post>,
    pulse: Pulse,
    stop: CancellationToken,
}

impl Codes {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// None at present: what the database says is waited out.
    pub async fn run(self) -> Result<(), FlowError> {
        let Self { context, post, pulses, stop } = self;
        let [left, right] = pulses.map(|pulse| {
            let (context, post, stop) = (context.clone(), Arc::clone(&post), stop.clone());
            Hand { context, post, pulse, stop }
        });
        // Whoever held codes before is dead: only one daemon runs on a database.
        left.end_leases().await;
        tokio::join!(left.work(), right.work());
        Ok(())
    }
}

impl Hand {
    async fn work(&self) {
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            match self.round().await {
                Ok(()) => failures = 0,
                Err(error) => self.wait_out(&mut failures, &error).await,
            }
        }
    }

    /// Sends one code, or waits for one.
    async fn round(&self) -> Result<(), FlowError> {
        self.pulse.rest(Instant::now() + HAND_OVER);
        if let Some(code) = codes::claim(&self.context).await? {
            self.context.bell.ring();
            let ended = self.post.hand_over(tokio::time::sleep(HAND_OVER), code.claimed).await;
            self.record(&code.minted, &ended).await;
            return Ok(());
        }
        let now = self.context.clock.now();
        let due = codes::next_due(&self.context).await?.map_or(LOOK_EVERY, |due| until(now, due));
        tokio::select! {
            () = self.context.bell.rung() => {}
            () = tokio::time::sleep(due.clamp(Duration::from_millis(20), LOOK_EVERY)) => {
                codes::end_leases(&self.context, false).await?;
            }
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }

    /// It cannot be handed over again: noting how it ended is worth some patience.
    async fn record(&self, minted: &Minted, ended: &Ended) {
        let mut failures = 0;
        while let Err(error) = codes::record(&self.context, minted, ended).await {
            self.wait_out(&mut failures, &error).await;
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn end_leases(&self) {
        let mut failures = 0;
        while let Err(error) = codes::end_leases(&self.context, true).await {
            self.wait_out(&mut failures, &error).await;
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    /// Waits until the database may have come round, or the loop is to stop.
    async fn wait_out(&self, failures: &mut u32, error: &FlowError) {
        *failures += 1;
        let pause = backoff::reconnect(*failures, self.context.entropy.fraction());
        warn!(codes.retry_s = pause.as_secs(), "codes wait: {error}");
        self.pulse.rest(Instant::now() + pause);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
        }
    }
}
