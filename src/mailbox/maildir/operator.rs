//! What the operator's commands do in our subfolders.

use super::folder::{changed_at, read, remove, stat};
use super::{Maildir, blocking};
use crate::domain::inbound::{Folder, Locator};
use crate::domain::time::Timestamp;
use crate::mailbox::{Found, MailboxError};

impl Maildir {
    pub(in crate::mailbox) async fn find(
        &mut self,
        folder: Folder,
        size: u64,
        mut is_it: impl FnMut(&[u8]) -> bool,
    ) -> Result<Option<Found>, MailboxError> {
        self.connected()?;
        let dir = self.subfolder(folder);
        let entries = blocking(move || dir.list()).await?;
        for entry in entries.into_iter().rev() {
            let path = entry.path;
            let bytes = blocking(move || match stat(&path)? {
                // With bare line feeds a file is at least half as large as with CRLF.
                Some(metadata) if (size / 2..=size).contains(&metadata.len()) => read(&path),
                _ => Ok(None),
            })
            .await?;
            if bytes.is_some_and(|bytes| has_size(&bytes, size) && is_it(&bytes)) {
                return Ok(Some(Found { folder, at: Locator { uidvalidity: 0, uid: entry.unique } }));
            }
        }
        Ok(None)
    }

    pub(in crate::mailbox) async fn release(&mut self, found: &Found) -> Result<(), MailboxError> {
        self.connected()?;
        let (from, inbox) = (self.subfolder(found.folder), self.inbox());
        let (unique, fresh) = (found.at.uid.clone(), self.fresh_name());
        blocking(move || {
            for path in from.locate(&[unique])?.into_iter().flatten() {
                inbox.deliver(&path, &fresh)?;
            }
            Ok(())
        })
        .await
    }

    pub(in crate::mailbox) async fn delete(&mut self, found: &Found) -> Result<(), MailboxError> {
        self.connected()?;
        let (from, unique) = (self.subfolder(found.folder), found.at.uid.clone());
        blocking(move || {
            for path in from.locate(&[unique])?.into_iter().flatten() {
                remove(&path)?;
            }
            Ok(())
        })
        .await
    }

    pub(in crate::mailbox) async fn expire(
        &mut self,
        folder: Folder,
        older_than: Timestamp,
    ) -> Result<u64, MailboxError> {
        self.connected()?;
        let dir = self.subfolder(folder);
        blocking(move || {
            let mut expired = 0;
            for entry in dir.list()? {
                let old = stat(&entry.path)?.is_some_and(|metadata| changed_at(&metadata) < older_than);
                if old && remove(&entry.path)? {
                    expired += 1;
                }
            }
            Ok(expired)
        })
        .await
    }
}

/// Whether the mail has this size as it lies there, or once its line ends are CRLF.
fn has_size(bytes: &[u8], size: u64) -> bool {
    let mut before = b' ';
    let mut bare = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            bare += 1;
        }
        before = *byte;
    }
    let raw = bytes.len() as u64;
    raw == size || raw + bare == size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_with_or_without_carriage_returns() {
        for (bytes, size) in [(&b"a\nb\n"[..], 4), (b"a\nb\n", 6), (b"a\r\nb\r\n", 6), (b"\n", 2)] {
            assert!(has_size(bytes, size), "{bytes:?} {size}");
        }
        assert!(!has_size(b"a\r\nb\r\n", 4) && !has_size(b"a\nb\n", 5));
    }
}
