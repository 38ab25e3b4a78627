//! What people typed, made comparable and made safe.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// For comparing: NFKC (full-width becomes half-width), trimmed, lower case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_lowercase()
}

/// Width evened out (NFKC), nothing else.
#[must_use]
pub fn composed(text: &str) -> String {
    text.nfkc().collect()
}

/// One line of text as we may write it anywhere: control characters and bidirectional overrides (U+202A–E, U+2066–9)
/// are gone, line ends became spaces, the ends are trimmed (threat T13).
#[must_use]
pub fn one_line(text: &str) -> String {
    let spaced = text.replace(['\r', '\n', '\t'], " ");
    spaced.chars().filter(|c| is_safe(*c)).collect::<String>().trim().to_owned()
}

/// Many lines of text: as [`one_line`], but line ends stay, as `\n`.
#[must_use]
pub fn many_lines(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    unix.chars().filter(|c| *c == '\n' || is_safe(*c)).collect::<String>().trim().to_owned()
}

/// The text of a file that a person made: UTF-8, with or without a byte order mark, or what Excel in Japan writes, CP932.
/// What is neither becomes U+FFFD.
#[must_use]
pub fn of_file(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0,
    }
}

/// At most `limit` characters; what was cut is marked with 「…」.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn is_safe(c: char) -> bool {
    let bidi = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}');
    let separator = matches!(c, '\u{2028}' | '\u{2029}');
    !(c.is_control() || bidi || separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_cannot_be_smuggled_in() {
        assert_eq!(one_line("山田\r\nBcc: x@evil.example"), "山田  Bcc: x@evil.example");
        assert_eq!(one_line("a\u{202E}b\0c\u{85}d"), "abcd");
    }

    #[test]
    fn lines_stay_in_a_message() {
        assert_eq!(many_lines("一\r\n二\r三\0\n"), "一\n二\n三");
    }

    #[test]
    fn a_file_is_read_however_it_was_saved() {
        let cp932 = encoding_rs::SHIFT_JIS.encode("髙橋①").0.into_owned();
        for bytes in ["髙橋①".as_bytes(), "\u{FEFF}髙橋①".as_bytes(), &cp932] {
            assert_eq!(of_file(bytes), "髙橋①");
        }
        assert!(of_file(b"\xFF\xFF").contains('\u{FFFD}'));
    }

    #[test]
    fn a_cut_is_marked() {
        assert_eq!(cut("あいうえお", 4), "あいう…");
        assert_eq!(cut("あいう", 3), "あいう");
    }
}
