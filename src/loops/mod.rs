//! What runs for ever. Each loop is one task; one that ends by itself ends the process, so that systemd starts it anew.

pub mod codes;
pub mod inbox;
pub mod outbox;
pub mod reconcile;
pub mod schedule;

use crate::domain::time::Timestamp;
use std::time::Duration;

/// How long until `then`; nothing when it has passed.
fn until(now: Timestamp, then: Timestamp) -> Duration {
    then.since(now)
}
