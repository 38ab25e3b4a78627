//! Limits on guessing that nobody can turn against a customer: what is counted is counted per address *and* source, and who
//! holds the link that was mailed to an address has an allowance that no stranger can use up.

use std::time::Duration;

use super::time::{Timestamp, days, hours};
use super::verification::{Attempt, PAUSE_AFTER_EXHAUSTED};

/// Attempts that may begin within [`ATTEMPTS_WITHIN`], of one address and one source (or one mailed link).
pub const ATTEMPTS: usize = 5;
/// The span in which they are counted.
pub const ATTEMPTS_WITHIN: Duration = days(1);
/// Wrong log-ins of one ID from one source that cost no waiting: people mistype.
pub const FREE_FAILURES: u32 = 4;
/// Wrong codes in a row at one address, from all sources together and over all attempts, after which none is right any
/// more, but for attempts begun from the mailed link.
pub const WRONG_CODES: u32 = 100;
/// How long a failure is remembered after the last one.
pub const FORGOTTEN_AFTER: Duration = days(30);

/// What was tried and failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How often since the last success.
    pub count: u32,
    /// When last.
    pub last: Timestamp,
}

impl Failures {
    /// None that is remembered.
    #[must_use]
    pub const fn none(now: Timestamp) -> Self {
        Self { count: 0, last: now }
    }

    /// What of them still counts.
    #[must_use]
    pub fn remembered(self, now: Timestamp) -> Self {
        if now.since(self.last) >= FORGOTTEN_AFTER { Self::none(now) } else { self }
    }

    /// One more.
    #[must_use]
    pub fn and_one(self, now: Timestamp) -> Self {
        Self { count: self.count.saturating_add(1), last: now }
    }

    /// From when on the next log-in is judged, if it has to wait: 30 s after the fifth failure, doubled up to an hour.
    #[must_use]
    pub fn log_in_waits_until(self, now: Timestamp) -> Option<Timestamp> {
        let over = self.count.checked_sub(FREE_FAILURES + 1)?;
        let pause = Duration::from_secs(30).saturating_mul(1 << over.min(20)).min(hours(1));
        let from = self.last.after(pause);
        // A clock that went back makes nobody wait longer than that.
        (now < from && from.since(now) <= pause).then_some(from)
    }

    /// Whether codes are no longer compared.
    #[must_use]
    pub const fn bar_codes(self) -> bool {
        self.count >= WRONG_CODES
    }
}

/// From when on another attempt may begin, if it has to wait. `recent` are the attempts of the same address and allowance
/// that began within [`ATTEMPTS_WITHIN`].
#[must_use]
pub fn attempt_waits_until(recent: &[Attempt], now: Timestamp) -> Option<Timestamp> {
    let paused = recent.iter().filter_map(|attempt| attempt.exhausted_at(now)).max();
    let paused = paused.map(|at| at.after(PAUSE_AFTER_EXHAUSTED));
    let mut born: Vec<_> = recent.iter().map(|attempt| attempt.created_at).collect();
    born.sort_unstable();
    let full = born.len().checked_sub(ATTEMPTS).and_then(|first| born.get(first)).map(|at| at.after(ATTEMPTS_WITHIN));
    [paused, full].into_iter().flatten().max().filter(|from| now < *from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn pause(count: u32) -> u64 {
        let failures = Failures { count, last: T0 };
        failures.log_in_waits_until(T0).map_or(0, |from| from.since(T0).as_secs())
    }

    #[test]
    fn waiting_begins_at_half_a_minute_and_ends_at_an_hour() {
        let pauses: Vec<u64> = (0..16).map(pause).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
        assert_eq!(pause(u32::MAX), 3600);
    }

    #[test]
    fn after_the_pause_one_is_judged() {
        let failures = Failures { count: 5, last: T0 };
        assert_eq!(failures.log_in_waits_until(T0.after(Duration::from_secs(30))), None);
        assert!(failures.log_in_waits_until(T0.after(Duration::from_millis(29_999))).is_some());
        assert_eq!(failures.log_in_waits_until(T0.before(days(400))), None, "the clock went back");
    }

    #[test]
    fn a_month_without_failures_forgets_them() {
        let failures = Failures { count: 99, last: T0 };
        assert_eq!(failures.remembered(T0.after(days(29))).count, 99);
        assert_eq!(failures.remembered(T0.after(days(30))).count, 0);
        assert!(!failures.bar_codes() && failures.and_one(T0).bar_codes());
    }
}
