//! `[store]`: which database keeps the records.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Invalid;
use super::secret::{SecretError, SecretFile};

/// Which database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:` and a file, or `postgres://user@host/database`. Default: `sqlite:/var/lib/renkei/renkei.db`.
    pub url: DatabaseUrl,
    /// The file with the password of the PostgreSQL user, or the name of a systemd credential. No default.
    pub password_file: Option<SecretFile>,
}

impl Store {
    /// # Errors
    /// A password for SQLite, which takes none.
    pub fn validate(&self) -> Result<(), Invalid> {
        match (&self.url, &self.password_file) {
            (DatabaseUrl::Sqlite(_), Some(_)) => {
                Err(Invalid::new("password_file", "SQLite takes no password: remove it or set store.url"))
            }
            _ => Ok(()),
        }
    }

    /// The URL as the driver takes it: with the password, read anew; for SQLite with leave to make the file.
    ///
    /// # Errors
    /// [`SecretError`]
    pub fn driver_url(&self) -> Result<SecretString, SecretError> {
        let password = self.password_file.as_ref().map(SecretFile::read).transpose()?;
        Ok(SecretString::from(match (&self.url, password) {
            (DatabaseUrl::Sqlite(path), _) => format!("sqlite:{}?mode=rwc", escaped(&path.to_string_lossy())),
            (DatabaseUrl::Postgres(url), None) => url.clone(),
            (DatabaseUrl::Postgres(url), Some(password)) => {
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}password={}", escaped(password.expose_secret()))
            }
        }))
    }
}

/// Percent-encodes all but letters, digits and `-._~/` (RFC 3986 §2.1).
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The database by its URL. Debug shows neither host nor user.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum DatabaseUrl {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A server of PostgreSQL 15 or later; never with a password in it.
    Postgres(String),
}

/// Why a URL names no database of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme.
    #[error("must begin with sqlite: or postgres://")]
    Scheme,
    /// SQLite without a file, or in memory, where each connection would have a database of its own.
    #[error("must name a file after sqlite:, which is not :memory:")]
    NoFile,
    /// Parameters that are ours to set.
    #[error("must end after the file's name: renkei sets SQLite's parameters itself")]
    Parameters,
    /// PostgreSQL without a database.
    #[error("must name a database, as in postgres://user@host/database")]
    NoDatabase,
    /// The password stands in the URL.
    #[error("must not hold a password: put it into a file and name that in store.password_file")]
    Password,
}

impl DatabaseUrl {
    /// From text as in [`Store::url`].
    ///
    /// # Errors
    /// [`DatabaseUrlError`]
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest.strip_prefix("//").unwrap_or(rest));
        }
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        postgres(text, rest.ok_or(DatabaseUrlError::Scheme)?)
    }

    /// The file of an SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

fn sqlite(file: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    match file {
        "" | ":memory:" => Err(DatabaseUrlError::NoFile),
        _ if file.contains(['?', '#']) => Err(DatabaseUrlError::Parameters),
        _ => Ok(DatabaseUrl::Sqlite(file.into())),
    }
}

fn postgres(text: &str, rest: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    if user.contains(':') || query.split('&').any(|pair| pair.starts_with("password=")) {
        return Err(DatabaseUrlError::Password);
    }
    if database.is_empty() { Err(DatabaseUrlError::NoDatabase) } else { Ok(DatabaseUrl::Postgres(text.to_owned())) }
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite("/var/lib/renkei/renkei.db".into())
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = DatabaseUrlError;

    fn try_from(text: String) -> Result<Self, DatabaseUrlError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::str::FromStr;

    use sqlx::postgres::PgConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    fn store(url: &str) -> Store {
        Store { url: DatabaseUrl::parse(url).unwrap(), password_file: None }
    }

    #[test]
    fn the_driver_opens_the_file_that_was_named() {
        for (url, file) in [
            ("sqlite:/var/lib/renkei/renkei.db", "/var/lib/renkei/renkei.db"),
            ("sqlite:///srv/a b/日本.db", "/srv/a b/日本.db"),
            ("sqlite:demo/renkei.db", "demo/renkei.db"),
        ] {
            let driver = store(url).driver_url().unwrap();
            let options = SqliteConnectOptions::from_str(driver.expose_secret()).unwrap();
            assert_eq!(options.get_filename().to_str(), Some(file), "{url}");
        }
    }

    #[test]
    fn the_password_comes_from_its_file_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "p&a=s?s/wörd#%\n").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        for url in ["postgres://renkei@db.example.jp:5433/renkei", "postgres:///renkei?host=/run/postgresql"] {
            let store = Store { password_file: Some(SecretFile::new(&file)), ..store(url) };
            let driver = store.driver_url().unwrap();
            let options = PgConnectOptions::from_str(driver.expose_secret()).unwrap();
            assert_eq!(options.get_database(), Some("renkei"));
            let parsed = axum::http::Uri::from_str(&driver.expose_secret().replace("///", "//h/")).unwrap();
            assert!(parsed.query().unwrap().ends_with("password=p%26a%3Ds%3Fs/w%C3%B6rd%23%25"), "{url}");
            assert!(!format!("{store:?}").contains("db.example.jp"));
        }
    }

    #[test]
    fn other_urls_are_refused() {
        use DatabaseUrlError::{NoDatabase, NoFile, Parameters, Password, Scheme};
        for (url, why) in [
            ("mysql://h/d", Scheme),
            ("", Scheme),
            ("/var/lib/renkei.db", Scheme),
            ("sqlite:", NoFile),
            ("sqlite://", NoFile),
            ("sqlite::memory:", NoFile),
            ("sqlite:/x.db?mode=ro", Parameters),
            ("postgres://h", NoDatabase),
            ("postgresql://u@h/", NoDatabase),
            ("postgres://u:p@h/d", Password),
            ("postgres:///d?host=/run&password=p", Password),
        ] {
            assert_eq!(DatabaseUrl::parse(url), Err(why), "{url}");
        }
    }
}
