//! How long to wait before trying again. Jitter is handed in: this room draws no randomness.

use std::time::Duration;

use super::time::{days, hours, minutes};

/// Before attempt `attempts + 1` at a mail the relay deferred: 5 s, doubled up to 1 h (timer T9).
#[must_use]
pub fn mail_retry(attempts: u32) -> Duration {
    doubled(Duration::from_secs(5), attempts.saturating_sub(1), hours(1))
}

/// How long the relay gets to take a mail before it counts as failed: 5 days (RFC 5321 §4.5.4.1).
pub const MAIL_LIFE: Duration = days(5);

/// Before connection attempt `failures + 1` to a server: 1 s, doubled up to 5 min, the upper half of it jittered by
/// `jitter` (0.0 to 1.0), so that many clients do not come back at once (failure F1).
#[must_use]
pub fn reconnect(failures: u32, jitter: f64) -> Duration {
    let full = doubled(Duration::from_secs(1), failures.saturating_sub(1), minutes(5));
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// Before look `polls + 2` at a migration: 30 s, doubled up to 5 min (timer T7).
#[must_use]
pub fn migration_poll(polls: u32) -> Duration {
    doubled(Duration::from_secs(30), polls, minutes(5))
}

/// Before run `tries + 1` at what a contract system that does not answer left undone: 30 s, doubled up to 1 h.
#[must_use]
pub fn contract_retry(tries: u32) -> Duration {
    doubled(Duration::from_secs(30), tries.saturating_sub(1), hours(1))
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1 << times.min(20)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_waits_five_seconds_to_an_hour() {
        let waits: Vec<u64> = (1..=12).map(|n| mail_retry(n).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    }

    #[test]
    fn a_contract_system_is_asked_again_within_the_hour() {
        assert_eq!([1, 2, 5, 8, 9].map(|n| contract_retry(n).as_secs()), [30, 60, 480, 3600, 3600]);
    }

    #[test]
    fn reconnecting_waits_half_to_whole() {
        assert_eq!(reconnect(1, 0.0), Duration::from_millis(500));
        assert_eq!(reconnect(1, 1.0), Duration::from_secs(1));
        assert_eq!(reconnect(40, 1.0), minutes(5));
    }
}
