//! Bytes to text, as Japanese mail needs it: by the label where it fits, else by what the bytes are.
//!
//! mail-parser and encoding_rs know the charsets; what they lack is the labels that Japanese mailers use and the judgement
//! where a label is missing or wrong.

use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use mail_parser::decoders::charsets::map::charset_decoder;

/// What stands for a character that was lost.
pub(super) const LOST: char = '\u{FFFD}';

/// Decodes `bytes`. A label counts only where the bytes agree with it: ISO-2022-JP shows itself by its escapes, UTF-8 by its
/// form, and what fits nothing is Shift_JIS, which mailers send without saying so. Characters that are lost become U+FFFD.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if is_iso_2022_jp(bytes) {
        return ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned();
    }
    if bytes.is_ascii() && !label.is_some_and(is_not_ascii_based) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let label = label.map(str::trim).filter(|label| !is_ascii_label(label));
    let labelled = match label.and_then(|label| by_label(bytes, label)) {
        Some(text) if !text.contains(LOST) && !label.is_some_and(takes_anything) => return text,
        doubtful => doubtful,
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.trim_start_matches('\u{FEFF}').to_owned();
    }
    // A few lost characters are damage, many are the wrong charset. Other bytes seldom look like UTF-8 by chance, so that it
    // may have lost more than others.
    let (text, most) = match labelled {
        Some(text) => (text, 4),
        None => (String::from_utf8_lossy(bytes).into_owned(), 2),
    };
    if is_mostly_whole(&text, most) {
        return text;
    }
    SHIFT_JIS.decode_without_bom_handling(bytes).0.into_owned()
}

/// What a label other than UTF-8's makes of the bytes.
fn by_label(bytes: &[u8], label: &str) -> Option<String> {
    let encoding = match label.to_ascii_lowercase().as_str() {
        "cp932" | "ms_kanji" => Some(SHIFT_JIS),
        "iso-2022-jp-ms" | "cp50220" | "cp50221" | "cp50222" => Some(ISO_2022_JP),
        other => Encoding::for_label(other.as_bytes()),
    };
    match encoding {
        Some(encoding) if encoding == UTF_8 => None,
        Some(encoding) => Some(encoding.decode(bytes).0.into_owned()),
        None => charset_decoder(label.as_bytes()).map(|decoder| decoder(bytes)),
    }
}

/// `ESC $`: a two-byte set is called in (RFC 1468). No other charset of mail has it.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\x1b$")
}

fn is_ascii_label(label: &str) -> bool {
    ["us-ascii", "ascii", ""].iter().any(|ascii| label.eq_ignore_ascii_case(ascii))
}

/// Single-byte charsets, in which nothing is ever wrong: valid UTF-8 is the better witness.
fn takes_anything(label: &str) -> bool {
    Encoding::for_label(label.trim().as_bytes()).is_some_and(Encoding::is_single_byte)
}

/// Charsets whose text may be all ASCII bytes and yet not ASCII.
fn is_not_ascii_based(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    ["utf-16", "utf-7", "unicode", "iso-2022-", "cp5022", "hz-"].iter().any(|start| label.starts_with(start))
}

/// Whether fewer than one of `most` foreign characters is lost.
fn is_mostly_whole(text: &str, most: usize) -> bool {
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let lost = text.chars().filter(|c| *c == LOST).count();
    lost * most < foreign
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::EUC_JP;

    const TEXT: &str = "顧問先名：株式会社山田商店、いつもお世話になっております。";
    const VENDOR: &str = "①㈱髙﨑Ⅲ";

    fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost);
        bytes.into_owned()
    }

    #[test]
    fn the_labels_of_the_standards() {
        for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, UTF_8] {
            assert_eq!(decode(&encoded(TEXT, encoding), Some(encoding.name())), TEXT, "{}", encoding.name());
        }
        assert_eq!(decode(b"plain", Some("us-ascii")), "plain");
    }

    #[test]
    fn vendor_characters_in_every_charset() {
        for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP] {
            assert_eq!(decode(&encoded(VENDOR, encoding), Some(encoding.name())), VENDOR, "{}", encoding.name());
        }
    }

    #[test]
    fn half_width_kana() {
        // JIS X 0201 kana called in by ESC ( I, beside JIS X 0208.
        assert_eq!(decode(b"\x1b(I6@\x1b$B;3\x1b(B", Some("iso-2022-jp")), "ｶﾀ山");
        assert_eq!(decode(b"\x1b(I6@6E\x1b(B", Some("CP50221")), "ｶﾀｶﾅ");
        assert_eq!(decode(&encoded("ｶﾀｶﾅ", SHIFT_JIS), Some("cp932")), "ｶﾀｶﾅ");
    }

    #[test]
    fn labels_of_one_vendor() {
        for label in ["Windows-31J", "x-sjis", "sjis", "ms932", "CP932", "MS_Kanji"] {
            assert_eq!(decode(&encoded(VENDOR, SHIFT_JIS), Some(label)), VENDOR, "{label}");
        }
        for label in ["iso-2022-jp-ms", "CP50220", "cp50221", "CP50222"] {
            assert_eq!(decode(&encoded(VENDOR, ISO_2022_JP), Some(label)), VENDOR, "{label}");
        }
    }

    #[test]
    fn the_wave_dash_is_whatwgs() {
        assert_eq!(decode(&[0x81, 0x60], Some("shift_jis")), "\u{FF5E}");
    }

    #[test]
    fn no_label_or_ascii_and_the_bytes_speak() {
        for label in [None, Some("us-ascii"), Some("")] {
            for encoding in [ISO_2022_JP, SHIFT_JIS, UTF_8] {
                assert_eq!(decode(&encoded(TEXT, encoding), label), TEXT, "{label:?} {}", encoding.name());
            }
        }
    }

    #[test]
    fn a_wrong_label_does_not_win() {
        for (encoding, label) in [
            (UTF_8, "shift_jis"),
            (UTF_8, "iso-8859-1"),
            (UTF_8, "windows-1252"),
            (UTF_8, "x-no-such-charset"),
            (UTF_8, "iso-2022-jp"),
            (SHIFT_JIS, "utf-8"),
            (SHIFT_JIS, "euc-jp"),
            (ISO_2022_JP, "utf-8"),
            (ISO_2022_JP, "shift_jis"),
            (ISO_2022_JP, "iso-8859-1"),
        ] {
            assert_eq!(decode(&encoded(TEXT, encoding), Some(label)), TEXT, "{} as {label}", encoding.name());
        }
    }

    #[test]
    fn damage_shows_and_does_not_change_the_charset() {
        for (encoding, label) in [(UTF_8, Some("utf-8")), (UTF_8, None), (EUC_JP, Some("euc-jp"))] {
            let mut bytes = encoded(TEXT, encoding);
            bytes[..2].fill(0xFF);
            let text = decode(&bytes, label);
            assert!(text.contains(LOST) && text.contains("山田商店"), "{label:?} {text}");
        }
    }

    #[test]
    fn latin_text_stays_latin() {
        assert_eq!(decode(b"caf\xe9 au lait, 10 \xa3", Some("iso-8859-1")), "café au lait, 10 £");
    }

    #[test]
    fn a_mark_of_utf_8_is_no_text() {
        assert_eq!(decode("\u{FEFF}山".as_bytes(), None), "山");
        assert_eq!(decode("\u{FEFF}山".as_bytes(), Some("utf-8")), "山");
    }

    proptest::proptest! {
        #[test]
        fn japanese_text_survives_every_honest_way(text in "[ぁ-んァ-ヶ亜-腕ａ-ｚ０-９]{6,40}") {
            for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, UTF_8] {
                let (bytes, _, lost) = encoding.encode(&text);
                if !lost {
                    proptest::prop_assert_eq!(decode(&bytes, Some(encoding.name())), text.clone(), "{}", encoding.name());
                }
            }
        }
    }
}
