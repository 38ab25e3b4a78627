//! Sessions that are kept between mails.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::session::Session;

/// How long a session may have been idle and still be used. Relays close after a minute at the earliest; asking each time
/// (NOOP) would cost a round trip a mail.
const IDLE: Duration = Duration::from_secs(30);

/// The sessions that are kept, the one used last on top.
#[derive(Default)]
pub struct Pool(Mutex<Vec<(Instant, Session)>>);

impl Pool {
    /// A session that was used lately; those idle for longer are given back beside it, to be ended.
    pub fn take(&self, now: Instant) -> (Option<Session>, Vec<Session>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = kept.iter().position(|(since, _)| now.duration_since(*since) < IDLE).unwrap_or(kept.len());
        let old = kept.drain(..fresh).map(|(_, session)| session).collect();
        (kept.pop().map(|(_, session)| session), old)
    }

    /// Keeps a session that was last used `now`.
    pub fn put(&self, session: Session, now: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((now, session));
    }

    /// Gives all back.
    pub fn drain(&self) -> Vec<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).map(|(_, session)| session).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::relay::Timeouts;

    #[test]
    fn the_one_used_last_comes_back_and_the_old_ones_go() {
        let (pool, start) = (Pool::default(), Instant::now());
        let session = || Session::over(Box::new(tokio::io::duplex(1).0), Timeouts::default());
        for after in [0, 20, 25] {
            pool.put(session(), start + Duration::from_secs(after));
        }
        let (fresh, old) = pool.take(start + Duration::from_secs(31));
        assert!(fresh.is_some() && old.len() == 1);
        let (fresh, old) = pool.take(start + Duration::from_mins(1));
        assert!(fresh.is_none() && old.len() == 1);
        assert!(pool.drain().is_empty());
    }
}
