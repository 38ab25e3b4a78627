//! A customer's company (事業者（事業グループ）情報): what a person types, parsed once, and what can be wrong in it.

use unicode_normalization::UnicodeNormalization;

use super::inbound::stored_names;
use super::text;

/// Longest name of a company and its kana, in characters.
pub const NAME_LIMIT: usize = 100;
/// Longest postal address, in characters.
pub const ADDRESS_LIMIT: usize = 200;
/// Longest name of a person and its kana, in characters.
pub const PERSON_LIMIT: usize = 50;

/// What a company is in law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 法人
    Corporation,
    /// 個人事業者
    SoleProprietor,
}

stored_names!(Kind { Corporation = "corporation", SoleProprietor = "sole_proprietor" });

/// A postal code (郵便番号): seven digits, as `123-4567`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostalCode(String);

/// A telephone number of Japan: ten or eleven digits that begin with 0, in groups as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone(String);

/// A name and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As it is written; one line.
    pub name: String,
    /// フリガナ, full-width katakana.
    pub kana: String,
}

/// A company whose every field is sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// What it is.
    pub kind: Kind,
    /// 法人名 or 屋号
    pub name: Named,
    /// 郵便番号
    pub postal_code: PostalCode,
    /// 所在地; one line.
    pub address: String,
    /// 電話番号
    pub telephone: Telephone,
    /// 代表者
    pub representative: Named,
}

/// What a person typed; it is shown again where something is wrong.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct CompanyForm {
    /// [`Kind`], by its stored name.
    pub kind: String,
    /// 法人名 or 屋号
    pub name: String,
    /// Its フリガナ
    pub kana: String,
    /// 郵便番号
    pub postal_code: String,
    /// 所在地
    pub address: String,
    /// 電話番号
    pub telephone: String,
    /// 代表者の氏名
    pub representative_name: String,
    /// Its フリガナ
    pub representative_kana: String,
}

/// A field of the form, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// 法人／個人事業者
    Kind,
    /// 法人名 or 屋号
    Name,
    /// Its フリガナ
    Kana,
    /// 郵便番号
    PostalCode,
    /// 所在地
    Address,
    /// 電話番号
    Telephone,
    /// 代表者の氏名
    RepresentativeName,
    /// Its フリガナ
    RepresentativeKana,
}

/// What is wrong in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was written, or nothing that can be read.
    Missing,
    /// More characters than this.
    TooLong(usize),
    /// Other letters than kana.
    NotKana,
    /// Not seven digits.
    NotAPostalCode,
    /// Not ten or eleven digits that begin with 0.
    NotATelephone,
}

impl PostalCode {
    /// From what a person wrote: full-width digits, 〒 and any hyphen or none are taken.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let folded = text::fold(written);
        let bare = folded.trim_start_matches('〒');
        let digits: String = bare.chars().filter(|c| !is_separator(*c)).collect();
        let fits = digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit());
        let (area, town) = digits.split_at_checked(3).filter(|_| fits)?;
        Some(Self(format!("{area}-{town}")))
    }

    /// As stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Telephone {
    /// From what a person wrote: full-width digits, any hyphens, brackets and spaces, `+81` for the first 0.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let folded = text::fold(written);
        let national = match folded.strip_prefix("+81") {
            Some(rest) => format!("0{}", rest.replacen("(0)", "", 1).trim_start_matches(is_separator)),
            None => folded,
        };
        if national.chars().any(|c| !c.is_ascii_digit() && !is_separator(c) && !matches!(c, '(' | ')')) {
            return None;
        }
        let groups: Vec<_> = national.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
        let digits: usize = groups.iter().map(|group| group.len()).sum();
        let fits = (10..=11).contains(&digits) && groups.first().is_some_and(|first| first.starts_with('0'));
        fits.then(|| Self(groups.join("-")))
    }

    /// As stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CompanyForm {
    /// The company, or every fault in the form's order.
    ///
    /// # Errors
    /// The faults, one a field.
    pub fn check(&self) -> Result<Company, Vec<(Field, Fault)>> {
        let kind = Kind::stored(&self.kind).ok_or(Fault::Missing);
        let (name, kana) = (written(&self.name, NAME_LIMIT), reading(&self.kana, NAME_LIMIT));
        let postal_code = shaped(&self.postal_code, PostalCode::parse, Fault::NotAPostalCode);
        let address = written(&self.address, ADDRESS_LIMIT);
        let telephone = shaped(&self.telephone, Telephone::parse, Fault::NotATelephone);
        let person = written(&self.representative_name, PERSON_LIMIT);
        let person_kana = reading(&self.representative_kana, PERSON_LIMIT);
        let faults = [
            (Field::Kind, kind.as_ref().err()),
            (Field::Name, name.as_ref().err()),
            (Field::Kana, kana.as_ref().err()),
            (Field::PostalCode, postal_code.as_ref().err()),
            (Field::Address, address.as_ref().err()),
            (Field::Telephone, telephone.as_ref().err()),
            (Field::RepresentativeName, person.as_ref().err()),
            (Field::RepresentativeKana, person_kana.as_ref().err()),
        ];
        let faults: Vec<_> = faults.into_iter().filter_map(|(field, fault)| Some((field, *fault?))).collect();
        let company = || {
            Some(Company {
                kind: kind.ok()?,
                name: Named { name: name.ok()?, kana: kana.ok()? },
                postal_code: postal_code.ok()?,
                address: address.ok()?,
                telephone: telephone.ok()?,
                representative: Named { name: person.ok()?, kana: person_kana.ok()? },
            })
        };
        company().ok_or(faults)
    }
}

impl From<&Company> for CompanyForm {
    fn from(company: &Company) -> Self {
        Self {
            kind: company.kind.name().to_owned(),
            name: company.name.name.clone(),
            kana: company.name.kana.clone(),
            postal_code: company.postal_code.0.clone(),
            address: company.address.clone(),
            telephone: company.telephone.0.clone(),
            representative_name: company.representative.name.clone(),
            representative_kana: company.representative.kana.clone(),
        }
    }
}

/// One line in the characters that were chosen: NFKC would replace letters of people's names (神 for 神).
fn written(text: &str, limit: usize) -> Result<String, Fault> {
    let line = text::one_line(text);
    if !line.chars().any(char::is_alphanumeric) {
        return Err(Fault::Missing);
    }
    if line.chars().count() > limit { Err(Fault::TooLong(limit)) } else { Ok(line) }
}

/// Full-width katakana, also where half-width kana or hiragana were typed.
fn reading(text: &str, limit: usize) -> Result<String, Fault> {
    let line: String = text::one_line(text).nfkc().map(katakana).collect();
    if line.is_empty() {
        return Err(Fault::Missing);
    }
    if line.chars().count() > limit {
        return Err(Fault::TooLong(limit));
    }
    let is_kana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | ' ');
    if line.chars().all(is_kana) && line.contains(|c| matches!(c, 'ァ'..='ヺ')) {
        Ok(line)
    } else {
        Err(Fault::NotKana)
    }
}

fn shaped<T>(text: &str, parse: fn(&str) -> Option<T>, fault: Fault) -> Result<T, Fault> {
    if text.trim().is_empty() { Err(Fault::Missing) } else { parse(text).ok_or(fault) }
}

fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        other => other,
    }
}

/// A hyphen of whatever kind, or a space; after NFKC.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | '─')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form() -> CompanyForm {
        CompanyForm {
            kind: "corporation".to_owned(),
            name: "株式会社山田商店".to_owned(),
            kana: "ヤマダショウテン".to_owned(),
            postal_code: "100-0005".to_owned(),
            address: "東京都千代田区丸の内1-1-1".to_owned(),
            telephone: "03-0000-0000".to_owned(),
            representative_name: "山田 太郎".to_owned(),
            representative_kana: "ヤマダ タロウ".to_owned(),
        }
    }

    #[test]
    fn postal_codes_as_people_type_them() {
        for text in ["1000005", "100-0005", "〒100-0005", "〒 １００－０００５", "100ー0005", " 100 0005 ", "100−0005"]
        {
            assert_eq!(PostalCode::parse(text).unwrap().as_str(), "100-0005", "{text}");
        }
        for text in ["", "100-005", "100-00055", "abc-defg", "〒", "１００－０００五"] {
            assert_eq!(PostalCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn telephones_as_people_type_them() {
        for (text, read) in [
            ("03-1234-5678", "03-1234-5678"),
            ("０３（１２３４）５６７８", "03-1234-5678"),
            ("(03) 1234 5678", "03-1234-5678"),
            ("0312345678", "0312345678"),
            ("090ー1234ー5678", "090-1234-5678"),
            ("+81 3-1234-5678", "03-1234-5678"),
            ("+81(0)90-1234-5678", "090-1234-5678"),
            ("+819012345678", "09012345678"),
            ("0120-000-000", "0120-000-000"),
        ] {
            assert_eq!(Telephone::parse(text).unwrap().as_str(), read, "{text}");
        }
        for text in
            ["", "1234-5678", "3-1234-5678", "03-1234-567", "03-1234-567890", "03-1234-5678 内線5", "+1 202 555 0100"]
        {
            assert_eq!(Telephone::parse(text), None, "{text}");
        }
    }

    #[test]
    fn kana_are_taken_as_they_are_typed_and_kept_full_width() {
        for (text, read) in [
            ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
            ("やまだ　たろう", "ヤマダ タロウ"),
            ("ジョン・スミス", "ジョン・スミス"),
            ("ヴィーナス", "ヴィーナス"),
        ] {
            assert_eq!(reading(text, 50).as_deref(), Ok(read), "{text}");
        }
        for text in ["山田", "Yamada", "ヤマダ1", "ー", "・"] {
            assert_eq!(reading(text, 50), Err(Fault::NotKana), "{text}");
        }
        assert_eq!(reading("　", 50), Err(Fault::Missing));
        // half-width kana with their marks become fewer characters
        assert!(reading(&"ﾀﾞ".repeat(50), 50).is_ok() && reading(&"ﾀﾞ".repeat(51), 50) == Err(Fault::TooLong(50)));
    }

    #[test]
    fn a_name_keeps_its_own_letters() {
        let typed = CompanyForm { representative_name: "　神﨑 髙子\r\n".to_owned(), ..form() };
        assert_eq!(typed.check().unwrap().representative.name, "神﨑 髙子");
    }

    #[test]
    fn each_field_has_its_fault_and_all_are_told_at_once() {
        let faults = CompanyForm::default().check().unwrap_err();
        assert_eq!(faults.len(), 8);
        assert!(faults.iter().all(|(_, fault)| *fault == Fault::Missing));
        let typed = CompanyForm {
            kind: "guild".to_owned(),
            name: "\u{200B}・".to_owned(),
            kana: "山田商店".to_owned(),
            address: "あ".repeat(201),
            telephone: "不明".to_owned(),
            ..form()
        };
        let faults = [
            (Field::Kind, Fault::Missing),
            (Field::Name, Fault::Missing),
            (Field::Kana, Fault::NotKana),
            (Field::Address, Fault::TooLong(200)),
            (Field::Telephone, Fault::NotATelephone),
        ];
        assert_eq!(typed.check().unwrap_err(), faults);
    }

    proptest! {
        /// What was taken once is taken again, unchanged: it is shown in the form when a person comes back to it.
        #[test]
        fn a_company_survives_its_own_form(
            name in "\\PC{0,110}", kana in "[ァ-ヺｦ-ﾟぁ-ゖ ー・]{0,60}", code in "〒?[0-9０-９]{3}[-－]?[0-9]{4}",
            address in "\\PC{0,210}", telephone in "0[0-9]{1,3}[-( ]?[0-9]{2,4}[-) ]?[0-9]{4}",
        ) {
            let typed = CompanyForm { name, kana, postal_code: code, address, telephone, ..form() };
            if let Ok(company) = typed.check() {
                prop_assert_eq!(CompanyForm::from(&company).check(), Ok(company.clone()));
                for line in [&company.name.name, &company.address, &company.name.kana] {
                    prop_assert!(!line.contains(['\r', '\n', '\0']) && line.chars().count() <= ADDRESS_LIMIT);
                }
            }
        }
    }
}
