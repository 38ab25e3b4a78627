//! `[relay]`: where mail leaves by.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::Invalid;
use super::secret::SecretFile;

/// Where mail leaves by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relay {
    /// Which of the two below. Default: smtp.
    pub kind: RelayKind,
    /// `[relay.smtp]`
    pub smtp: SmtpRelay,
    /// `[relay.maildir]`
    pub maildir: MaildirRelay,
}

/// A way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayKind {
    /// A mail server that relays for us.
    #[default]
    Smtp,
    /// A folder on this host.
    Maildir,
}

/// `[relay.smtp]`: the mail server that relays for us. Default: the one on this host.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpRelay {
    /// Its name or address; the name that its certificate must have. Default: localhost.
    pub host: String,
    /// Its port. Default: 465 for implicit TLS, 587 for STARTTLS, 25 for none.
    pub port: Option<u16>,
    /// How the connection is protected. Default: none, which only a relay on this host may have.
    pub tls: Tls,
    /// Whom we log in as (AUTH PLAIN or LOGIN). Default: no login.
    pub user: Option<String>,
    /// The password's file, read again at each login.
    pub password_file: Option<SecretFile>,
    /// PEM certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// The name in EHLO. Default: this host's.
    pub hello: Option<String>,
    /// Most connections at once, 1 to 50. Default: 4.
    pub connections: usize,
    /// `[relay.smtp.timeouts]`
    pub timeouts: Timeouts,
}

/// How the connection to the relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Plain, then STARTTLS (RFC 3207), which must succeed.
    Starttls,
    /// Plain: to this host only.
    #[default]
    None,
}

/// How long each step of SMTP may take, in seconds. The defaults are RFC 5321 §4.5.3.2's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Connecting, and the TLS handshake. Default: 30.
    #[serde(deserialize_with = "seconds")]
    pub connect: Duration,
    /// The greeting. Default: 300.
    #[serde(deserialize_with = "seconds")]
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, MAIL, RCPT and RSET, each. Default: 300.
    #[serde(deserialize_with = "seconds")]
    pub command: Duration,
    /// The reply to DATA. Default: 120.
    #[serde(deserialize_with = "seconds")]
    pub data_start: Duration,
    /// Writing one block of the mail. Default: 180.
    #[serde(deserialize_with = "seconds")]
    pub data_block: Duration,
    /// The reply to the final dot. Default: 600.
    #[serde(deserialize_with = "seconds")]
    pub data_end: Duration,
    /// All that comes before the mail's content together, so that an attempt ends within its lease. Default: 900.
    #[serde(deserialize_with = "seconds")]
    pub until_data: Duration,
}

/// `[relay.maildir]`: a folder that mails are written into.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaildirRelay {
    /// The Maildir; made where it is missing. No default.
    pub path: PathBuf,
}

impl Default for SmtpRelay {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: None,
            tls: Tls::None,
            user: None,
            password_file: None,
            ca_file: None,
            hello: None,
            connections: 4,
            timeouts: Timeouts::default(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
            data_start: Duration::from_mins(2),
            data_block: Duration::from_mins(3),
            data_end: Duration::from_mins(10),
            until_data: Duration::from_mins(15),
        }
    }
}

impl SmtpRelay {
    /// The port: the one given, or the one that is usual for the protection.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Implicit => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        })
    }

    fn validate(&self) -> Result<(), Invalid> {
        let sound = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        if !sound(&self.host) {
            return Err(invalid("host", "must be a host name or an IP address"));
        }
        if self.tls == Tls::None && !is_loopback(&self.host) {
            return Err(invalid("tls", "must be \"implicit\" or \"starttls\": only a relay on this host may be plain"));
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Err(invalid("user", "user and password_file belong together"));
        }
        if self.hello.as_deref().is_some_and(|name| !sound(name)) {
            return Err(invalid("hello", "must be a host name"));
        }
        if !(1..=50).contains(&self.connections) {
            return Err(invalid("connections", "must be 1 to 50"));
        }
        self.timeouts.validate()
    }
}

impl Timeouts {
    fn validate(&self) -> Result<(), Invalid> {
        let all = [
            ("connect", self.connect),
            ("greeting", self.greeting),
            ("command", self.command),
            ("data_start", self.data_start),
            ("data_block", self.data_block),
            ("data_end", self.data_end),
            ("until_data", self.until_data),
        ];
        match all.iter().find(|(_, limit)| limit.is_zero()) {
            Some((name, _)) => Err(invalid(&format!("timeouts.{name}"), "must be at least 1")),
            None => Ok(()),
        }
    }
}

impl Relay {
    /// Whether mail can leave so, as far as the text tells.
    ///
    /// # Errors
    /// [`Invalid`] names the key. Only the section of [`Relay::kind`] is looked at.
    pub fn validate(&self) -> Result<(), Invalid> {
        match self.kind {
            RelayKind::Smtp => self.smtp.validate(),
            RelayKind::Maildir if self.maildir.path.as_os_str().is_empty() => {
                Err(Invalid { key: "relay.maildir.path".to_owned(), problem: "must name a folder".to_owned() })
            }
            RelayKind::Maildir => Ok(()),
        }
    }
}

fn invalid(key: &str, problem: &str) -> Invalid {
    Invalid { key: format!("relay.smtp.{key}"), problem: problem.to_owned() }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let relay: Relay = toml::from_str(text).map_err(|error| error.to_string())?;
        relay.validate().map_err(|invalid| invalid.key)
    }

    #[test]
    fn an_empty_section_is_the_relay_of_this_host() {
        let relay: Relay = toml::from_str("").unwrap();
        assert!(relay.validate().is_ok());
        assert_eq!((relay.smtp.host.as_str(), relay.smtp.port()), ("localhost", 25));
        assert_eq!(relay.smtp.timeouts.data_end, Duration::from_mins(10));
    }

    #[test]
    fn nothing_leaves_this_host_in_plain() {
        assert_eq!(check("smtp.host = 'mail.example'"), Err("relay.smtp.tls".to_owned()));
        assert_eq!(check("smtp.host = 'mail.example'\nsmtp.tls = 'starttls'"), Ok(()));
        assert_eq!(check("smtp.host = '::1'"), Ok(()));
    }

    #[test]
    fn the_bad_key_is_named() {
        for (text, key) in [
            ("kind = 'maildir'", "relay.maildir.path"),
            ("smtp.user = 'renkei'", "relay.smtp.user"),
            ("smtp.connections = 0", "relay.smtp.connections"),
            ("smtp.hello = 'a b'", "relay.smtp.hello"),
            ("smtp.host = ''", "relay.smtp.host"),
            ("smtp.timeouts.command = 0", "relay.smtp.timeouts.command"),
        ] {
            assert_eq!(check(text), Err(key.to_owned()), "{text}");
        }
        assert!(check("smtp.tsl = 'none'").unwrap_err().contains("tsl"));
    }
}
