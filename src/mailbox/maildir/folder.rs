//! One Maildir folder: `cur`, `new` and `tmp`, on the disk. Blocking: called from a blocking thread.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::name;
use crate::domain::time::Timestamp;
use crate::mailbox::MailboxError;

/// A folder of a Maildir.
#[derive(Clone, Debug)]
pub(super) struct Dir(PathBuf);

/// A file in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) unique: String,
    pub(super) path: PathBuf,
}

/// Makes an error of the system one of ours.
pub(super) fn failed(what: &'static str) -> impl Fn(io::Error) -> MailboxError {
    move |error| MailboxError::Maildir { what, kind: error.kind() }
}

impl Dir {
    pub(super) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub(super) fn path(&self, part: &str) -> PathBuf {
        self.0.join(part)
    }

    /// Makes `cur`, `new` and `tmp` where they are missing, readable by the owner alone.
    pub(super) fn make(&self) -> Result<(), MailboxError> {
        for part in ["cur", "new", "tmp"] {
            make_dir(&self.0.join(part))?;
        }
        Ok(())
    }

    /// Makes it as a subfolder of a Maildir++.
    pub(super) fn make_subfolder(&self) -> Result<(), MailboxError> {
        make_dir(&self.0)?;
        fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.0.join("maildirfolder"))
            .map_err(failed("marking a folder"))?;
        self.make()
    }

    /// All mails, sorted by unique name, which begins with the time of delivery. Those marked for deletion are not there.
    pub(super) fn list(&self) -> Result<Vec<Entry>, MailboxError> {
        const WHAT: &str = "listing";
        let mut entries = Vec::new();
        for part in ["new", "cur"] {
            let folder = self.0.join(part);
            for item in fs::read_dir(&folder).map_err(failed(WHAT))? {
                // A name that is no UTF-8 was made by no mail program.
                let Ok(file) = item.map_err(failed(WHAT))?.file_name().into_string() else { continue };
                if name::is_plain(&file) && !name::is_trashed(&file) {
                    entries.push(Entry { unique: name::unique(&file).to_owned(), path: folder.join(file) });
                }
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    /// The files with these unique names, in the same order; `None` where there is none. Lists the folder only when a
    /// file is not where mail usually lies.
    pub(super) fn locate(&self, uniques: &[String]) -> Result<Vec<Option<PathBuf>>, MailboxError> {
        let mut found: Vec<Option<PathBuf>> = uniques.iter().map(|unique| self.usual_place(unique)).collect();
        if found.iter().any(Option::is_none) {
            let entries = self.list()?;
            for (place, unique) in found.iter_mut().zip(uniques).filter(|(place, _)| place.is_none()) {
                let at = entries.binary_search_by(|entry| entry.unique.as_str().cmp(unique)).ok();
                *place = at.and_then(|at| entries.get(at)).map(|entry| entry.path.clone());
            }
        }
        Ok(found)
    }

    fn usual_place(&self, unique: &str) -> Option<PathBuf> {
        if !name::is_plain(unique) {
            return None;
        }
        [self.0.join("new").join(unique), self.0.join("cur").join(format!("{unique}:2,S"))]
            .into_iter()
            .find(|path| path.symlink_metadata().is_ok())
    }

    /// Moves a file into `cur`, as seen, under `unique`; false when it has vanished. Never over another mail.
    pub(super) fn take_in(&self, from: &Path, unique: &str) -> Result<bool, MailboxError> {
        let file = from.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let to = self.0.join("cur").join(name::seen(unique, file));
        if to.symlink_metadata().is_ok() {
            return Err(MailboxError::Maildir { what: "filing", kind: io::ErrorKind::AlreadyExists });
        }
        moved(from, &to)
    }

    /// Moves a file into `new` under `unique`: a new mail for every reader.
    pub(super) fn deliver(&self, from: &Path, unique: &str) -> Result<bool, MailboxError> {
        moved(from, &self.0.join("new").join(unique))
    }

    /// Whether a mail with this unique name lies in `cur` as filed.
    pub(super) fn holds(&self, from: &Path, unique: &str) -> bool {
        let file = from.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        self.0.join("cur").join(name::seen(unique, file)).symlink_metadata().is_ok()
    }
}

fn make_dir(path: &Path) -> Result<(), MailboxError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed("making a folder")(error)),
        _ => Ok(()),
    }
}

fn moved(from: &Path, to: &Path) -> Result<bool, MailboxError> {
    match fs::rename(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound && from.symlink_metadata().is_err() => Ok(false),
        Err(error) => Err(failed("moving a mail")(error)),
    }
}

/// Deletes a file; false when it had vanished.
pub(super) fn remove(path: &Path) -> Result<bool, MailboxError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("deleting a mail")(error)),
    }
}

/// A mail's file; `None` when it has vanished or is no plain file: a link could lead to what is no mail.
pub(super) fn stat(path: &Path) -> Result<Option<Metadata>, MailboxError> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("looking at a mail")(error)),
    }
}

/// A mail's bytes; `None` when it has vanished.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, MailboxError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("reading a mail")(error)),
    }
}

/// When a file was last changed, which is when it was delivered.
pub(super) fn changed_at(metadata: &Metadata) -> Timestamp {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
