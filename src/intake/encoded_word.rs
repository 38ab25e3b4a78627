//! Unstructured header values as people read them (RFC 2047), with what Japanese mailers do to them: characters cut over two
//! words, and raw bytes of any charset.

use super::charset::{LOST, decode};
use super::transfer::{base64, quoted_printable};

/// Longest encoded word that is taken for one, in bytes; the standard has 75, mailers do not keep to it.
const WORD_LIMIT: usize = 1_000;

/// A run of a value.
enum Run<'x> {
    /// Bytes as they stand.
    Plain(&'x [u8]),
    /// An encoded word's charset and bytes.
    Word { charset: &'x str, bytes: Vec<u8> },
}

/// The text of an unfolded value.
pub(super) fn text(value: &[u8]) -> String {
    let mut out = String::new();
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut open = None;
    for run in runs(value) {
        match run {
            // White space between two words is only there to part them (§6.2).
            Run::Plain(plain) if open.is_some() && plain.trim_ascii().is_empty() => {}
            Run::Plain(plain) => {
                close(&mut out, &mut words, open.take());
                out.push_str(&decode(plain, None));
            }
            Run::Word { charset, bytes } => {
                if open.is_some_and(|before: &str| !before.eq_ignore_ascii_case(charset)) {
                    close(&mut out, &mut words, open);
                }
                open = Some(charset);
                words.push(bytes);
            }
        }
    }
    close(&mut out, &mut words, open);
    out
}

/// Decodes adjacent words of one charset: together, for the characters that were cut, or each by itself, for escapes that
/// stand alone; the way that loses less.
fn close(out: &mut String, words: &mut Vec<Vec<u8>>, charset: Option<&str>) {
    let lost = |text: &str| text.chars().filter(|c| *c == LOST).count();
    let joined = decode(&words.concat(), charset);
    if words.len() > 1 && lost(&joined) > 0 {
        let apart: String = words.iter().map(|word| decode(word, charset)).collect();
        out.push_str(if lost(&apart) < lost(&joined) { &apart } else { &joined });
    } else {
        out.push_str(&joined);
    }
    words.clear();
}

fn runs(value: &[u8]) -> Vec<Run<'_>> {
    let mut found = Vec::new();
    let mut plain = value;
    let mut rest = value;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"=?") {
        let candidate = rest.get(at..).unwrap_or_default();
        if let Some((word, after)) = word(candidate) {
            let before = plain.len().saturating_sub(candidate.len());
            found.extend(plain.get(..before).filter(|text| !text.is_empty()).map(Run::Plain));
            found.push(word);
            plain = after;
            rest = after;
        } else {
            rest = candidate.get(2..).unwrap_or_default();
        }
    }
    if !plain.is_empty() {
        found.push(Run::Plain(plain));
    }
    found
}

/// `=?charset*lang?encoding?text?=` at the start of `rest`, and what follows it.
fn word(rest: &[u8]) -> Option<(Run<'_>, &[u8])> {
    let near = rest.get(..WORD_LIMIT).unwrap_or(rest);
    let mut parts = near.get(2..)?.splitn(3, |byte| *byte == b'?');
    let (charset, encoding, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let charset = std::str::from_utf8(charset).ok().filter(|name| name.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let charset = charset.split('*').next()?;
    let end = tail.windows(2).position(|pair| pair == b"?=")?;
    let content = tail.get(..end)?;
    let after = rest.get(near.len() - tail.len() + end + 2..)?;
    let bytes = match encoding {
        b"B" | b"b" => base64(content)?,
        b"Q" | b"q" => q(content),
        _ => return None,
    };
    Some((Run::Word { charset, bytes }, after))
}

/// The Q encoding (§4.2); an escape that is none stays as it stands.
fn q(content: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = content.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
    quoted_printable(&spaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn b(charset: &str, bytes: &[u8]) -> String {
        format!("=?{charset}?B?{}?=", STANDARD.encode(bytes))
    }

    fn read(value: &str) -> String {
        text(value.as_bytes())
    }

    #[test]
    fn words_and_what_stands_between_them() {
        assert_eq!(read("plain"), "plain");
        assert_eq!(read("Re: =?UTF-8?Q?=E5=B1=B1_x?= y"), "Re: 山 x y");
        assert_eq!(read("=?utf-8?q?a?= =?utf-8?q?b?="), "ab");
        assert_eq!(read("=?utf-8?q?a?= =?us-ascii*en?q?b?= c"), "ab c");
        assert_eq!(read("\"=?utf-8?q?a?=\" x"), "\"a\" x");
    }

    #[test]
    fn a_character_over_two_words_of_utf_8() {
        let bytes = "山田商店".as_bytes();
        for cut in 1..bytes.len() {
            let value = format!("{}\r\n {}", b("utf-8", &bytes[..cut]), b("UTF-8", &bytes[cut..]));
            assert_eq!(read(&value.replace("\r\n", "")), "山田商店", "{cut}");
        }
    }

    #[test]
    fn a_character_over_two_words_of_jis() {
        let (bytes, _, _) = encoding_rs::ISO_2022_JP.encode("山田商店");
        for cut in [4, 5, 6, 7] {
            let value = format!("{} {}", b("iso-2022-jp", &bytes[..cut]), b("ISO-2022-JP", &bytes[cut..]));
            assert_eq!(read(&value), "山田商店", "{cut}");
        }
    }

    #[test]
    fn whole_words_of_jis_do_not_disturb_each_other() {
        let word = |text: &str| b("ISO-2022-JP", &encoding_rs::ISO_2022_JP.encode(text).0);
        assert_eq!(read(&format!("{} {}", word("山田"), word("商店"))), "山田商店");
    }

    #[test]
    fn raw_bytes_of_any_charset() {
        for encoding in [encoding_rs::ISO_2022_JP, encoding_rs::SHIFT_JIS, encoding_rs::UTF_8] {
            let (bytes, _, _) = encoding.encode("契約情報取得の申請");
            assert_eq!(text(&bytes), "契約情報取得の申請", "{}", encoding.name());
        }
    }

    #[test]
    fn what_is_no_word_stays() {
        for odd in ["=?", "=?utf-8?", "=?utf-8?B?", "=?utf-8?X?a?=", "=?utf 8?Q?a?=", "=?=?=?=?", "a=?b", "?="] {
            assert_eq!(read(odd), odd);
        }
        assert_eq!(read("=?utf-8?Q?50=?="), "50");
        assert_eq!(read("=?utf-8?Q?5=zz0?="), "5=zz0");
    }

    #[test]
    fn many_words_are_no_work() {
        let value = "=?utf-8?Q?a".repeat(9_000);
        assert_eq!(read(&value), value);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            text(&value);
        }
    }
}
