//! The six digits, as a person types them.

use std::fmt;

use super::super::text;

/// Six decimal digits, leading zeros kept. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Digits([u8; 6]);

impl Digits {
    /// From what a person typed or pasted: full-width digits, spaces and hyphens are evened out. `None` for anything that
    /// is not six digits then: that is no try at a code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = text::fold(typed).replace(|c: char| c.is_whitespace() || "-‐‑–—ーｰ".contains(c), "");
        let octets: [u8; 6] = plain.as_bytes().try_into().ok()?;
        octets.iter().all(u8::is_ascii_digit).then_some(Self(octets))
    }

    /// From a number; of a larger one the last six digits.
    #[must_use]
    pub fn of(number: u32) -> Self {
        let mut rest = number;
        let mut octets = [b'0'; 6];
        for octet in octets.iter_mut().rev() {
            *octet = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        Self(octets)
    }

    /// Whether they are the same; takes as long whatever they are.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }

    /// As a person reads them.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(|octet| char::from(*octet)).collect()
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(…)")
    }
}
