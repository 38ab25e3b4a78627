//! The only place that draws randomness: the system's, or a seeded one so that a test can be run again.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};
use uuid::Uuid;

use crate::domain::time::Timestamp;

/// Draws bytes and what is made of them.
#[derive(Clone, Debug, Default)]
pub enum Entropy {
    /// The operating system's.
    #[default]
    System,
    /// The same bytes for the same seed.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Entropy {
    /// Repeatable randomness.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match self {
            Self::System => {
                if SysRng.try_fill_bytes(&mut out).is_err() {
                    // Without randomness no secret and no identity can be made: going on would be worse than stopping.
                    std::process::abort();
                }
            }
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut out),
        }
        out
    }

    /// A UUIDv7 born at `now`.
    #[must_use]
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A number from 0.0 up to 1.0, for jitter.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(Entropy::seeded(1).uuid(now), Entropy::seeded(1).uuid(now));
        assert_ne!(Entropy::System.bytes::<16>(), Entropy::System.bytes::<16>());
    }

    #[test]
    fn ids_sort_by_birth() {
        let first = Timestamp::from_millis(1_700_000_000_000);
        let entropy = Entropy::System;
        assert!(
            entropy.uuid(first).to_string() < entropy.uuid(Timestamp::from_millis(first.as_millis() + 1)).to_string()
        );
    }
}
