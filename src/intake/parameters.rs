//! File names as mailers write them: RFC 2231, encoded words where none may stand, and raw bytes of any charset.

use super::charset::decode;
use super::encoded_word;
use super::fields::Field;
use crate::domain::text::{cut, one_line};

/// Longest value that is looked at, in bytes.
const VALUE_LIMIT: usize = 4 * 1024;
/// Longest name that is kept, in characters.
const NAME_LIMIT: usize = 200;

/// A parameter, or a piece of one: `name*index*=value`.
struct Piece {
    name: String,
    index: Option<usize>,
    is_extended: bool,
    value: Vec<u8>,
}

/// `filename` of Content-Disposition, or `name` of Content-Type.
pub(super) fn file_name(fields: &[Field<'_>]) -> Option<String> {
    let of = |field: &str, name: &str| {
        let field = fields.iter().find(|found| found.is(field))?;
        value(&pieces(field.value.get(..VALUE_LIMIT).unwrap_or(field.value)), name)
    };
    let name = of("Content-Disposition", "filename").or_else(|| of("Content-Type", "name"))?;
    Some(cut(&one_line(&name), NAME_LIMIT))
}

fn value(pieces: &[Piece], name: &str) -> Option<String> {
    let mut parts: Vec<&Piece> = pieces.iter().filter(|piece| piece.name == name).collect();
    if let Some(plain) = parts.iter().find(|piece| piece.index.is_none() && !piece.is_extended) {
        return Some(encoded_word::text(&plain.value));
    }
    parts.sort_by_key(|piece| piece.index);
    parts.dedup_by_key(|piece| piece.index);
    let first = parts.first()?;
    if !first.is_extended {
        let joined: Vec<u8> = parts.iter().flat_map(|piece| piece.value.clone()).collect();
        return Some(encoded_word::text(&joined));
    }
    // Joined before anything is undone: mailers cut inside a character, and even inside `%XX`.
    let mut joined = Vec::new();
    for piece in &parts {
        if piece.is_extended {
            joined.extend_from_slice(&piece.value);
        } else {
            joined.extend(piece.value.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()));
        }
    }
    let mut tagged = joined.splitn(3, |byte| *byte == b'\'');
    Some(match (tagged.next(), tagged.next(), tagged.next()) {
        (Some(charset), Some(_), Some(text)) => {
            decode(&percent(text), std::str::from_utf8(charset).ok().filter(|charset| !charset.is_empty()))
        }
        _ => decode(&percent(&joined), None),
    })
}

fn percent(text: &[u8]) -> Vec<u8> {
    let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if let (b'%', [high, low, tail @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            out.push(high << 4 | low);
            rest = tail;
        } else {
            out.push(*byte);
        }
    }
    out
}

/// The parameters behind the first `;`.
fn pieces(raw: &[u8]) -> Vec<Piece> {
    let value: Vec<u8> = raw.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut found = Vec::new();
    let mut rest = value.as_slice();
    while let Some(at) = rest.iter().position(|byte| *byte == b';') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(equals) = rest.iter().position(|byte| matches!(byte, b'=' | b';')) else { break };
        if rest.get(equals) == Some(&b';') {
            continue;
        }
        let name = String::from_utf8_lossy(rest.get(..equals).unwrap_or_default()).trim().to_ascii_lowercase();
        let (value, after) = parameter(rest.get(equals + 1..).unwrap_or_default().trim_ascii_start());
        rest = after;
        let bare = name.strip_suffix('*').unwrap_or(&name);
        let is_extended = bare.len() < name.len();
        let (stem, index) = match bare.split_once('*') {
            Some((stem, index)) => (stem, index.parse().ok()),
            None => (bare, None),
        };
        found.push(Piece { name: stem.to_owned(), index, is_extended, value });
    }
    found
}

/// A value, quoted or not, and what follows it.
fn parameter(rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
        return (rest.get(..end).unwrap_or_default().trim_ascii().to_vec(), rest.get(end..).unwrap_or_default());
    };
    let mut value = Vec::new();
    let mut at = 0;
    let mut lead = false;
    while let Some(&byte) = quoted.get(at) {
        at += 1;
        // The second byte of a raw Shift_JIS character may be a backslash.
        match byte {
            b'"' => break,
            b'\\' if !lead => {
                if let Some(&escaped) = quoted.get(at) {
                    value.push(escaped);
                    at += 1;
                }
            }
            byte => value.push(byte),
        }
        lead = !lead && matches!(byte, 0x81..=0x9F | 0xE0..=0xFC);
    }
    (value, quoted.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::fields::Header;

    fn name(raw: &[u8]) -> Option<String> {
        file_name(&Header::scan(&[raw, b"\r\n\r\n"].concat()).fields)
    }

    #[test]
    fn names_as_the_standards_have_them() {
        for raw in [
            "Content-Disposition: attachment; filename=a.csv",
            "Content-Disposition: attachment; FileName=\"a.csv\"; size=1",
            "Content-Disposition: attachment;\r\n filename*=utf-8''a%2Ecsv",
            "Content-Disposition: attachment; filename*0=a.; filename*1=csv",
            "Content-Disposition: attachment; filename*1=csv; filename*0*=utf-8'ja'a%2e",
            "Content-Type: text/csv; charset=utf-8; name=\"a.csv\"\r\nContent-Disposition: attachment",
            "Content-Disposition: attachment; filename=\"\\a\\.csv\"",
        ] {
            assert_eq!(name(raw.as_bytes()).as_deref(), Some("a.csv"), "{raw}");
        }
        assert_eq!(name(b"Content-Disposition: attachment"), None);
        assert_eq!(name(b"Content-Disposition: attachment; x; ;=;filename"), None);
    }

    #[test]
    fn japanese_names_in_every_dress() {
        let expected = "申請一覧表.csv";
        let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        for encoding in [encoding_rs::UTF_8, encoding_rs::SHIFT_JIS, encoding_rs::ISO_2022_JP, encoding_rs::EUC_JP] {
            let (bytes, _, _) = encoding.encode(expected);
            let whole = format!("Content-Disposition: attachment; filename*={}''{}", encoding.name(), escaped(&bytes));
            assert_eq!(name(whole.as_bytes()).as_deref(), Some(expected), "{}", encoding.name());
            let text = escaped(&bytes);
            for cut in [1, 5, 7, 10] {
                let (one, two) = text.split_at(cut);
                let raw = format!(
                    "Content-Disposition: attachment;\r\n filename*0*={}''{one};\r\n filename*1*={two}",
                    encoding.name()
                );
                assert_eq!(name(raw.as_bytes()).as_deref(), Some(expected), "{} {cut}", encoding.name());
            }
        }
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(expected);
        let raw = [b"Content-Disposition: attachment; filename=\"", &bytes[..], b"\"; size=1"].concat();
        assert_eq!(name(&raw).as_deref(), Some(expected));
        let (bytes, _, _) = encoding_rs::ISO_2022_JP.encode(expected);
        let word = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
        let raw = format!("Content-Type: text/csv; name=\"=?ISO-2022-JP?B?{word}?=\"");
        assert_eq!(name(raw.as_bytes()).as_deref(), Some(expected));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            name(&[b"Content-Disposition: a; filename*0*=", &value[..]].concat());
        }
    }
}
