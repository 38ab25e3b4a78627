//! M5: what is wrong in a proven firm's request form, and an example to copy.

use super::voice::Voice;
use super::{Rendered, faults, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::domain::request_form::{AddressFault, Field, FormFault};

/// M5.
#[derive(Clone)]
pub struct FormRefused {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The firm's own number, for the example.
    pub firm_number: String,
    /// What is wrong, in the order of the form.
    pub faults: Vec<FormFault>,
}

struct View {
    from: Voice,
    firm: String,
    number: String,
    faults: Vec<String>,
}

templates! {
    View:
    Ja: "mail/form_refused/ja/subject.txt" "mail/form_refused/ja/body.txt" "mail/form_refused/ja/body.html";
    En: "mail/form_refused/en/subject.txt" "mail/form_refused/en/body.txt" "mail/form_refused/en/body.html";
}

impl FormRefused {
    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let firm_name = match locale {
            Locale::Ja => "田中会計事務所",
            Locale::En => "Tanaka Accounting",
        };
        let bad = FormFault::BadAddress {
            field: Field::Customer,
            given: "yamada＠＠example.jp".to_owned(),
            why: AddressFault::At,
        };
        Self {
            locale,
            firm_name: firm_name.to_owned(),
            firm_number: "1001".to_owned(),
            faults: vec![FormFault::OfficeNumber, bad, FormFault::TooLong { field: Field::Copies, limit: 5 }],
        }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let number = foreign::line(&self.firm_number, locale);
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            faults: self.faults.iter().map(|fault| faults::sentence(fault, &number, locale)).collect(),
            number,
        };
        fill(&view, locale)
    }
}
