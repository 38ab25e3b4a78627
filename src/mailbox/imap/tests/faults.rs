//! The connection breaks, the server lies or says nothing.

use super::*;

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
