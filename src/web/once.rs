//! A form that is sent twice at once (a double click, an impatient reload) mails one code. The second waits for the first
//! and is given its answer; after [`APART`] the same form counts as a new one. Kept in memory: after a restart the second
//! one is a new one, too, and all that it costs is a mail.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::form::Fields;
use super::visitor::Visitor;
use crate::domain::ids::AttemptId;
use crate::domain::time::Timestamp;
use crate::flows::FlowError;
use crate::flows::register::Begun;

/// Two of the same form further apart than this are two.
const APART: Duration = Duration::from_secs(10);
/// The most forms that are remembered.
const MOST: usize = 512;

/// The forms that were just sent.
#[derive(Clone, Debug, Default)]
pub struct Recent(Arc<Mutex<VecDeque<Sent>>>);

#[derive(Debug)]
struct Sent {
    /// Of the visitor's own token, and of all fields.
    digest: [u8; 32],
    at: Timestamp,
    answer: Arc<OnceCell<AttemptId>>,
}

impl Recent {
    /// What `begin` gives; or, for a form of this visitor that was just sent already, the attempt that was begun then.
    ///
    /// # Errors
    /// What `begin` says; the form is then to be sent again.
    pub async fn once(
        &self,
        visitor: &Visitor,
        fields: &Fields,
        begin: impl Future<Output = Result<Begun, FlowError>>,
    ) -> Result<Begun, FlowError> {
        // The fields hold the visitor's token, which the reception has judged: nobody else can send this form.
        let cell = self.cell(fields.digest(), visitor.now());
        let attempt = cell.get_or_try_init(|| async move {
            match begin.await {
                Ok(Begun::Attempt(attempt)) => Ok(attempt),
                Ok(not_begun) => Err(Ok(not_begun)),
                Err(error) => Err(Err(error)),
            }
        });
        match attempt.await {
            Ok(attempt) => Ok(Begun::Attempt(attempt.clone())),
            Err(not_begun) => not_begun,
        }
    }

    fn cell(&self, digest: [u8; 32], now: Timestamp) -> Arc<OnceCell<AttemptId>> {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|form| now.since(form.at) < APART && form.at.since(now) < APART);
        if let Some(known) = sent.iter().find(|form| form.digest == digest) {
            return Arc::clone(&known.answer);
        }
        if sent.len() >= MOST {
            sent.pop_front();
        }
        let answer = Arc::new(OnceCell::new());
        sent.push_back(Sent { digest, at: now, answer: Arc::clone(&answer) });
        answer
    }
}
