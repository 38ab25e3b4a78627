//! Who a mail says it is from: one From field with one mailbox (RFC 5322 §3.6.2), or a fault. Display names are not looked at.

use super::charset;
use super::fields::Header;
use super::structured::{Token, tokens};
use crate::domain::email_address::EmailAddress;
use crate::domain::inbound::stored_names;

/// Why a mail has no one sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromFault {
    /// No From field.
    None,
    /// More than one From field, or more than one mailbox in it.
    Many,
    /// A group (`name: …;`).
    Group,
    /// Nothing that is an address we could write to.
    NoAddress,
    /// It can be read in more than one way: a second address outside the angle brackets, a bracket, quote or comment that does
    /// not close.
    Ambiguous,
}

stored_names!(FromFault {
    None = "none",
    Many = "many",
    Group = "group",
    NoAddress = "no_address",
    Ambiguous = "ambiguous",
});

/// The one mailbox of the one From field.
pub(super) fn sender(header: &Header<'_>) -> Result<EmailAddress, FromFault> {
    let mut fields = header.all("From");
    let field = fields.next().ok_or(FromFault::None)?;
    if fields.next().is_some() {
        return Err(FromFault::Many);
    }
    // Names in raw Japanese hold bytes that look like brackets and quotes until they are read as what they are.
    let unfolded: Vec<u8> = field.value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let value = charset::decode(&unfolded, None);
    let tokens = tokens(value.trim(), "<>@,:;.[]\\").ok_or(FromFault::Ambiguous)?;
    if tokens.contains(&Token::Special(':')) || tokens.contains(&Token::Special(';')) {
        return Err(FromFault::Group);
    }
    let mut mailboxes = tokens.split(|token| *token == Token::Special(',')).filter(|mailbox| !mailbox.is_empty());
    let mailbox = mailboxes.next().ok_or(FromFault::NoAddress)?;
    if mailboxes.next().is_some() {
        return Err(FromFault::Many);
    }
    EmailAddress::parse(&addr_spec(mailbox)?).map_err(|_| FromFault::NoAddress)
}

/// `name <local@domain>` or `local@domain`.
fn addr_spec(mailbox: &[Token]) -> Result<String, FromFault> {
    let Some(opening) = mailbox.iter().position(|token| *token == Token::Special('<')) else {
        return join(mailbox);
    };
    let (name, rest) = mailbox.split_at(opening);
    // A dot in an unquoted name is obsolete but common; an @ or a bracket there could pass for the address.
    let is_name = |token: &Token| !matches!(token, Token::Special(c) if *c != '.');
    match rest {
        [Token::Special('<'), inner @ .., Token::Special('>')] if name.iter().all(is_name) => join(inner),
        _ => Err(FromFault::Ambiguous),
    }
}

/// The pieces of an address, which must take turns with the dots and the @. A quoted local part is taken for what it says:
/// `"a..b"@c` is how addresses with two dots in a row are written in a header.
fn join(tokens: &[Token]) -> Result<String, FromFault> {
    let mut address = String::new();
    let mut after_word = false;
    for token in tokens {
        match token {
            Token::Atom(word) | Token::Quoted(word) if !after_word => {
                address.push_str(word);
                after_word = true;
            }
            Token::Special(c @ ('.' | '@')) => {
                address.push(*c);
                after_word = false;
            }
            _ => return Err(FromFault::Ambiguous),
        }
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(value: &str) -> Result<String, FromFault> {
        let raw = format!("From: {value}\r\n\r\n");
        sender(&Header::scan(raw.as_bytes())).map(|address| address.to_text())
    }

    #[test]
    fn one_mailbox_however_it_is_written() {
        for good in [
            "a@b.example",
            "<a@b.example>",
            "Taro <a@b.example>",
            "\"x@evil.example\" <a@b.example>",
            "\"Yamada, Taro\" <a@b.example> (x@evil.example)",
            "=?utf-8?B?5bGx55Sw?= <a@b.example>",
            "山田 太郎 <a@b.example>",
            "Mr. X\r\n <a@b.example>",
            "a@b.example (Taro)",
            "\"a\"@b.example",
            "a@B.example,",
        ] {
            assert_eq!(from(good), Ok("a@b.example".to_owned()), "{good}");
        }
        assert_eq!(from("\"a..b.\"@docomo.example"), Ok("a..b.@docomo.example".to_owned()));
        assert_eq!(from("x@日本語.jp"), Ok("x@xn--wgv71a119e.jp".to_owned()));
    }

    #[test]
    fn a_name_in_raw_japanese_is_a_name() {
        for encoding in [encoding_rs::ISO_2022_JP, encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
            for name in ["表計算ソフト", "弥生能登", "青空会計事務所 申請担当"] {
                let name = encoding.encode(name).0;
                for (before, behind) in [("", " <a@b.example>"), ("\"", "\" <a@b.example>"), ("a@b.example (", ")")] {
                    let raw = [b"From: ", before.as_bytes(), &name, behind.as_bytes(), b"\r\n\r\n"].concat();
                    let from = sender(&Header::scan(&raw)).map(|address| address.to_text());
                    assert_eq!(from, Ok("a@b.example".to_owned()), "{} {}", encoding.name(), raw.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn what_could_be_another_sender_is_none() {
        for (bad, fault) in [
            ("a@b.example, c@d.example", FromFault::Many),
            ("firm: a@b.example;", FromFault::Group),
            ("undisclosed:;", FromFault::Group),
            ("<@relay.example:a@b.example>", FromFault::Group),
            ("", FromFault::NoAddress),
            ("<>", FromFault::NoAddress),
            ("Taro", FromFault::NoAddress),
            ("a@b@c.example", FromFault::NoAddress),
            ("\"a@b.example\"@c.example", FromFault::NoAddress),
            ("=?utf-8?Q?a=40b.example?=", FromFault::NoAddress),
            ("a@[127.0.0.1]", FromFault::Ambiguous),
            ("c@d.example <a@b.example>", FromFault::Ambiguous),
            ("<a@b.example> <c@d.example>", FromFault::Ambiguous),
            ("<a@b.example> c@d.example", FromFault::Ambiguous),
            ("<<a@b.example>>", FromFault::Ambiguous),
            ("a@b.example c@d.example", FromFault::Ambiguous),
            ("\"Taro <a@b.example>", FromFault::Ambiguous),
            ("(Taro <a@b.example>", FromFault::Ambiguous),
            ("a b@c.example", FromFault::Ambiguous),
            ("x\\ <a@b.example>", FromFault::Ambiguous),
        ] {
            assert_eq!(from(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn two_fields_are_no_sender() {
        let two = b"From: a@b.example\r\nFROM: a@b.example\r\n\r\n";
        assert_eq!(sender(&Header::scan(two)), Err(FromFault::Many));
        assert_eq!(sender(&Header::scan(b"To: a@b.example\r\n\r\n")), Err(FromFault::None));
    }
}
