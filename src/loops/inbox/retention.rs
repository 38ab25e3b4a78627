//! Judged mails are kept in their folders for a while, then deleted: once a day, over a connection of its own, so that the
//! watched one never leaves INBOX.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::domain::inbound::Folder;
use crate::flows::FlowError;
use crate::mailbox::{Mailbox, MailboxError};

/// How long raw mail is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// In quarantine.
    pub quarantine: Duration,
    /// In the other folders.
    pub judged: Duration,
}

/// Deletes old mail.
#[derive(Debug)]
pub struct KeepMail {
    /// A mailbox of its own.
    pub mailbox: Mailbox,
    /// How long.
    pub retention: Retention,
    /// What time it is.
    pub clock: Clock,
    /// Asks it to end.
    pub stop: CancellationToken,
}

const DAILY: Duration = Duration::from_hours(24);
const FIRST: Duration = Duration::from_mins(10);

impl KeepMail {
    /// Runs until it is asked to stop. A failure waits for the next day: nothing depends on it.
    ///
    /// # Errors
    /// None.
    pub async fn run(mut self) -> Result<(), FlowError> {
        let (mut pause, stop) = (FIRST, self.stop.clone());
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return Ok(()),
            }
            let done = tokio::select! {
                done = self.once() => done,
                () = stop.cancelled() => return Ok(()),
            };
            match done {
                Ok(deleted) => info!(mailbox.deleted = deleted, "old mail was deleted"),
                Err(error) => warn!("old mail could not be deleted: {error}"),
            }
            pause = DAILY;
        }
    }

    async fn once(&mut self) -> Result<u64, MailboxError> {
        self.mailbox.connect().await?;
        let now = self.clock.now();
        let mut deleted = 0;
        for folder in Folder::ALL {
            let kept = if folder == Folder::Quarantine { self.retention.quarantine } else { self.retention.judged };
            deleted += self.mailbox.expire(folder, now.before(kept)).await?;
        }
        Ok(deleted)
    }
}
