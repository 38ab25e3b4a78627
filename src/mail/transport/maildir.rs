//! Mail into a Maildir on this host: for the demo, and where the host delivers on its own.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

use crate::domain::outbound::HandOver;
use crate::mail::compose::Composed;
use crate::mail::header::addr_spec;

/// A Maildir to write into.
///
/// A file is named by the SHA-256 of what is in it: the same mail handed over again replaces itself and is there once.
#[derive(Clone, Debug)]
pub struct Maildir {
    path: PathBuf,
}

impl Maildir {
    /// At `path`; the folders are made when the first mail comes.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Any failure of the disk is [`HandOver::Deferred`]: nothing stands in `new` that is not whole, and writing again
    /// makes no second one.
    pub(super) async fn send(&self, mail: &Composed) -> HandOver {
        let (path, content) = (self.path.clone(), content(mail));
        let written = tokio::task::spawn_blocking(move || write(&path, &content)).await;
        match written {
            Ok(Ok(())) => HandOver::Sent,
            Ok(Err(_)) | Err(_) => HandOver::Deferred { reply: None },
        }
    }

    /// Whether the folders are there or can be made.
    pub(super) async fn probe(&self) -> io::Result<()> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || make_folders(&path))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// What is delivered: the mail below its Return-Path (RFC 5321 §4.4).
fn content(mail: &Composed) -> Vec<u8> {
    let return_path = mail.return_path.as_ref().map(addr_spec).unwrap_or_default();
    let mut content = format!("Return-Path: <{return_path}>\r\nDelivered-To: {}\r\n", addr_spec(&mail.to)).into_bytes();
    content.extend_from_slice(&mail.bytes);
    content
}

fn write(maildir: &Path, content: &[u8]) -> io::Result<()> {
    make_folders(maildir)?;
    let name = file_name(content);
    let (tmp, new) = (maildir.join("tmp").join(&name), maildir.join("new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&tmp, new.join(&name))?;
    File::open(&new)?.sync_all()
}

fn make_folders(maildir: &Path) -> io::Result<()> {
    ["tmp", "new", "cur"]
        .iter()
        .try_for_each(|name| DirBuilder::new().recursive(true).mode(0o700).create(maildir.join(name)))
}

fn file_name(content: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut name = String::with_capacity(71);
    for byte in digest(&SHA256, content).as_ref() {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ".renkei"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email_address::EmailAddress;

    fn mail(return_path: Option<&str>) -> Composed {
        let address = |text| EmailAddress::parse(text).unwrap();
        let bytes = b"Subject: x\r\n\r\nbody\r\n".to_vec();
        Composed { to: address("yamada@example.jp"), return_path: return_path.map(address), envelope_id: None, bytes }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn a_mail_lies_in_new_whole_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(&folder.path().join("out"));
        for _ in 0..2 {
            assert_eq!(maildir.send(&mail(Some("portal@renkei.example"))).await, HandOver::Sent);
        }
        let new = files(&folder.path().join("out/new"));
        assert_eq!(new.len(), 1);
        assert!(files(&folder.path().join("out/tmp")).is_empty() && files(&folder.path().join("out/cur")).is_empty());
        let text = fs::read_to_string(&new[0]).unwrap();
        assert!(
            text.starts_with(
                "Return-Path: <portal@renkei.example>\r\nDelivered-To: yamada@example.jp\r\nSubject: x\r\n"
            )
        );
        assert!(text.ends_with("\r\n\r\nbody\r\n"));
    }

    #[tokio::test]
    async fn an_answer_has_a_null_return_path() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Maildir::new(folder.path()).send(&mail(None)).await, HandOver::Sent);
        assert!(fs::read_to_string(&files(&folder.path().join("new"))[0]).unwrap().starts_with("Return-Path: <>\r\n"));
    }

    #[tokio::test]
    async fn what_cannot_be_written_waits() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let maildir = Maildir::new(&file);
        assert_eq!(maildir.send(&mail(None)).await, HandOver::Deferred { reply: None });
        assert!(maildir.probe().await.is_err());
    }
}
