//! What a new password must be (ASVS 6.2, NIST SP 800-63B-4): long enough, not one that everybody tries first, not made of
//! what anybody knows about its owner. No rule about kinds of characters, and it is taken exactly as it was typed.

use std::fmt;

use zeroize::Zeroizing;

use super::text;

/// Fewest characters that may be asked for.
pub const LEAST_FLOOR: u32 = 8;
/// Most characters of a password.
pub const MOST: u32 = 256;
/// Most octets of a password that is looked at at all.
pub const MOST_OCTETS: usize = 1_024;

/// How long a new password must be, in code points; never below [`LEAST_FLOOR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRule {
    least: u32,
}

impl PasswordRule {
    /// At least `least` characters, and never fewer than [`LEAST_FLOOR`] nor more than half of [`MOST`].
    #[must_use]
    pub fn new(least: u32) -> Self {
        Self { least: least.clamp(LEAST_FLOOR, MOST / 2) }
    }

    /// Fewest characters of a new password.
    #[must_use]
    pub const fn least(self) -> u32 {
        self.least
    }
}

impl Default for PasswordRule {
    /// 15 characters, as NIST asks for where a password stands alone.
    fn default() -> Self {
        Self { least: 15 }
    }
}

/// Why a text cannot be a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer characters than this.
    #[error("a password has at least {0} characters")]
    TooShort(u32),
    /// More than [`MOST`] characters or [`MOST_OCTETS`] octets.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// One of those that are tried first, or a single character or short run again and again.
    #[error("this password is one that many people use")]
    Common,
    /// The address, the name or this service, with little else.
    #[error("this password is made of the address, the name or the service's name")]
    Personal,
}

/// A password that may be set. Wiped from memory when it is dropped.
#[derive(Clone)]
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Judges `text`, as received. `known` are words that anybody may know: the address, the name, the service.
    ///
    /// # Errors
    /// [`PasswordFault`]
    pub fn parse(text: &str, rule: PasswordRule, known: &[&str]) -> Result<Self, PasswordFault> {
        let length = text.chars().count();
        if text.len() > MOST_OCTETS || length > MOST as usize {
            return Err(PasswordFault::TooLong);
        }
        if length < rule.least as usize {
            return Err(PasswordFault::TooShort(rule.least));
        }
        let folded = Zeroizing::new(squeezed(text));
        if is_common(&folded) {
            return Err(PasswordFault::Common);
        }
        if is_made_of(&folded, known) {
            return Err(PasswordFault::Personal);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// A password that somebody typed to be let in. Wiped from memory when it is dropped.
#[derive(Clone)]
pub struct TypedPassword(Zeroizing<String>);

impl TypedPassword {
    /// Exactly as it was received.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// As it was typed; `None` when it is longer than any password.
    #[must_use]
    pub fn judged(&self) -> Option<&str> {
        (self.0.len() <= MOST_OCTETS).then_some(self.0.as_str())
    }
}

impl fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

/// Case, width, spaces and punctuation even out: they make no common word uncommon.
fn squeezed(text: &str) -> String {
    text::fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words and rows of keys that guesses begin with. Fifteen characters are rarely one of them, but often two or three.
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "pass",
    "word",
    "passphrase",
    "qwerty",
    "qwertyuiop",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "1q2w3e4r",
    "1qaz2wsx",
    "qazwsx",
    "abc",
    "abcdefg",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "9876543210",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "login",
    "user",
    "guest",
    "test",
    "secret",
    "changeme",
    "default",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "master",
    "shadow",
    "superman",
    "hello",
    "trustno1",
    "whatever",
    "google",
    "himitsu",
    "sakura",
    "aishiteru",
    "doraemon",
    "arigatou",
    "konnichiwa",
    "nihon",
    "japan",
    "tokyo",
    "パスワード",
    "ぱすわーど",
    "ひみつ",
    "さくら",
    "あいうえお",
    "いろはにほへと",
];

/// Whether only common words, digits in a row and repetitions are in it.
fn is_common(text: &str) -> bool {
    let mut distinct: Vec<char> = text.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    // Also true of what is nothing but punctuation.
    if distinct.len() < 4 || repeats(text) {
        return true;
    }
    left_over(text, COMMON) < 4
}

/// Whether little else is in it than what anybody knows.
fn is_made_of(text: &str, known: &[&str]) -> bool {
    let mut words: Vec<String> = Vec::new();
    for word in known {
        words.push(squeezed(word));
        words.extend(word.split(|c: char| !c.is_alphanumeric()).map(squeezed));
    }
    words.extend(["renkei", "yayoi", "弥生", "やよい", "弥生会計", "弥生id"].map(str::to_owned));
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| word.chars().count() >= 2).collect();
    let without = left_over(text, &words);
    without < text.chars().count() && without < 6
}

/// How many characters remain when `words` and runs of digits are taken out, the longest first. Years and counters at the
/// end make no word a password.
fn left_over(text: &str, words: &[&str]) -> usize {
    let mut words: Vec<&str> = words.to_vec();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = text.to_owned();
    for word in words {
        rest = rest.replace(word, "\0");
    }
    let letters: Vec<char> = rest.chars().filter(|c| *c != '\0').collect();
    if letters.len() < text.chars().count() {
        letters.iter().filter(|c| !c.is_numeric()).count()
    } else {
        letters.len()
    }
}

/// Whether it is one short run again and again.
fn repeats(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4.min(letters.len() / 2)).any(|step| letters.iter().zip(letters.iter().skip(step)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> Result<(), PasswordFault> {
        let known = ["yamada.taro@example.jp", "山田 太郎", "弥生マイポータル"];
        NewPassword::parse(text, PasswordRule::default(), &known).map(drop)
    }

    #[test]
    fn what_is_long_and_ones_own_is_taken_as_typed() {
        for good in
            ["correct horse battery", "おおきな古時計と雨の日の犬と猫", "  spaces count too  ", "Xk2!vQ9$mm#Lp0z"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
            let kept = NewPassword::parse(good, PasswordRule::default(), &[]).unwrap();
            assert_eq!(kept.as_str(), good);
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_bounded() {
        assert_eq!(judge("おおきな古時計と雨の日の犬"), Err(PasswordFault::TooShort(15)));
        assert_eq!(judge("horse staple b"), Err(PasswordFault::TooShort(15)));
        let cycle: String = ('a'..='z').chain('A'..='Z').cycle().step_by(7).take(256).collect();
        assert_eq!(judge(&cycle), Ok(()));
        assert_eq!(judge(&format!("{cycle}x")), Err(PasswordFault::TooLong));
        assert_eq!(judge(&"犬".repeat(342)), Err(PasswordFault::TooLong));
        assert_eq!(PasswordRule::new(1).least(), 8);
    }

    #[test]
    fn what_everybody_tries_is_refused() {
        for bad in [
            "passwordpassword",
            "Password12345678",
            "qwertyuiop12345",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "123456789012345",
            "ｐａｓｓｗｏｒｄ１２３４５６７",
            "!!!!!!!!!!!!!!!!",
            "iloveyou iloveyou",
            "pass-word-1234-5678",
            "いろはにほへといろはにほへと12",
        ] {
            assert_eq!(judge(bad), Err(PasswordFault::Common), "{bad}");
        }
    }

    #[test]
    fn what_anybody_knows_of_the_person_is_refused() {
        for bad in [
            "yamada.taro@example.jp",
            "yamadataro20260101",
            "YamadaTaro!YamadaTaro",
            "弥生マイポータル弥生マイポータル",
            "renkei-renkei-2026",
        ] {
            assert_eq!(judge(bad), Err(PasswordFault::Personal), "{bad}");
        }
        assert_eq!(judge("yamada likes green tea"), Ok(()));
    }

    #[test]
    fn a_password_is_never_logged() {
        let typed = TypedPassword::new("correct horse battery".to_owned());
        assert!(!format!("{typed:?}").contains("horse"));
        assert_eq!(TypedPassword::new("x".repeat(1_025)).judged(), None);
    }
}
