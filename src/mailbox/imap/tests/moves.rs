//! Judged mails are filed, whatever the server lacks.

use super::*;

#[tokio::test]
async fn mails_are_moved_many_at_once() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2", b"3", b"4", b"5"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().remove(&2);
    mailbox.imap.file(Folder::Accepted, &at(&[5, 3, 2, 1])).await.unwrap();
    assert_eq!(fake.uids("INBOX"), [4]);
    assert_eq!(fake.uids("INBOX.renkei.accepted").len(), 3);
    assert_eq!(fake.heard("UID MOVE 1:3,5 \"INBOX.renkei.accepted\""), 1);
}

#[tokio::test]
async fn no_about_a_set_counts_only_for_those_that_are_left() {
    let (fake, mut mailbox) = with(ALL, &[b"1", b"2"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().remove(&1);
    fake.state().fault = Fault::NoOnce("MOVE");
    mailbox.imap.file(Folder::Other, &at(&[1, 2])).await.unwrap();
    assert_eq!(fake.uids("INBOX"), Vec::<u32>::new());
}

#[tokio::test]
async fn without_move_they_are_copied_and_expunged_by_uid() {
    let (fake, mut mailbox) = with("UIDPLUS", &[b"1", b"2"]).await;
    fake.state().folders.get_mut("INBOX").unwrap().get_mut(&2).unwrap().deleted = true;
    mailbox.imap.file(Folder::Refused, &at(&[1])).await.unwrap();
    assert_eq!(fake.uids("INBOX"), [2], "what another flagged is left alone");
    assert_eq!(fake.uids("renkei/refused").len(), 1);
}

#[tokio::test]
async fn without_uidplus_nothing_is_expunged_and_nothing_copied_twice() {
    let (fake, mut mailbox) = with("", &[b"1", b"2"]).await;
    for _ in 0..2 {
        mailbox.imap.file(Folder::Refused, &at(&[1, 2])).await.unwrap();
    }
    assert_eq!((fake.uids("INBOX").len(), fake.uids("renkei/refused").len()), (2, 2));
    assert_eq!(fake.heard("EXPUNGE"), 0);
    let window = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap();
    assert!(window.mails.is_empty(), "what was filed is not new");
}

#[tokio::test]
async fn the_operator_finds_releases_and_deletes() {
    let (fake, mut mailbox) = with(ALL, &[b"aa", b"bb", b"ccc"]).await;
    mailbox.imap.file(Folder::Quarantine, &at(&[1, 2, 3])).await.unwrap();
    let quarantined = || fake.uids("INBOX.renkei.quarantine").len();
    assert_eq!(mailbox.imap.find(Folder::Quarantine, 3, |bytes| bytes == b"aa").await.unwrap(), None);
    let found = mailbox.imap.find(Folder::Quarantine, 2, |bytes| bytes == b"aa").await.unwrap().unwrap();
    mailbox.imap.release(&found).await.unwrap();
    assert_eq!((fake.uids("INBOX").len(), quarantined()), (1, 2));
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
    assert!(fake.uids("INBOX.renkei.other").is_empty());
}
