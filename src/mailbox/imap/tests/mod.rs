//! Against the fake server: what it lacks, and what goes wrong.

mod faults;
mod login;
mod moves;
mod windows;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::fake::{Fake, Fault};
use super::*;
use crate::config::mailbox::Auth;
use crate::config::secret::SecretFile;
use crate::domain::time::Timestamp;
use crate::mailbox::Content;

const ALL: &str = "IDLE MOVE UIDPLUS NAMESPACE";
const LIMITS: WindowLimits = WindowLimits { mails: 3, bytes: 1000, mail_bytes: 600 };
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct Box {
    imap: Imap,
    secret: tempfile::NamedTempFile,
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
    Box { imap: Imap::open(&settings, Clock::fixed(NOW)).unwrap(), secret }
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
