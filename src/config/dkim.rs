//! `[dkim]`: signing our own mails (RFC 6376). The section is left out where the relay signs.

use serde::{Deserialize, Deserializer, de};

use super::Invalid;
use super::secret::SecretFile;
use crate::domain::email_address::Domain;

/// How our own mails are signed. No key has a default: the section as a whole is optional.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    /// `d=`: the sender's domain or one above it.
    #[serde(deserialize_with = "domain")]
    pub domain: Domain,
    /// `s=`: the record is at `<selector>._domainkey.<domain>`.
    pub selector: String,
    /// The private key as PEM: RSA of at least 2,048 bits (PKCS#8 or PKCS#1; RFC 8301) or Ed25519 (PKCS#8; RFC 8463).
    pub key_file: SecretFile,
}

impl Dkim {
    /// Whether it can be a place in DNS.
    ///
    /// # Errors
    /// [`Invalid`] for a selector that is no sequence of labels.
    pub fn validate(&self) -> Result<(), Invalid> {
        let label = |label: &str| {
            (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if self.selector.split('.').all(label) {
            return Ok(());
        }
        Err(Invalid { key: "dkim.selector".to_owned(), problem: "must be letters, digits and hyphens".to_owned() })
    }
}

fn domain<'de, D: Deserializer<'de>>(from: D) -> Result<Domain, D::Error> {
    Domain::parse(&String::deserialize(from)?).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_a_place_in_dns() {
        let of = |selector: &str| {
            let text = format!("domain = 'renkei.example'\nselector = '{selector}'\nkey_file = '/etc/renkei/dkim.pem'");
            toml::from_str::<Dkim>(&text).unwrap().validate()
        };
        assert!(of("s1").is_ok() && of("2026.mail").is_ok());
        for bad in ["", "a b", "s1;", "a..b"] {
            assert_eq!(of(bad).unwrap_err().key, "dkim.selector", "{bad}");
        }
    }
}
