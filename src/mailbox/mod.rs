//! Where mail comes from: an IMAP mailbox or a Maildir. Both give the same, bytes and an identity, and take the same, a
//! folder to file a judged mail in. This room knows neither what a mail means nor the database.
//!
//! One call is one unit of work. After an error, or when a call is dropped half-way, the connection is gone: call
//! [`Mailbox::connect`] again, with back-off. Only [`Mailbox::wait`] may be dropped while it waits.

mod arrived;
mod cursor;
mod error;
mod imap;
mod maildir;

use std::collections::HashSet;
use std::time::Duration;

pub use arrived::{Arrived, Content, Found, Window, WindowLimits};
pub use cursor::Cursor;
pub use error::MailboxError;

use crate::clock::Clock;
use crate::config::mailbox::{Kind, Mailbox as Settings};
use crate::domain::inbound::{Folder, Locator};
use crate::domain::time::Timestamp;
use crate::entropy::Entropy;

/// Longest that [`Mailbox::wait`] waits, whatever it is asked: the next look then notices a dead connection or a wake-up
/// that got lost (failure F2, RFC 2177 allows 29 minutes).
const LONGEST_WAIT: Duration = Duration::from_secs(290);

/// Where mail comes from.
#[derive(Debug)]
pub enum Mailbox {
    /// A folder on an IMAP server.
    Imap(Box<imap::Imap>),
    /// A Maildir on this machine.
    Maildir(Box<maildir::Maildir>),
}

impl Mailbox {
    /// Prepares what the settings name, without touching network or mail; files with authorities are read.
    ///
    /// # Errors
    /// [`MailboxError::Tls`] when no authority can be trusted.
    pub fn open(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Self, MailboxError> {
        Ok(match settings.kind {
            Kind::Imap => Self::Imap(Box::new(imap::Imap::open(&settings.imap, clock)?)),
            Kind::Maildir => Self::Maildir(Box::new(maildir::Maildir::open(&settings.maildir, clock, entropy))),
        })
    }

    /// Names the mailbox for the database: stable, and without the user.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Imap(imap) => imap.name(),
            Self::Maildir(_) => "maildir",
        }
    }

    /// Logs in, creates the folders that are missing, selects the one that is read; for a Maildir starts to watch it.
    ///
    /// # Errors
    /// [`MailboxError`]; those that [`MailboxError::is_config`] do not pass by themselves.
    pub async fn connect(&mut self) -> Result<(), MailboxError> {
        match self {
            Self::Imap(imap) => imap.connect().await,
            Self::Maildir(maildir) => maildir.connect().await,
        }
    }

    /// The folder's UIDVALIDITY while connected; 0 for a Maildir.
    #[must_use]
    pub fn uidvalidity(&self) -> Option<u32> {
        match self {
            Self::Imap(imap) => imap.uidvalidity(),
            Self::Maildir(_) => Some(0),
        }
    }

    /// The next mails that were not looked at, oldest first; none when nothing is new. `cursor` is where the last
    /// committed window ended, so a window whose commit failed comes again. `known` are the identities that lie in a
    /// Maildir's inbox and are judged or held; IMAP has its cursor for that and does not look at them.
    ///
    /// # Errors
    /// [`MailboxError`]; a literal that breaks off is an error, never a short mail (failure F1).
    pub async fn window(
        &mut self,
        cursor: Cursor,
        limits: WindowLimits,
        known: &HashSet<String>,
    ) -> Result<Window, MailboxError> {
        match self {
            Self::Imap(imap) => imap.window(cursor, limits).await,
            Self::Maildir(maildir) => maildir.window(limits, known).await,
        }
    }

    /// Mails that lie in the inbox and are looked at again, in the order they are named. Larger ones than `mail_bytes`
    /// are not downloaded.
    ///
    /// # Errors
    /// [`MailboxError`]; a mail that vanished is [`Content::Gone`] and no error (failure F4).
    pub async fn fetch(&mut self, at: &[Locator], mail_bytes: u64) -> Result<Vec<Arrived>, MailboxError> {
        match self {
            Self::Imap(imap) => imap.fetch(at, mail_bytes).await,
            Self::Maildir(maildir) => maildir.fetch(at, mail_bytes).await,
        }
    }

    /// Moves judged mails out of the inbox, many at once. What has vanished is passed over (failure F4).
    ///
    /// # Errors
    /// [`MailboxError`]; some of them may have been moved: calling again is safe.
    pub async fn file(&mut self, folder: Folder, at: &[Locator]) -> Result<(), MailboxError> {
        match self {
            Self::Imap(imap) => imap.file(folder, at).await,
            Self::Maildir(maildir) => maildir.file(folder, at).await,
        }
    }

    /// Returns when something may have arrived, or after `most` or 290 s, whichever is shorter. Look afterwards in any
    /// case: a wake-up is a hint.
    ///
    /// # Errors
    /// [`MailboxError`]
    pub async fn wait(&mut self, most: Duration) -> Result<(), MailboxError> {
        let most = most.min(LONGEST_WAIT);
        match self {
            Self::Imap(imap) => imap.wait(most).await,
            Self::Maildir(maildir) => maildir.wait(most).await,
        }
    }

    /// The mail of `size` bytes in `folder` that `is_it` knows by its bytes. For the operator's commands, on a mailbox of
    /// their own: the daemon's must not leave its inbox.
    ///
    /// # Errors
    /// [`MailboxError`]
    pub async fn find(
        &mut self,
        folder: Folder,
        size: u64,
        is_it: impl FnMut(&[u8]) -> bool,
    ) -> Result<Option<Found>, MailboxError> {
        match self {
            Self::Imap(imap) => imap.find(folder, size, is_it).await,
            Self::Maildir(maildir) => maildir.find(folder, size, is_it).await,
        }
    }

    /// Moves what [`Self::find`] found back to the inbox, where it is a new mail.
    ///
    /// # Errors
    /// [`MailboxError`]
    pub async fn release(&mut self, found: &Found) -> Result<(), MailboxError> {
        match self {
            Self::Imap(imap) => imap.release(found).await,
            Self::Maildir(maildir) => maildir.release(found).await,
        }
    }

    /// Deletes what [`Self::find`] found.
    ///
    /// # Errors
    /// [`MailboxError`]
    pub async fn delete(&mut self, found: &Found) -> Result<(), MailboxError> {
        match self {
            Self::Imap(imap) => imap.delete(found).await,
            Self::Maildir(maildir) => maildir.delete(found).await,
        }
    }

    /// Deletes the mails in `folder` that arrived before `older_than` and says how many (retention).
    ///
    /// # Errors
    /// [`MailboxError`]
    pub async fn expire(&mut self, folder: Folder, older_than: Timestamp) -> Result<u64, MailboxError> {
        match self {
            Self::Imap(imap) => imap.expire(folder, older_than).await,
            Self::Maildir(maildir) => maildir.expire(folder, older_than).await,
        }
    }
}
