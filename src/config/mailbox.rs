//! `[mailbox]`: where mail comes from.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Invalid;
use super::secret::SecretFile;

/// The section `[mailbox]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mailbox {
    /// Which of the two is read. Default: `imap`.
    pub kind: Kind,
    /// `[mailbox.imap]`, read when `kind` is `imap`.
    pub imap: Imap,
    /// `[mailbox.maildir]`, read when `kind` is `maildir`.
    pub maildir: Maildir,
}

/// Where mail comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A mailbox on an IMAP server.
    #[default]
    Imap,
    /// A Maildir on this machine.
    Maildir,
}

/// How the connection to the server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Implicit,
    /// Plain text first, TLS before anything is said (RFC 3501 §6.2.1).
    Starttls,
    /// Plain text; only to a loopback address.
    None,
}

/// How we prove who we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// LOGIN with a password (RFC 3501 §6.2.3).
    #[default]
    Login,
    /// SASL XOAUTH2 with an access token, as Microsoft 365 and Gmail want it.
    Xoauth2,
}

/// The section `[mailbox.imap]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Imap {
    /// The server's name or address. Required.
    pub host: String,
    /// The port. Default: 993 with implicit TLS, else 143.
    pub port: Option<u16>,
    /// `implicit`, `starttls` or `none`. Default: `implicit`.
    pub tls: Tls,
    /// The user name; kept from every log. Required.
    pub user: SecretString,
    /// `login` or `xoauth2`. Default: `login`.
    pub auth: Auth,
    /// The file with the password, read again for each login. Required for `login`.
    pub password_file: Option<SecretFile>,
    /// The file with the access token, read again for each login; something else keeps it fresh. Required for `xoauth2`.
    pub token_file: Option<SecretFile>,
    /// A PEM file with authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The folder that is read, as the server spells it. Default: `INBOX`.
    pub folder: String,
    /// The folder below which judged mails are filed. Default: `renkei`.
    pub parent: String,
    /// Seconds between two looks where the server has no IDLE, 5 to 300. Default: 60.
    pub poll_s: u64,
    /// Seconds a command may take, 1 to 600; a download gets more by its size. Default: 60.
    pub command_timeout_s: u64,
}

impl Default for Imap {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            tls: Tls::default(),
            user: SecretString::from(""),
            auth: Auth::default(),
            password_file: None,
            token_file: None,
            ca_file: None,
            folder: "INBOX".to_owned(),
            parent: "renkei".to_owned(),
            poll_s: 60,
            command_timeout_s: 60,
        }
    }
}

/// The section `[mailbox.maildir]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Maildir {
    /// The folder that holds `cur`, `new` and `tmp`; it must exist. Required.
    pub path: PathBuf,
    /// The name before the subfolders that judged mails are filed in, as in `.renkei.accepted`. Default: `renkei`.
    pub parent: String,
}

impl Default for Maildir {
    fn default() -> Self {
        Self { path: PathBuf::new(), parent: "renkei".to_owned() }
    }
}

impl Imap {
    /// The port, the standard one when none is set.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Implicit => 993,
            Tls::Starttls | Tls::None => 143,
        })
    }

    /// How long a command may take.
    #[must_use]
    pub const fn command_timeout(&self) -> Duration {
        Duration::from_secs(self.command_timeout_s)
    }

    /// How long between two looks without IDLE.
    #[must_use]
    pub const fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_s)
    }

    fn validate(&self) -> Result<(), Invalid> {
        rule(!self.host.is_empty(), "mailbox.imap.host", "is missing: the IMAP server's name")?;
        rule(self.port != Some(0), "mailbox.imap.port", "is 0: leave it out for the standard port")?;
        rule(
            self.tls != Tls::None || is_loopback(&self.host),
            "mailbox.imap.tls",
            "may be \"none\" only for a loopback host: use \"implicit\" or \"starttls\"",
        )?;
        rule(!self.user.expose_secret().is_empty(), "mailbox.imap.user", "is missing: the user to log in as")?;
        rule(
            self.auth != Auth::Login || self.password_file.is_some(),
            "mailbox.imap.password_file",
            "is missing: auth = \"login\" wants a file with the password",
        )?;
        rule(
            self.auth != Auth::Xoauth2 || self.token_file.is_some(),
            "mailbox.imap.token_file",
            "is missing: auth = \"xoauth2\" wants a file with the access token",
        )?;
        rule(
            is_imap_name(&self.folder),
            "mailbox.imap.folder",
            "wants printable ASCII, without quotes, backslash and wildcards; other letters in modified UTF-7 (RFC 3501 §5.1.3)",
        )?;
        rule(is_plain_name(&self.parent), "mailbox.imap.parent", PLAIN)?;
        rule((5..=300).contains(&self.poll_s), "mailbox.imap.poll_s", "wants 5 to 300 seconds")?;
        rule((1..=600).contains(&self.command_timeout_s), "mailbox.imap.command_timeout_s", "wants 1 to 600 seconds")
    }
}

impl Mailbox {
    /// Whether the chosen kind can be used. Reads no file and asks no server.
    ///
    /// # Errors
    /// [`Invalid`] names the first key that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        match self.kind {
            Kind::Imap => self.imap.validate(),
            Kind::Maildir => {
                rule(
                    !self.maildir.path.as_os_str().is_empty(),
                    "mailbox.maildir.path",
                    "is missing: the folder with cur, new and tmp",
                )?;
                rule(is_plain_name(&self.maildir.parent), "mailbox.maildir.parent", PLAIN)
            }
        }
    }
}

const PLAIN: &str = "wants 1 to 64 letters a-z, digits, - or _";

fn rule(holds: bool, key: &str, problem: &str) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid { key: key.to_owned(), problem: problem.to_owned() }) }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_imap_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\' | b'*' | b'%'))
}

fn is_plain_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Mailbox {
        toml::from_str(text).unwrap()
    }

    const GOOD: &str = r#"imap = { host = "imap.example.jp", user = "renkei@example.jp", password_file = "imap" }"#;

    #[test]
    fn defaults_are_those_of_a_server_on_the_internet() {
        let section = read(GOOD);
        assert_eq!(section.validate(), Ok(()));
        assert_eq!((section.kind, section.imap.tls, section.imap.port()), (Kind::Imap, Tls::Implicit, 993));
        assert_eq!((section.imap.folder.as_str(), section.imap.parent.as_str()), ("INBOX", "renkei"));
    }

    #[test]
    fn each_fault_names_its_key() {
        for (text, key) in [
            ("", "mailbox.imap.host"),
            (r#"imap = { host = "a", port = 0 }"#, "mailbox.imap.port"),
            (r#"imap = { host = "imap.example.jp", tls = "none" }"#, "mailbox.imap.tls"),
            (r#"imap = { host = "a" }"#, "mailbox.imap.user"),
            (r#"imap = { host = "a", user = "u" }"#, "mailbox.imap.password_file"),
            (r#"imap = { host = "a", user = "u", auth = "xoauth2", password_file = "p" }"#, "mailbox.imap.token_file"),
            (r#"imap = { host = "a", user = "u", password_file = "p", folder = "受信" }"#, "mailbox.imap.folder"),
            (r#"imap = { host = "a", user = "u", password_file = "p", folder = "a\r\nb" }"#, "mailbox.imap.folder"),
            (r#"imap = { host = "a", user = "u", password_file = "p", parent = "a/b" }"#, "mailbox.imap.parent"),
            (r#"imap = { host = "a", user = "u", password_file = "p", poll_s = 1 }"#, "mailbox.imap.poll_s"),
            (
                r#"imap = { host = "a", user = "u", password_file = "p", command_timeout_s = 0 }"#,
                "mailbox.imap.command_timeout_s",
            ),
            (r#"kind = "maildir""#, "mailbox.maildir.path"),
            ("kind = \"maildir\"\nmaildir = { path = \"/x\", parent = \"..\" }", "mailbox.maildir.parent"),
        ] {
            assert_eq!(read(text).validate().unwrap_err().key, key, "{text}");
        }
    }

    #[test]
    fn plain_text_is_for_loopback_only() {
        for host in ["127.0.0.1", "::1", "localhost"] {
            let text = format!(r#"imap = {{ host = "{host}", tls = "none", user = "u", password_file = "p" }}"#);
            assert_eq!(read(&text).validate(), Ok(()));
        }
    }

    #[test]
    fn debug_hides_the_user_and_unknown_keys_are_refused() {
        assert!(!format!("{:?}", read(GOOD)).contains("renkei@"));
        assert!(toml::from_str::<Mailbox>("imap = { hots = 'a' }").is_err());
    }
}
