//! Moments in a person's words, in the pages' time zone.

use chrono_tz::Tz;

use crate::domain::time::Timestamp;

/// A moment of today as 10時32分, of another day with its date: 11月23日 10時32分.
pub fn clock(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (at, now) = (at.utc().with_timezone(&zone), now.utc().with_timezone(&zone));
    let time = at.format("%-H時%M分");
    if at.date_naive() == now.date_naive() { time.to_string() } else { format!("{}{time}", at.format("%-m月%-d日 ")) }
}

/// The same to the second, for what lies seconds ahead: rounded up, so that it is never promised too early.
pub fn second(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let whole = Timestamp::from_millis(at.as_millis().saturating_add(999) / 1000 * 1000);
    let second = whole.utc().with_timezone(&zone).format("%S秒").to_string();
    clock(whole, now, zone) + &second
}

/// From when on, in whole minutes: rounded up.
pub fn from(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    clock(Timestamp::from_millis(at.as_millis().saturating_add(59_999) / 60_000 * 60_000), now, zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(day: u32, hour: u32, minute: u32, second: u32) -> Timestamp {
        let local = Tz::Asia__Tokyo.with_ymd_and_hms(2026, 11, day, hour, minute, second).unwrap();
        Timestamp::from_millis(local.timestamp_millis())
    }

    #[test]
    fn today_needs_no_date() {
        let zone = Tz::Asia__Tokyo;
        assert_eq!(clock(at(23, 9, 5, 59), at(23, 0, 0, 0), zone), "9時05分");
        assert_eq!(clock(at(23, 0, 5, 0), at(22, 23, 59, 0), zone), "11月23日 0時05分");
    }

    #[test]
    fn nothing_is_promised_too_early() {
        let (zone, now) = (Tz::Asia__Tokyo, at(23, 10, 0, 0));
        assert_eq!(from(at(23, 10, 30, 1), now, zone), "10時31分");
        assert_eq!(from(at(23, 10, 30, 0), now, zone), "10時30分");
        let half = Timestamp::from_millis(at(23, 10, 30, 1).as_millis() + 1);
        assert_eq!(second(half, now, zone), "10時30分02秒");
        assert_eq!(second(at(23, 10, 30, 1), now, zone), "10時30分01秒");
    }
}
