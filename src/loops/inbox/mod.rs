//! The inbox loop.
//!
//! # Description
//! Watches the mailbox and takes what is new in windows: the window's mails are written down as being in our hands, judged
//! side by side, and committed together with everything that follows; meanwhile the next window is fetched. Mails are moved
//! to their folders after the commit that owns them; while many wait, moving waits too, thirty seconds at most.
//!
//! # When it fails
//! A mailbox that does not answer is tried again after 1 s, doubled up to 5 min, and stands among the troubles. A database
//! that does not answer likewise. A mail that cannot be judged in time ends the process: after the restart the mails that
//! were in our hands are judged one by one, and the one that ends it twice is quarantined unread.
//!
//! # Configuration
//! `[mailbox]`, `[intake]`.

mod hands;
mod retention;
mod session;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::domain::backoff;
use crate::flows::receive_request::Judge;
use crate::flows::troubles::{self, Place};
use crate::flows::{Context, FlowError};
use crate::lifecycle::Pulse;
use crate::mailbox::{Mailbox, MailboxError};

pub use retention::{KeepMail, Retention};

/// The loop and what it needs.
#[derive(Debug)]
pub struct Inbox {
    /// For the flows.
    pub context: Context,
    /// Judges mails.
    pub judge: Judge,
    /// Most bytes of a mail that is read.
    pub mail_limit: u64,
    /// Where mail comes from.
    pub mailbox: Mailbox,
    /// Rung when something was put into the outbox.
    pub outbox: Arc<Notify>,
    /// Shows that the loop moves.
    pub pulse: Pulse,
    /// Asks the loop to end after the window in its hands.
    pub stop: CancellationToken,
}

/// Why a session of the loop ended.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl Inbox {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// What must end the process.
    pub async fn run(mut self) -> Result<(), FlowError> {
        let mut failures = 0;
        let mut hands = None;
        loop {
            let began = Instant::now();
            let broken = match self.session(&mut hands).await {
                Ok(()) => return Ok(()),
                Err(Broken::Flow(error @ (FlowError::Stuck(_) | FlowError::Panicked))) => return Err(error),
                Err(broken) => broken,
            };
            // A session that held for a while was a success: the next failure is a first one again.
            failures = if began.elapsed() > Duration::from_mins(1) { 1 } else { failures + 1 };
            let pause = backoff::reconnect(failures, self.context.entropy.fraction());
            self.tell(&broken, failures, pause).await;
            self.pulse.rest(Instant::now() + pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => return Ok(()),
            }
        }
    }

    async fn tell(&self, broken: &Broken, failures: u32, pause: Duration) {
        warn!(mailbox.failures = failures, mailbox.retry_s = pause.as_secs(), "the mailbox is left: {broken}");
        let until = self.context.clock.now().after(pause);
        if let Broken::Mailbox(error) = broken
            && let Err(error) = troubles::note(&self.context, Place::Mailbox, until, error.to_string()).await
        {
            info!("the trouble could not be noted: {error}");
        }
    }
}
