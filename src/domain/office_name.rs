//! 事業所名: the name inside the business data, compared with the name the customer registered (S63 to S65).
//!
//! Only what a keyboard makes different is evened out: width (NFKC), spaces, and ㈱ or (株) for 株式会社 where it stands.
//! 前株 and 後株 are different companies, and old and new kanji may be, so both ask.

use unicode_normalization::UnicodeNormalization;

use super::text;

/// Most characters of a name.
pub const LIMIT: usize = 100;

/// A name as a person wrote it: one line of 1 to [`LIMIT`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeName(String);

/// A text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {LIMIT} characters")]
pub struct NotAName;

/// What comparing two names says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They are one name, perhaps typed in two ways.
    Same,
    /// A person must look and say はい (S65).
    Differ,
}

impl OfficeName {
    /// From what a person wrote.
    ///
    /// # Errors
    /// [`NotAName`]
    pub fn parse(written: &str) -> Result<Self, NotAName> {
        let name = text::one_line(written);
        let fits = (1..=LIMIT).contains(&name.chars().count()) && !evened(&name).is_empty();
        if fits { Ok(Self(name)) } else { Err(NotAName) }
    }

    /// As written, stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this and `other` name the same business.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Comparison {
        if evened(&self.0) == evened(&other.0) { Comparison::Same } else { Comparison::Differ }
    }
}

/// The name without what does not count.
fn evened(name: &str) -> String {
    let spaceless: String = folded(name).chars().filter(|c| !c.is_whitespace()).collect();
    // Once more: what a space kept apart may compose now.
    folded(&spaceless).replace("(株)", "株式会社")
}

/// NFKC, but for the compatibility ideographs: Unicode folds them into the new forms of their kanji (U+FA1B into 福), and
/// old and new kanji differ.
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(is_old_form) {
        let (plain, from) = rest.split_at(at);
        folded.extend(plain.nfkc());
        let (old, after) = from.split_at(from.chars().next().map_or(0, char::len_utf8));
        folded.push_str(old);
        rest = after;
    }
    folded.extend(rest.nfkc());
    folded
}

const fn is_old_form(c: char) -> bool {
    matches!(c, '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn same(one: &str, other: &str) -> bool {
        let name = |text| OfficeName::parse(text).unwrap();
        let there = name(one).compare(&name(other));
        assert_eq!(there, name(other).compare(&name(one)), "{one} and {other}: it depends on who is asked first");
        there == Comparison::Same
    }

    #[test]
    fn what_a_keyboard_makes_different_is_the_same() {
        for (one, other) in [
            ("株式会社山田商店", "㈱山田商店"),
            ("株式会社山田商店", "（株）山田商店"),
            ("株式会社山田商店", "(株)山田商店"),
            ("山田商店株式会社", "山田商店 ㈱"),
            ("株式会社　山田商店", "株式会社山田商店"),
            ("㍿山田商店", "株式会社 山田商店"),
            ("ABC商事", "ＡＢＣ商事"),
            ("ガス商会", "ｶﾞｽ商会"),
            ("山 田 太 郎", "山田太郎"),
        ] {
            assert!(same(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn what_may_be_another_company_differs() {
        for (one, other) in [
            ("株式会社山田商店", "山田商店株式会社"), // 前株, 後株
            ("㈱山田商店", "山田商店㈱"),
            ("株式会社山田商店", "有限会社山田商店"),
            ("㈲山田商店", "有限会社山田商店"), // only 株 is evened out
            ("株式会社山田商店", "山田商店"),
            ("高橋商店", "髙橋商店"),
            ("斎藤商店", "齋藤商店"),
            ("福田商店", "\u{FA1B}田商店"), // a compatibility ideograph: the old form of 福
            ("ABC商事", "abc商事"),
            ("山田商店", "山田商店 本店"),
        ] {
            assert!(!same(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_says_something() {
        for empty in ["", " \u{3000}", "\u{200E}", "\n"] {
            assert_eq!(OfficeName::parse(empty), Err(NotAName), "{empty:?}");
        }
        assert!(OfficeName::parse(&"山".repeat(LIMIT)).is_ok() && OfficeName::parse(&"山".repeat(LIMIT + 1)).is_err());
        assert_eq!(OfficeName::parse(" 山田\r\n商店 ").unwrap().as_str(), "山田  商店");
    }

    fn name() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("株式会社".to_owned()),
            Just("㈱".to_owned()),
            Just("(株)".to_owned()),
            Just("（株）".to_owned()),
            Just(" ".to_owned()),
            Just("\u{3000}".to_owned()),
            Just("髙".to_owned()),
            Just("高".to_owned()),
            Just("\u{FA1B}".to_owned()),
            Just("か\u{3099}".to_owned()),
            Just("か \u{3099}".to_owned()),
            Just("\u{A8}".to_owned()),
            "\\PC{1,4}",
        ];
        prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn evening_out_twice_is_evening_out_once(name in name()) {
            prop_assert_eq!(evened(&evened(&name)), evened(&name));
        }

        #[test]
        fn a_space_never_counts(name in "[ぁ-んァ-ヶ一-龠a-zA-Zａ-ｚ０-９()（）㈱㈲・ー]{1,12}", at in any::<prop::sample::Index>()) {
            let places: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
            let mut spaced = name.clone();
            spaced.insert(*at.get(&places), '\u{3000}');
            prop_assert_eq!(evened(&spaced), evened(&name));
        }

        #[test]
        fn where_the_company_stands_counts(name in "[一-二山田商店]{1,6}") {
            let [before, behind] = [format!("株式会社{name}"), format!("{name}株式会社")];
            prop_assert!(!same(&before, &behind), "前株 and 後株");
            prop_assert!(same(&["㈱", &name].concat(), &before), "㈱ before");
            prop_assert!(same(&[&name, "(株)"].concat(), &behind), "(株) behind");
        }
    }
}
