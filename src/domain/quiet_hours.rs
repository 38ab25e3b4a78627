//! When letters leave that are not urgent: by day. Nobody is woken by a reminder.

use chrono::FixedOffset;

use super::time::{Timestamp, hours};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The hours of the day between which what is not urgent may leave, in a zone that keeps its clocks. Every day is alike:
/// a shop is open on Sundays, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: i64,
    until: i64,
    east: i64,
}

impl QuietHours {
    /// Letters leave from the hour `from` (0 to 23) on and before the hour `until` (later than `from`, 24 at most); 0 and 24
    /// are no quiet hours at all. `None` for other hours.
    #[must_use]
    pub fn new(from: u32, until: u32, zone: FixedOffset) -> Option<Self> {
        let (from, until) = (i64::from(from) * HOUR, i64::from(until) * HOUR);
        let east = i64::from(zone.local_minus_utc()) * 1000;
        (from < until && until <= DAY).then_some(Self { from, until, east })
    }

    /// When a letter leaves that is written at `now`: at once by day, else when the next day's hours begin.
    #[must_use]
    pub fn due_at(&self, now: Timestamp) -> Timestamp {
        let since_midnight = self.civil(now).rem_euclid(DAY);
        if (self.from..self.until).contains(&since_midnight) {
            return now;
        }
        let ahead = (self.from - since_midnight).rem_euclid(DAY);
        Timestamp::from_millis(now.as_millis().saturating_add(ahead))
    }

    /// Which day it is, counted from the epoch's, by the clocks of the zone.
    #[must_use]
    pub fn day(&self, moment: Timestamp) -> i64 {
        self.civil(moment).div_euclid(DAY)
    }

    const fn civil(&self, moment: Timestamp) -> i64 {
        moment.as_millis().saturating_add(self.east)
    }
}

impl Default for QuietHours {
    /// From 9 to 18 o'clock in Japan.
    fn default() -> Self {
        let millis = |n| i64::try_from(hours(n).as_millis()).unwrap_or(0);
        Self { from: millis(9), until: millis(18), east: millis(9) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn zone(hours: i32) -> FixedOffset {
        FixedOffset::east_opt(hours * 3600).unwrap()
    }

    #[test]
    fn by_day_at_once_by_night_in_the_morning() {
        let hours = QuietHours::default();
        for (written, leaves) in [
            ("2026-12-01T09:00:00.000+09:00", "2026-12-01T09:00:00+09:00"),
            ("2026-12-01T17:59:59.999+09:00", "2026-12-01T17:59:59.999+09:00"),
            ("2026-12-01T18:00:00.000+09:00", "2026-12-02T09:00:00+09:00"),
            ("2026-12-01T23:59:59.999+09:00", "2026-12-02T09:00:00+09:00"),
            ("2026-12-02T00:00:00.000+09:00", "2026-12-02T09:00:00+09:00"),
            ("2026-12-02T08:59:59.999+09:00", "2026-12-02T09:00:00+09:00"),
            // from a Friday evening to a Saturday, from a Sunday to a Monday, over the turn of the year
            ("2026-12-04T20:00:00.000+09:00", "2026-12-05T09:00:00+09:00"),
            ("2026-12-06T18:30:00.000+09:00", "2026-12-07T09:00:00+09:00"),
            ("2026-12-31T22:00:00.000+09:00", "2027-01-01T09:00:00+09:00"),
            ("1969-12-31T03:00:00.000+09:00", "1969-12-31T09:00:00+09:00"),
        ] {
            assert_eq!(hours.due_at(at(written)), at(leaves), "{written}");
        }
    }

    #[test]
    fn the_default_is_what_its_words_say() {
        assert_eq!(QuietHours::new(9, 18, zone(9)), Some(QuietHours::default()));
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for (from, until) in [(9, 9), (18, 9), (0, 25), (24, 24), (u32::MAX, u32::MAX)] {
            assert_eq!(QuietHours::new(from, until, zone(9)), None, "{from} {until}");
        }
    }

    #[test]
    fn days_turn_at_the_zones_midnight() {
        let hours = QuietHours::default();
        let before = hours.day(at("2026-12-01T23:59:59.999+09:00"));
        assert_eq!(hours.day(at("2026-12-02T00:00:00+09:00")), before + 1);
        assert_eq!(hours.day(at("1970-01-01T00:00:00+09:00")), 0);
    }

    proptest! {
        #[test]
        fn it_leaves_by_day_within_a_day_and_asking_again_changes_nothing(
            now in -4_000_000_000_000_i64..4_000_000_000_000,
            from in 0..24_u32,
            length in 1..=24_u32,
            east in -12..=14_i32,
        ) {
            let until = (from + length).min(24);
            let hours = QuietHours::new(from, until, zone(east)).unwrap();
            let now = Timestamp::from_millis(now);
            let due = hours.due_at(now);
            prop_assert!(now <= due && due.since(now) < super::hours(24));
            prop_assert_eq!(hours.due_at(due), due);
            let of_day = (due.as_millis() + i64::from(east) * HOUR).rem_euclid(DAY);
            prop_assert!(i64::from(from) * HOUR <= of_day && of_day < i64::from(until) * HOUR);
            let open = QuietHours::new(0, 24, zone(east)).unwrap();
            prop_assert_eq!(open.due_at(now), now, "no quiet hours");
        }

        #[test]
        fn any_moment_has_an_answer(now in any::<i64>()) {
            let hours = QuietHours::default();
            let _ = (hours.due_at(Timestamp::from_millis(now)), hours.day(Timestamp::from_millis(now)));
        }
    }
}
