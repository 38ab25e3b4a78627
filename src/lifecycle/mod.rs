//! One object for the life of the process: signals, the service manager, the watchdog, and tasks that stop in order.
//!
//! ```text
//! start ── ready() ──┬── Signal::Reload ── reloading() ── stop the loops' group, start another ── ready() ──┐
//!                    ├──────────────────────────────────────────────────────────────────────────────────────┘
//!                    ├── Signal::Stop ── stop(groups) ── soft for 25 s, then, or at a second signal, hard
//!                    └── Group::fault() ── a task ended by itself: stop(groups), exit non-zero
//! ```

mod group;
mod notifier;
mod pulse;
mod signals;
mod watchdog;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, warn};

pub use group::{Fault, Group};
pub use notifier::Notifier;
pub use pulse::{Pulse, Pulses};
pub use signals::Signal;

use notifier::State;
use signals::Signals;

/// How long a soft stop may take (failure F29); the unit's `TimeoutStopSec=` is longer.
pub const SOFT_STOP: Duration = Duration::from_secs(25);

/// The life of the process.
#[derive(Debug)]
pub struct Lifecycle {
    notifier: Arc<Notifier>,
    pulses: Pulses,
    signals: Signals,
    // Held for its Drop, which ends the watchdog with the lifecycle.
    _watchdog: JoinSet<()>,
}

impl Lifecycle {
    /// Takes over the process's signals and starts the watchdog. Needs tokio's runtime.
    ///
    /// # Errors
    /// A signal cannot be handled.
    pub fn new(notifier: Notifier) -> io::Result<Self> {
        let (notifier, pulses, signals) = (Arc::new(notifier), Pulses::default(), Signals::new()?);
        let mut watchdog = JoinSet::new();
        watchdog.spawn(watchdog::watch(Arc::clone(&notifier), pulses.clone()));
        Ok(Self { notifier, pulses, signals, _watchdog: watchdog })
    }

    /// A group of tasks that run, and stop, together.
    #[must_use]
    pub fn group(&self) -> Group {
        Group::default()
    }

    /// A pulse for a loop that beats, or says until when it rests, at least every `within`.
    #[must_use]
    pub fn pulse(&self, name: &'static str, within: Duration) -> Pulse {
        self.pulses.start(name, within)
    }

    /// All pulses, for `/readyz`.
    #[must_use]
    pub fn pulses(&self) -> Pulses {
        self.pulses.clone()
    }

    /// Waits for the next signal. Safe to be dropped and called again: none is lost.
    pub async fn next_signal(&mut self) -> Signal {
        self.signals.next().await
    }

    /// Database, listener and loops stand.
    pub fn ready(&self) {
        self.notifier.send(&[State::Ready]);
    }

    /// A new config is being taken over; [`Self::ready`] ends it, whether it was taken or not.
    pub fn reloading(&self) {
        self.notifier.reloading();
    }

    /// The process is about to end.
    pub fn stopping(&self) {
        self.notifier.send(&[State::Stopping]);
    }

    /// One line for `systemctl status`; without addresses.
    pub fn status(&self, line: &str) {
        self.notifier.status(line);
    }

    /// Stops: asks all groups at once and waits until they have stopped, for 25 s at most or until a second signal to
    /// stop; what has not ended then is dropped where it stands.
    ///
    /// # Errors
    /// The first [`Fault`] of a task on its way out; each is logged.
    pub async fn stop(&mut self, groups: impl IntoIterator<Item = Group>) -> Result<(), Fault> {
        self.stop_within(SOFT_STOP, groups).await
    }

    async fn stop_within(&mut self, limit: Duration, groups: impl IntoIterator<Item = Group>) -> Result<(), Fault> {
        self.stopping();
        let mut groups: Vec<Group> = groups.into_iter().collect();
        for group in &groups {
            group.ask_to_stop();
        }
        let mut faults = Vec::new();
        let soft = timeout(limit, async {
            for group in &mut groups {
                group.stopped(&mut faults).await;
            }
        });
        tokio::select! {
            in_time = soft => if in_time.is_err() { warn!("not stopped in time: stopping hard") },
            () = second_stop(&mut self.signals) => warn!("told to stop again: stopping hard"),
        }
        for group in &groups {
            group.unfinished(&mut faults);
        }
        for fault in &faults {
            error!(%fault, "did not stop in order");
        }
        faults.into_iter().next().map_or(Ok(()), Err)
    }
}

async fn second_stop(signals: &mut Signals) {
    while signals.next().await != Signal::Stop {}
}

#[cfg(test)]
mod tests;
