//! An enhanced mail system status code (RFC 3463): what a server says of a failure beyond its reply's three digits.

use std::fmt;

/// e.g. `5.1.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnhancedStatus {
    /// 2, 4 or 5.
    class: u8,
    /// What it is about: at most three digits, 1 for the address.
    subject: u16,
    /// What about it: at most three digits.
    detail: u16,
}

impl EnhancedStatus {
    /// From `5.1.1` and nothing around it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let number = |part: &str| {
            let is_number = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u16>().ok() } else { None }
        };
        let mut parts = word.split('.');
        let (class, subject, detail) = (parts.next()?, number(parts.next()?)?, number(parts.next()?)?);
        let class = match class {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        parts.next().is_none().then_some(Self { class, subject, detail })
    }

    /// What the first word of an SMTP reply's text says (RFC 2034 §4); a status of another class than the reply's is none.
    #[must_use]
    pub fn of_reply(code: u16, text: &str) -> Option<Self> {
        let status = text.split_whitespace().next().and_then(Self::parse)?;
        (u16::from(status.class) == code / 100).then_some(status)
    }

    /// Whether it says that something failed for good.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        self.class == 5
    }

    /// Whether it says that something may still succeed.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        self.class == 4
    }

    /// Whether the failure is the address's: the mailbox or its domain does not exist or takes no mail. A refusal of the
    /// content, a full mailbox or a policy says nothing of the address, and 5.1.0, 5.1.7, 5.1.8 and 5.1.9 are what servers
    /// say of a sender whom they do not like.
    #[must_use]
    pub const fn is_of_the_address(self) -> bool {
        matches!((self.class, self.subject, self.detail), (5, 1, 1..=6 | 10..) | (5, 2, 1) | (5, 4, 4))
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_the_address_did_counts_against_it() {
        for status in ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.4.4"] {
            assert!(EnhancedStatus::parse(status).unwrap().is_of_the_address(), "{status}");
        }
        for status in ["5.0.0", "5.1.0", "5.1.7", "5.1.8", "5.2.2", "5.7.1", "5.3.4", "4.1.1", "2.1.5"] {
            assert!(!EnhancedStatus::parse(status).unwrap().is_of_the_address(), "{status}");
        }
    }

    #[test]
    fn what_is_no_status_is_none() {
        for word in
            ["", "5", "550", "5.1", "5.1.", "5.1.1.1", "3.1.1", "5.1.1000", "5.+1.1", "5.1.1,", "5.x.1", "５.1.1"]
        {
            assert_eq!(EnhancedStatus::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_reply_s_status_is_its_first_word_and_of_its_class() {
        let of = |code, text| EnhancedStatus::of_reply(code, text).map(|status| status.to_string());
        assert_eq!(of(550, "5.1.1 <x>: no such user").as_deref(), Some("5.1.1"));
        for (code, text) in
            [(550, ""), (550, "no such user 5.1.1"), (450, "5.1.1 x"), (550, "4.1.1 x"), (550, "5.1.1: x")]
        {
            assert_eq!(of(code, text), None, "{code} {text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_shown_is_read_again(class in prop::sample::select(vec![2_u8, 4, 5]), subject in 0..1_000_u16, detail in 0..1_000_u16) {
            let status = EnhancedStatus { class, subject, detail };
            prop_assert_eq!(EnhancedStatus::parse(&status.to_string()), Some(status));
        }
    }
}
