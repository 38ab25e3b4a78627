//! Transfer encodings undone (RFC 2045 §6), taking what is broken for what it still says.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mail_parser::decoders::base64::base64_decode;

/// Base64, strictly first, then as far as it goes.
pub(super) fn base64(content: &[u8]) -> Option<Vec<u8>> {
    if let Some(bytes) = base64_decode(content) {
        return Some(bytes);
    }
    let letters = content.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte));
    let mut letters: Vec<u8> = letters.collect();
    if letters.len() % 4 == 1 {
        letters.pop();
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&STANDARD, lenient).decode(letters).ok()
}

/// Quoted-printable (RFC 2045 §6.7), taking what is wrong for what it says.
pub(super) fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match (after, after.get(blanks..)) {
            (_, Some([b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..] | tail @ [])) => rest = tail,
            ([high, low, tail @ ..], _) if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                out.push(high << 4 | low);
                rest = tail;
            }
            _ => out.push(byte),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_encodings_give_what_they_can() {
        assert_eq!(base64(b"5bGx!55Sw"), Some("山田".as_bytes().to_vec()));
        assert_eq!(base64(b"5bGx55Sw5").as_deref(), Some("山田".as_bytes()));
        assert_eq!(quoted_printable(b"a=3Db =E5=B1=B1=\r\n=zz= \t\nx="), "a=b 山=zzx".as_bytes());
    }
}
