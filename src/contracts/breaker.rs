//! When to leave a failing system alone: five failures in a row, half a minute of silence, then one call to see (F17).

use std::time::Duration;

use tokio::time::Instant;

/// So many failures in a row are enough.
const FAILURES: u32 = 5;
/// How long it is left alone, and how long the one call that looks may take before another one looks.
const REST: Duration = Duration::from_secs(30);

/// What is known of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaker {
    /// Calls go through; so many in a row have failed.
    Closed(u32),
    /// No call before then; the first one after it looks whether the system is well.
    Open(Instant),
}

/// What an outcome did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// Nothing that anybody must hear of.
    Not,
    /// The system is left alone from now on.
    Away,
    /// It is well again.
    Back,
}

impl Breaker {
    pub(super) const fn new() -> Self {
        Self::Closed(0)
    }

    /// Whether a call may go through now.
    ///
    /// # Errors
    /// How long none may.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match *self {
            Self::Closed(_) => Ok(()),
            Self::Open(until) if now < until => Err(until - now),
            Self::Open(_) => {
                *self = Self::Open(now + REST);
                Ok(())
            }
        }
    }

    /// A call went well, or was refused for a reason: the system is there.
    pub(super) const fn went_well(&mut self) -> Turned {
        let turned = if matches!(self, Self::Open(_)) { Turned::Back } else { Turned::Not };
        *self = Self::Closed(0);
        turned
    }

    /// A call failed.
    pub(super) fn failed(&mut self, now: Instant) -> Turned {
        match *self {
            Self::Closed(failures) if failures + 1 < FAILURES => {
                *self = Self::Closed(failures + 1);
                Turned::Not
            }
            Self::Closed(_) => {
                *self = Self::Open(now + REST);
                Turned::Away
            }
            Self::Open(_) => {
                *self = Self::Open(now + REST);
                Turned::Not
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn five_failures_open_it_and_one_success_closes_it() {
        let start = Instant::now();
        let mut breaker = Breaker::new();
        for _ in 0..4 {
            assert_eq!(breaker.failed(start), Turned::Not);
            assert_eq!(breaker.admit(start), Ok(()));
        }
        assert_eq!(breaker.failed(start), Turned::Away);
        assert_eq!(breaker.admit(start), Err(REST));
        let later = start + REST;
        assert_eq!(breaker.admit(later - Duration::from_millis(1)), Err(Duration::from_millis(1)));
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(REST), "one call looks, the others wait for what it finds");
        assert_eq!(breaker.went_well(), Turned::Back);
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[tokio::test]
    async fn failures_must_follow_one_another() {
        let now = Instant::now();
        let mut breaker = Breaker::new();
        for _ in 0..20 {
            for _ in 0..4 {
                assert_eq!(breaker.failed(now), Turned::Not);
            }
            assert_eq!(breaker.went_well(), Turned::Not);
        }
    }

    #[tokio::test]
    async fn a_look_that_fails_or_is_given_up_is_followed_by_another() {
        let start = Instant::now();
        let mut breaker = Breaker::new();
        for _ in 0..5 {
            let _ = breaker.failed(start);
        }
        assert_eq!(breaker.admit(start + REST), Ok(()));
        assert_eq!(breaker.failed(start + REST), Turned::Not);
        assert!(breaker.admit(start + REST + REST - Duration::from_millis(1)).is_err());
        // this one is never heard of again
        assert_eq!(breaker.admit(start + REST * 2), Ok(()));
        assert_eq!(breaker.admit(start + REST * 3), Ok(()));
    }
}
