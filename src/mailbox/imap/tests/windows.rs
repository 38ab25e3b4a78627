//! Mails come out of the inbox, each once.

use super::*;

#[tokio::test]
async fn folders_lie_below_the_namespaces_prefix_and_are_made_once() {
    let (fake, mut mailbox) = with(ALL, &[]).await;
    let ours = ["accepted", "other", "quarantine", "refused"].map(|name| format!("INBOX.renkei.{name}"));
    assert_eq!(fake.state().folders.keys().skip(1).cloned().collect::<Vec<_>>(), ours);
    mailbox.imap.connect().await.unwrap();
    assert_eq!((fake.heard("CREATE"), fake.heard("SUBSCRIBE")), (4, 4));
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
    assert_eq!((fake.heard("SEARCH"), fake.heard("BODY.PEEK[]")), (1, 2));
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
    assert_eq!(fake.heard("UID FETCH 2 (UID BODY.PEEK[])"), 1);
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
    assert_eq!(fake.uids("INBOX"), [1, 2], "1 of the old UIDVALIDITY is another mail");
    let gone = mailbox.imap.fetch(&at(&[1]), 600).await.unwrap();
    assert_eq!(gone[0].content, Content::Gone);
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
async fn without_idle_it_polls() {
    let (fake, mut mailbox) = with("MOVE", &[]).await;
    let cursor = mailbox.imap.window(Cursor::START, LIMITS).await.unwrap().cursor;
    fake.state().deliver(b"new");
    let began = Instant::now();
    mailbox.imap.wait(Duration::from_secs(20)).await.unwrap();
    assert!((900..5000).contains(&began.elapsed().as_millis()), "poll_s is 1");
    assert_eq!((fake.heard("IDLE"), fake.heard("NOOP")), (0, 1));
    assert_eq!(bodies(&mailbox.imap.window(cursor, LIMITS).await.unwrap()), [b"new"]);
}
