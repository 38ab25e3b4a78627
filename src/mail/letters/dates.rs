//! Dates as a person reads them, in the letters' time zone.

use chrono::{DateTime, Datelike, Days, Timelike};
use chrono_tz::Tz;

use crate::domain::locale::Locale;
use crate::domain::time::{Timestamp, minutes};

/// Until when something can be done, `end` being the first moment at which it no longer can: the last whole day where
/// `end` is a midnight, else the day and the last whole minute. E.g. 2026年12月13日（日）15:30.
#[must_use]
pub fn until(end: Timestamp, zone: Tz, locale: Locale) -> String {
    let local = end.utc().with_timezone(&zone);
    if local.hour() == 0 && local.minute() == 0 {
        return day(&local.checked_sub_days(Days::new(1)).unwrap_or(local), locale);
    }
    moment(&local, locale)
}

/// From when on something can be done: never earlier than `begin`, rounded up to the minute.
#[must_use]
pub fn from(begin: Timestamp, zone: Tz, locale: Locale) -> String {
    let whole = begin.as_millis() % 60_000 == 0;
    let rounded = if whole { begin } else { begin.after(minutes(1)) };
    moment(&rounded.utc().with_timezone(&zone), locale)
}

/// When something happened: the day and the whole minute.
#[must_use]
pub fn at(then: Timestamp, zone: Tz, locale: Locale) -> String {
    moment(&then.utc().with_timezone(&zone), locale)
}

/// The whole minute alone, for what is over within minutes: 10時32分.
#[must_use]
pub fn clock(at: Timestamp, zone: Tz, locale: Locale) -> String {
    let local = at.utc().with_timezone(&zone);
    match locale {
        Locale::Ja => format!("{}時{:02}分", local.hour(), local.minute()),
        Locale::En => local.format("%H:%M (%Z)").to_string(),
    }
}

/// The day on which something happened.
#[must_use]
pub fn on(moment: Timestamp, zone: Tz, locale: Locale) -> String {
    day(&moment.utc().with_timezone(&zone), locale)
}

fn moment(local: &DateTime<Tz>, locale: Locale) -> String {
    let time = local.format("%H:%M");
    match locale {
        Locale::Ja => format!("{}{time}", day(local, locale)),
        Locale::En => format!("{}, {time} ({})", day(local, locale), local.format("%Z")),
    }
}

fn day(local: &DateTime<Tz>, locale: Locale) -> String {
    match locale {
        Locale::Ja => {
            let weekday = match local.weekday() {
                chrono::Weekday::Mon => '月',
                chrono::Weekday::Tue => '火',
                chrono::Weekday::Wed => '水',
                chrono::Weekday::Thu => '木',
                chrono::Weekday::Fri => '金',
                chrono::Weekday::Sat => '土',
                chrono::Weekday::Sun => '日',
            };
            format!("{}年{}月{}日（{weekday}）", local.year(), local.month(), local.day())
        }
        Locale::En => local.format("%A, %-d %B %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(day: u32, hour: u32, minute: u32, second: u32) -> Timestamp {
        let local = Tz::Asia__Tokyo.with_ymd_and_hms(2026, 12, day, hour, minute, second).unwrap();
        Timestamp::from_millis(local.timestamp_millis())
    }

    #[test]
    fn a_deadline_names_its_day_and_weekday() {
        assert_eq!(until(at(13, 15, 30, 59), Tz::Asia__Tokyo, Locale::Ja), "2026年12月13日（日）15:30");
        assert_eq!(until(at(13, 15, 30, 0), Tz::Asia__Tokyo, Locale::En), "Sunday, 13 December 2026, 15:30 (JST)");
    }

    #[test]
    fn midnight_ends_the_day_before() {
        assert_eq!(until(at(14, 0, 0, 0), Tz::Asia__Tokyo, Locale::Ja), "2026年12月13日（日）");
        assert_eq!(until(at(14, 0, 0, 0), Tz::Asia__Tokyo, Locale::En), "Sunday, 13 December 2026");
    }

    #[test]
    fn a_beginning_is_never_promised_too_early() {
        assert_eq!(from(at(3, 10, 14, 1), Tz::Asia__Tokyo, Locale::Ja), "2026年12月3日（木）10:15");
        assert_eq!(from(at(3, 10, 14, 0), Tz::Asia__Tokyo, Locale::Ja), "2026年12月3日（木）10:14");
    }
}
