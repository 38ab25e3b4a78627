//! A Maildir on this machine: listed once, worked off window by window, woken by the kernel. Outcomes are Maildir++
//! subfolders (`.renkei.accepted` …).

mod folder;
mod name;
mod operator;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::folder::{Dir, Entry};
use self::watch::Watch;
use super::{Arrived, Content, Cursor, MailboxError, Window, WindowLimits};
use crate::clock::Clock;
use crate::config::mailbox as settings;
use crate::domain::inbound::{Folder, Locator};
use crate::entropy::Entropy;

/// A Maildir, and the watch on it while connected.
pub struct Maildir {
    root: PathBuf,
    parent: String,
    clock: Clock,
    entropy: Entropy,
    watch: Option<Watch>,
    backlog: VecDeque<Entry>,
}

impl std::fmt::Debug for Maildir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Maildir").field("connected", &self.watch.is_some()).finish_non_exhaustive()
    }
}

impl Maildir {
    pub(super) fn open(settings: &settings::Maildir, clock: Clock, entropy: Entropy) -> Self {
        Self {
            root: settings.path.clone(),
            parent: settings.parent.clone(),
            clock,
            entropy,
            watch: None,
            backlog: VecDeque::new(),
        }
    }

    pub(super) async fn connect(&mut self) -> Result<(), MailboxError> {
        self.watch = None;
        self.backlog = VecDeque::new();
        let inbox = self.inbox();
        let subfolders = Folder::ALL.map(|folder| self.subfolder(folder));
        let watch = blocking(move || {
            inbox.make()?;
            for subfolder in subfolders {
                subfolder.make_subfolder()?;
            }
            Watch::start(&[&inbox.path("new"), &inbox.path("cur")])
        })
        .await?;
        self.watch = Some(watch);
        Ok(())
    }

    pub(super) async fn window(
        &mut self,
        limits: WindowLimits,
        known: &HashSet<String>,
    ) -> Result<Window, MailboxError> {
        self.connected()?;
        if self.backlog.is_empty() {
            let inbox = self.inbox();
            self.backlog = blocking(move || inbox.list()).await?.into();
        }
        let mut chosen = Vec::new();
        while chosen.len() < limits.mails.max(1) {
            let Some(entry) = self.backlog.pop_front() else { break };
            if !known.contains(&entry.unique) {
                chosen.push(entry);
            }
        }
        let (mails, left) = blocking(move || read_fitting(chosen, limits)).await?;
        for entry in left.into_iter().rev() {
            self.backlog.push_front(entry);
        }
        let more = self.backlog.iter().any(|entry| !known.contains(&entry.unique));
        Ok(Window { mails, cursor: Cursor { uidvalidity: 0, uidnext: 1 }, more })
    }

    pub(super) async fn fetch(&mut self, at: &[Locator], mail_bytes: u64) -> Result<Vec<Arrived>, MailboxError> {
        self.connected()?;
        let inbox = self.inbox();
        let uniques: Vec<String> = at.iter().map(|at| at.uid.clone()).collect();
        let now = self.clock.now();
        blocking(move || {
            let places = inbox.locate(&uniques)?;
            uniques
                .into_iter()
                .zip(places)
                .map(|(unique, place)| {
                    let at = Locator { uidvalidity: 0, uid: unique };
                    let found = place.map(|path| look(&path, mail_bytes, at.clone())).transpose()?.flatten();
                    Ok(found.unwrap_or(Arrived { at, size: 0, received_at: now, content: Content::Gone }))
                })
                .collect()
        })
        .await
    }

    pub(super) async fn file(&mut self, folder: Folder, at: &[Locator]) -> Result<(), MailboxError> {
        self.connected()?;
        let (inbox, to) = (self.inbox(), self.subfolder(folder));
        let uniques: Vec<String> = at.iter().map(|at| at.uid.clone()).collect();
        let fresh = self.fresh_name();
        blocking(move || {
            let places = inbox.locate(&uniques)?;
            for (number, (unique, place)) in uniques.iter().zip(places).enumerate() {
                let Some(from) = place else { continue };
                // A mail that came back under its old name must not replace the one that was filed then.
                if to.holds(&from, unique) {
                    to.take_in(&from, &format!("{fresh}_{number}"))?;
                } else {
                    to.take_in(&from, unique)?;
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn wait(&mut self, most: Duration) -> Result<(), MailboxError> {
        let watch = self.watch.as_mut().ok_or(MailboxError::NotConnected)?;
        // Too late is no error: the caller looks in either case.
        let _ = tokio::time::timeout(most, watch.woken()).await;
        Ok(())
    }

    fn connected(&self) -> Result<(), MailboxError> {
        if self.watch.is_some() { Ok(()) } else { Err(MailboxError::NotConnected) }
    }

    fn inbox(&self) -> Dir {
        Dir::new(&self.root)
    }

    fn subfolder(&self, folder: Folder) -> Dir {
        Dir::new(self.root.join(format!(".{}.{}", self.parent, folder.name())))
    }

    /// A unique name that no file has: the seconds, and 64 random bits.
    fn fresh_name(&self) -> String {
        let seconds = self.clock.now().as_millis() / 1000;
        format!("{seconds}.R{:016x}.renkei", u64::from_be_bytes(self.entropy.bytes()))
    }
}

/// Reads as many as fit and gives back the rest. What has vanished is passed over: if it was only renamed, the next list
/// has it.
fn read_fitting(entries: Vec<Entry>, limits: WindowLimits) -> Result<(Vec<Arrived>, Vec<Entry>), MailboxError> {
    let mut there = Vec::new();
    for entry in entries {
        if let Some(metadata) = folder::stat(&entry.path)? {
            there.push((entry, metadata.len()));
        }
    }
    let fitting = limits.fit(there.iter().map(|(_, size)| *size));
    let left = there.split_off(fitting);
    let mut mails = Vec::new();
    for (entry, _) in there {
        let at = Locator { uidvalidity: 0, uid: entry.unique };
        mails.extend(look(&entry.path, limits.mail_bytes, at)?);
    }
    Ok((mails, left.into_iter().map(|(entry, _)| entry).collect()))
}

/// One mail, read if it is not too large; `None` when it has vanished.
fn look(path: &Path, mail_bytes: u64, at: Locator) -> Result<Option<Arrived>, MailboxError> {
    let Some(metadata) = folder::stat(path)? else { return Ok(None) };
    let (size, received_at) = (metadata.len(), folder::changed_at(&metadata));
    let content = if size > mail_bytes {
        Content::TooLarge
    } else {
        match folder::read(path)? {
            Some(bytes) => Content::Read(bytes),
            None => return Ok(None),
        }
    };
    Ok(Some(Arrived { at, size, received_at, content }))
}

/// Runs what waits for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MailboxError> + Send + 'static,
) -> Result<T, MailboxError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| MailboxError::Maildir { what: "a thread", kind: std::io::ErrorKind::Other })?
}
