//! Header values: whatever text comes in, what goes out is printable ASCII on folded lines (RFC 5322 §2.2.3, RFC 2047).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::email_address::EmailAddress;
use crate::domain::text;

/// Bytes of UTF-8 in one encoded word: 36 make 60 characters of at most 75 (RFC 2047 §2) and leave room for `Subject: `
/// on a line of 78.
const WORD: usize = 36;
/// Longest text that stands as it is; a longer one is encoded, so that no line has to be broken at its spaces.
const PLAIN: usize = 60;

/// Free text, as in `Subject`.
pub fn unstructured(text: &str) -> String {
    let text = text::one_line(text);
    if is_plain(&text) { text } else { encoded_words(&text) }
}

/// A display name and its address, as in `From` (RFC 5322 §3.4).
pub fn mailbox(name: &str, address: &EmailAddress) -> String {
    let name = text::one_line(name);
    if name.is_empty() {
        return addr_spec(address);
    }
    let phrase =
        if is_plain(&name) && !name.contains(['"', '\\']) { format!("\"{name}\"") } else { encoded_words(&name) };
    format!("{phrase}\r\n <{}>", addr_spec(address))
}

/// The address; its local part in quotes where it is no dot-atom (RFC 5321 §4.1.2), as old carrier addresses are.
pub fn addr_spec(address: &EmailAddress) -> String {
    let local = address.local();
    if local.split('.').any(str::is_empty) {
        format!("\"{local}\"@{}", address.domain())
    } else {
        format!("{local}@{}", address.domain())
    }
}

/// A message identifier in its angle brackets, where `text` is one that can stand in a header (RFC 5322 §3.6.4).
pub fn message_id(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    let fits = (3..=900).contains(&bare.len())
        && bare.contains('@')
        && bare.chars().all(|c| c.is_ascii_graphic() && c != '<' && c != '>');
    fits.then(|| format!("<{bare}>"))
}

fn is_plain(text: &str) -> bool {
    text.len() <= PLAIN && !text.contains("=?") && text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

fn encoded_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2 + 16);
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(WORD));
        if !out.is_empty() {
            out.push_str("\r\n ");
        }
        out.push_str("=?UTF-8?B?");
        STANDARD.encode_string(word, &mut out);
        out.push_str("?=");
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    fn subject_read_back(text: &str) -> String {
        let raw = format!("Subject: {}\r\n\r\n", unstructured(text));
        MessageParser::new().parse(raw.as_bytes()).unwrap().subject().unwrap_or_default().to_owned()
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_its_one_line(text in "\\PC{0,120}|[ -~]{0,120}|(=\\?|UTF-8|\\?B\\?|\r|\n|: |あ){0,20}") {
            let encoded = unstructured(&text);
            prop_assert!(encoded.is_ascii());
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']));
            }
            prop_assert_eq!(subject_read_back(&text), text::one_line(&text));
        }
    }

    #[test]
    fn an_encoded_word_has_at_most_75_characters() {
        let encoded = unstructured(&"弥生😀".repeat(40));
        assert!(encoded.split("\r\n ").all(|word| word.len() <= 75));
        assert_eq!(subject_read_back(&"弥生😀".repeat(40)), "弥生😀".repeat(40));
    }

    #[test]
    fn a_name_cannot_become_an_address() {
        let ours = EmailAddress::parse("portal@renkei.example").unwrap();
        for name in
            ["弥生", "Renkei", "a\" <x@evil.example>", "x\r\nBcc: y@evil.example", "a\\", "a, b", "=?UTF-8?B?4pyT?="]
        {
            let raw = format!("From: {}\r\n\r\n", mailbox(name, &ours));
            let mail = MessageParser::new().parse(raw.as_bytes()).unwrap();
            let from: Vec<_> = mail.from().unwrap().clone().into_list();
            assert_eq!(from.len(), 1, "{name}");
            assert_eq!(from[0].address.as_deref(), Some("portal@renkei.example"), "{name}");
            assert_eq!(from[0].name.as_deref(), Some(text::one_line(name).as_str()));
            assert_eq!(mail.headers().len(), 1, "{name}");
        }
    }

    #[test]
    fn an_old_carrier_address_is_quoted() {
        let of = |text| addr_spec(&EmailAddress::parse(text).unwrap());
        assert_eq!(of("ta..ro.@docomo.example"), "\"ta..ro.\"@docomo.example");
        assert_eq!(of("taro@docomo.example"), "taro@docomo.example");
    }

    #[test]
    fn only_an_identifier_is_one() {
        assert_eq!(message_id("a@b").as_deref(), Some("<a@b>"));
        assert_eq!(message_id(" <a@b> ").as_deref(), Some("<a@b>"));
        for bad in ["", "<>", "a b@c", "a@b>\r\nBcc: x@evil.example", "<a@b> <c@d>", "あ@b"] {
            assert_eq!(message_id(bad), None, "{bad}");
        }
    }
}
