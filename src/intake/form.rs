//! The request form in the text of a mail: a label and a value a line, in any order, then the message.

use super::value::{address, addresses, given, name, whole};
use super::written::Written;
use crate::domain::firm::FirmNumber;
use crate::domain::locale::Locale;
use crate::domain::request_form::{Field, FormFault, MESSAGE_LIMIT, RequestForm};
use crate::domain::text::{cut, many_lines};

/// The form that was written.
///
/// # Errors
/// Every fault that it has, not the first only.
pub(super) fn parse(written: &Written<'_>) -> Result<RequestForm, Vec<FormFault>> {
    let mut faults = Vec::new();
    let firm_number = written.one(Field::FirmNumber, &mut faults, firm_number);
    let customer = written.one(Field::Customer, &mut faults, |value| address(Field::Customer, value));
    let client_name = written.one(Field::ClientName, &mut faults, |value| name(Field::ClientName, value)).flatten();
    let contact_name = written.one(Field::ContactName, &mut faults, |value| name(Field::ContactName, value)).flatten();
    let locale = written.one(Field::Locale, &mut faults, locale).unwrap_or_default();
    let mut copies = match written.value(Field::Copies, &mut faults).map(|value| addresses(Field::Copies, value)) {
        Some(Ok(copies)) => copies,
        Some(Err(wrong)) => {
            faults.extend(wrong);
            Vec::new()
        }
        None => Vec::new(),
    };
    if written.has_office_number {
        faults.push(FormFault::OfficeNumber);
    }
    if !written.has(Field::Customer) {
        faults.push(FormFault::Missing { field: Field::Customer });
    }
    match customer {
        Some(customer) if faults.is_empty() => {
            copies.retain(|copy| *copy != customer);
            let message = cut(&many_lines(&written.message), MESSAGE_LIMIT);
            Ok(RequestForm { firm_number, customer, client_name, contact_name, copies, message, locale })
        }
        _ => Err(faults),
    }
}

/// 事務所番号
pub(super) fn firm_number(value: &str) -> Result<FirmNumber, FormFault> {
    let field = Field::FirmNumber;
    FirmNumber::parse(whole(field, value)?).map_err(|_| FormFault::BadValue { field, given: given(value) })
}

/// 言語
pub(super) fn locale(value: &str) -> Result<Locale, FormFault> {
    let field = Field::Locale;
    Locale::parse(whole(field, value)?).ok_or_else(|| FormFault::BadValue { field, given: given(value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request_form::AddressFault;

    const FULL: &str = "\
お世話になっております。\r
\r
事務所番号: １００１\r
顧問先メールアドレス：yamada@example.jp\r
顧問先名: 株式会社山田商店\r
担当者名: 山田 太郎\r
追加宛先: keiri@example.jp、yamada@example.jp\r
言語: English\r
メッセージ: 山田様\r
\r
いつもお世話になっております。\r
顧問先名: これも本文です\r
　ＡＢＣ①\r
-- \r
会計事務所 佐藤\r
顧問先名: 署名\r
";

    fn parse(text: &str) -> Result<RequestForm, Vec<FormFault>> {
        super::parse(&Written::read(&text.replace("\r\n", "\n")))
    }

    fn faults(text: &str) -> Vec<FormFault> {
        parse(text).unwrap_err()
    }

    #[test]
    fn a_whole_form() {
        let form = parse(FULL).unwrap();
        assert_eq!(form.firm_number.unwrap().as_str(), "1001");
        assert_eq!(form.customer.to_text(), "yamada@example.jp");
        assert_eq!(form.client_name.as_deref(), Some("株式会社山田商店"));
        assert_eq!(form.contact_name.as_deref(), Some("山田 太郎"));
        assert_eq!(form.copies.len(), 1);
        assert_eq!(form.locale, Locale::En);
        assert_eq!(form.message, "山田様\n\nいつもお世話になっております。\n顧問先名: これも本文です\n　ＡＢＣ①");
    }

    #[test]
    fn only_the_customer_is_needed() {
        let form = parse("client email: a@b.example").unwrap();
        assert_eq!((form.firm_number, form.client_name, form.contact_name), (None, None, None));
        assert_eq!((form.copies.len(), form.message.as_str(), form.locale), (0, "", Locale::Ja));
    }

    #[test]
    fn no_form_misses_the_customer() {
        for text in ["", "hello", "顧問先メールアドレス:", "> 顧問先メールアドレス: a@b.example"] {
            assert_eq!(faults(text), [FormFault::Missing { field: Field::Customer }], "{text}");
        }
    }

    #[test]
    fn quoted_lines_and_signatures_are_passed_over() {
        let text = "> 顧問先名: x\n ＞顧問先名: x\n|顧問先名: x\n顧問先メールアドレス: a@b.example\n-- \n顧問先名: x";
        assert_eq!(parse(text).unwrap().client_name, None);
        let text = "client email: a@b.example\nmessage:\n1\n> old\n| a | b |\n--\n2\n-- \nsignature";
        assert_eq!(parse(text).unwrap().message, "1\n| a | b |\n--\n2");
    }

    #[test]
    fn the_same_twice_is_once_and_another_is_a_fault() {
        let same = "client email: A@b.example\n顧問先メールアドレス: a@b.example<mailto:a@b.example>\n顧問先名: ﾔﾏ\n顧問先名: ヤマ";
        assert_eq!(parse(same).unwrap().client_name.as_deref(), Some("ﾔﾏ"));
        let other = "client email: a@b.example\nclient email: c@b.example\n事務所番号: 1\n事務所番号: 2";
        assert_eq!(
            faults(other),
            [FormFault::Twice { field: Field::FirmNumber }, FormFault::Twice { field: Field::Customer }]
        );
    }

    #[test]
    fn all_faults_are_named() {
        let text =
            "事務所番号: 一番\n事業所番号: 5\n顧問先メールアドレス: yamada\n追加宛先: x y\n言語: français\n顧問先名: ";
        let bad = |field, given: &str| FormFault::BadAddress { field, given: given.to_owned(), why: AddressFault::At };
        assert_eq!(
            faults(text),
            [
                FormFault::BadValue { field: Field::FirmNumber, given: "一番".to_owned() },
                bad(Field::Customer, "yamada"),
                FormFault::BadValue { field: Field::Locale, given: "français".to_owned() },
                bad(Field::Copies, "x"),
                bad(Field::Copies, "y"),
                FormFault::OfficeNumber,
            ]
        );
    }

    #[test]
    fn damage_matters_where_a_field_is_judged() {
        let text = "顧問先メールアドレス: a@b.example\n顧問先名: 山\u{FFFD}\nメッセージ: \u{FFFD}";
        let form = parse(text).unwrap();
        assert_eq!((form.client_name.as_deref(), form.message.as_str()), (Some("山\u{FFFD}"), "\u{FFFD}"));
        let text =
            "事務所番号: 1\u{FFFD}\n顧問先メールアドレス: \u{FFFD}@b.example\n言語: \u{FFFD}\n追加宛先: \u{FFFD}";
        let fields = [Field::FirmNumber, Field::Customer, Field::Locale, Field::Copies];
        assert_eq!(faults(text), fields.map(|field| FormFault::Damaged { field }));
    }

    #[test]
    fn a_long_message_is_cut_with_a_mark() {
        let text = format!("client email: a@b.example\nmessage: {}", "山".repeat(MESSAGE_LIMIT + 1));
        let message = parse(&text).unwrap().message;
        assert_eq!((message.chars().count(), message.chars().last()), (MESSAGE_LIMIT, Some('…')));
    }
}
