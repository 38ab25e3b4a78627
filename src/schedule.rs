//! When something is due: cron expressions of five fields, read in a zone that keeps its clocks.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::domain::time::Timestamp;

/// A cron expression in its zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    cron: Cron,
    zone: Zone,
}

impl Schedule {
    /// What `cron` says, by the clocks of `zone`.
    #[must_use]
    pub fn new(cron: Cron, zone: Zone) -> Self {
        Self { cron, zone }
    }

    /// The first slot after `moment`, which is none itself; none when the calendar of cron is at its end (the year 2100).
    #[must_use]
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.cron.0.after(&self.civil(moment)).next().map(timestamp)
    }

    /// The last slot after `last` and not after `now`: what was missed is made up for once (failure F12). None when `last`
    /// is that slot, or lies ahead because a clock went backwards.
    #[must_use]
    pub fn latest_missed(&self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let just_after = self.civil(now) + TimeDelta::seconds(1);
        self.cron.0.after(&just_after).next_back().map(timestamp).filter(|slot| last < *slot && *slot <= now)
    }

    /// In whole seconds, within the years that cron knows.
    fn civil(&self, moment: Timestamp) -> DateTime<FixedOffset> {
        const END: i64 = 4_102_444_800;
        let seconds = moment.as_millis().div_euclid(1000).clamp(0, END);
        DateTime::from_timestamp(seconds, 0).unwrap_or_default().with_timezone(&self.zone.offset)
    }
}

fn timestamp(slot: DateTime<FixedOffset>) -> Timestamp {
    Timestamp::from_millis(slot.timestamp_millis())
}

/// Five fields: minute, hour, day of month, month, day of week, as in crontab(5); 0 and 7 are Sunday.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cron(cron::Schedule);

/// Why text is no cron expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields, or one that cannot be read.
    #[error("must be five fields: minute, hour, day of month, month, day of week, as in \"*/5 * * * *\"")]
    Field,
    /// Both kinds of day: crontab(5) takes either, other readers take their agreement.
    #[error("must name days of the month or days of the week, not both")]
    BothDays,
    /// A date that no year has.
    #[error("never comes: no year has that day")]
    Never,
}

impl Cron {
    /// From its five fields.
    ///
    /// # Errors
    /// [`CronError`]
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return Err(CronError::Field) };
        if ![minute, hour, day, month].into_iter().all(|field| is_plain(field)) {
            return Err(CronError::Field);
        }
        let weekday = quartz_weekdays(weekday).ok_or(CronError::Field)?;
        if *day != "*" && weekday != "*" {
            return Err(CronError::BothDays);
        }
        let parsed = cron::Schedule::from_str(&format!("0 {minute} {hour} {day} {month} {weekday}"));
        let cron = Self(parsed.map_err(|_| CronError::Field)?);
        let comes = Schedule::new(cron.clone(), Zone::default()).next_after(Timestamp::from_millis(0)).is_some();
        if comes { Ok(cron) } else { Err(CronError::Never) }
    }
}

/// Only what crontab(5) has, too: the parser behind would take `?`, and `5/15` for "from 5 on".
fn is_plain(field: &str) -> bool {
    field.split(',').all(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let stepped = item.len() == range.len() || range == "*" || range.contains('-');
        let known = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '-';
        stepped && range.chars().all(known) && step.parse::<u8>().is_ok()
    })
}

/// The field in Quartz's numbers, which the parser behind takes: 1 is Sunday, and ranges do not go round the week.
fn quartz_weekdays(field: &str) -> Option<String> {
    let mut week = [false; 7];
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) if range == "*" || range.contains('-') => (range, step.parse().ok()?),
            Some(_) => return None,
            None => (item, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (weekday(first)?, weekday(last)?),
            None => (weekday(range)?, weekday(range)?),
        };
        let last = if last < first { last + 7 } else { last };
        if step == 0 {
            return None;
        }
        for day in (first..=last).step_by(step) {
            *week.get_mut(day % 7)? = true;
        }
    }
    let days: Vec<String> =
        (1..).zip(week).filter(|(_, on)| *on).map(|(number, _): (u8, _)| number.to_string()).collect();
    Some(if days.len() == 7 { "*".to_owned() } else { days.join(",") })
}

fn weekday(text: &str) -> Option<usize> {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    match text.parse() {
        Ok(number) => (number <= 7).then_some(number),
        Err(_) => NAMES.iter().position(|name| name.eq_ignore_ascii_case(text)),
    }
}

impl Default for Cron {
    /// Every five minutes.
    fn default() -> Self {
        Self::constant("0 */5 * * * *")
    }
}

impl Cron {
    /// At each full hour.
    #[must_use]
    pub fn hourly() -> Self {
        Self::constant("0 0 * * * *")
    }

    /// Every minute.
    #[must_use]
    pub fn each_minute() -> Self {
        Self::constant("0 * * * * *")
    }

    /// At three in the night.
    #[must_use]
    pub fn daily_at_three() -> Self {
        Self::constant("0 0 3 * * *")
    }

    /// At nine in the morning.
    #[must_use]
    pub fn daily_at_nine() -> Self {
        Self::constant("0 0 9 * * *")
    }

    #[expect(clippy::expect_used, reason = "constants, which a test parses")]
    fn constant(text: &str) -> Self {
        Self(cron::Schedule::from_str(text).expect("the default parses"))
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;

    fn try_from(text: String) -> Result<Self, CronError> {
        Self::parse(&text)
    }
}

/// A zone of the IANA database that keeps one offset from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone {
    name: Tz,
    offset: FixedOffset,
}

/// Why a zone cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// No such zone.
    #[error("must be a zone of the IANA database, as \"Asia/Tokyo\" or \"UTC\"")]
    Unknown,
    /// Its clocks are changed.
    #[error("must be a zone whose clocks are not changed in summer, as \"Asia/Tokyo\" or \"UTC\"")]
    Changing,
}

impl Zone {
    /// By its IANA name. Its clocks must stand still from 2024 to 2043.
    ///
    /// # Errors
    /// [`ZoneError`]
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        const START: i64 = 1_704_067_200;
        const WEEK: i64 = 7 * 86_400;
        let name = Tz::from_str(name).map_err(|_| ZoneError::Unknown)?;
        let offset = |week: i64| {
            let moment = DateTime::from_timestamp(START + week * WEEK, 0).unwrap_or_default();
            name.offset_from_utc_datetime(&moment.naive_utc()).fix()
        };
        let first = offset(0);
        // A week at a time: the shortest change that stands in the database lasts for a month (Ramadan, in Morocco).
        if (1..20 * 52).any(|week| offset(week) != first) {
            return Err(ZoneError::Changing);
        }
        Ok(Self { name, offset: first })
    }
}

impl Zone {
    /// Its offset from UTC.
    #[must_use]
    pub const fn offset(self) -> FixedOffset {
        self.offset
    }
}

impl Default for Zone {
    /// Japan's.
    fn default() -> Self {
        const NINE_HOURS: i32 = 9 * 3600;
        let utc = chrono::Utc.fix();
        Self { name: Tz::Asia__Tokyo, offset: FixedOffset::east_opt(NINE_HOURS).unwrap_or(utc) }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.name())
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(name: String) -> Result<Self, ZoneError> {
        Self::parse(&name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn schedule(text: &str) -> Schedule {
        Schedule::new(Cron::parse(text).unwrap(), Zone::default())
    }

    /// The days, 1 December 2025 (a Monday) and after, on which a weekday field fires.
    fn days(weekday: &str) -> Vec<i64> {
        let schedule = schedule(&format!("0 0 * * {weekday}"));
        let monday = at("2025-12-01T00:00:00+09:00");
        let second_before = Timestamp::from_millis(monday.as_millis() - 1000);
        std::iter::successors(schedule.next_after(second_before), |slot| schedule.next_after(*slot))
            .map(|slot| (slot.as_millis() - monday.as_millis()) / 86_400_000 + 1)
            .take_while(|day| *day <= 7)
            .collect()
    }

    #[test]
    fn the_defaults_are_what_their_text_says() {
        assert_eq!(Cron::default(), Cron::parse("*/5 * * * *").unwrap());
        assert_eq!(Cron::hourly(), Cron::parse("0 * * * *").unwrap());
        assert_eq!(Cron::daily_at_nine(), Cron::parse("0 9 * * *").unwrap());
        assert_eq!(Zone::default(), Zone::parse("Asia/Tokyo").unwrap());
    }

    #[test]
    fn slots_are_in_the_zone_and_after() {
        let nine = schedule("0 9 * * *");
        assert_eq!(nine.next_after(at("2025-12-01T08:59:59+09:00")), Some(at("2025-12-01T00:00:00Z")));
        assert_eq!(nine.next_after(at("2025-12-01T09:00:00+09:00")), Some(at("2025-12-02T00:00:00Z")));
        assert_eq!(schedule("0 0 29 2 *").next_after(at("2025-01-01T00:00:00Z")), Some(at("2028-02-28T15:00:00Z")));
    }

    #[test]
    fn weekdays_are_crontabs_not_quartz() {
        assert_eq!(days("1-5"), [1, 2, 3, 4, 5]);
        assert_eq!(days("0"), [7]);
        assert_eq!(days("7"), [7]);
        assert_eq!(days("Mon-Fri"), [1, 2, 3, 4, 5]);
        assert_eq!(days("5-7"), [5, 6, 7]);
        assert_eq!(days("sat-mon"), [1, 6, 7]);
        assert_eq!(days("1-5/2"), [1, 3, 5]);
        assert_eq!(days("*/2"), [2, 4, 6, 7]);
        assert_eq!(days("1,SUN"), [1, 7]);
        assert_eq!(days("0-7"), [1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn what_was_missed_comes_once() {
        let hourly = schedule("0 * * * *");
        let last = at("2025-12-01T03:00:00Z");
        assert_eq!(hourly.latest_missed(last, at("2025-12-01T03:59:59Z")), None);
        assert_eq!(hourly.latest_missed(last, at("2025-12-01T04:00:00Z")), Some(at("2025-12-01T04:00:00Z")));
        assert_eq!(hourly.latest_missed(last, at("2025-12-09T04:30:00Z")), Some(at("2025-12-09T04:00:00Z")));
        assert_eq!(hourly.latest_missed(last, at("2025-11-30T03:00:00Z")), None, "a clock that went backwards");
    }

    #[test]
    fn other_expressions_are_refused() {
        use CronError::{BothDays, Field, Never};
        for (text, why) in [
            ("", Field),
            ("0 */5 * * * *", Field),
            ("@daily", Field),
            ("60 * * * *", Field),
            ("* 24 * * *", Field),
            ("* * 0 * *", Field),
            ("* * * 13 *", Field),
            ("* * * * 8", Field),
            ("* * * * 1/2", Field),
            ("* * * * */0", Field),
            ("*/0 * * * *", Field),
            ("5/15 * * * *", Field),
            ("? * * * *", Field),
            ("* * L * *", Field),
            ("30-10 * * * *", Field),
            ("0 0 1 * 1", BothDays),
            ("0 0 31 2 *", Never),
        ] {
            assert_eq!(Cron::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn zones_keep_their_clocks() {
        for name in ["Asia/Tokyo", "UTC", "Asia/Seoul", "Asia/Kolkata"] {
            assert_eq!(Zone::parse(name).unwrap().name.name(), name);
        }
        for name in ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe"] {
            assert_eq!(Zone::parse(name), Err(ZoneError::Changing), "{name}");
        }
        assert_eq!(Zone::parse("Tokyo"), Err(ZoneError::Unknown));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9*/,?#L a-z-]{0,24}") {
            let _ = Cron::parse(&text);
        }

        #[test]
        fn next_and_missed_agree(
            field in prop::sample::select(vec!["*/5 * * * *", "0 9 * * 1-5", "59 23 31 * *", "30 4 29 2 *", "*/7 3-5 * 6,12 *"]),
            // up to 2093: the year 2100 has no 29 February, and cron's calendar ends there
            now in 0..3_900_000_000_000_i64,
        ) {
            let (schedule, now) = (schedule(field), Timestamp::from_millis(now));
            let next = schedule.next_after(now).unwrap();
            prop_assert!(next > now);
            prop_assert_eq!(schedule.latest_missed(now, next), Some(next));
            prop_assert_eq!(schedule.latest_missed(now, Timestamp::from_millis(next.as_millis() - 1)), None);
        }

        #[test]
        fn any_moment_has_an_answer(moment in any::<i64>(), last in any::<i64>()) {
            let schedule = schedule("*/5 * * * *");
            let _ = schedule.next_after(Timestamp::from_millis(moment));
            let _ = schedule.latest_missed(Timestamp::from_millis(last), Timestamp::from_millis(moment));
        }
    }
}
