//! How much may happen in a day, so that a firm that was taken over, or a mistake, reaches few people (threat T5). Over budget
//! is held, never lost: each rule here says when it goes on.

use std::time::Duration;

use super::time::{Timestamp, days};

/// The span that the budgets count in; it moves with the clock and begins at no midnight.
pub const DAY: Duration = days(1);

/// What may happen within [`DAY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// New requests of one firm; a table is taken whole or held whole.
    pub requests_per_firm: u32,
    /// Request mails (M1), reminders too, to one customer address from all firms.
    pub notices_per_customer: u32,
    /// Answers to one sender.
    pub answers_per_sender: u32,
    /// Replies to letters for one person that are sent on.
    pub replies_per_person: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { requests_per_firm: 2_000, notices_per_customer: 3, answers_per_sender: 2_500, replies_per_person: 10 }
    }
}

/// When `wanted` more may happen, where at most `most` may within [`DAY`] and `past` is when others did or will. Not before
/// `now`. More than `most` at once are as many as `most`: they go on when nothing else counts any more.
#[must_use]
pub fn next_slot(past: &[Timestamp], wanted: u32, most: u32, now: Timestamp) -> Timestamp {
    let mut counted: Vec<Timestamp> = past.iter().copied().filter(|at| at.after(DAY) > now).collect();
    counted.sort_unstable();
    let room = usize::try_from(most.saturating_sub(wanted)).unwrap_or(usize::MAX);
    // All but the newest `room` must have left the span.
    let last_to_leave = counted.len().checked_sub(room.saturating_add(1)).and_then(|at| counted.get(at));
    last_to_leave.map_or(now, |at| at.after(DAY).max(now))
}

/// Lets at most so many things happen a second: what was not used within a second is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    per_second: u32,
    /// When the allowance is whole again.
    whole_at: Timestamp,
}

impl Pace {
    /// At most `per_second`, 1 to 1,000.
    #[must_use]
    pub fn new(per_second: u32, now: Timestamp) -> Self {
        Self { per_second: per_second.clamp(1, 1_000), whole_at: now }
    }

    /// How many may happen now.
    #[must_use]
    pub fn allowance(&self, now: Timestamp) -> u32 {
        let missing = u128::from(self.per_second) * self.whole_at.since(now).as_millis();
        let missing = u32::try_from(missing.div_ceil(1_000)).unwrap_or(u32::MAX);
        self.per_second.saturating_sub(missing)
    }

    /// So many happened.
    pub fn spend(&mut self, many: u32, now: Timestamp) {
        let each = Duration::from_secs(1) / self.per_second;
        self.whole_at = self.whole_at.max(now).after(each.saturating_mul(many));
    }

    /// How long until one more may happen.
    #[must_use]
    pub fn pause(&self, now: Timestamp) -> Duration {
        if self.allowance(now) > 0 { Duration::ZERO } else { Duration::from_secs(1) / self.per_second }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn the_fourth_waits_until_the_first_is_a_day_old() {
        let hour = |n: u64| T0.after(Duration::from_secs(n * 3_600));
        assert_eq!(next_slot(&[], 1, 3, T0), T0);
        assert_eq!(next_slot(&[hour(0), hour(1)], 1, 3, hour(2)), hour(2));
        assert_eq!(next_slot(&[hour(2), hour(0), hour(1)], 1, 3, hour(2)), hour(24));
        assert_eq!(next_slot(&[hour(0), hour(1), hour(2), hour(24)], 1, 3, hour(2)), hour(25));
        assert_eq!(next_slot(&[hour(0), hour(1), hour(2)], 1, 3, hour(24)), hour(24));
        assert_eq!(next_slot(&[hour(0), hour(1)], 3, 3, hour(2)), hour(25));
        assert_eq!(next_slot(&[hour(0)], 9, 3, hour(2)), hour(24));
        assert_eq!(next_slot(&[], 9, 3, T0), T0);
    }

    proptest! {
        #[test]
        fn never_more_than_the_budget_in_any_day(
            arrivals in prop::collection::vec(0..300_u64, 1..60),
            most in 1..6_u32,
        ) {
            let mut arrivals = arrivals;
            arrivals.sort_unstable();
            let mut done: Vec<Timestamp> = Vec::new();
            for hour in arrivals {
                let now = T0.after(Duration::from_secs(hour * 3_600));
                let at = next_slot(&done, 1, most, now);
                prop_assert!(at >= now);
                done.push(at);
            }
            for at in &done {
                let within = done.iter().filter(|other| *other <= at && other.after(DAY) > *at).count();
                prop_assert!(within <= most as usize);
            }
        }

        #[test]
        fn no_second_holds_more_than_twice_the_pace(per_second in 1..200_u32, steps in prop::collection::vec(0..400_u64, 1..80)) {
            let mut now = T0;
            let mut pace = Pace::new(per_second, now);
            let mut spent = 0;
            for step in &steps {
                now = now.after(Duration::from_millis(*step));
                let many = pace.allowance(now);
                prop_assert!(many <= per_second);
                pace.spend(many, now);
                spent += u64::from(many);
                let span = u64::try_from(now.since(T0).as_millis()).unwrap();
                // each may end a millisecond early
                prop_assert!(spent <= u64::from(per_second) * (span + 1_000 + steps.len() as u64) / 1_000 + 1 + steps.len() as u64);
            }
        }
    }

    #[test]
    fn a_pace_that_is_spent_comes_back() {
        let mut pace = Pace::new(100, T0);
        assert_eq!(pace.allowance(T0), 100);
        pace.spend(100, T0);
        assert_eq!((pace.allowance(T0), pace.pause(T0)), (0, Duration::from_millis(10)));
        assert_eq!(pace.allowance(T0.after(Duration::from_millis(500))), 50);
        assert_eq!(pace.allowance(T0.after(Duration::from_secs(9))), 100);
    }
}
