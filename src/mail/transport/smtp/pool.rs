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
    pub fn take(&self) -> (Option<Session>, Vec<Session>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = kept.iter().position(|(since, _)| since.elapsed() < IDLE).unwrap_or(kept.len());
        let old = kept.drain(..fresh).map(|(_, session)| session).collect();
        (kept.pop().map(|(_, session)| session), old)
    }

    /// Keeps a session from now on.
    pub fn put(&self, session: Session) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), session));
    }

    /// Gives all back.
    pub fn drain(&self) -> Vec<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).map(|(_, session)| session).collect()
    }
}
