//! `[schedule]`: when the housekeeping runs.

use serde::Deserialize;

use super::Invalid;
use crate::schedule::{Cron, Zone};

/// When the housekeeping runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The zone in which the expressions are read, by its IANA name. Only zones that keep one offset the year round are
    /// taken: where clocks are changed, an hour comes twice or never. Default: `Asia/Tokyo`.
    pub time_zone: Zone,
    /// When requests are expired and reminded of and old data is purged: minute, hour, day of month, month, day of week.
    /// Default: `*/5 * * * *`.
    pub sweep: Cron,
}

impl Schedule {
    /// # Errors
    /// None: every key is judged where it is parsed.
    pub fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}
