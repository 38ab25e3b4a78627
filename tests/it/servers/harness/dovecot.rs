use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::dovecot::{Dovecot, Options, PASSWORD, USER};
use crate::support::line_client::LineClient;
use crate::support::process;
use crate::support::{poll, port};

const LIMIT: Duration = Duration::from_secs(10);
const MAIL: &[u8] = b"Subject: one\r\n\r\n.dotted\r\n";

fn log_in(dovecot: &Dovecot) -> LineClient {
    let mut client = LineClient::connect(dovecot.imap_port());
    assert!(client.line().unwrap().starts_with("* OK"));
    let answer = client.imap(&format!("LOGIN {USER} {PASSWORD}"));
    assert!(answer.last().unwrap().starts_with("t OK"), "{answer:?}");
    client
}

fn select(client: &mut LineClient) -> String {
    client.imap("SELECT INBOX").join("\n")
}

#[test]
fn what_lmtp_delivers_imap_gives_back() {
    let dovecot = Dovecot::start();
    dovecot.deliver(MAIL);
    let mut client = log_in(&dovecot);
    assert!(select(&mut client).contains("* 1 EXISTS"));
    let mail = client.imap("FETCH 1 BODY.PEEK[]").join("\n");
    assert!(mail.contains("Subject: one\n\n.dotted\n"), "{mail}");
    assert_eq!(dovecot.mails("INBOX")[0].text.split_once("\n\n").unwrap().1, ".dotted\n");
}

#[test]
fn it_is_gone_after_drop() {
    let dovecot = Dovecot::start();
    let client = log_in(&dovecot);
    let (port, group) = (dovecot.imap_port(), dovecot.id());
    assert!(process::group(group).len() > 3);
    drop(dovecot);
    assert!(process::group(group).is_empty());
    assert!(!port::answers(port));
    drop(client);
}

#[test]
fn a_backlog_of_files_is_mail_in_order() {
    let mut dovecot = Dovecot::start();
    dovecot.fill((1..=30).map(|n| format!("Subject: {n}\r\n\r\nbody\r\n")));
    dovecot.fill([MAIL]);
    dovecot.deliver(MAIL);
    let mails = dovecot.mails("INBOX");
    assert!(mails.iter().map(|mail| mail.uid).eq(1..=32));
    let bodies: Vec<_> = mails.iter().filter_map(|mail| mail.text.split('\n').next()).collect();
    let filled: Vec<_> = (1..=30).map(|n| format!("Subject: {n}")).chain(["Subject: one".to_owned()]).collect();
    assert_eq!(bodies[..31], filled);
    assert!(bodies[31].starts_with("Return-Path: "));
}

#[test]
fn doveadm_changes_things_behind_a_client() {
    let dovecot = Dovecot::start();
    dovecot.deliver(MAIL);
    dovecot.deliver(MAIL);
    dovecot.expunge("INBOX", 1);
    assert_eq!((dovecot.count("INBOX"), dovecot.mails("INBOX")[0].uid), (1, 2));
    let before = dovecot.uidvalidity("INBOX");
    dovecot.set_uidvalidity("INBOX", before + 7);
    assert_eq!(dovecot.uidvalidity("INBOX"), before + 7);
    assert_eq!(dovecot.mails("INBOX")[0].uid, 2);
    assert!(select(&mut log_in(&dovecot)).contains(&format!("[UIDVALIDITY {}]", before + 7)));
    assert_eq!(dovecot.count("renkei.accepted"), 0);
}

#[test]
fn sessions_end_with_a_bye_or_without_a_word() {
    let dovecot = Dovecot::start();
    let mut kicked = log_in(&dovecot);
    select(&mut kicked);
    dovecot.kick();
    assert!(kicked.line().unwrap().starts_with("* BYE"));
    let mut killed = log_in(&dovecot);
    select(&mut killed);
    dovecot.kill_sessions();
    assert_eq!(killed.line(), None);
    select(&mut log_in(&dovecot));
}

#[test]
fn a_restart_keeps_ports_and_mail() {
    let mut dovecot = Dovecot::start();
    dovecot.deliver(MAIL);
    dovecot.stop();
    assert!(!port::answers(dovecot.imap_port()) && !port::answers(dovecot.lmtp_port()));
    dovecot.restart();
    assert!(select(&mut log_in(&dovecot)).contains("* 1 EXISTS"));
}

#[test]
fn capabilities_and_the_namespace_are_as_asked() {
    let plain = Dovecot::start();
    let all = log_in(&plain).imap("CAPABILITY")[0].clone();
    for name in ["MOVE", "UIDPLUS", "IDLE"] {
        assert!(all.contains(name), "{all}");
    }
    let other = Dovecot::with(Options { without: &["MOVE", "UIDPLUS"], namespace: Some(("INBOX.", ".")) });
    let mut client = log_in(&other);
    let left = client.imap("CAPABILITY")[0].clone();
    assert!(left.contains("IDLE") && !left.contains("MOVE") && !left.contains("UIDPLUS"), "{left}");
    assert_eq!(client.imap("NAMESPACE")[0], r#"* NAMESPACE (("INBOX." ".")) NIL NIL"#);
    client.imap("CREATE INBOX.renkei.accepted");
    assert!(other.folders().contains(&"INBOX.renkei.accepted".to_owned()));
}

#[test]
fn a_wrong_password_is_refused_without_delay() {
    let dovecot = Dovecot::start();
    let begin = std::time::Instant::now();
    for _ in 0..3 {
        let mut client = LineClient::connect(dovecot.imap_port());
        client.line();
        let answer = client.imap(&format!("LOGIN {USER} wrong"));
        assert!(answer.last().unwrap().starts_with("t NO [AUTHENTICATIONFAILED]"), "{answer:?}");
    }
    // Dovecot's own delays begin at two seconds and grow
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn its_certificate_holds_under_its_authority_and_under_no_other() {
    let dovecot = Dovecot::start();
    let other = Dovecot::start();
    let greeting = greeting_over_tls(dovecot.imaps_port(), dovecot.ca_file()).await.unwrap();
    assert!(greeting.starts_with("* OK"), "{greeting}");
    assert!(greeting_over_tls(dovecot.imaps_port(), other.ca_file()).await.is_err());
    let mut client = LineClient::connect(dovecot.imap_port());
    assert!(client.line().unwrap().contains("STARTTLS"));
}

async fn greeting_over_tls(port: u16, ca: &std::path::Path) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await?;
    let mut line = String::new();
    tokio::time::timeout(LIMIT, BufReader::new(stream).read_line(&mut line)).await??;
    Ok(line)
}

#[test]
fn its_log_can_be_read() {
    let dovecot = Dovecot::start();
    drop(log_in(&dovecot));
    poll::until_true("the login in the log", LIMIT, || dovecot.log().contains("Login: user=<requests>"));
}
