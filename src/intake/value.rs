//! The values of the form, parsed.

use unicode_normalization::UnicodeNormalization;

use super::charset::LOST;
use crate::domain::email_address::{AddressError, EmailAddress};
use crate::domain::request_form::{COPIES_LIMIT, Field, FormFault, NAME_LIMIT};
use crate::domain::text::{cut, one_line};

/// Most characters of a wrong value that are shown to its writer.
const GIVEN_LIMIT: usize = 100;

/// What was written, as a fault shows it.
pub(super) fn given(value: &str) -> String {
    cut(&one_line(value), GIVEN_LIMIT)
}

/// A value that must be whole.
pub(super) fn whole(field: Field, value: &str) -> Result<&str, FormFault> {
    if value.contains(LOST) { Err(FormFault::Damaged { field }) } else { Ok(value) }
}

/// A name; characters that were lost stay visible.
pub(super) fn name(field: Field, value: &str) -> Result<Option<String>, FormFault> {
    let name = one_line(value);
    if name.chars().count() > NAME_LIMIT {
        return Err(FormFault::TooLong { field, limit: NAME_LIMIT });
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// One address.
pub(super) fn address(field: Field, value: &str) -> Result<EmailAddress, FormFault> {
    let value = whole(field, value)?;
    bare(&value.nfkc().collect::<String>()).map_err(|error| FormFault::BadAddress {
        field,
        given: given(value),
        why: error.into(),
    })
}

/// Several addresses, each once, separated by `,` `、` `;` or blanks.
pub(super) fn addresses(field: Field, value: &str) -> Result<Vec<EmailAddress>, Vec<FormFault>> {
    let entries = value.split([',', '、', ';', '，', '；']).map(str::trim).filter(|entry| !entry.is_empty());
    let entries = entries.flat_map(|entry| {
        // `Name <a@b>` and `a@b <mailto:a@b>` hold their blanks.
        let several = !entry.contains(['<', '＜', '[']);
        let parts: Vec<_> = if several { entry.split_whitespace().collect() } else { vec![entry] };
        parts
    });
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for entry in entries.take(COPIES_LIMIT * 10) {
        match address(field, entry) {
            Ok(address) if found.contains(&address) => {}
            Ok(address) => found.push(address),
            Err(fault) if faults.contains(&fault) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if found.len() + faults.len() > COPIES_LIMIT {
        return Err(vec![FormFault::TooLong { field, limit: COPIES_LIMIT }]);
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// `a@b`, `<a@b>`, `Name <a@b>`, `mailto:a@b`, and Outlook's `a@b<mailto:a@b>` and `a@b [mailto:a@b]`.
fn bare(value: &str) -> Result<EmailAddress, AddressError> {
    let Some((before, after)) = value.split_once(['<', '[']) else {
        return EmailAddress::parse(without_scheme(value));
    };
    let Some((inside, rest)) = after.split_once(['>', ']']) else {
        return Err(AddressError::At);
    };
    let address = EmailAddress::parse(without_scheme(inside))?;
    // An address beside the brackets must be the same one: which of two is meant cannot be guessed.
    let beside = |text: &str| text.contains('@') && EmailAddress::parse(without_scheme(text)).as_ref() != Ok(&address);
    if beside(before) || beside(rest) || rest.contains(['<', '[']) {
        return Err(AddressError::At);
    }
    Ok(address)
}

/// Without `mailto:` and the query that it may carry (RFC 6068).
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            let address = text.get(7..).unwrap_or_default();
            address.split_once('?').map_or(address, |(address, _)| address)
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request_form::AddressFault;

    #[test]
    fn one_address_in_its_many_dresses() {
        for written in [
            "yamada@example.jp",
            " <yamada@example.jp> ",
            "yamada@example.jp<mailto:yamada@example.jp>",
            "yamada@example.jp <mailto:Yamada@Example.jp>",
            "yamada@example.jp [mailto:yamada@example.jp]",
            "MAILTO:yamada@example.jp?subject=x",
            "山田 太郎 <yamada@example.jp>",
            "ｙａｍａｄａ＠ｅｘａｍｐｌｅ．ｊｐ",
            "＜yamada＠example.jp＞",
        ] {
            assert_eq!(address(Field::Customer, written).unwrap().key(), "yamada@example.jp", "{written}");
        }
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        for (written, fault) in [
            ("yamada", AddressFault::At),
            ("山田@example.jp", AddressFault::Local),
            ("yamada@example", AddressFault::Domain),
            ("a@example.jp<mailto:b@example.jp>", AddressFault::At),
            ("<a@example.jp> <b@example.jp>", AddressFault::At),
            ("<a@example.jp> b@example.jp", AddressFault::At),
            ("<a@example.jp", AddressFault::At),
            ("a@example.jp b@example.jp", AddressFault::At),
        ] {
            let bad = FormFault::BadAddress { field: Field::Customer, given: written.to_owned(), why: fault };
            assert_eq!(address(Field::Customer, written), Err(bad));
        }
        let damaged = FormFault::Damaged { field: Field::Customer };
        assert_eq!(address(Field::Customer, "yama\u{FFFD}a@example.jp"), Err(damaged));
    }

    #[test]
    fn several_addresses() {
        let read = |value| {
            let found: Vec<_> = addresses(Field::Copies, value)?.iter().map(EmailAddress::to_text).collect();
            Ok::<_, Vec<FormFault>>(found.join(" "))
        };
        for value in [
            "a@x.example, b@x.example",
            "a@x.example、b@x.example",
            "a@x.example b@x.example; A@x.example",
            "A <a@x.example>, b@x.example<mailto:b@x.example>",
        ] {
            assert_eq!(read(value), Ok("a@x.example b@x.example".to_owned()), "{value}");
        }
        assert_eq!(read("x, y, a@x.example").unwrap_err().len(), 2);
        let six = (0..6).map(|at| format!("a{at}@x.example ")).collect::<Vec<_>>().concat();
        assert_eq!(read(&six), Err(vec![FormFault::TooLong { field: Field::Copies, limit: COPIES_LIMIT }]));
    }

    #[test]
    fn names_are_one_line_and_not_long() {
        assert_eq!(name(Field::ClientName, " 株式会社\u{202E}山田\t商店 "), Ok(Some("株式会社山田 商店".to_owned())));
        assert_eq!(name(Field::ClientName, " "), Ok(None));
        assert_eq!(name(Field::ClientName, "山\u{FFFD}"), Ok(Some("山\u{FFFD}".to_owned())));
        let long = "山".repeat(NAME_LIMIT + 1);
        assert_eq!(
            name(Field::ClientName, &long),
            Err(FormFault::TooLong { field: Field::ClientName, limit: NAME_LIMIT })
        );
    }
}
