//! Supervised tasks: they run until they are asked to stop, and none ends unseen.

use std::collections::HashMap;
use std::error::Error;
use std::future::{Future, pending};
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

type Reason = Box<dyn Error + Send + Sync>;

/// A task that ended otherwise than it should. Names the task.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It ended before it was asked to.
    #[error("{0} ended by itself")]
    Ended(&'static str),
    /// It gave up.
    #[error("{0} failed: {1}")]
    Failed(&'static str, Reason),
    /// It panicked; what was said is nobody's to read.
    #[error("{0} panicked")]
    Panicked(&'static str),
    /// It was asked to stop and did not in time.
    #[error("{0} did not stop in time")]
    Unfinished(&'static str),
}

/// Tasks that run and stop together. Dropped, it drops its tasks where they stand.
#[derive(Debug, Default)]
pub struct Group {
    stop: CancellationToken,
    tasks: JoinSet<Result<(), Reason>>,
    names: HashMap<Id, &'static str>,
}

impl Group {
    /// Runs a task. It ends only when [`Self::token`] asks it to: what it has in flight it finishes or releases first.
    pub fn spawn<E: Into<Reason>>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let handle = self.tasks.spawn(async { task.await.map_err(Into::into) });
        self.names.insert(handle.id(), name);
    }

    /// Is cancelled when the group is asked to stop.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Waits until a task ends that should not have: for ever, when all goes well. Safe to be dropped and called again.
    pub async fn fault(&mut self) -> Fault {
        match self.tasks.join_next_with_id().await {
            Some(ended) => {
                let (name, fault) = self.judge(ended);
                fault.unwrap_or(Fault::Ended(name))
            }
            None => pending().await,
        }
    }

    /// Asks all tasks to stop and waits for them, `within` at most; what has not ended then is dropped where it stands.
    /// For a reload; the process's end is [`super::Lifecycle::stop`]'s.
    ///
    /// # Errors
    /// The first [`Fault`] of a task on its way out.
    pub async fn stop(mut self, within: Duration) -> Result<(), Fault> {
        self.ask_to_stop();
        let mut faults = Vec::new();
        // Whether it was in time is asked of the tasks themselves.
        let _ = timeout(within, self.stopped(&mut faults)).await;
        self.unfinished(&mut faults);
        faults.into_iter().next().map_or(Ok(()), Err)
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Waits for all tasks, however they end.
    pub(super) async fn stopped(&mut self, faults: &mut Vec<Fault>) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            faults.extend(self.judge(ended).1);
        }
    }

    /// The tasks that still run.
    pub(super) fn unfinished(&self, faults: &mut Vec<Fault>) {
        faults.extend(self.names.values().copied().map(Fault::Unfinished));
    }

    fn judge(&mut self, ended: Result<(Id, Result<(), Reason>), JoinError>) -> (&'static str, Option<Fault>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let name = self.names.remove(&id).unwrap_or("a task");
        let fault = match ended {
            Ok((_, Ok(()))) => None,
            Ok((_, Err(reason))) => Some(Fault::Failed(name, reason)),
            Err(_) => Some(Fault::Panicked(name)),
        };
        (name, fault)
    }
}
