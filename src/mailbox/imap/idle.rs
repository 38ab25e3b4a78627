//! IDLE (RFC 2177) as a hint: bounded by our own clock, ended by whatever is announced.
//!
//! async-imap's handle is not used: its time limit starts again with each `* OK Still here`, and it reports a dead
//! connection as an interrupt that nobody asked for.

use std::time::Duration;

use async_imap::imap_proto::{RequestId, Response};
use tokio::time::timeout;

use super::session::Session;
use crate::mailbox::MailboxError;

const WHAT: &str = "IDLE";
/// Longest for the answer to DONE: a connection that is half open is noticed here (failure F2).
const DONE: Duration = Duration::from_secs(15);

impl Session {
    /// Starts to idle; false when the server will not after all, and then it is not asked again.
    pub(super) async fn enter_idle(&mut self) -> Result<bool, MailboxError> {
        let deadline = self.deadline();
        let asked = timeout(deadline, self.ask_to_idle()).await;
        self.idling = asked.map_err(|_| MailboxError::Timeout { what: WHAT })??;
        self.can.idle = self.idling.is_some();
        Ok(self.can.idle)
    }

    async fn ask_to_idle(&mut self) -> Result<Option<RequestId>, MailboxError> {
        let tag = self.send(WHAT, "IDLE").await?;
        loop {
            let accepted = self
                .response(WHAT, |response| match response {
                    Response::Continue(_) => Some(true),
                    Response::Done { tag: answered, .. } if *answered == tag => Some(false),
                    _ => None,
                })
                .await?;
            if let Some(accepted) = accepted {
                return Ok(accepted.then_some(tag));
            }
        }
    }

    /// Waits until mails are announced, or for `most`. May be dropped: the session goes on idling.
    pub(super) async fn idle(&mut self, most: Duration) -> Result<(), MailboxError> {
        let announced = async {
            while !self.news {
                if self.response(WHAT, |response| matches!(response, Response::Done { .. })).await? {
                    self.idling = None;
                    return Ok(());
                }
            }
            Ok(())
        };
        timeout(most, announced).await.unwrap_or(Ok(()))
    }

    /// Ends idling, if the session idles.
    pub(super) async fn leave_idle(&mut self) -> Result<(), MailboxError> {
        let Some(tag) = self.idling.take() else { return Ok(()) };
        let deadline = DONE.min(self.deadline());
        let done = async {
            self.wire.run_command_untagged("DONE").await.map_err(|_| MailboxError::Lost { what: WHAT })?;
            self.until(WHAT, &tag, |_| ()).await
        };
        timeout(deadline, done).await.map_err(|_| MailboxError::Timeout { what: "the end of IDLE" })??;
        Ok(())
    }
}
