//! A secret that lies in a file: the config names the file, never the secret.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// Names a file with one secret in it. A bare name is looked up among the systemd credentials (`$CREDENTIALS_DIRECTORY`,
/// systemd.exec(5)); a path with a `/` is taken as it is and must not be readable by group or others.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct SecretFile(PathBuf);

/// Why a secret cannot be read. Names the file, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// A bare name, and no credentials directory.
    #[error("{0} is a credential's name, but $CREDENTIALS_DIRECTORY is not set: start under systemd or give a path")]
    NoCredentials(PathBuf),
    /// The file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// Others can read the file.
    #[error("{0} can be read by others: chmod 600 it")]
    Open(PathBuf),
    /// The file is empty.
    #[error("{0} is empty")]
    Empty(PathBuf),
}

impl SecretFile {
    /// Names a file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it lies.
    ///
    /// # Errors
    /// [`SecretError::NoCredentials`]
    pub fn path(&self) -> Result<PathBuf, SecretError> {
        if self.0.components().count() > 1 {
            return Ok(self.0.clone());
        }
        let folder =
            std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| SecretError::NoCredentials(self.0.clone()))?;
        Ok(Path::new(&folder).join(&self.0))
    }

    /// Reads it anew, without the final line end.
    ///
    /// # Errors
    /// [`SecretError`]
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let path = self.path()?;
        let unreadable = |error| SecretError::Unreadable(path.clone(), error);
        let mode = fs::metadata(&path).map_err(unreadable)?.permissions().mode();
        if self.0.components().count() > 1 && mode & 0o077 != 0 {
            return Err(SecretError::Open(path));
        }
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() { Err(SecretError::Empty(path)) } else { Ok(SecretString::from(secret)) }
    }
}
