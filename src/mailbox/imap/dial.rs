//! From nothing to a session that is logged in.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::imap_proto::{Response, Status};
use async_imap::{Authenticator, Client};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::guard::Guard;
use super::tls::handshake;
use crate::config::mailbox::{Auth, Imap, Tls};
use crate::config::secret::SecretFile;
use crate::mailbox::MailboxError;

/// Longest for one address to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest for TLS and the greeting, and again for the login.
const GREETING: Duration = Duration::from_secs(30);

/// TLS or plain text.
pub(super) trait Transport: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Debug + Unpin + Send + Sync> Transport for T {}

/// What the IMAP parser reads from and writes to. Commands are collected, so that each leaves in one packet.
pub(super) type Wire = BufWriter<Guard<Box<dyn Transport>>>;

/// A connection that is logged in; nothing is selected.
///
/// # Errors
/// [`MailboxError`]
pub(super) async fn dial(
    settings: &Imap,
    tls: Option<&TlsConnector>,
) -> Result<async_imap::Session<Wire>, MailboxError> {
    let secret = match settings.auth {
        Auth::Login => read_secret(settings.password_file.as_ref()),
        Auth::Xoauth2 => read_secret(settings.token_file.as_ref()),
    }
    .await?;
    let stream = connect(settings).await?;
    let client = timeout(GREETING.min(settings.command_timeout()), greet(settings, tls, stream))
        .await
        .map_err(|_| MailboxError::Timeout { what: "the greeting" })??;
    timeout(GREETING.min(settings.command_timeout()), login(settings, client, &secret))
        .await
        .map_err(|_| MailboxError::Timeout { what: "LOGIN" })?
}

/// Reads the secret anew, so that a changed password or a fresh token is used at once.
async fn read_secret(file: Option<&SecretFile>) -> Result<SecretString, MailboxError> {
    let Some(file) = file.cloned() else { return Err(MailboxError::Login) };
    let read = tokio::task::spawn_blocking(move || file.read()).await;
    Ok(read.map_err(|_| MailboxError::Login)??)
}

async fn connect(settings: &Imap) -> Result<TcpStream, MailboxError> {
    let addresses = timeout(CONNECT, tokio::net::lookup_host((settings.host.as_str(), settings.port())))
        .await
        .map_err(|_| MailboxError::Timeout { what: "looking up the mail server" })?
        .map_err(|error| MailboxError::Unreachable(error.kind()))?;
    let mut last = MailboxError::Unreachable(io::ErrorKind::NotFound);
    for address in addresses {
        if settings.tls == Tls::None && !address.ip().is_loopback() {
            last = MailboxError::PlainText;
            continue;
        }
        match timeout(CONNECT, open(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = MailboxError::Unreachable(error.kind()),
            Err(_) => last = MailboxError::Timeout { what: "connecting" },
        }
    }
    Err(last)
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_keepalive(true)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn greet(settings: &Imap, tls: Option<&TlsConnector>, stream: TcpStream) -> Result<Client<Wire>, MailboxError> {
    let no_tls = || MailboxError::Tls("is not prepared".to_owned());
    match settings.tls {
        Tls::None => greeted(Box::new(stream)).await,
        Tls::Implicit => greeted(Box::new(handshake(tls.ok_or_else(no_tls)?, &settings.host, stream).await?)).await,
        Tls::Starttls => {
            let mut plain = greeted_plain(stream).await?;
            plain.run_command_and_check_ok("STARTTLS", None).await.map_err(|error| match error {
                Error::No(_) | Error::Bad(_) => MailboxError::Tls("the mail server refused STARTTLS".to_owned()),
                error => lost("STARTTLS", &error),
            })?;
            // What the server said in plain text after its OK is dropped with the client: a command injected before the
            // handshake would lie there (RFC 9051 §11.1).
            let stream = plain.into_inner().into_inner().into_inner();
            let stream = handshake(tls.ok_or_else(no_tls)?, &settings.host, stream).await?;
            Ok(client(Box::new(stream)))
        }
    }
}

fn client(transport: Box<dyn Transport>) -> Client<Wire> {
    Client::new(BufWriter::new(Guard::new(transport)))
}

async fn greeted(transport: Box<dyn Transport>) -> Result<Client<Wire>, MailboxError> {
    let mut client = client(transport);
    check_greeting(&mut client).await?;
    Ok(client)
}

async fn greeted_plain(stream: TcpStream) -> Result<Client<BufWriter<Guard<TcpStream>>>, MailboxError> {
    let mut client = Client::new(BufWriter::new(Guard::new(stream)));
    check_greeting(&mut client).await?;
    Ok(client)
}

/// PREAUTH is refused: whoever sends it in plain text wants to keep us from STARTTLS (RFC 9051 §11.1).
async fn check_greeting<T: Transport>(client: &mut Client<T>) -> Result<(), MailboxError> {
    const WHAT: &str = "the greeting";
    let greeting = client
        .read_response()
        .await
        .map_err(|error| MailboxError::broken(WHAT, &error))?
        .ok_or(MailboxError::Lost { what: WHAT })?;
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        Response::Data { status: Status::Bye, .. } => Err(MailboxError::Refused { what: "the connection" }),
        _ => Err(MailboxError::Protocol { what: WHAT }),
    }
}

async fn login(
    settings: &Imap,
    client: Client<Wire>,
    secret: &SecretString,
) -> Result<async_imap::Session<Wire>, MailboxError> {
    let user = settings.user.expose_secret();
    let answer = match settings.auth {
        Auth::Login => client.login(user, secret.expose_secret()).await,
        Auth::Xoauth2 => client.authenticate("XOAUTH2", XOAuth2::new(user, secret)).await,
    };
    answer.map_err(|(error, _)| match error {
        Error::No(text) if passes(&text) => MailboxError::Refused { what: "LOGIN for now" },
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => MailboxError::Login,
        error => lost("LOGIN", &error),
    })
}

/// Whether a refused login is the server's trouble and not ours (RFC 5530).
fn passes(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| text.contains(code))
}

fn lost(what: &'static str, error: &Error) -> MailboxError {
    match error {
        Error::Io(error) => MailboxError::broken(what, error),
        Error::ConnectionLost => MailboxError::Lost { what },
        _ => MailboxError::Protocol { what },
    }
}

/// SASL XOAUTH2: one message, and an empty answer to the error that a refused token is explained with; without it the
/// server waits for ever.
struct XOAuth2(Option<SecretString>);

impl XOAuth2 {
    fn new(user: &str, token: &SecretString) -> Self {
        let token = token.expose_secret();
        Self(Some(SecretString::from(format!("user={user}\x01auth=Bearer {token}\x01\x01"))))
    }
}

impl Authenticator for XOAuth2 {
    type Response = Vec<u8>;

    fn process(&mut self, _challenge: &[u8]) -> Vec<u8> {
        self.0.take().map(|message| message.expose_secret().as_bytes().to_vec()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sent_once_and_the_explanation_answered_with_nothing() {
        let mut sasl = XOAuth2::new("u@x.example", &SecretString::from("t0k"));
        assert_eq!(sasl.process(b""), b"user=u@x.example\x01auth=Bearer t0k\x01\x01");
        assert_eq!(sasl.process(br#"{"status":"401"}"#), b"");
    }

    #[test]
    fn a_server_in_trouble_is_no_wrong_password() {
        assert!(passes(r#"code: None, info: Some("[UNAVAILABLE] Temporary")"#));
        assert!(!passes(r#"code: None, info: Some("[AUTHENTICATIONFAILED] no")"#));
    }
}
