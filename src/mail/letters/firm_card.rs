//! Who asks: the firm as a letter shows it.

use super::foreign;
use crate::domain::firm::Firm;
use crate::domain::locale::Locale;

/// The firm as a customer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmCard {
    /// Its name, without 様.
    pub name: String,
    /// 事務所番号
    pub number: String,
    /// 所在地
    pub postal_address: String,
    /// 電話番号
    pub telephone: String,
}

impl From<&Firm> for FirmCard {
    fn from(firm: &Firm) -> Self {
        Self {
            name: firm.name.clone(),
            number: firm.number.as_str().to_owned(),
            postal_address: firm.postal_address.clone(),
            telephone: firm.telephone.clone(),
        }
    }
}

impl FirmCard {
    /// The firm of the sample letters.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let (name, postal_address) = match locale {
            Locale::Ja => ("田中会計事務所", "東京都千代田区丸の内1-1-1"),
            Locale::En => ("Tanaka Accounting", "1-1-1 Marunouchi, Chiyoda-ku, Tokyo"),
        };
        Self {
            name: name.to_owned(),
            number: "1001".to_owned(),
            postal_address: postal_address.to_owned(),
            telephone: "03-0000-0000".to_owned(),
        }
    }

    /// Fit to be shown.
    pub(super) fn shown(&self, locale: Locale) -> Self {
        Self {
            name: foreign::line(&self.name, locale),
            number: foreign::line(&self.number, locale),
            postal_address: foreign::line(&self.postal_address, locale),
            telephone: foreign::line(&self.telephone, locale),
        }
    }
}
