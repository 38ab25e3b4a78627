//! One connection to the contract-management system, and what one exchange on it can come to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::HttpError;
use crate::contracts::Trouble;

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// Where to connect.
pub(super) struct Address {
    /// What comes before `/v1` in a path, without a `/` at its end.
    pub prefix: String,
    /// What stands in the `Host` header.
    pub authority: String,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Address {
    pub(super) fn new(url: &str, tls: impl FnOnce() -> Result<TlsConnector, HttpError>) -> Result<Self, HttpError> {
        let uri: Uri = url.parse().map_err(|_| HttpError::Url)?;
        let authority = uri.authority().ok_or(HttpError::Url)?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let (port, tls) = match uri.scheme_str() {
            Some("http") => (80, None),
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| HttpError::Url)?;
                (443, Some((tls()?, name)))
            }
            _ => return Err(HttpError::Url),
        };
        Ok(Self {
            prefix: uri.path().trim_end_matches('/').to_owned(),
            authority: authority.as_str().to_owned(),
            port: authority.port_u16().unwrap_or(port),
            host,
            tls,
        })
    }

    async fn connect(&self) -> Result<SendRequest<Body>, Trouble> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|_| Trouble::Down)?;
        stream.set_nodelay(true).map_err(|_| Trouble::Down)?;
        match &self.tls {
            None => open(stream).await,
            Some((tls, name)) => {
                open(tls.connect(name.clone(), stream).await.map_err(|error| untrusted(&error))?).await
            }
        }
    }
}

fn untrusted(error: &std::io::Error) -> Trouble {
    tracing::warn!(%error, "no TLS with the contract-management system");
    Trouble::Down
}

async fn open(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<SendRequest<Body>, Trouble> {
    let opened = http1::Builder::new().max_buf_size(64 * 1024).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = opened.map_err(|_| Trouble::Down)?;
    // How a connection ends is told to whoever waits for an answer on it.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// What kept a request from its answer.
pub(super) enum Broken {
    /// Not a byte of it was sent.
    Before(Trouble),
    /// It may have been read and done.
    Within,
}

/// The connections that are at rest.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<SendRequest<Body>>>>);

impl Lines {
    /// Sends a request on a kept connection or a new one. What is given with the answer goes back by [`Self::keep`] once the
    /// answer was read whole, or is dropped.
    pub(super) async fn send(
        &self,
        address: &Address,
        mut request: Request<Body>,
    ) -> Result<(Response<Incoming>, SendRequest<Body>), Broken> {
        loop {
            let (mut line, was_kept) = if let Some(line) = self.take() {
                (line, true)
            } else {
                let connected = timeout(CONNECT, address.connect()).await.unwrap_or(Err(Trouble::Down));
                (connected.map_err(Broken::Before)?, false)
            };
            match line.try_send_request(request).await {
                Ok(answer) => return Ok((answer, line)),
                // The other side had closed it meanwhile, and hyper gives back the request that it never wrote.
                Err(mut error) => match error.take_message() {
                    Some(unsent) if was_kept => request = unsent,
                    Some(_) => return Err(Broken::Before(Trouble::Cut)),
                    None => return Err(Broken::Within),
                },
            }
        }
    }

    pub(super) fn keep(&self, line: SendRequest<Body>) {
        if !line.is_closed() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    /// The one that rested least.
    fn take(&self) -> Option<SendRequest<Body>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| !line.is_closed());
        // One that is still busy with the end of its last exchange is not waited for.
        let ready = lines.iter().rposition(SendRequest::is_ready)?;
        Some(lines.swap_remove(ready))
    }
}
