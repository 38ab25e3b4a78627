//! Why there is no client.

use std::path::PathBuf;

use crate::config::secret::SecretError;

/// What of the settings cannot be used. Names the key or the file.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The URL.
    #[error("contracts.http.url: must be https:// and a host")]
    Url,
    /// A secret.
    #[error("contracts.http: {0}")]
    Secret(#[from] SecretError),
    /// The token holds what no header can.
    #[error("contracts.http.token_file: the token must be printable ASCII")]
    Token,
    /// Certificates that cannot be read, or that do not go together.
    #[error("contracts.http: {0}: {1}")]
    Certificates(PathBuf, String),
    /// Nothing to trust.
    #[error("contracts.http: the system has no certificates to trust: set ca_file")]
    NoRoots,
}
