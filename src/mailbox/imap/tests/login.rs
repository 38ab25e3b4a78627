//! Who is let in, and by whom.

use super::*;

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
async fn a_token_is_read_again_for_each_login() {
    let fake = Fake::start(ALL).await;
    let mut mailbox = mailbox(&fake);
    mailbox.imap.settings.auth = Auth::Xoauth2;
    mailbox.imap.settings.token_file = mailbox.imap.settings.password_file.take();
    let error = mailbox.imap.connect().await.unwrap_err();
    assert!(matches!(error, MailboxError::Login), "{error}");
    std::fs::write(mailbox.secret.path(), "fresh\n").unwrap();
    mailbox.imap.connect().await.unwrap();
}

#[tokio::test]
async fn without_starttls_nobody_logs_in() {
    let fake = Fake::start(ALL).await;
    let mut mailbox = mailbox(&fake);
    mailbox.imap.settings.tls = Tls::Starttls;
    let error = mailbox.imap.connect().await.unwrap_err();
    assert!(matches!(error, MailboxError::Tls(_)) && error.is_config(), "{error}");
    assert_eq!((fake.heard("STARTTLS"), fake.heard("LOGIN")), (1, 0));
}

#[tokio::test]
async fn a_greeting_that_is_none_is_refused() {
    let fake = Fake::start(ALL).await;
    for (greeting, passes) in [("* PREAUTH hello", false), ("* BYE full", false), ("* OK hi", true)] {
        fake.state().greeting = greeting;
        assert_eq!(mailbox(&fake).imap.connect().await.is_ok(), passes, "{greeting}");
    }
}
