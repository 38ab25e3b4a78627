//! One connection, logged in: sends a command, reads until its tagged answer, under a deadline.
//!
//! async-imap's own commands are not used: several take the end of the connection, or a tagged NO, for an ordinary end of
//! data, and a mail that was not sent would pass for one that is gone.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::imap_proto::{Capability, MailboxDatum, ResponseCode};
use async_imap::imap_proto::{RequestId, Response, Status};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::dial::Wire;
use super::folders::quote;
use crate::mailbox::MailboxError;

/// Slowest download that is borne, in bytes a second, on top of a command's deadline.
const SLOWEST: u64 = 32 * 1024;

/// A connection in the authenticated state.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) wire: async_imap::Session<Wire>,
    deadline: Duration,
    pub(super) can: Can,
    selected: Option<Selected>,
    /// Mails were announced since the last search.
    pub(super) news: bool,
    pub(super) idling: Option<RequestId>,
}

/// What the server can do, as far as it matters.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about a server")]
pub(super) struct Can {
    /// RFC 2177.
    pub(super) idle: bool,
    /// RFC 6851: MOVE.
    pub(super) r#move: bool,
    /// RFC 4315: UID EXPUNGE.
    pub(super) uidplus: bool,
    /// RFC 2342.
    pub(super) namespace: bool,
}

#[derive(Clone, Debug)]
struct Selected {
    name: String,
    uidvalidity: u32,
}

/// A tagged answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done.
    Ok,
    /// Done, but the folder may only be read.
    ReadOnly,
    /// Not done, or not for each of the mails.
    No,
}

impl Answer {
    /// NO is an error.
    pub(super) fn or_refused(self, what: &'static str) -> Result<(), MailboxError> {
        if self == Self::No { Err(MailboxError::Refused { what }) } else { Ok(()) }
    }
}

impl Session {
    /// Over a connection that has just logged in; asks what the server can do.
    pub(super) async fn new(wire: async_imap::Session<Wire>, deadline: Duration) -> Result<Self, MailboxError> {
        let mut session = Self { wire, deadline, can: Can::default(), selected: None, news: false, idling: None };
        let mut can = Can::default();
        let note = |response: &Response<'_>| {
            if let Response::Capabilities(list) = response {
                for capability in list {
                    let Capability::Atom(name) = capability else { continue };
                    match name.to_ascii_uppercase().as_str() {
                        "IDLE" => can.idle = true,
                        "MOVE" => can.r#move = true,
                        "UIDPLUS" => can.uidplus = true,
                        "NAMESPACE" => can.namespace = true,
                        _ => {}
                    }
                }
            }
        };
        session.command("CAPABILITY", "CAPABILITY", 0, note).await?.or_refused("CAPABILITY")?;
        session.can = can;
        Ok(session)
    }

    /// UIDVALIDITY of the folder that is selected.
    pub(super) fn uidvalidity(&self) -> Option<u32> {
        self.selected.as_ref().map(|selected| selected.uidvalidity)
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Selects a folder unless it is selected already, and gives its UIDVALIDITY.
    pub(super) async fn select(&mut self, name: &str) -> Result<u32, MailboxError> {
        const WHAT: &str = "SELECT";
        if let Some(selected) = self.selected.as_ref().filter(|selected| selected.name == name) {
            return Ok(selected.uidvalidity);
        }
        self.selected = None;
        let mut uidvalidity = None;
        let note = |response: &Response<'_>| {
            if let Response::Data { outcome, .. } = response
                && let Some(ResponseCode::UidValidity(value)) = &outcome.code
            {
                uidvalidity = Some(*value);
            }
        };
        let answer = self.command(WHAT, &format!("SELECT {}", quote(name)), 0, note).await?;
        answer.or_refused(WHAT)?;
        if answer == Answer::ReadOnly {
            return Err(MailboxError::ReadOnly);
        }
        // Without UIDVALIDITY a UID says nothing, and 0 is no UIDVALIDITY (RFC 3501 §2.3.1.1).
        let uidvalidity = uidvalidity.filter(|value| *value > 0).ok_or(MailboxError::Protocol { what: WHAT })?;
        self.selected = Some(Selected { name: name.to_owned(), uidvalidity });
        self.news = true;
        Ok(uidvalidity)
    }

    /// The UIDs that match, in no order.
    pub(super) async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, MailboxError> {
        let mut found = Vec::new();
        let note = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend_from_slice(uids);
            }
        };
        self.command("SEARCH", &format!("UID SEARCH {criteria}"), 0, note).await?.or_refused("SEARCH")?;
        Ok(found)
    }

    /// Those of `uids` that exist, after the server has told us of what others expunged.
    pub(super) async fn existing(&mut self, sets: &[String], also: &str) -> Result<Vec<u32>, MailboxError> {
        self.command("NOOP", "NOOP", 0, |_| ()).await?.or_refused("NOOP")?;
        let mut found = Vec::new();
        for set in sets {
            found.extend(self.search(&format!("UID {set}{also}")).await?);
        }
        Ok(found)
    }

    /// Sends a command and hands each untagged answer to `note` until the tagged one. `bytes` is how much will be
    /// downloaded: the deadline grows with it.
    pub(super) async fn command(
        &mut self,
        what: &'static str,
        line: &str,
        bytes: u64,
        note: impl FnMut(&Response<'_>),
    ) -> Result<Answer, MailboxError> {
        let deadline = self.deadline + Duration::from_secs(bytes / SLOWEST);
        let exchange = async {
            let tag = self.send(what, line).await?;
            self.until(what, &tag, note).await
        };
        timeout(deadline, exchange).await.map_err(|_| MailboxError::Timeout { what })?
    }

    pub(super) async fn send(&mut self, what: &'static str, line: &str) -> Result<RequestId, MailboxError> {
        self.wire.run_command(line).await.map_err(|error| match error {
            Error::Io(error) => MailboxError::broken(what, &error),
            _ => MailboxError::Lost { what },
        })
    }

    /// Reads until the answer tagged `tag`.
    pub(super) async fn until(
        &mut self,
        what: &'static str,
        tag: &RequestId,
        mut note: impl FnMut(&Response<'_>),
    ) -> Result<Answer, MailboxError> {
        loop {
            let answer = self
                .response(what, |response| match response {
                    Response::Done { tag: answered, status, outcome } if answered == tag => Some(match status {
                        Status::Ok if outcome.code == Some(ResponseCode::ReadOnly) => Ok(Answer::ReadOnly),
                        Status::Ok => Ok(Answer::Ok),
                        Status::No => Ok(Answer::No),
                        _ => Err(MailboxError::Protocol { what }),
                    }),
                    untagged => {
                        note(untagged);
                        None
                    }
                })
                .await?;
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    /// Has a look at the next answer, of whatever kind; the end of the connection is an error.
    pub(super) async fn response<R>(
        &mut self,
        what: &'static str,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<R, MailboxError> {
        // The parser panics on some nonsense (INTERNALDATE NIL); the session is dropped with the error.
        let response = AssertUnwindSafe(self.wire.read_response())
            .catch_unwind()
            .await
            .map_err(|_| MailboxError::Protocol { what })?
            .map_err(|error| MailboxError::broken(what, &error))?
            .ok_or(MailboxError::Lost { what })?;
        let response = response.parsed();
        match response {
            Response::MailboxData(MailboxDatum::Exists(_)) => self.news = true,
            Response::Data { status: Status::Bye, .. } => return Err(MailboxError::Lost { what }),
            _ => {}
        }
        Ok(look(response))
    }
}
