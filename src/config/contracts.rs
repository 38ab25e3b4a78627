//! `[contracts]`: the contract-management system.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::Invalid;
use super::secret::{SecretError, SecretFile};

/// Which contract-management system is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contracts {
    /// Which of the two below. Default: ledger.
    pub kind: ContractsKind,
    /// `[contracts.ledger]`
    pub ledger: Ledger,
    /// `[contracts.http]`
    pub http: Http,
}

/// A contract-management system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContractsKind {
    /// The one built in, in renkei's database.
    #[default]
    Ledger,
    /// Another, over the interface of `docs/contract-system.openapi.yaml`.
    Http,
}

/// `[contracts.ledger]`: the built-in one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// Seconds that a migration takes for each contract, 0 to 3600. Default: 10.
    pub step_seconds: u32,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { step_seconds: 10 }
    }
}

/// `[contracts.http]`: another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where it is: `https://` and what comes before `/v1` in its paths (`http://` for this machine alone). No default.
    pub url: String,
    /// The bearer token's file.
    pub token_file: Option<SecretFile>,
    /// Our certificate (PEM), for mutual TLS; together with `key_file`.
    pub certificate_file: Option<PathBuf>,
    /// Its private key (PEM).
    pub key_file: Option<SecretFile>,
    /// PEM certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds that a call may take, 1 to 120. Default: 30.
    pub timeout_seconds: u32,
    /// Most calls at once, 1 to 64. Default: 8.
    pub in_flight: usize,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            url: String::new(),
            token_file: None,
            certificate_file: None,
            key_file: None,
            ca_file: None,
            timeout_seconds: 30,
            in_flight: 8,
        }
    }
}

/// Who we say that we are.
#[derive(Debug, Default)]
pub struct Credentials {
    /// The bearer token.
    pub token: Option<SecretString>,
    /// Our certificate's file and its key, PEM.
    pub certificate: Option<(PathBuf, SecretString)>,
}

impl Http {
    /// Reads the secrets anew.
    ///
    /// # Errors
    /// [`SecretError`] names the file.
    pub fn credentials(&self) -> Result<Credentials, SecretError> {
        let token = self.token_file.as_ref().map(SecretFile::read).transpose()?;
        let key = self.key_file.as_ref().map(SecretFile::read).transpose()?;
        Ok(Credentials { token, certificate: self.certificate_file.clone().zip(key) })
    }

    /// How long a call may take.
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.into())
    }

    fn validate(&self) -> Result<(), Invalid> {
        let rest = self.url.strip_prefix("https://").or_else(|| self.url.strip_prefix("http://"));
        let rest = rest.ok_or_else(|| invalid("url", "must be https:// and a host"))?;
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.is_empty() || !self.url.bytes().all(|b| b.is_ascii_graphic()) || rest.contains(['@', '?', '#']) {
            return Err(invalid("url", "must be https:// and a host: no user, query or fragment"));
        }
        if self.url.starts_with("http://") && !super::web::is_loopback(host(authority)) {
            return Err(invalid("url", "must begin with https://: only this machine may be spoken to in plain"));
        }
        if self.certificate_file.is_some() != self.key_file.is_some() {
            return Err(invalid("certificate_file", "certificate_file and key_file belong together"));
        }
        if self.url.starts_with("http://") && self.certificate_file.is_some() {
            return Err(invalid("certificate_file", "mutual TLS needs a url that begins with https://"));
        }
        if self.token_file.is_none() && self.certificate_file.is_none() {
            return Err(invalid("token_file", "set it, or certificate_file and key_file"));
        }
        if !(1..=120).contains(&self.timeout_seconds) {
            return Err(invalid("timeout_seconds", "must be 1 to 120"));
        }
        if !(1..=64).contains(&self.in_flight) {
            return Err(invalid("in_flight", "must be 1 to 64"));
        }
        Ok(())
    }
}

impl Contracts {
    /// Whether it can be asked, as far as the text tells.
    ///
    /// # Errors
    /// [`Invalid`] names the key. `[contracts.http]` is looked at only where it is in use.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.ledger.step_seconds > 3600 {
            return Err(Invalid::new("contracts.ledger.step_seconds", "must be 0 to 3600"));
        }
        match self.kind {
            ContractsKind::Ledger => Ok(()),
            ContractsKind::Http => self.http.validate(),
        }
    }
}

/// The host of `host`, `host:port` or `[address]:port`.
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn invalid(key: &str, problem: &str) -> Invalid {
    Invalid::new(format!("contracts.http.{key}"), problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let contracts: Contracts = toml::from_str(text).map_err(|error| error.to_string())?;
        contracts.validate().map_err(|invalid| invalid.key)
    }

    #[test]
    fn an_empty_section_is_the_ledger() {
        let contracts: Contracts = toml::from_str("").unwrap();
        assert_eq!((contracts.kind, contracts.ledger.step_seconds), (ContractsKind::Ledger, 10));
        assert!(contracts.validate().is_ok());
        assert_eq!((contracts.http.limit(), contracts.http.in_flight), (Duration::from_secs(30), 8));
    }

    #[test]
    fn nothing_leaves_this_machine_in_plain() {
        let with = |url: &str| check(&format!("kind = 'http'\nhttp.url = '{url}'\nhttp.token_file = '/t'"));
        for good in ["https://c.example", "https://c.example:8443/renkei", "http://127.0.0.1:1", "http://[::1]:1/x"] {
            assert_eq!(with(good), Ok(()), "{good}");
        }
        for bad in
            ["", "c.example", "http://c.example", "http://127.0.0.1.example", "https://u@c.example", "https://c?x"]
        {
            assert_eq!(with(bad), Err("contracts.http.url".to_owned()), "{bad}");
        }
    }

    #[test]
    fn the_bad_key_is_named() {
        for (text, key) in [
            ("ledger.step_seconds = 3601", "contracts.ledger.step_seconds"),
            ("kind = 'http'", "contracts.http.url"),
            ("kind = 'http'\nhttp.url = 'https://c'", "contracts.http.token_file"),
            ("kind = 'http'\nhttp.url = 'https://c'\nhttp.key_file = '/k'", "contracts.http.certificate_file"),
            (
                "kind = 'http'\nhttp.url = 'http://localhost'\nhttp.key_file = '/k'\nhttp.certificate_file = '/c'",
                "contracts.http.certificate_file",
            ),
            (
                "kind = 'http'\nhttp.url = 'https://c'\nhttp.token_file = '/t'\nhttp.timeout_seconds = 0",
                "contracts.http.timeout_seconds",
            ),
            (
                "kind = 'http'\nhttp.url = 'https://c'\nhttp.token_file = '/t'\nhttp.in_flight = 65",
                "contracts.http.in_flight",
            ),
        ] {
            assert_eq!(check(text), Err(key.to_owned()), "{text}");
        }
    }
}
