//! What others wrote, made fit to stand in a mail of ours (T13, T15).

use super::omit_links::omit_links;
use crate::domain::locale::Locale;
use crate::domain::text;

/// One line: no control characters, no links.
#[must_use]
pub fn line(written: &str, locale: Locale) -> String {
    omit_links(&text::one_line(written), mark(locale))
}

/// One line that may be missing; blank is missing.
#[must_use]
pub fn optional_line(written: Option<&String>, locale: Locale) -> Option<String> {
    written.map(|written| line(written, locale)).filter(|line| !line.is_empty())
}

/// Lines, as [`line`] each; none where nothing was written.
#[must_use]
pub fn lines(written: &str, locale: Locale) -> Vec<String> {
    let clean = omit_links(&text::many_lines(written), mark(locale));
    clean.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Lines for who must read what was written, links too: no control characters, and nothing that is more than text.
#[must_use]
pub fn as_written(written: &str) -> Vec<String> {
    text::many_lines(written).lines().map(|line| line.trim_end().to_owned()).collect()
}

const fn mark(locale: Locale) -> &'static str {
    match locale {
        Locale::Ja => "（リンクを省略しました）",
        Locale::En => "(link left out)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_lines_and_loses_its_links() {
        let written =
            "いつもお世話になっております。\r\n\r\nhttps://evil.example/ を見てください。\r\nTEL 03-0000-0000";
        assert_eq!(
            lines(written, Locale::Ja),
            ["いつもお世話になっております。", "", "（リンクを省略しました） を見てください。", "TEL 03-0000-0000"]
        );
        assert!(lines(" \n", Locale::Ja).is_empty());
    }

    #[test]
    fn blank_is_missing() {
        assert_eq!(optional_line(Some(&" ".to_owned()), Locale::Ja), None);
        assert_eq!(optional_line(Some(&"山田".to_owned()), Locale::Ja).as_deref(), Some("山田"));
    }
}
