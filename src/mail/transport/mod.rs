//! How mail leaves: by a relay, into a Maildir, or into a test's memory.

mod maildir;
mod memory;
pub mod smtp;

pub use maildir::Maildir;
pub use memory::Memory;
pub use smtp::Smtp;

use super::compose::Composed;
use crate::config::relay::{Relay, RelayKind};
use crate::domain::outbound::HandOver;

/// A way out.
#[derive(Debug)]
pub enum Transport {
    /// A relay.
    Smtp(Box<Smtp>),
    /// A folder on this host.
    Maildir(Maildir),
    /// A test's memory.
    Memory(Memory),
}

/// Why a transport cannot be used now. Never shows an address or a password.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The certificates to trust cannot be loaded.
    #[error("the certificates to trust: {0}")]
    Certificates(String),
    /// The host is no name that a certificate can have.
    #[error("the relay's host is no host name")]
    Host,
    /// The relay.
    #[error("the relay: {0}")]
    Relay(#[from] smtp::Fault),
    /// The Maildir.
    #[error("the Maildir: {0}")]
    Maildir(#[from] std::io::Error),
}

impl Transport {
    /// As `config` says. Connects to nothing yet.
    ///
    /// # Errors
    /// [`TransportError::Certificates`], [`TransportError::Host`]
    pub fn new(config: &Relay) -> Result<Self, TransportError> {
        match config.kind {
            RelayKind::Smtp => Ok(Self::Smtp(Box::new(Smtp::new(config.smtp.clone())?))),
            RelayKind::Maildir => Ok(Self::Maildir(Maildir::new(&config.maildir.path))),
        }
    }

    /// Hands `mail` over and tells how that ended. Ends within [`crate::domain::outbound::LEASE`] with the default limits.
    ///
    /// To drop the future is to cut the connection: the outcome is then unknown.
    pub async fn send(&self, mail: &Composed) -> HandOver {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Maildir(maildir) => maildir.send(mail).await,
            Self::Memory(memory) => memory.send(mail),
        }
    }

    /// Whether the way is open: greeting, TLS and AUTH at a relay, the folders of a Maildir. Sends nothing.
    ///
    /// # Errors
    /// [`TransportError`]
    pub async fn probe(&self) -> Result<(), TransportError> {
        match self {
            Self::Smtp(smtp) => Ok(smtp.probe().await?),
            Self::Maildir(maildir) => Ok(maildir.probe().await?),
            Self::Memory(_) => Ok(()),
        }
    }

    /// Says goodbye on the connections that are kept: when the outbox has nothing to send for a while, and at the end.
    pub async fn rest(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.rest().await;
        }
    }
}
