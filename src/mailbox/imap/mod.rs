//! A folder on an IMAP server (RFC 3501).
//!
//! `dial` opens and logs in, behind `guard` and `tls`; `session` exchanges commands; `folders`, `fetch`, `moves` and `idle`
//! are what it says; `operator` is what the commands need. A session that fails, or whose call is dropped half-way, is
//! dropped with it.

mod backlog;
mod dial;
#[cfg(test)]
mod fake;
mod fetch;
mod folders;
mod guard;
mod idle;
mod moves;
mod operator;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod uid_set;

use std::time::Duration;

use tokio_rustls::TlsConnector;

use self::backlog::Backlog;
use self::dial::dial;
use self::folders::Names;
use self::session::Session;
use super::{Arrived, Content, Cursor, MailboxError, Window, WindowLimits};
use crate::clock::Clock;
use crate::config::mailbox::{self as settings, Tls};
use crate::domain::inbound::{Folder, Locator};

/// The mailbox of one user, and the connection to it while there is one.
pub struct Imap {
    settings: settings::Imap,
    name: String,
    tls: Option<TlsConnector>,
    clock: Clock,
    session: Option<Session>,
    names: Option<Names>,
    backlog: Backlog,
}

impl std::fmt::Debug for Imap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imap")
            .field("name", &self.name)
            .field("connected", &self.session.is_some())
            .finish_non_exhaustive()
    }
}

impl Imap {
    pub(super) fn open(settings: &settings::Imap, clock: Clock) -> Result<Self, MailboxError> {
        let tls = match settings.tls {
            Tls::None => None,
            Tls::Implicit | Tls::Starttls => Some(tls::connector(settings.ca_file.as_deref())?),
        };
        Ok(Self {
            name: format!("imap://{}/{}", settings.host.to_ascii_lowercase(), settings.folder),
            settings: settings.clone(),
            tls,
            clock,
            session: None,
            names: None,
            backlog: Backlog::EMPTY,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn connect(&mut self) -> Result<(), MailboxError> {
        self.session = None;
        self.backlog = Backlog::EMPTY;
        let wire = dial(&self.settings, self.tls.as_ref()).await?;
        let mut session = Session::new(wire, self.settings.command_timeout()).await?;
        self.names = Some(session.make_folders(&self.settings.parent).await?);
        session.select(&self.settings.folder).await?;
        self.session = Some(session);
        Ok(())
    }

    pub(super) fn uidvalidity(&self) -> Option<u32> {
        self.session.as_ref().and_then(Session::uidvalidity)
    }

    pub(super) async fn window(&mut self, cursor: Cursor, limits: WindowLimits) -> Result<Window, MailboxError> {
        let (mut session, uidvalidity) = self.inbox().await?;
        let cursor = cursor.under(uidvalidity);
        if !self.backlog.serves(cursor) {
            session.news = false;
            let found = session.search(&format!("UNDELETED UID {}:*", cursor.uidnext)).await?;
            self.backlog = Backlog::new(cursor, found);
        }
        let uids = self.backlog.first(limits.mails);
        let metas = session.sizes(&uids).await?;
        let fitting = limits.fit(metas.iter().map(|meta| meta.size));
        let chosen = metas.get(..fitting).unwrap_or_default();
        let looked_at = if fitting < metas.len() { chosen.last().map(|meta| meta.uid) } else { uids.last().copied() };
        let mut mails = session.read(chosen, uidvalidity, limits.mail_bytes, self.clock.now()).await?;
        mails.retain(|mail| mail.content != Content::Gone);
        let cursor = looked_at.map_or(cursor, |uid| cursor.past(uid));
        self.backlog.advance(cursor);
        let more = session.news || !self.backlog.is_empty();
        self.session = Some(session);
        Ok(Window { mails, cursor, more })
    }

    pub(super) async fn fetch(&mut self, at: &[Locator], mail_bytes: u64) -> Result<Vec<Arrived>, MailboxError> {
        let (mut session, uidvalidity) = self.inbox().await?;
        let uids: Vec<u32> = at.iter().filter_map(|at| uid_of(at, uidvalidity)).collect();
        let metas = session.sizes(&uids).await?;
        let now = self.clock.now();
        let mut found = session.read(&metas, uidvalidity, mail_bytes, now).await?;
        self.session = Some(session);
        let gone = |at: &Locator| Arrived { at: at.clone(), size: 0, received_at: now, content: Content::Gone };
        Ok(at
            .iter()
            .map(|at| match found.iter().position(|mail| mail.at == *at) {
                Some(place) => found.swap_remove(place),
                None => gone(at),
            })
            .collect())
    }

    pub(super) async fn file(&mut self, folder: Folder, at: &[Locator]) -> Result<(), MailboxError> {
        let (mut session, uidvalidity) = self.inbox().await?;
        let uids: Vec<u32> = at.iter().filter_map(|at| uid_of(at, uidvalidity)).collect();
        session.transfer(&uids, &self.folder(folder)?).await?;
        self.session = Some(session);
        Ok(())
    }

    pub(super) async fn wait(&mut self, most: Duration) -> Result<(), MailboxError> {
        let (mut session, _) = self.inbox().await?;
        if session.news {
            self.session = Some(session);
            return Ok(());
        }
        if session.can.idle && session.enter_idle().await? {
            let idled = self.session.insert(session).idle(most).await;
            if idled.is_err() {
                self.session = None;
            }
            idled?;
            let session = self.awake().await?;
            self.session = Some(session);
        } else {
            self.session = Some(session);
            tokio::time::sleep(most.min(self.settings.poll())).await;
            let mut session = self.awake().await?;
            session.command("NOOP", "NOOP", 0, |_| ()).await?.or_refused("NOOP")?;
            self.session = Some(session);
        }
        Ok(())
    }

    /// Takes the session out, no longer idling: whoever succeeds puts it back, so that a session that failed, or whose
    /// call was dropped between a command and its answer, is never used again.
    async fn awake(&mut self) -> Result<Session, MailboxError> {
        let mut session = self.session.take().ok_or(MailboxError::NotConnected)?;
        session.leave_idle().await?;
        Ok(session)
    }

    /// The session with the inbox selected, and the inbox's UIDVALIDITY.
    async fn inbox(&mut self) -> Result<(Session, u32), MailboxError> {
        let mut session = self.awake().await?;
        let uidvalidity = session.select(&self.settings.folder).await?;
        Ok((session, uidvalidity))
    }

    fn folder(&self, folder: Folder) -> Result<String, MailboxError> {
        self.names.as_ref().map(|names| names.of(folder)).ok_or(MailboxError::NotConnected)
    }
}

/// The UID, if the locator is of this UIDVALIDITY: the same number under another one is another mail.
fn uid_of(at: &Locator, uidvalidity: u32) -> Option<u32> {
    if at.uidvalidity == uidvalidity { at.uid.parse().ok() } else { None }
}
