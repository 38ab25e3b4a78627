//! A mail address and its domain, parsed once at the edge.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A domain name as A-labels (RFC 5890), lower case, without a final dot: two spellings of one domain are equal (RFC 8616).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(String);

impl Domain {
    /// From what a person or a mail wrote.
    ///
    /// # Errors
    /// [`AddressError::Domain`] for what is no host name: empty, over 253 octets, a bad label, a single label, an address literal.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError::Domain)?;
        let labels_fit = ascii.split('.').all(|label| (1..=63).contains(&label.len()));
        if ascii.len() > 253 || !labels_fit || !ascii.contains('.') {
            return Err(AddressError::Domain);
        }
        Ok(Self(ascii))
    }

    /// The A-label form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address (RFC 5321 §4.1.2): dot-atom local part of at most 64 octets, at most 254 in all.
///
/// Two addresses are equal when their local parts are equal but for ASCII case: no mailbox provider of today tells them
/// apart, and people do not either. It has no `Debug` or `Display` that shows it: what logs is never an address.
#[derive(Clone)]
pub struct EmailAddress {
    local: String,
    domain: Domain,
}

/// Why a text is no mail address that renkei can write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was written.
    #[error("the address is empty")]
    Empty,
    /// Not exactly one `@` with something before it.
    #[error("the address must have one @ between a name and a domain")]
    At,
    /// The part before the `@`.
    #[error("the part before the @ has a character or a length that mail does not carry")]
    Local,
    /// The part after the `@`.
    #[error("the domain after the @ is not a valid domain name")]
    Domain,
}

impl EmailAddress {
    /// From what a person or a mail wrote; the ends are trimmed, nothing else is mended.
    ///
    /// Japanese carriers once gave out addresses with two dots in a row or a dot before the `@`; they still exist, relays
    /// take them, and so does this.
    ///
    /// # Errors
    /// [`AddressError`] names the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::At)?;
        if local.is_empty() || local.contains('@') {
            return Err(AddressError::At);
        }
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        if local.len() > 64 || local.starts_with('.') || !local.chars().all(atom) {
            return Err(AddressError::Local);
        }
        let domain = Domain::parse(domain)?;
        if local.len() + 1 + domain.as_str().len() > 254 {
            return Err(AddressError::Domain);
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// `local@domain`, the local part as it was written.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The part before the `@`, as it was written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// What the database compares by: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.to_text().to_ascii_lowercase()
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.domain == other.domain && self.local.eq_ignore_ascii_case(&other.local)
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_have_is_taken() {
        for good in
            ["yamada@example.jp", "a.b+c@sub.example.co.jp", "ta..ro.@docomo.example", "x@日本語.jp", " s@b.example "]
        {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        assert_eq!(EmailAddress::parse("x@日本語.JP").unwrap().domain().as_str(), "xn--wgv71a119e.jp");
    }

    #[test]
    fn what_mail_does_not_carry_is_refused_with_its_part() {
        let cases = [
            ("", AddressError::Empty),
            ("yamada", AddressError::At),
            ("@example.jp", AddressError::At),
            ("a@b@example.jp", AddressError::At),
            ("山田@example.jp", AddressError::Local),
            ("a b@example.jp", AddressError::Local),
            ("a\r\nx@example.jp", AddressError::Local),
            (".a@example.jp", AddressError::Local),
            ("a@localhost", AddressError::Domain),
            ("a@-x.example", AddressError::Domain),
            ("a@[127.0.0.1]", AddressError::Domain),
            ("a@b..example", AddressError::Domain),
        ];
        for (text, why) in cases {
            assert_eq!(EmailAddress::parse(text).unwrap_err(), why, "{text:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("{}@example.jp", "a".repeat(65))).unwrap_err(), AddressError::Local);
    }

    #[test]
    fn case_does_not_make_another_person() {
        assert_eq!(
            EmailAddress::parse("Yamada@Example.JP").unwrap(),
            EmailAddress::parse("yamada@example.jp").unwrap()
        );
    }

    #[test]
    fn an_address_is_never_logged() {
        let text = format!("{:?}", EmailAddress::parse("yamada@example.jp").unwrap());
        assert!(!text.contains("yamada") && !text.contains("example"));
    }
}
