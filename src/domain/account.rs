//! A person's account (弥生ID): a proven mail address, a name, a password, the terms that were agreed to.

use std::fmt;

use super::email_address::EmailAddress;
use super::ids::AccountId;
use super::inbound::stored_names;
use super::locale::Locale;
use super::text;
use super::time::Timestamp;

/// Failed log-ins in a row after which nobody is let in any more, by whatever password (NIST SP 800-63B-4 §3.2.2). A mailed
/// reset or the operator lifts it.
pub const FAILURES_UNTIL_LOCKED: u32 = 100;

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// The mail address, which is the ID that its owner types.
    pub address: EmailAddress,
    /// ログイン者名
    pub name: PersonName,
    /// Argon2id.
    pub password: PasswordHash,
    /// What was agreed to last.
    pub terms: AcceptedTerms,
    /// The language its owner is written to in.
    pub locale: Locale,
    /// When the address was proven and the account made.
    pub created_at: Timestamp,
    /// Failed log-ins since the last that succeeded.
    pub failures: u32,
    /// Since when nobody is let in.
    pub locked_at: Option<Timestamp>,
    /// When its personal data was taken out; nobody can log in any more.
    pub erased_at: Option<Timestamp>,
    /// Counts changes.
    pub version: i64,
}

impl Account {
    /// Where it stands, in a word.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (self.erased_at, self.locked_at) {
            (Some(_), _) => "erased",
            (None, Some(_)) => "locked",
            (None, None) => "active",
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What an account's or an address's owner must know of (M21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityEvent {
    /// A new password was set.
    PasswordChanged,
    /// The last try at the last code of an attempt was wrong.
    CodesExhausted,
    /// [`FAILURES_UNTIL_LOCKED`] log-ins in a row failed.
    AccountLocked,
}

stored_names!(SecurityEvent {
    PasswordChanged = "password_changed",
    CodesExhausted = "codes_exhausted",
    AccountLocked = "account_locked",
});

impl SecurityEvent {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PasswordChanged, Self::CodesExhausted, Self::AccountLocked];
}

/// Which terms, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTerms {
    /// The version as the settings name it.
    pub version: String,
    /// When the box was ticked.
    pub at: Timestamp,
}

/// A hash as PHC string: algorithm, parameters, salt and digest. Empty: nothing matches.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// As stored.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// As stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A person's name in one line of at most 60 characters, full-width letters and spaces evened out (NFKC).
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing was written.
    #[error("the name is empty")]
    Empty,
    /// More than [`PersonName::MOST`] characters.
    #[error("the name has more than 60 characters")]
    TooLong,
}

impl PersonName {
    /// Most characters.
    pub const MOST: usize = 60;

    /// From what a person typed.
    ///
    /// # Errors
    /// [`NameFault`]
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let name = text::one_line(&text::composed(text));
        if name.is_empty() {
            return Err(NameFault::Empty);
        }
        if name.chars().count() > Self::MOST {
            return Err(NameFault::TooLong);
        }
        Ok(Self(name))
    }

    /// From the database.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// As shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_some_length() {
        assert_eq!(PersonName::parse(" 山田　太郎\r\n").unwrap().as_str(), "山田 太郎");
        assert_eq!(PersonName::parse(" \u{202E}\n").unwrap_err(), NameFault::Empty);
        assert!(PersonName::parse(&"山".repeat(60)).is_ok());
        assert_eq!(PersonName::parse(&"山".repeat(61)).unwrap_err(), NameFault::TooLong);
    }
}
