//! What a firm's request mail asks for, and what can be wrong in it. How it stands in a mail is `intake/form`'s business.

use super::email_address::{AddressError, EmailAddress};
use super::firm::FirmNumber;
use super::locale::Locale;

/// Longest message of a firm that is passed on, in characters; what is longer is cut with a mark (T15).
pub const MESSAGE_LIMIT: usize = 2_000;
/// Longest name of a client or contact, in characters.
pub const NAME_LIMIT: usize = 100;
/// Most copies that a request may ask for.
pub const COPIES_LIMIT: usize = 5;

/// A request form whose every field is sound. Text fields went through [`super::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestForm {
    /// 事務所番号, where it was written.
    pub firm_number: Option<FirmNumber>,
    /// 顧問先メールアドレス
    pub customer: EmailAddress,
    /// 顧問先名
    pub client_name: Option<String>,
    /// 担当者名
    pub contact_name: Option<String>,
    /// 追加宛先: who gets a copy without the link.
    pub copies: Vec<EmailAddress>,
    /// メッセージ, `\n` line ends; empty where none was written.
    pub message: String,
    /// 言語
    pub locale: Locale,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 事務所番号
    FirmNumber,
    /// 顧問先メールアドレス
    Customer,
    /// 顧問先名
    ClientName,
    /// 担当者名
    ContactName,
    /// 追加宛先
    Copies,
    /// メッセージ
    Message,
    /// 言語
    Locale,
}

/// What is wrong in a form; the answer (M5) says it in words, with an example.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum FormFault {
    /// A needed field is not there.
    Missing {
        /// Which.
        field: Field,
    },
    /// A field stands twice with different values.
    Twice {
        /// Which.
        field: Field,
    },
    /// A value is no address; `given` is what was written, one line, at most 100 characters.
    BadAddress {
        /// In which field.
        field: Field,
        /// What was written.
        given: String,
        /// What is wrong with it.
        why: AddressFault,
    },
    /// A value is none that the field takes.
    BadValue {
        /// In which field.
        field: Field,
        /// What was written.
        given: String,
    },
    /// More than the field takes, in characters or entries.
    TooLong {
        /// In which field.
        field: Field,
        /// The most it takes.
        limit: usize,
    },
    /// Characters of the field were lost on the way (a broken charset).
    Damaged {
        /// Which field.
        field: Field,
    },
    /// 事業所番号 was written: the number of business data inside the product, not the firm's.
    OfficeNumber,
    /// The firm number is not the one of the firm that owns the From address.
    OtherFirmNumber {
        /// What was written.
        given: String,
    },
}

impl FormFault {
    /// The fault's name alone, for the operator: without anything that was written.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "a needed field is missing",
            Self::Twice { .. } => "a field stands twice with different values",
            Self::BadAddress { .. } => "a mail address cannot be used",
            Self::BadValue { .. } => "a value is none that its field takes",
            Self::TooLong { .. } => "a field is too long",
            Self::Damaged { .. } => "characters of a needed field were lost on the way",
            Self::OfficeNumber => "事業所番号 was written",
            Self::OtherFirmNumber { .. } => "the firm number is another firm's",
        }
    }
}

/// [`AddressError`], as the outbox keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressFault {
    /// Nothing was written.
    Empty,
    /// Not exactly one `@`.
    At,
    /// The part before the `@`.
    Local,
    /// The part after the `@`.
    Domain,
}

impl From<AddressError> for AddressFault {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Empty => Self::Empty,
            AddressError::At => Self::At,
            AddressError::Local => Self::Local,
            AddressError::Domain => Self::Domain,
        }
    }
}

impl RequestForm {
    /// The faults that show only once it is known whose mail it is.
    #[must_use]
    pub fn against(&self, firm_number: &FirmNumber) -> Option<FormFault> {
        let given = self.firm_number.as_ref().filter(|given| *given != firm_number)?;
        Some(FormFault::OtherFirmNumber { given: given.as_str().to_owned() })
    }
}
