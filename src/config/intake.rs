//! `[intake]`: how mails are read and how their senders are proved.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use super::Invalid;

/// What a mail limit may be: RFC 5321 §4.5.3.1.7 asks for 64 KiB at least, Postfix and the large providers stop at 25 MiB.
const MAIL_LIMITS: RangeInclusive<u64> = 64 * 1024..=25 * 1024 * 1024;
/// What a DNS time limit may be, in seconds.
const DNS_TIMEOUTS: RangeInclusive<u64> = 1..=30;

/// How mails are read and how their senders are proved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intake {
    /// Largest mail that is read, in bytes; a larger one is refused unread. 64 KiB to 25 MiB, default 5 MiB.
    pub mail_limit: u64,
    /// DNS servers that are asked for DKIM keys, as `address:port`. Default: empty, which means the system's
    /// (`/etc/resolv.conf`). A validating resolver on this host is the best choice (threat T26).
    pub dns_servers: Vec<SocketAddr>,
    /// How long one DNS server may take for one try, in seconds; two tries are made. 1 to 30, default 3.
    pub dns_timeout_s: u64,
    /// The host whose `Received` line is the border of trust: `Authentication-Results` above it are believed for firms that
    /// are registered so. The name as that host writes it after `by`. Default: none, and then such firms cannot be proved.
    pub received_host: Option<String>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { mail_limit: 5 * 1024 * 1024, dns_servers: Vec::new(), dns_timeout_s: 3, received_host: None }
    }
}

impl Intake {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`Invalid`] names the first key that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        if !MAIL_LIMITS.contains(&self.mail_limit) {
            let problem = format!("must be {} to {} bytes", MAIL_LIMITS.start(), MAIL_LIMITS.end());
            return Err(Invalid::new("intake.mail_limit", problem));
        }
        if !DNS_TIMEOUTS.contains(&self.dns_timeout_s) {
            let problem = format!("must be {} to {} seconds", DNS_TIMEOUTS.start(), DNS_TIMEOUTS.end());
            return Err(Invalid::new("intake.dns_timeout_s", problem));
        }
        let is_host = |host: &str| !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || ";()".contains(c));
        if self.received_host.as_deref().is_some_and(|host| !is_host(host)) {
            return Err(Invalid::new(
                "intake.received_host",
                "must be one host name, as it stands after `by` in Received",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Intake, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn nothing_written_is_the_default() {
        let intake = read("").unwrap();
        assert_eq!(intake, Intake::default());
        assert_eq!(intake.validate(), Ok(()));
        assert_eq!(intake.mail_limit, 5_242_880);
    }

    #[test]
    fn every_key_is_read() {
        let intake = read(
            "mail_limit = 65536\ndns_servers = ['127.0.0.1:11053', '[::1]:53']\ndns_timeout_s = 1\nreceived_host = 'mx.example'",
        )
        .unwrap();
        assert_eq!((intake.mail_limit, intake.dns_servers.len(), intake.dns_timeout_s), (65_536, 2, 1));
        assert_eq!(intake.received_host.as_deref(), Some("mx.example"));
        assert_eq!(intake.validate(), Ok(()));
    }

    #[test]
    fn a_wrong_key_is_named() {
        assert!(read("mail_limits = 1").is_err());
        assert!(read("dns_servers = ['localhost']").is_err());
        for (text, key) in [
            ("mail_limit = 1", "intake.mail_limit"),
            ("dns_timeout_s = 0", "intake.dns_timeout_s"),
            ("received_host = ''", "intake.received_host"),
            ("received_host = 'a b'", "intake.received_host"),
        ] {
            assert_eq!(read(text).unwrap().validate().unwrap_err().key, key);
        }
    }
}
