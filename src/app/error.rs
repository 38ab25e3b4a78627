//! Why the daemon cannot start.

use crate::config::Invalid;
use crate::config::secret::SecretError;
use crate::flows::FlowError;
use crate::keys::KeyError;
use crate::mailbox::MailboxError;
use crate::store::StoreError;

/// Why the daemon cannot start, or go on. One line, which names the key or the file.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting.
    #[error(transparent)]
    Setting(#[from] Invalid),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The server keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mailbox's settings.
    #[error("mailbox: {0}")]
    Mailbox(#[from] MailboxError),
    /// Another part of the settings.
    #[error("{0}")]
    Part(String),
    /// The web port.
    #[error("web.listen: {0} cannot be listened on: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// A loop ended, or a signal handler could not be set up.
    #[error("{0}")]
    Ended(String),
    /// A use case.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl StartError {
    /// Whether starting again without a change of the settings would fail again.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        match self {
            Self::Setting(_) | Self::Secret(_) | Self::Keys(_) | Self::Mailbox(_) | Self::Part(_) => true,
            Self::Store(error) => matches!(error, StoreError::Newer(_) | StoreError::Url),
            Self::Listen(..) | Self::Ended(_) | Self::Flow(_) => false,
        }
    }
}
