//! Mails in files, one after another: a file each, or many in an mbox (RFC 4155, with `>From ` undone).

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::domain::time::Timestamp;

/// A mail.
#[derive(Debug)]
pub(super) struct Mail {
    /// Its file, with its number in an mbox.
    pub name: String,
    /// When it came.
    pub arrived_at: Timestamp,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// The mails below `path`, by name, each read when its turn comes.
pub(super) fn mails(path: &Path) -> io::Result<Mails> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    Ok(Mails { files: files.into(), split: VecDeque::new() })
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?.path();
        let is_hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // What a Maildir has in tmp is not there yet; beside a corpus lies what is expected of it.
        let is_other = entry.file_name().is_some_and(|name| name == "tmp")
            || entry.extension().is_some_and(|extension| extension == "toml" || extension == "py");
        if !(is_other || is_hidden && !entry.is_dir()) {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

/// See [`mails`].
#[derive(Debug)]
pub(super) struct Mails {
    files: VecDeque<PathBuf>,
    split: VecDeque<Mail>,
}

impl Iterator for Mails {
    type Item = io::Result<Mail>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(mail) = self.split.pop_front() {
                return Some(Ok(mail));
            }
            match read(&self.files.pop_front()?) {
                Ok(mails) => self.split = mails,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn read(path: &Path) -> io::Result<VecDeque<Mail>> {
    let raw = fs::read(path)?;
    let written = fs::metadata(path)?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let arrived_at = Timestamp::from_millis(i64::try_from(written.as_millis()).unwrap_or(i64::MAX));
    let name = path.display().to_string();
    if !raw.starts_with(b"From ") {
        return Ok(VecDeque::from([Mail { name, arrived_at, raw }]));
    }
    Ok(split(&raw, &name, arrived_at))
}

/// A line `From …` at the beginning or behind an empty line begins a mail.
fn split(raw: &[u8], name: &str, arrived_at: Timestamp) -> VecDeque<Mail> {
    let mut mails: VecDeque<Mail> = VecDeque::new();
    let mut after_empty = true;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let is_empty = matches!(line, b"\n" | b"\r\n");
        if after_empty && line.starts_with(b"From ") {
            let name = format!("{name}#{}", mails.len() + 1);
            mails.push_back(Mail { name, arrived_at: date(line).unwrap_or(arrived_at), raw: Vec::new() });
        } else if let Some(mail) = mails.back_mut() {
            let quotes = line.iter().take_while(|byte| **byte == b'>').count();
            let is_quoted = quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
            mail.raw.extend_from_slice(if is_quoted { line.get(1..).unwrap_or(line) } else { line });
        }
        after_empty = is_empty;
    }
    mails
}

/// `From sender Fri Jul  3 09:00:00 2026`, UTC.
fn date(line: &[u8]) -> Option<Timestamp> {
    let line = String::from_utf8_lossy(line);
    let words: Vec<&str> = line.split_whitespace().collect();
    let date = words.get(words.len().checked_sub(5)?..)?.join(" ");
    let date = chrono::NaiveDateTime::parse_from_str(&date, "%a %b %d %H:%M:%S %Y").ok()?;
    Some(Timestamp::from_millis(date.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_cut_where_mails_begin() {
        let raw = b"From a@b Fri Jul  3 09:00:00 2026\nSubject: 1\n\nx\n>From me\n>>From you\nFrom here on\n\nFrom c@d\nSubject: 2\n\ny\n";
        let later = Timestamp::from_millis(7);
        let mails = split(raw, "m", later);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].raw, b"Subject: 1\n\nx\nFrom me\n>From you\nFrom here on\n\n");
        assert_eq!((mails[0].name.as_str(), mails[0].arrived_at.to_string().as_str()), ("m#1", "2026-07-03T09:00:00Z"));
        assert_eq!((&mails[1].raw[..], mails[1].arrived_at), (&b"Subject: 2\n\ny\n"[..], later));
    }

    #[test]
    fn folders_are_walked_and_what_is_no_mail_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("b.eml", "B"), ("new/a", "A"), ("tmp/x", "X"), ("b.toml", "T"), (".hidden", "H"), (".sub/cur/c:2,S", "C")]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let read: Vec<u8> = mails(folder.path()).unwrap().map(|mail| mail.unwrap().raw[0]).collect();
        assert_eq!(read, b"CBA");
        assert!(mails(&folder.path().join("none")).unwrap().next().unwrap().is_err());
    }
}
