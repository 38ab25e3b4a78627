//! Against the fake server: what it lacks, and what goes wrong.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::fake::{Fake, Fault};
use super::*;
use crate::config::secret::SecretFile;
use crate::domain::time::Timestamp;
use crate::mailbox::Content;

const ALL: &str = "IDLE MOVE UIDPLUS NAMESPACE";
const LIMITS: WindowLimits = WindowLimits { mails: 3, bytes: 1000, mail_bytes: 600 };
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct Box {
    imap: Imap,
    _secret: tempfile::NamedTempFile,
}

fn mailbox(fake: &Fake) -> Box {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    secret.write_all(b"p\n").unwrap();
    secret.as_file().set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
    let settings = settings::Imap {
        host: "127.0.0.1".to_owned(),
        port: Some(fake.port),
        tls: Tls::None,
        user: SecretString::from("u"),
        password_file: Some(SecretFile::new(secret.path())),
        command_timeout_s: 1,
        poll_s: 1,
        ..settings::Imap::default()
    };
    Box { imap: Imap::open(&settings, Clock::fixed(NOW)).unwrap(), _secret: secret }
}

/// A connected mailbox with these mails in its inbox, as UIDs 1, 2, 3 …
async fn with(capabilities: &'static str, mails: &[&[u8]]) -> (Fake, Box) {
    let fake = Fake::start(capabilities).await;
    for mail in mails {
        fake.state().deliver(mail);
    }
    let mut mailbox = mailbox(&fake);
    mailbox.imap.connect().await.unwrap();
    (fake, mailbox)
}

fn bodies(window: &Window) -> Vec<&[u8]> {
    let read = |mail: &'_ Content| matches!(mail, Content::Read(_));
    assert!(window.mails.iter().all(|mail| read(&mail.content)));
    window
        .mails
        .iter()
        .filter_map(|mail| if let Content::Read(bytes) = &mail.content { Some(bytes.as_slice()) } else { None })
        .collect()
}

fn at(uids: &[u32]) -> Vec<Locator> {
    uids.iter().map(|uid| Locator { uidvalidity: 7, uid: uid.to_string() }).collect()
}

#[tokio::test]
async fn folders_lie_below_the_namespaces_prefix_and_are_made_once() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    let ours = ["accepted", "other", "quarantine", "refused"].map(|name| format!("INBOX.renkei.{name}"));
    assert_eq!(fake.state().folders.keys().skip(1).cloned().collect::<Vec<_>>(), ours);
    mailbox.imap.connect().await.unwrap();
    assert_eq!((fake.state().heard("CREATE"), fake.state().heard("SUBSCRIBE")), (4, 4));
    let (fake, _mailbox) = with("", &[]).await;
    assert!(fake.state().folders.contains_key("renkei/accepted"), "LIST's delimiter where there is no NAMESPACE");
}

#[tokio::test]
async fn windows_go_through_the_inbox_in_order_with_one_search() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2", b"3", b"4", b"5"]).await;
    let first = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    assert_eq!(bodies(&first), [b"1", b"2", b"3"]);
    assert_eq!((first.cursor, first.more), (Cursor { uidvalidity: 7, uidnext: 4 }, true));
    assert_eq!(first.mails[0].at, at(&[1])[0]);
    assert_eq!((first.mails[0].size, first.mails[0].received_at.as_millis()), (1, 1_707_241_465_000));
    let second = mailbox.imap.window(first.cursor, LIMITS).await.unwrap();
    assert_eq!((bodies(&second), second.more), (vec![&b"4"[..], b"5"], false));
    assert_eq!((fake.state().heard("SEARCH"), fake.state().heard("BODY.PEEK[]")), (1, 2));
    let third = mailbox.imap.window(second.cursor, LIMITS).await.unwrap();
    assert_eq!((third.mails.len(), third.more, third.cursor), (0, false, second.cursor), "5:* names 5, which is old");
}

#[tokio::test]
async fn a_window_that_was_not_committed_comes_again() {
    let (_fake, mut mailbox) = with(ALL, &[b"1", b"2", b"3", b"4"]).await;
    mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    let again = mailbox.imap.window(Cursor { uidvalidity: 7, uidnext: 2 }, LIMITS).await.unwrap();
    assert_eq!(bodies(&again), [b"2", b"3", b"4"]);
}

#[tokio::test]
async fn a_large_mail_is_never_asked_for_and_bytes_are_bounded() {
    let (fake, mut mailbox) = with(ALL, &[&[b'a'; 601], &[b'b'; 600], &[b'c'; 401]]).await;
    let window = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    let contents: Vec<&Content> = window.mails.iter().map(|mail| &mail.content).collect();
    assert_eq!(contents, [&Content::TooLarge, &Content::Read(vec![b'b'; 600])]);
    assert_eq!((window.cursor.uidnext, window.more), (3, true));
    assert_eq!(fake.state().heard("UID FETCH 2 (UID BODY.PEEK[])"), 1);
}

#[tokio::test]
async fn another_uidvalidity_starts_from_one() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2"]).await;
    let window = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    fake.state().uidvalidity = 8;
    mailbox.imap.connect().await.unwrap();
    assert_eq!(mailbox.imap.uidvalidity(), Some(8));
    let window = mailbox.imap.window(window.cursor, LIMITS).await.unwrap();
    assert_eq!((window.mails.len(), window.cursor), (2, Cursor { uidvalidity: 8, uidnext: 3 }));
    mailbox.imap.file(Folder::Other, &at(&[1])).await.unwrap();
    assert_eq!(fake.state().uids("INBOX"), [1, 2], "1 of the old UIDVALIDITY is another mail");
    let gone = mailbox.imap.fetch(&at(&[1]), 600).await.unwrap();
    assert_eq!(gone[0].content, Content::Gone);
}

#[tokio::test]
async fn mails_are_moved_many_at_once() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2", b"3", b"4", b"5"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().remove(&2);
    mailbox.imap.file(Folder::Accepted, &at(&[5, 3, 2, 1])).await.unwrap();
    assert_eq!(fake.state().uids("INBOX"), [4]);
    assert_eq!(fake.state().uids("INBOX.renkei.accepted").len(), 3);
    assert_eq!(fake.state().heard("UID MOVE 1:3,5 \"INBOX.renkei.accepted\""), 1);
}

#[tokio::test]
async fn no_about_a_set_counts_only_for_those_that_are_left() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().remove(&1);
    fake.state().fault = Fault::NoOnce("MOVE");
    mailbox.imap.file(Folder::Other, &at(&[1, 2])).await.unwrap();
    assert_eq!(fake.state().uids("INBOX"), Vec::<u32>::new());
}

#[tokio::test]
async fn without_move_they_are_copied_and_expunged_by_uid() {
    let (fake, mut mailbox) = with("UIDPLUS", &[b"1", b"2"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().get_mut(&2).unwrap().deleted = true;
    mailbox.imap.file(Folder::Refused, &at(&[1])).await.unwrap();
    assert_eq!(fake.state().uids("INBOX"), [2], "what another flagged is left alone");
    assert_eq!(fake.state().uids("renkei/refused").len(), 1);
}

#[tokio::test]
async fn without_uidplus_nothing_is_expunged_and_nothing_copied_twice() {
    let (fake, mut mailbox) = with("", &[b"1", b"2"]).await;
    for _ in 0..2 {
        mailbox.imap.file(Folder::Refused, &at(&[1, 2])).await.unwrap();
    }
    assert_eq!((fake.state().uids("INBOX").len(), fake.state().uids("renkei/refused").len()), (2, 2));
    assert_eq!(fake.state().heard("EXPUNGE"), 0);
    let window = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    assert!(window.mails.is_empty(), "what was filed is not new");
}

#[tokio::test]
async fn a_connection_cut_anywhere_gives_an_error_and_never_a_short_mail() {
    let body = b"From: a@b.example\r\n\r\n).\r\n".repeat(4);
    let (fake, mut mailbox) = with(ALL, &[&body, &body]).await;
    let whole = 2 * (body.len() + b"* 1 FETCH (UID 1 BODY[] {100}\r\n)\r\n".len());
    for cut in 0..=whole {
        fake.state().fault = Fault::CutBodies(cut);
        mailbox.imap.connect().await.unwrap();
        let error = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap_err();
        assert!(matches!(error, MailboxError::Lost { .. }), "cut at {cut}: {error}");
        assert!(matches!(mailbox.imap.wait(Duration::ZERO).await, Err(MailboxError::NotConnected)));
    }
    fake.state().fault = Fault::None;
    mailbox.imap.connect().await.unwrap();
    assert_eq!(bodies(&mailbox.imap.window(Cursor::START, LIMITS).await.unwrap()), [&body, &body]);
}

#[tokio::test]
async fn a_mail_that_the_server_leaves_out_is_not_taken_for_gone() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2"]).await;
    fake.state().fault = Fault::LeaveOut(1);
    assert!(mailbox.imap.fetch(&at(&[1, 2]), 600).await.is_err());
    fake.state().fault = Fault::None;
    fake.state().folders.get_mut("INBOX").unwrap().remove(&1);
    mailbox.imap.connect().await.unwrap();
    let mails = mailbox.imap.fetch(&at(&[1, 2]), 600).await.unwrap();
    assert_eq!((&mails[0].content, &mails[1].content), (&Content::Gone, &Content::Read(b"2".to_vec())));
}

#[tokio::test]
async fn idling_ends_with_a_mail_and_the_mail_is_there() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    let cursor = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap().cursor;
    let deliver = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        fake.state().deliver(b"new");
    };
    let began = Instant::now();
    let (waited, ()) = tokio::join!(mailbox.imap.wait(Duration::from_secs(20)), deliver);
    waited.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(bodies(&mailbox.imap.window(cursor, LIMITS).await.unwrap()), [b"new"]);
}

#[tokio::test]
async fn a_wait_that_is_dropped_leaves_the_session_usable() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    let cursor = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap().cursor;
    let wait = mailbox.imap.wait(Duration::from_secs(20));
    assert!(tokio::time::timeout(Duration::from_millis(200), wait).await.is_err());
    fake.state().deliver(b"new");
    assert_eq!(bodies(&mailbox.imap.window(cursor, LIMITS).await.unwrap()), [b"new"]);
}

#[tokio::test]
async fn still_here_does_not_prolong_idling() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    fake.state().fault = Fault::StillHere;
    let began = Instant::now();
    mailbox.imap.wait(Duration::from_millis(500)).await.unwrap();
    assert!((400..5000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
}

#[tokio::test]
async fn a_connection_closed_in_idle_is_an_error() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    fake.state().fault = Fault::CloseInIdle;
    let error = mailbox.imap.wait(Duration::from_secs(20)).await.unwrap_err();
    assert!(matches!(error, MailboxError::Lost { what: "IDLE" }), "{error}");
    assert!(matches!(mailbox.imap.wait(Duration::ZERO).await, Err(MailboxError::NotConnected)));
}

#[tokio::test]
async fn without_idle_it_polls() {
    let (fake, mut mailbox) = with("MOVE", &[]).await;
    let cursor = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap().cursor;
    fake.state().deliver(b"new");
    let began = Instant::now();
    mailbox.imap.wait(Duration::from_secs(20)).await.unwrap();
    assert!((900..5000).contains(&began.elapsed().as_millis()), "poll_s is 1");
    assert_eq!((fake.state().heard("IDLE"), fake.state().heard("NOOP")), (0, 1));
    assert_eq!(bodies(&mailbox.imap.window(cursor, LIMITS).await.unwrap()), [b"new"]);
}

#[tokio::test]
async fn a_server_that_falls_silent_meets_the_deadline() {
    for part in ["LOGIN", "CAPABILITY", "NAMESPACE", "SELECT", "SEARCH", "RFC822.SIZE", "BODY.PEEK", "MOVE", "IDLE"] {
        let fake = Fake::start(ALL).await;
        fake.state().deliver(b"1");
        fake.state().fault = Fault::Silent(part);
        let mut mailbox = mailbox(&fake);
        let use_it = async {
            mailbox.imap.connect().await?;
            let window = mailbox.imap.window(Cursor::START, LIMITS).await?;
            mailbox.imap.file(Folder::Other, &at(&[1])).await?;
            mailbox.imap.window(window.cursor, LIMITS).await?;
            mailbox.imap.wait(Duration::from_secs(20)).await
        };
        let began = Instant::now();
        let error = use_it.await.unwrap_err();
        assert!(matches!(error, MailboxError::Timeout { .. }), "{part}: {error}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn nonsense_is_an_error_and_no_panic() {
    for nonsense in [
        "\u{0}\u{1}garbage",
        "* 1 FETCH (UID 1 RFC822.SIZE x",
        "* 1 FETCH (UID 1 RFC822.SIZE 1 INTERNALDATE NIL)",
        "* 1 FETCH (UID 1 BODY[] {1000000000}",
        "* SEARCH 99999999999999",
        "* BYE u@x.example overloaded",
        "A9999 OK [ALERT]日本 \r\n* 1 FETCH (BODYSTRUCTURE ((((((((((((((((((((((((((((((((((((((((((((((((",
    ] {
        let (fake, mut mailbox) = with(ALL, &[b"1"]).await;
        fake.state().fault = Fault::Say("FETCH", nonsense);
        let error = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap_err();
        let lines = format!("{error} {error:?}");
        assert!(!error.is_config() && !lines.contains("x.example"), "{nonsense:?}: {lines}");
        fake.state().fault = Fault::None;
        mailbox.imap.connect().await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_login_is_a_matter_of_config_and_says_no_address() {
    let fake = Fake::start(ALL).await;
    let mut mailbox = mailbox(&fake);
    mailbox.imap.settings.user = SecretString::from("nobody@x.example");
    let error = mailbox.imap.connect().await.unwrap_err();
    assert!(matches!(error, MailboxError::Login) && error.is_config());
    assert!(!format!("{error} {error:?} {:?}", mailbox.imap).contains("x.example"));
}

#[tokio::test]
async fn a_greeting_that_is_none_is_refused() {
    let fake = Fake::start(ALL).await;
    for (greeting, passes) in [("* PREAUTH hello", false), ("* BYE full", false), ("* OK hi", true)] {
        fake.state().greeting = greeting;
        assert_eq!(mailbox(&fake).imap.connect().await.is_ok(), passes, "{greeting}");
    }
}

#[tokio::test]
async fn the_operator_finds_releases_and_deletes() {
    let (fake, mut mailbox) = with(ALL, &[b"aa", b"bb", b"ccc"]).await;
    mailbox.imap.file(Folder::Quarantine, &at(&[1, 2, 3])).await.unwrap();
    let quarantined = || fake.state().uids("INBOX.renkei.quarantine").len();
    assert_eq!(mailbox.imap.find(Folder::Quarantine, 3, |bytes| bytes == b"aa").await.unwrap(), None);
    let found = mailbox.imap.find(Folder::Quarantine, 2, |bytes| bytes == b"aa").await.unwrap().unwrap();
    mailbox.imap.release(&found).await.unwrap();
    assert_eq!((fake.state().uids("INBOX").len(), quarantined()), (1, 2));
    let window = mailbox.imap.window(Cursor { uidvalidity: 7, uidnext: 4 }, LIMITS).await.unwrap();
    assert_eq!(bodies(&window), [b"aa"], "it is new in the inbox");
    let found = mailbox.imap.find(Folder::Quarantine, 3, |_| true).await.unwrap().unwrap();
    mailbox.imap.delete(&found).await.unwrap();
    assert_eq!(quarantined(), 1);
}

#[tokio::test]
async fn what_is_old_expires_to_the_millisecond() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2"]).await;
    mailbox.imap.file(Folder::Other, &at(&[1, 2])).await.unwrap();
    let arrived = Timestamp::from_millis(1_707_241_465_000);
    assert_eq!(mailbox.imap.expire(Folder::Other, arrived).await.unwrap(), 0);
    assert_eq!(mailbox.imap.expire(Folder::Other, arrived.after(Duration::from_millis(1))).await.unwrap(), 2);
    assert!(fake.state().uids("INBOX.renkei.other").is_empty());
}
