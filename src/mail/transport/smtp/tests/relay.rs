//! A relay that plays a script on loopback, and remembers what it was told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::config::relay::{SmtpRelay, Timeouts, Tls as Protection};
use crate::mail::transport::smtp::Smtp;
use crate::mail::transport::smtp::wire::Stream;

/// What a relay does when its turn comes.
#[derive(Clone, Copy)]
pub enum Act {
    Say(&'static str),
    Silence,
    Cut,
}
pub use Act::{Cut, Say, Silence};

#[derive(Clone, Copy)]
pub struct Script {
    pub tls: Protection,
    pub greeting: Act,
    pub ehlo: Act,
    pub auth: Act,
    pub mail: Act,
    pub rcpt: Act,
    pub data: Act,
    pub dot: Act,
    /// Says this besides, right after the reply to STARTTLS.
    pub injected: &'static str,
    /// Takes no content, and closes only after this.
    pub deaf_for: Option<Duration>,
    /// Mails after which it closes the connection.
    pub most: usize,
}

pub const GOOD: Script = Script {
    tls: Protection::None,
    greeting: Say("220 relay.example ESMTP"),
    ehlo: Say("250 relay.example"),
    auth: Say("235 2.7.0 ok"),
    mail: Say("250 2.1.0 ok"),
    rcpt: Say("250 2.1.5 ok"),
    data: Say("354 go on"),
    dot: Say("250 2.0.0 queued"),
    injected: "",
    deaf_for: None,
    most: usize::MAX,
};

/// What a relay has seen.
#[derive(Default)]
pub struct Seen {
    pub connections: usize,
    pub commands: Vec<String>,
    pub mails: Vec<String>,
}

pub struct Relay {
    pub port: u16,
    pub seen: Arc<Mutex<Seen>>,
}

impl Relay {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let theirs = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let seen = Arc::clone(&theirs);
                seen.lock().unwrap().connections += 1;
                tokio::spawn(async move {
                    let stream: Box<dyn Stream> =
                        if script.tls == Protection::Implicit { accept(Box::new(tcp)).await? } else { Box::new(tcp) };
                    serve(stream, script, &seen).await
                });
            }
        });
        Self { port, seen }
    }

    pub fn smtp(&self, change: impl FnOnce(&mut SmtpRelay)) -> Smtp {
        let second = Duration::from_secs(1);
        let short = Duration::from_millis(250);
        let timeouts = Timeouts {
            connect: second,
            greeting: short,
            command: short,
            data_start: short,
            data_block: short,
            data_end: short,
            until_data: second,
        };
        let mut config = SmtpRelay {
            host: "localhost".to_owned(),
            port: Some(self.port),
            hello: Some("renkei.example".to_owned()),
            ca_file: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/testdata/ca.pem").into()),
            timeouts,
            ..SmtpRelay::default()
        };
        change(&mut config);
        Smtp::new(config).unwrap()
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

async fn accept(stream: Box<dyn Stream>) -> Option<Box<dyn Stream>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/testdata");
    let chain = vec![CertificateDer::from_pem_file(format!("{folder}/relay.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(format!("{folder}/relay.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let stream = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await.ok()?;
    Some(Box::new(stream))
}

/// One connection; none when it is to be closed.
async fn serve(stream: Box<dyn Stream>, script: Script, seen: &Mutex<Seen>) -> Option<()> {
    let mut wire = BufReader::new(stream);
    act(&mut wire, script.greeting).await?;
    let mut mails = 0;
    loop {
        let line = line(&mut wire).await?;
        seen.lock().unwrap().commands.push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap().to_owned();
        match verb.as_str() {
            "EHLO" => act(&mut wire, script.ehlo).await?,
            "STARTTLS" => {
                wire.write_all(format!("220 go\r\n{}", script.injected).as_bytes()).await.ok()?;
                wire.flush().await.ok()?;
                wire = BufReader::new(accept(wire.into_inner()).await?);
            }
            "AUTH" if line == "AUTH LOGIN" => {
                for prompt in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                    act(&mut wire, Say(prompt)).await?;
                    let answer = self::line(&mut wire).await?;
                    seen.lock().unwrap().commands.push(answer);
                }
                act(&mut wire, script.auth).await?;
            }
            "AUTH" => act(&mut wire, script.auth).await?,
            "MAIL" if mails == script.most => {
                act(&mut wire, Say("421 enough")).await?;
                return None;
            }
            "MAIL" => act(&mut wire, script.mail).await?,
            "RCPT" => act(&mut wire, script.rcpt).await?,
            "DATA" => {
                act(&mut wire, script.data).await?;
                if !matches!(script.data, Say("354 go on")) {
                    continue;
                }
                if let Some(span) = script.deaf_for {
                    tokio::time::sleep(span).await;
                    return None;
                }
                let mail = content(&mut wire).await?;
                seen.lock().unwrap().mails.push(mail);
                mails += 1;
                act(&mut wire, script.dot).await?;
            }
            "RSET" => act(&mut wire, Say("250 ok")).await?,
            _ => return None,
        }
    }
}

async fn act(wire: &mut BufReader<Box<dyn Stream>>, act: Act) -> Option<()> {
    match act {
        Say(reply) => {
            wire.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
            wire.flush().await.ok()
        }
        Silence => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            None
        }
        Cut => None,
    }
}

async fn line(wire: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut line = String::new();
    let read = wire.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn content(wire: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut bytes = Vec::new();
    while bytes != b".\r\n" && !bytes.ends_with(b"\r\n.\r\n") {
        bytes.push(wire.read_u8().await.ok()?);
    }
    bytes.truncate(bytes.len() - 3);
    String::from_utf8(bytes).ok()
}
