//! `[reconcile]`: when what customers want is brought together with what the contract-management system has.

use serde::Deserialize;

use super::Invalid;
use crate::domain::product_choice::Exclusivity;
use crate::schedule::Cron;

/// When, how fast, and with how many firms a product is shared. The zone is `schedule.time_zone`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reconcile {
    /// When what is due is done: minute, hour, day of month, month, day of week. What a person waits for is done at once.
    /// Default: `* * * * *`.
    pub due: Cron,
    /// When all customers are gone through. A run that was broken off goes on where it was. Default: `0 3 * * *`.
    pub all: Cron,
    /// How much that run may ask of the contract-management system: calls a second, 1 to 10000. A customer with whom all is
    /// well takes two, or three with business data that is bound. Default: 150.
    pub calls_a_second: u32,
    /// With how many firms an accounting product may be shared at a time: `one_firm` or `many_firms`. Default: `one_firm`.
    pub exclusivity: Sharing,
}

/// See [`Exclusivity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// A second firm takes the first one's place.
    #[default]
    OneFirm,
    /// With as many as the customer likes.
    ManyFirms,
}

impl From<Sharing> for Exclusivity {
    fn from(sharing: Sharing) -> Self {
        match sharing {
            Sharing::OneFirm => Self::OneFirm,
            Sharing::ManyFirms => Self::ManyFirms,
        }
    }
}

impl Default for Reconcile {
    fn default() -> Self {
        Self {
            due: Cron::each_minute(),
            all: Cron::daily_at_three(),
            calls_a_second: 150,
            exclusivity: Sharing::default(),
        }
    }
}

impl Reconcile {
    /// # Errors
    /// The rate is none.
    pub fn validate(&self) -> Result<(), Invalid> {
        if (1..=10_000).contains(&self.calls_a_second) {
            Ok(())
        } else {
            Err(Invalid::new("calls_a_second", "must be from 1 to 10000"))
        }
    }
}
