//! Waiting until something is so, with a deadline: no test sleeps for a span it guessed.

use std::time::{Duration, Instant};

/// How often a condition is asked again.
const STEP: Duration = Duration::from_millis(10);

/// Asks `probe` until it gives something, blocking the thread.
///
/// # Panics
/// After `limit`, naming `what` was waited for.
#[track_caller]
pub fn until<T>(what: &str, limit: Duration, probe: impl FnMut() -> Option<T>) -> T {
    within(limit, probe).unwrap_or_else(|| panic!("waited {limit:?} in vain for {what}"))
}

/// As [`until`], for a condition.
#[track_caller]
pub fn until_true(what: &str, limit: Duration, mut probe: impl FnMut() -> bool) {
    until(what, limit, || probe().then_some(()));
}

/// As [`until`], but an elapsed `limit` is `None`.
pub fn within<T>(limit: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        match probe() {
            None if Instant::now() >= end => return None,
            None => std::thread::sleep(STEP),
            found => return found,
        }
    }
}

/// As [`until`], without blocking the runtime: for a test whose own tasks must go on meanwhile.
pub async fn until_async<T>(what: &str, limit: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::time::sleep(STEP).await;
        }
    };
    tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| panic!("waited {limit:?} in vain for {what}"))
}
