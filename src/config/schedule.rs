//! `[schedule]`: what happens by time, and when letters leave that are not urgent.

use serde::Deserialize;

use super::Invalid;
use crate::domain::quiet_hours::QuietHours;
use crate::schedule::{Cron, Zone};

/// What happens by time. A run that was missed is made up once. Each expression has five fields: minute, hour, day of
/// month, month, day of week.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The zone in which the expressions are read, by its IANA name. Only zones that keep one offset the year round are
    /// taken: where clocks are changed, an hour comes twice or never. Default: `Asia/Tokyo`.
    pub time_zone: Zone,
    /// When requests are expired and old data is purged. Default: `*/5 * * * *`.
    pub sweep: Cron,
    /// When customers are reminded of what is due. Default: `0 * * * *`.
    pub remind: Cron,
    /// When firms and the operator get their digests, one a day at most. Default: `0 9 * * *`.
    pub digest: Cron,
    /// The hour of the day from which letters leave that are not urgent: 0 to 23. Default: 9.
    pub letters_from: u32,
    /// The hour from which they wait for the next day: later than `letters_from`, at most 24. Default: 18.
    pub letters_until: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            time_zone: Zone::default(),
            sweep: Cron::default(),
            remind: Cron::hourly(),
            digest: Cron::daily_at_nine(),
            letters_from: 9,
            letters_until: 18,
        }
    }
}

impl Schedule {
    /// # Errors
    /// Letters would never leave.
    pub fn validate(&self) -> Result<(), Invalid> {
        self.quiet_hours().map(drop)
    }

    /// When letters that are not urgent leave.
    ///
    /// # Errors
    /// The hours are none.
    pub fn quiet_hours(&self) -> Result<QuietHours, Invalid> {
        QuietHours::new(self.letters_from, self.letters_until, self.time_zone.offset())
            .ok_or_else(|| Invalid::new("letters_until", "must be an hour after schedule.letters_from, at most 24"))
    }
}
