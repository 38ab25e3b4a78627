//! Wakes a loop of this process. Whoever rings first and whoever waits first: no ring is lost.

use std::sync::Arc;

use tokio::sync::Notify;

/// A bell; clones are the same bell. It remembers one ring until somebody waits.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes who waits, or who will wait next.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
