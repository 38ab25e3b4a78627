//! How long a logged-in person stays logged in.

use std::time::Duration;

use super::time::{Timestamp, hours, minutes};

/// How much a session's last-seen may lag behind: writing it at every page would cost a write each.
pub const LAG: Duration = minutes(1);
/// How long what is left of an ended session is kept, so that who comes back is told why and keeps the way.
pub const REMEMBERED: Duration = hours(24);

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    idle: Duration,
    whole: Duration,
}

/// Bounds of [`Life`], in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifeError {
    /// Without a page in between.
    #[error("must be from 5 to 60 minutes")]
    Idle,
    /// In all.
    #[error("must be from 1 to 24 hours")]
    Whole,
}

/// How a session stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lives, and its last-seen is recent enough.
    Live,
    /// It lives; its last-seen is to be moved.
    Unnoted,
    /// It has ended, of idleness or of age.
    Ended,
}

impl Life {
    /// Of these many minutes without a page, and these many hours in all.
    ///
    /// # Errors
    /// [`LifeError`]
    pub fn new(idle_minutes: u32, whole_hours: u32) -> Result<Self, LifeError> {
        if !(5..=60).contains(&idle_minutes) {
            return Err(LifeError::Idle);
        }
        if !(1..=24).contains(&whole_hours) {
            return Err(LifeError::Whole);
        }
        Ok(Self { idle: minutes(idle_minutes), whole: hours(whole_hours) })
    }

    /// Without a page in between.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        self.idle
    }

    /// How a session stands. A clock that went backwards past its last-seen ends it: it must not live for ever.
    #[must_use]
    pub fn standing(&self, created_at: Timestamp, seen_at: Timestamp, now: Timestamp) -> Standing {
        let ahead = seen_at.since(now) > LAG;
        if ahead || now.since(seen_at) >= self.idle || now.since(created_at) >= self.whole {
            Standing::Ended
        } else if now.since(seen_at) >= LAG {
            Standing::Unnoted
        } else {
            Standing::Live
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self { idle: minutes(15), whole: hours(8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BORN: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn after(seconds: u64) -> Timestamp {
        BORN.after(Duration::from_secs(seconds))
    }

    #[test]
    fn fifteen_idle_minutes_end_it_and_so_do_eight_hours() {
        let life = Life::default();
        assert_eq!(life.standing(BORN, BORN, BORN), Standing::Live);
        assert_eq!(life.standing(BORN, BORN, after(59)), Standing::Live);
        assert_eq!(life.standing(BORN, BORN, after(60)), Standing::Unnoted);
        assert_eq!(life.standing(BORN, BORN, after(899)), Standing::Unnoted);
        assert_eq!(life.standing(BORN, BORN, after(900)), Standing::Ended);
        let long = 8 * 3600;
        assert_eq!(life.standing(BORN, after(long - 10), after(long - 1)), Standing::Live);
        assert_eq!(life.standing(BORN, after(long - 10), after(long)), Standing::Ended);
    }

    #[test]
    fn a_clock_that_goes_back_ends_it() {
        let life = Life::default();
        assert_eq!(life.standing(BORN, after(60), BORN), Standing::Live);
        assert_eq!(life.standing(BORN, after(61), BORN), Standing::Ended);
    }

    #[test]
    fn the_bounds_hold() {
        assert_eq!(Life::new(15, 8), Ok(Life::default()));
        for (idle, whole, error) in
            [(4, 8, LifeError::Idle), (61, 8, LifeError::Idle), (15, 0, LifeError::Whole), (15, 25, LifeError::Whole)]
        {
            assert_eq!(Life::new(idle, whole), Err(error));
        }
    }

    proptest! {
        /// Once ended, time does not bring it back.
        #[test]
        fn what_ended_stays_ended(seen in 0_u64..30_000, gap in 0_u64..60_000, more in 0_u64..60_000) {
            let life = Life::default();
            if life.standing(BORN, after(seen), after(seen + gap)) == Standing::Ended {
                prop_assert_eq!(life.standing(BORN, after(seen), after(seen + gap + more)), Standing::Ended);
            }
        }
    }
}
