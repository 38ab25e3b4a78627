//! The watchdog: the service manager hears from us only while every loop makes progress. A timer that pings by itself
//! would prove nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info};

use super::notifier::{Notifier, State};
use super::pulse::Pulses;

/// How often the loops are looked at where no watchdog waits: a loop that stands still is logged all the same.
const UNWATCHED: Duration = Duration::from_secs(15);

/// Looks at the loops at half the watchdog's limit, for ever.
pub(super) async fn watch(notifier: Arc<Notifier>, pulses: Pulses) {
    let mut ticks = interval(notifier.watchdog().map_or(UNWATCHED, |limit| limit / 2));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Vec::new();
    loop {
        ticks.tick().await;
        before = look(&notifier, &before, pulses.stuck());
    }
}

/// Feeds the watchdog if no loop is stuck, and logs which ones came to be and were before.
fn look(notifier: &Notifier, before: &[&'static str], stuck: Vec<&'static str>) -> Vec<&'static str> {
    for name in stuck.iter().filter(|name| !before.contains(*name)) {
        error!(task = name, "stands still: the watchdog is not fed");
    }
    for name in before.iter().filter(|name| !stuck.contains(*name)) {
        info!(task = name, "moves again");
    }
    if stuck.is_empty() && notifier.watchdog().is_some() {
        notifier.send(&[State::Watchdog]);
    }
    stuck
}
