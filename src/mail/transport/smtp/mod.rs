//! Mail by a relay: a few kept connections, every step under RFC 5321's time limits, each mail an envelope of its own.
//!
//! lettre writes the commands and reads the replies; the connection is ours, because only then is it known at which step
//! an attempt failed, whether the final dot had been written, and that TCP_NODELAY is set (without it each mail waits
//! some 40 ms for the peer's delayed acknowledgement).

mod fault;
mod pool;
mod session;
mod tls;
mod wire;

use std::fmt;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

pub use fault::{Fault, Stage};
use pool::Pool;
use session::Session;

use super::TransportError;
use crate::config::relay::{SmtpRelay, Tls as Protection};
use crate::domain::outbound::HandOver;
use crate::mail::compose::Composed;

/// A relay.
pub struct Smtp {
    config: SmtpRelay,
    hello: ClientId,
    tls: Option<tls::Tls>,
    turns: Semaphore,
    kept: Pool,
}

impl Smtp {
    /// The relay of `config`. Loads the certificates to trust where there is TLS; connects to nothing yet.
    ///
    /// # Errors
    /// [`TransportError::Certificates`], [`TransportError::Host`]
    pub fn new(config: SmtpRelay) -> Result<Self, TransportError> {
        let tls = match config.tls {
            Protection::None => None,
            Protection::Implicit | Protection::Starttls => {
                Some(tls::Tls::new(&config.host, config.ca_file.as_deref())?)
            }
        };
        let hello = config.hello.clone().map_or_else(ClientId::default, ClientId::Domain);
        let turns = Semaphore::new(config.connections);
        Ok(Self { config, hello, tls, turns, kept: Pool::default() })
    }

    pub(super) async fn send(&self, mail: &Composed) -> HandOver {
        match self.deliver(mail).await {
            Ok(()) => HandOver::Sent,
            Err(fault) => fault.outcome(),
        }
    }

    pub(super) async fn probe(&self) -> Result<(), Fault> {
        self.open().await?.quit().await;
        Ok(())
    }

    pub(super) async fn rest(&self) {
        for session in self.kept.drain() {
            session.quit().await;
        }
    }

    async fn deliver(&self, mail: &Composed) -> Result<(), Fault> {
        let beginning = async {
            let turn = self.turns.acquire().await.map_err(|_| Fault::silence(Stage::Opening))?;
            self.begin(mail).await.map(|begun| (turn, begun))
        };
        let begun = timeout(self.config.timeouts.until_data, beginning).await;
        let (turn, (mut session, mut result)) = begun.unwrap_or_else(|_| Err(Fault::silence(Stage::Envelope)))?;
        if result.is_ok() {
            result = session.content(&mail.bytes).await;
        }
        if session.is_reusable(&result) {
            self.kept.put(session, Instant::now());
        }
        drop(turn);
        result
    }

    /// A session, and how it took the mail's envelope. One that was kept may have been closed by the relay meanwhile:
    /// that says nothing, and a new one is opened.
    async fn begin(&self, mail: &Composed) -> Result<(Session, Result<(), Fault>), Fault> {
        let (kept, old) = self.kept.take(Instant::now());
        for session in old {
            session.quit().await;
        }
        if let Some(mut session) = kept {
            let result = session.envelope(mail).await;
            if !result.as_ref().is_err_and(Fault::is_stale) {
                return Ok((session, result));
            }
        }
        let mut session = self.open().await?;
        let result = session.envelope(mail).await;
        Ok((session, result))
    }

    /// Connects, and does what comes before the first mail.
    async fn open(&self) -> Result<Session, Fault> {
        let limits = self.config.timeouts;
        let connecting = TcpStream::connect((self.config.host.as_str(), self.config.port()));
        let lost = |why| Fault::Lost { stage: Stage::Opening, why };
        let tcp =
            timeout(limits.connect, connecting).await.map_err(|_| Fault::silence(Stage::Opening))?.map_err(lost)?;
        tcp.set_nodelay(true).map_err(lost)?;
        let mut session = match (&self.tls, self.config.tls) {
            (Some(tls), Protection::Implicit) => {
                Session::greeted(tls.over(Box::new(tcp), limits.connect).await?, limits).await?
            }
            (Some(tls), _) => {
                let mut plain = Session::greeted(Box::new(tcp), limits).await?;
                plain.hello(&self.hello).await?;
                Session::over(tls.over(plain.start_tls().await?, limits.connect).await?, limits)
            }
            (None, _) if tcp.peer_addr().map_err(lost)?.ip().is_loopback() => {
                Session::greeted(Box::new(tcp), limits).await?
            }
            (None, _) => return Err(Fault::Lacks("a connection that stays on this host, or TLS")),
        };
        session.hello(&self.hello).await?;
        if let (Some(user), Some(file)) = (&self.config.user, &self.config.password_file) {
            let password = file.read()?;
            session.log_in(&Credentials::new(user.clone(), password.expose_secret().to_owned())).await?;
        }
        Ok(session)
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.config.host)
            .field("port", &self.config.port())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
