//! A firm: who may ask, how its mails are proved, how it is written to. Its registration changes by command only (T25).

use std::fmt;

use super::email_address::{Domain, EmailAddress};
use super::ids::FirmId;
use super::inbound::stored_names;
use super::locale::Locale;
use super::text;

/// A firm number (事務所番号): 1 to 16 ASCII letters, digits and hyphens, upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FirmNumber(String);

/// A text is no firm number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a firm number has 1 to 16 letters, digits or hyphens")]
pub struct NotAFirmNumber;

impl FirmNumber {
    /// From what a person wrote; full-width digits are taken.
    ///
    /// # Errors
    /// [`NotAFirmNumber`]
    pub fn parse(written: &str) -> Result<Self, NotAFirmNumber> {
        let number = text::fold(written).to_ascii_uppercase();
        let fits = (1..=16).contains(&number.len()) && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if fits { Ok(Self(number)) } else { Err(NotAFirmNumber) }
    }

    /// As stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FirmNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a firm may ask at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirmStatus {
    /// Its requests are taken.
    Active,
    /// Its requests are quarantined and what it had waiting in the outbox does not leave.
    Suspended,
    /// It is there only because past requests name it.
    Removed,
}

stored_names!(FirmStatus { Active = "active", Suspended = "suspended", Removed = "removed" });
stored_names!(Receipts { Each = "each", None = "none" });

/// Which receipts (M4) a firm wants. Answers to faults (M5) are sent either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Receipts {
    /// One for each accepted mail.
    #[default]
    Each,
    /// None.
    None,
}

/// A DKIM public key that was given at registration: no DNS is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedKey {
    /// The selector (`s=`) it answers to.
    pub selector: String,
    /// The record as DNS would give it: `v=DKIM1; k=…; p=…`.
    pub record: String,
}

/// What proves that a mail is the firm's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofRule {
    /// Our own DKIM verification, `d=` equal to the firm's signing domain.
    Dkim {
        /// The key, where DNS is not to be asked.
        pinned: Option<PinnedKey>,
    },
    /// `dkim=pass header.d=` the signing domain, in an `Authentication-Results` of this authserv-id (RFC 8601 §2.5) that
    /// stands above the first `Received` line of the configured host.
    AuthenticationResults {
        /// The one authserv-id that is believed.
        authserv_id: String,
    },
}

/// How many days a request of a firm stays open, 1 to 90.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestDays(u32);

impl RequestDays {
    /// From a setting.
    #[must_use]
    pub const fn new(days: u32) -> Option<Self> {
        if days >= 1 && days <= 90 { Some(Self(days)) } else { None }
    }

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for RequestDays {
    fn default() -> Self {
        Self(21)
    }
}

/// A registered firm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firm {
    /// Identity.
    pub id: FirmId,
    /// Its number, unique.
    pub number: FirmNumber,
    /// Its name, without 様; one line, at most 100 characters.
    pub name: String,
    /// 所在地; one line.
    pub postal_address: String,
    /// 電話番号; one line.
    pub telephone: String,
    /// The addresses it writes from; each belongs to one firm only.
    pub senders: Vec<EmailAddress>,
    /// Where notices go; what answers a mail goes to who wrote it.
    pub notify_address: EmailAddress,
    /// The domain that must have signed its mails.
    pub signing_domain: Domain,
    /// How its mails are proved.
    pub proof: ProofRule,
    /// Which receipts it wants.
    pub receipts: Receipts,
    /// How long its requests stay open.
    pub request_days: RequestDays,
    /// The language it is written to in.
    pub locale: Locale,
    /// Whether it may ask.
    pub status: FirmStatus,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

impl Firm {
    /// Whether `address` is one that the firm writes from.
    #[must_use]
    pub fn writes_from(&self, address: &EmailAddress) -> bool {
        self.senders.contains(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        assert_eq!(FirmNumber::parse(" １００１ ").unwrap().as_str(), "1001");
        assert_eq!(FirmNumber::parse("ab-1").unwrap().as_str(), "AB-1");
        for bad in ["", "10 01", "12345678901234567", "一"] {
            assert!(FirmNumber::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_request_lives_one_to_ninety_days() {
        assert_eq!(RequestDays::default().get(), 21);
        assert!(RequestDays::new(0).is_none() && RequestDays::new(91).is_none() && RequestDays::new(90).is_some());
    }
}
