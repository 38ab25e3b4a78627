//! Whose, and which: the names of things on both sides of the border.

use std::fmt;

use crate::domain::email_address::EmailAddress;
use crate::domain::text;

/// Whose contracts: a 弥生ID, which is a mail address. Two that differ only in case are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder(String);

impl Holder {
    /// The holder who logs in with this address.
    #[must_use]
    pub fn of(address: &EmailAddress) -> Self {
        Self(address.key())
    }

    /// As the contract-management system knows it: the address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $refusal:ident, $says:literal, |$written:ident| $clean:expr, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        /// A text is not what it should be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($says)]
        pub struct $refusal;

        impl $name {
            /// From what was written.
            ///
            /// # Errors
            /// Where it cannot be one; never shows what was written.
            pub fn parse($written: &str) -> Result<Self, $refusal> {
                let clean: String = $clean;
                let fits: fn(&str) -> bool = $fits;
                if fits(&clean) { Ok(Self(clean)) } else { Err($refusal) }
            }

            /// As stored and shown.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// An お客様番号: 4 to 16 digits. Full-width digits are taken, spaces and hyphens between them left out.
    CustomerNumber,
    NotACustomerNumber,
    "a customer number has 4 to 16 digits",
    |written| grouped(written),
    |text| (4..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
);
text_type!(
    /// A サービス契約ID: 4 to 32 ASCII letters and digits, upper case. Full-width ones are taken, spaces and hyphens left out.
    ServiceContractId,
    NotAServiceContractId,
    "a service contract ID has 4 to 32 letters and digits",
    |written| grouped(written).to_ascii_uppercase(),
    |text| (4..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
);
text_type!(
    /// A contract, as the contract-management system names it: 1 to 64 printable ASCII characters without a space.
    ContractId,
    NotAContractId,
    "a contract's id has 1 to 64 printable ASCII characters",
    |written| written.to_owned(),
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

/// What people group digits with is not part of the number.
fn grouped(written: &str) -> String {
    let dash = |c: char| matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | 'ー') || c.is_whitespace();
    text::fold(written).chars().filter(|c| !dash(*c)).collect()
}

/// Names one call that changes something. The same call again under the same key does nothing and answers as before; a
/// key is never used for another call. 1 to 64 printable ASCII characters: an id, and what counts its changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallKey(String);

impl CallKey {
    /// `id`, in its `change`-th state: who repeats a call after a crash finds the same key again.
    #[must_use]
    pub fn new(id: &str, change: i64) -> Self {
        Self(format!("{id}.{change}"))
    }

    /// From what was sent.
    #[must_use]
    pub fn parse(sent: &str) -> Option<Self> {
        let fits = (1..=64).contains(&sent.len()) && sent.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(sent.to_owned()))
    }

    /// As sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        assert_eq!(CustomerNumber::parse(" １２３４－5678 ").unwrap().as_str(), "12345678");
        assert_eq!(ServiceContractId::parse("ab12 ｃｄ３４").unwrap().as_str(), "AB12CD34");
        for bad in ["", "123", "12345678901234567", "1234a", "一二三四"] {
            assert!(CustomerNumber::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "abc", "ab_12", &"a".repeat(33)] {
            assert!(ServiceContractId::parse(bad).is_err(), "{bad}");
        }
        assert!(ContractId::parse("c 1").is_err() && ContractId::parse("c-1").is_ok());
    }

    #[test]
    fn a_holder_is_one_whatever_the_case() {
        let of = |text: &str| Holder::of(&EmailAddress::parse(text).unwrap());
        assert_eq!(of("Yamada@Example.jp"), of("yamada@example.jp"));
    }
}
