//! Woken by the kernel when a file comes into a folder (inotify(7)).

use std::path::Path;

use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{Receiver, channel};

use crate::mailbox::MailboxError;

/// Watches folders as long as it lives.
#[derive(Debug)]
pub(super) struct Watch {
    /// One slot: what comes between two looks is kept, and a thousand arrivals are one wake-up.
    woken: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Starts to watch.
    ///
    /// # Errors
    /// [`MailboxError::Maildir`]
    pub(super) fn start(folders: &[&Path]) -> Result<Self, MailboxError> {
        let (wake, woken) = channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| event.need_rescan() || brings_mail(event.kind)) {
                // A full slot holds a wake-up already.
                let _ = wake.try_send(());
            }
        })
        .map_err(failed)?;
        for folder in folders {
            watcher.watch(folder, RecursiveMode::NonRecursive).map_err(failed)?;
        }
        Ok(Self { woken, _watcher: watcher })
    }

    /// Returns once something came since the last call. May be dropped.
    pub(super) async fn woken(&mut self) {
        if self.woken.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// A file that is moved away, by us as a rule, is no news.
const fn brings_mail(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both | RenameMode::Any))
    )
}

fn failed(error: notify::Error) -> MailboxError {
    let kind = match error.kind {
        notify::ErrorKind::Io(error) => error.kind(),
        notify::ErrorKind::PathNotFound => std::io::ErrorKind::NotFound,
        notify::ErrorKind::MaxFilesWatch => std::io::ErrorKind::QuotaExceeded,
        _ => std::io::ErrorKind::Other,
    };
    MailboxError::Maildir { what: "watching", kind }
}
