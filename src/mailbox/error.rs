//! Why the mailbox could not do it. What a server said is never kept: it may hold an address or a part of a mail.

use std::io;

use crate::config::secret::SecretError;

/// What went wrong. After any of them the connection is gone: call `connect` again, with back-off.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// `connect` was not called, or something failed since.
    #[error("the mailbox is not connected")]
    NotConnected,
    /// No connection to the server, or none of its addresses is known.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(io::ErrorKind),
    /// The server's certificate, its protocol versions, or our own trust settings.
    #[error("TLS: {0}")]
    Tls(String),
    /// Plain text was asked for, and the host is not on this machine.
    #[error("plain text is for loopback addresses only")]
    PlainText,
    /// The password or the token cannot be read.
    #[error("the login's secret: {0}")]
    Secret(#[from] SecretError),
    /// The server does not take the user name with this password or token.
    #[error("the mail server refused the login")]
    Login,
    /// The folder may only be read: judged mails could not be moved.
    #[error("the mail server lets us only read the folder")]
    ReadOnly,
    /// Longer than its deadline.
    #[error("{what} took too long")]
    Timeout {
        /// The command.
        what: &'static str,
    },
    /// The connection broke, or the server said goodbye.
    #[error("the connection to the mail server was lost in {what}")]
    Lost {
        /// The command.
        what: &'static str,
    },
    /// The server answered NO.
    #[error("the mail server refused {what}")]
    Refused {
        /// The command.
        what: &'static str,
    },
    /// The server answered BAD, or what no IMAP server says.
    #[error("the mail server's answer to {what} cannot be used")]
    Protocol {
        /// The command.
        what: &'static str,
    },
    /// A folder or file of the Maildir.
    #[error("the Maildir: {what}: {kind}")]
    Maildir {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        kind: io::ErrorKind,
    },
}

impl MailboxError {
    /// Whether only a person can mend it: the log line should say so, and trying again soon is of no use.
    #[must_use]
    pub const fn is_config(&self) -> bool {
        match self {
            Self::Tls(_) | Self::PlainText | Self::Secret(_) | Self::Login | Self::ReadOnly => true,
            Self::Maildir { kind, .. } => {
                matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory)
            }
            Self::NotConnected
            | Self::Unreachable(_)
            | Self::Timeout { .. }
            | Self::Lost { .. }
            | Self::Refused { .. }
            | Self::Protocol { .. } => false,
        }
    }

    /// From a connection that stands; the error's own text may hold bytes of a mail and is dropped.
    pub(super) fn broken(what: &'static str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::Other => Self::Protocol { what },
            _ => Self::Lost { what },
        }
    }
}
