//! Progress: what a loop shows of itself, so that standing still is seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The pulses of all loops; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Pulses(Arc<Mutex<Registry>>);

#[derive(Debug, Default)]
struct Registry {
    started: u64,
    running: BTreeMap<u64, (&'static str, Instant)>,
}

impl Pulses {
    pub(super) fn start(&self, name: &'static str, within: Duration) -> Pulse {
        let mut registry = self.lock();
        registry.started += 1;
        let id = registry.started;
        registry.running.insert(id, (name, Instant::now() + within));
        drop(registry);
        Pulse { pulses: self.clone(), id, within }
    }

    /// The loops that have shown no progress within their bounds, by name, the oldest first.
    #[must_use]
    pub fn stuck(&self) -> Vec<&'static str> {
        self.stuck_at(Instant::now())
    }

    pub(super) fn stuck_at(&self, now: Instant) -> Vec<&'static str> {
        self.lock().running.values().filter(|(_, due)| *due < now).map(|(name, _)| *name).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pulse of one loop. Ends with the loop that owns it: dropped, it is not missed.
#[derive(Debug)]
pub struct Pulse {
    pulses: Pulses,
    id: u64,
    within: Duration,
}

impl Pulse {
    /// Progress was made: the next is due within the bound.
    pub fn beat(&self) {
        self.rest(Instant::now());
    }

    /// Nothing is to be done before `until`, as while a back-off is waited out: the next beat is due within the bound
    /// after it.
    pub fn rest(&self, until: Instant) {
        if let Some((_, due)) = self.pulses.lock().running.get_mut(&self.id) {
            *due = until + self.within;
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.pulses.lock().running.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_loop_that_stands_still_is_named() {
        let (pulses, now) = (Pulses::default(), Instant::now());
        let (inbox, outbox) = (pulses.start("inbox", 10 * SECOND), pulses.start("outbox", 60 * SECOND));
        inbox.rest(now);
        outbox.rest(now);
        assert!(pulses.stuck_at(now + 10 * SECOND).is_empty(), "the bound itself is in time");
        assert_eq!(pulses.stuck_at(now + 11 * SECOND), ["inbox"]);
        assert_eq!(pulses.stuck_at(now + 61 * SECOND), ["inbox", "outbox"]);
        inbox.rest(now + 60 * SECOND);
        assert_eq!(pulses.stuck_at(now + 61 * SECOND), ["outbox"]);
        drop((inbox, outbox));
        assert!(pulses.stuck_at(now + 600 * SECOND).is_empty(), "a loop that is gone is the supervisor's matter");
    }

    #[test]
    fn a_beat_counts_from_now() {
        let (pulses, before) = (Pulses::default(), Instant::now());
        let inbox = pulses.start("inbox", 10 * SECOND);
        inbox.rest(before - SECOND * 20);
        assert_eq!(pulses.stuck(), ["inbox"]);
        inbox.beat();
        assert!(pulses.stuck_at(before + 10 * SECOND).is_empty());
        assert_eq!(pulses.stuck_at(Instant::now() + 11 * SECOND), ["inbox"]);
    }

    #[test]
    fn a_loop_started_again_beats_for_itself() {
        let (pulses, now) = (Pulses::default(), Instant::now());
        let old = pulses.start("inbox", 10 * SECOND);
        let new = pulses.start("inbox", 10 * SECOND);
        old.rest(now + 600 * SECOND);
        new.rest(now);
        assert_eq!(pulses.stuck_at(now + 11 * SECOND), ["inbox"]);
        drop(new);
        assert!(pulses.stuck_at(now + 11 * SECOND).is_empty());
    }
}
