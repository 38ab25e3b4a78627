//! On real folders.

use std::fs;
use std::time::Instant;

use super::*;
use crate::domain::time::Timestamp;

const LIMITS: WindowLimits = WindowLimits { mails: 3, bytes: 1000, mail_bytes: 600 };

struct Box {
    maildir: Maildir,
    root: tempfile::TempDir,
}

impl Box {
    async fn with(files: &[(&str, &[u8])]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let settings = settings::Maildir { path: root.path().to_owned(), ..settings::Maildir::default() };
        let clock = Clock::fixed(Timestamp::from_millis(1_800_000_000_000));
        let mut this = Self { maildir: Maildir::open(&settings, clock, Entropy::seeded(1)), root };
        this.maildir.connect().await.unwrap();
        for (path, body) in files {
            this.write(path, body);
        }
        this
    }

    fn write(&self, path: &str, body: &[u8]) {
        fs::write(self.root.path().join(path), body).unwrap();
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let list = fs::read_dir(self.root.path().join(folder)).unwrap();
        let mut names: Vec<String> = list.map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn window(&mut self, known: &[&str]) -> Window {
        let known = known.iter().map(|name| (*name).to_owned()).collect();
        self.maildir.window(LIMITS, &known).await.unwrap()
    }
}

fn uids(window: &Window) -> Vec<&str> {
    window.mails.iter().map(|mail| mail.at.uid.as_str()).collect()
}

fn at(names: &[&str]) -> Vec<Locator> {
    names.iter().map(|name| Locator { uidvalidity: 0, uid: (*name).to_owned() }).collect()
}

#[tokio::test]
async fn windows_go_by_name_over_new_and_cur_and_pass_over_what_is_known() {
    let files: &[(&str, &[u8])] = &[
        ("new/5.e", b"5"),
        ("cur/1.a:2,S", b"1"),
        ("new/2.b", b"2"),
        ("cur/3.c:2,T", b"trashed"),
        ("new/.hidden", b""),
        ("cur/4.d:2,", b"4"),
        ("new/6.f", b"6"),
    ];
    let mut mailbox = Box::with(files).await;
    let first = mailbox.window(&["2.b"]).await;
    assert_eq!((uids(&first), first.more), (vec!["1.a", "4.d", "5.e"], true));
    assert_eq!(first.mails[0].content, Content::Read(b"1".to_vec()));
    mailbox.write("new/0.late", b"");
    let second = mailbox.window(&["2.b", "1.a", "4.d", "5.e"]).await;
    assert_eq!((uids(&second), second.more), (vec!["6.f"], false), "listed once");
    let third = mailbox.window(&["2.b", "1.a", "4.d", "5.e", "6.f"]).await;
    assert_eq!(uids(&third), ["0.late"], "and again when the list is dry");
}

#[tokio::test]
async fn a_large_mail_is_not_read_and_what_does_not_fit_comes_next() {
    let mut mailbox = Box::with(&[("new/1", &[b'a'; 601]), ("new/2", &[b'b'; 600]), ("new/3", &[b'c'; 401])]).await;
    let first = mailbox.window(&[]).await;
    assert_eq!((uids(&first), first.more), (vec!["1", "2"], true));
    assert_eq!((&first.mails[0].content, first.mails[0].size), (&Content::TooLarge, 601));
    assert_eq!(uids(&mailbox.window(&["1", "2"]).await), ["3"]);
}

#[tokio::test]
async fn a_link_is_no_mail() {
    let mut mailbox = Box::with(&[]).await;
    std::os::unix::fs::symlink("/etc/hostname", mailbox.root.path().join("new/1")).unwrap();
    assert!(mailbox.window(&[]).await.mails.is_empty());
    assert_eq!(mailbox.maildir.fetch(&at(&["1"]), 600).await.unwrap()[0].content, Content::Gone);
}

#[tokio::test]
async fn judged_mails_are_filed_as_seen_and_the_vanished_passed_over() {
    let mut mailbox = Box::with(&[("new/1", b"1"), ("cur/2:2,FR", b"2"), ("new/3", b"3")]).await;
    mailbox.maildir.file(Folder::Accepted, &at(&["1", "2", "gone", "../new/3"])).await.unwrap();
    assert_eq!(mailbox.names(".renkei.accepted/cur"), ["1:2,S", "2:2,FRS"]);
    assert_eq!((mailbox.names("new"), mailbox.names("cur").len()), (vec!["3".to_owned()], 0));
    assert_eq!(mailbox.names(".renkei.accepted"), ["cur", "maildirfolder", "new", "tmp"]);
}

#[tokio::test]
async fn a_mail_that_comes_back_under_its_name_does_not_replace_the_filed_one() {
    let mut mailbox = Box::with(&[("new/1", b"first")]).await;
    mailbox.maildir.file(Folder::Other, &at(&["1"])).await.unwrap();
    mailbox.write("new/1", b"second");
    mailbox.maildir.file(Folder::Other, &at(&["1"])).await.unwrap();
    let filed = mailbox.names(".renkei.other/cur");
    let read = |name: &String| fs::read(mailbox.root.path().join(".renkei.other/cur").join(name)).unwrap();
    let mut bodies: Vec<Vec<u8>> = filed.iter().map(read).collect();
    bodies.sort();
    assert_eq!(bodies, [b"first".to_vec(), b"second".to_vec()]);
}

#[tokio::test]
async fn held_mails_are_found_under_other_flags() {
    let mut mailbox = Box::with(&[("cur/1:2,FS", b"1"), ("new/2", &[b'b'; 601])]).await;
    let mails = mailbox.maildir.fetch(&at(&["2", "1", "0"]), 600).await.unwrap();
    let contents: Vec<&Content> = mails.iter().map(|mail| &mail.content).collect();
    assert_eq!(contents, [&Content::TooLarge, &Content::Read(b"1".to_vec()), &Content::Gone]);
}

#[tokio::test]
async fn an_arrival_wakes_even_between_two_waits() {
    let mut mailbox = Box::with(&[]).await;
    mailbox.write("tmp/1", b"1");
    fs::rename(mailbox.root.path().join("tmp/1"), mailbox.root.path().join("new/1")).unwrap();
    let began = Instant::now();
    mailbox.maildir.wait(Duration::from_secs(20)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    mailbox.window(&[]).await;
    mailbox.maildir.file(Folder::Other, &at(&["1"])).await.unwrap();
    let began = Instant::now();
    mailbox.maildir.wait(Duration::from_millis(300)).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300), "our own moves do not wake us");
}

#[tokio::test]
async fn the_operator_finds_releases_and_deletes() {
    let mut mailbox = Box::with(&[("new/1", b"a\nb\n"), ("new/2", b"c\nd\n")]).await;
    mailbox.maildir.file(Folder::Quarantine, &at(&["1", "2"])).await.unwrap();
    assert_eq!(mailbox.maildir.find(Folder::Quarantine, 5, |_| true).await.unwrap(), None);
    let found = mailbox.maildir.find(Folder::Quarantine, 6, |bytes| bytes == b"a\nb\n").await.unwrap().unwrap();
    mailbox.maildir.release(&found).await.unwrap();
    assert_eq!(mailbox.names(".renkei.quarantine/cur"), ["2:2,S"]);
    let window = mailbox.window(&["1", "2"]).await;
    assert_eq!(window.mails[0].content, Content::Read(b"a\nb\n".to_vec()), "under a name that is not known");
    let found = mailbox.maildir.find(Folder::Quarantine, 4, |_| true).await.unwrap().unwrap();
    mailbox.maildir.delete(&found).await.unwrap();
    assert!(mailbox.names(".renkei.quarantine/cur").is_empty());
}

#[tokio::test]
async fn what_is_old_expires() {
    let mut mailbox = Box::with(&[("new/1", b"1"), ("new/2", b"2")]).await;
    let changed = mailbox.window(&[]).await.mails[0].received_at;
    mailbox.maildir.file(Folder::Other, &at(&["1", "2"])).await.unwrap();
    let hour = Duration::from_hours(1);
    assert_eq!(mailbox.maildir.expire(Folder::Other, changed.before(hour)).await.unwrap(), 0);
    assert_eq!(mailbox.maildir.expire(Folder::Other, changed.after(hour)).await.unwrap(), 2);
    assert!(mailbox.names(".renkei.other/cur").is_empty());
}

#[tokio::test]
async fn a_wrong_path_is_a_matter_of_config() {
    let settings = settings::Maildir { path: "/nowhere/mail".into(), ..settings::Maildir::default() };
    let mut maildir = Maildir::open(&settings, Clock::System, Entropy::System);
    let error = maildir.connect().await.unwrap_err();
    assert!(error.is_config(), "{error}");
    assert!(matches!(maildir.wait(Duration::ZERO).await, Err(MailboxError::NotConnected)));
}
