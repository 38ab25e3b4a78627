//! A fault in a form, in words: what is wrong, and what to do.

use super::foreign;
use crate::domain::locale::Locale;
use crate::domain::request_form::{AddressFault, Field, FormFault};
use crate::domain::text;

/// `fault` for the firm with this `number`. What the firm wrote is quoted, unless it has a link in it.
pub fn sentence(fault: &FormFault, number: &str, locale: Locale) -> String {
    match locale {
        Locale::Ja => ja(fault, number),
        Locale::En => en(fault, number),
    }
}

fn ja(fault: &FormFault, number: &str) -> String {
    match fault {
        FormFault::Missing { field } => {
            let name = label_ja(*field);
            format!("「{name}」が書かれていません。「{name}: 」の行を書き足してください。")
        }
        FormFault::Twice { field } => {
            format!("「{}」が二つ、違う内容で書かれています。正しいもの一つだけを残してください。", label_ja(*field))
        }
        FormFault::BadAddress { field, why: AddressFault::Empty, .. } => {
            format!("「{}」が空欄です。メールアドレスを書いてください。", label_ja(*field))
        }
        FormFault::BadAddress { field, given, why } => {
            let what = what_ja(*field, given);
            let advice = match why {
                AddressFault::At | AddressFault::Empty => {
                    "「yamada@example.jp」のように、間に「@」が一つだけ入る形で書いてください。"
                }
                AddressFault::Local => "「@」より前を、半角の英数字と記号で64文字以内で書き直してください。",
                AddressFault::Domain => "「@」より後ろが正しいかを確かめて、書き直してください。",
            };
            format!("{what}は、メールアドレスとして使えません。{advice}")
        }
        FormFault::BadValue { field, given } => {
            let what = what_ja(*field, given);
            let advice = match field {
                Field::Locale => "「ja」（日本語）または「en」（英語）と書いてください。",
                Field::FirmNumber => "半角の英数字とハイフン、16文字以内で書いてください。",
                _ => "内容を確かめて、書き直してください。",
            };
            format!("{what}は使えません。{advice}")
        }
        FormFault::TooLong { field: Field::Copies, limit } => {
            format!("「追加宛先」に書けるのは{limit}件までです。件数を減らしてください。")
        }
        FormFault::TooLong { field, limit } => {
            format!("「{}」に書けるのは{limit}文字までです。短くしてください。", label_ja(*field))
        }
        FormFault::Damaged { field } => {
            let name = label_ja(*field);
            format!(
                "「{name}」が文字化けしていて読めませんでした。メールの文字コードを「UTF-8」にして、送り直してください。"
            )
        }
        FormFault::OfficeNumber => format!(
            "「事業所番号」と書かれています。事業所番号は、会計製品の中にある事業所データの番号で、会計事務所の番号ではありません。\
             会計事務所の番号は「事務所番号」です。「事務所番号: {number}」と書き直すか、この行を消してください。"
        ),
        FormFault::OtherFirmNumber { given } => format!(
            "{}は、このメールアドレスで登録されている事務所番号（{number}）と違います。\
             「事務所番号: {number}」と書き直すか、この行を消してください。",
            what_ja(Field::FirmNumber, given)
        ),
    }
}

fn en(fault: &FormFault, number: &str) -> String {
    match fault {
        FormFault::Missing { field } => {
            let name = label_en(*field);
            format!("“{name}” is missing. Add a line “{name}: ”.")
        }
        FormFault::Twice { field } => {
            format!("“{}” stands twice with different contents. Keep only the right one.", label_en(*field))
        }
        FormFault::BadAddress { field, why: AddressFault::Empty, .. } => {
            format!("“{}” is empty. Write a mail address there.", label_en(*field))
        }
        FormFault::BadAddress { field, given, why } => {
            let what = what_en(*field, given);
            let advice = match why {
                AddressFault::At | AddressFault::Empty => "Write it with exactly one “@”, like “yamada@example.jp”.",
                AddressFault::Local => "Write what comes before the “@” in at most 64 plain letters, digits and signs.",
                AddressFault::Domain => "Check what comes after the “@” and write it again.",
            };
            format!("{what} cannot be used as a mail address. {advice}")
        }
        FormFault::BadValue { field, given } => {
            let what = what_en(*field, given);
            let advice = match field {
                Field::Locale => "Write “ja” (Japanese) or “en” (English).",
                Field::FirmNumber => "Write at most 16 letters, digits and hyphens.",
                _ => "Check it and write it again.",
            };
            format!("{what} cannot be used. {advice}")
        }
        FormFault::TooLong { field: Field::Copies, limit } => {
            format!("“Copies” takes at most {limit} addresses. Leave some out.")
        }
        FormFault::TooLong { field, limit } => {
            format!("“{}” takes at most {limit} characters. Make it shorter.", label_en(*field))
        }
        FormFault::Damaged { field } => {
            format!("“{}” arrived garbled. Set your mail program to UTF-8 and send it again.", label_en(*field))
        }
        FormFault::OfficeNumber => format!(
            "An office number (事業所番号) is written. That is the number of the business data inside the accounting \
             product, not the number of your firm. The number of your firm is the firm number (事務所番号): write \
             “Firm number: {number}” instead, or leave the line out."
        ),
        FormFault::OtherFirmNumber { given } => format!(
            "{} is not the number registered for this mail address ({number}). Write “Firm number: {number}”, or leave \
             the line out.",
            what_en(Field::FirmNumber, given)
        ),
    }
}

fn what_ja(field: Field, given: &str) -> String {
    let name = label_ja(field);
    quotable(given).map_or_else(|| format!("「{name}」の内容"), |given| format!("「{name}」の「{given}」"))
}

fn what_en(field: Field, given: &str) -> String {
    let name = label_en(field);
    quotable(given).map_or_else(|| format!("What stands in “{name}”"), |given| format!("“{given}” in “{name}”"))
}

/// What was written, unless it has a link in it, as a mail address without its @ may look like one: the firm knows what it
/// wrote.
fn quotable(given: &str) -> Option<String> {
    let given = text::one_line(given);
    (!given.is_empty() && foreign::line(&given, Locale::Ja) == given).then_some(given)
}

const fn label_ja(field: Field) -> &'static str {
    match field {
        Field::FirmNumber => "事務所番号",
        Field::Customer => "顧問先メールアドレス",
        Field::ClientName => "顧問先名",
        Field::ContactName => "担当者名",
        Field::Copies => "追加宛先",
        Field::Message => "メッセージ",
        Field::Locale => "言語",
    }
}

const fn label_en(field: Field) -> &'static str {
    match field {
        Field::FirmNumber => "Firm number",
        Field::Customer => "Client email",
        Field::ClientName => "Client name",
        Field::ContactName => "Contact name",
        Field::Copies => "Copies",
        Field::Message => "Message",
        Field::Locale => "Language",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> Vec<FormFault> {
        let given = || "https://evil.example/".to_owned();
        let fields = [
            Field::FirmNumber,
            Field::Customer,
            Field::ClientName,
            Field::ContactName,
            Field::Copies,
            Field::Message,
            Field::Locale,
        ];
        let reasons = [AddressFault::Empty, AddressFault::At, AddressFault::Local, AddressFault::Domain];
        let mut all = vec![FormFault::OfficeNumber, FormFault::OtherFirmNumber { given: given() }];
        for field in fields {
            all.push(FormFault::Missing { field });
            all.push(FormFault::Twice { field });
            all.push(FormFault::BadValue { field, given: given() });
            all.push(FormFault::TooLong { field, limit: 5 });
            all.push(FormFault::Damaged { field });
            all.extend(reasons.map(|why| FormFault::BadAddress { field, given: given(), why }));
        }
        all
    }

    #[test]
    fn each_fault_says_what_to_do_and_repeats_no_link() {
        for fault in every() {
            let ja = sentence(&fault, "1001", Locale::Ja);
            assert!(ja.ends_with("ください。") && !ja.contains("evil"), "{ja}");
            let en = sentence(&fault, "1001", Locale::En);
            assert!(en.ends_with(['.', '”']) && !en.contains("evil"), "{en}");
        }
    }

    #[test]
    fn what_was_written_is_quoted_unless_it_looks_like_a_link() {
        let fault = |given: &str| FormFault::BadAddress {
            field: Field::Customer,
            given: given.to_owned(),
            why: AddressFault::At,
        };
        let ja = |given| sentence(&fault(given), "1001", Locale::Ja);
        assert!(ja("yamada＠example").starts_with("「顧問先メールアドレス」の「yamada＠example」は、"));
        assert!(ja("yamada.example.jp").starts_with("「顧問先メールアドレス」の内容は、"));
    }

    #[test]
    fn the_office_number_is_explained() {
        let ja = sentence(&FormFault::OfficeNumber, "1001", Locale::Ja);
        assert!(ja.contains("事業所データの番号") && ja.contains("「事務所番号: 1001」"), "{ja}");
    }
}
