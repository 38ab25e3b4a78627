//! M18: the business data for スマート取引取込 is set, was set although the names differ, is released: to both sides (S62 to
//! S66). And M16 for data that did not stay.

use serde::{Deserialize, Serialize};

use super::link_news::Reader;
use super::voice::Voice;
use super::{FirmCard, Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;
use crate::domain::product::DataPlace;

/// M18.
#[derive(Clone)]
pub struct DataNews {
    /// The reader's language.
    pub locale: Locale,
    /// The firm that works with the data.
    pub firm: FirmCard,
    /// What happened.
    pub about: AboutData,
}

/// What happened to business data, as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutData {
    /// What happened.
    pub event: DataEvent,
    /// Who reads it.
    pub reader: Reader,
    /// 事業者名, or the 弥生ID where there is none.
    pub business: String,
    /// 事業所名
    pub office_name: String,
    /// Where it lies, by its stored name.
    pub place: String,
    /// The product's full name.
    pub product: String,
    /// Who did it.
    pub by: DataActor,
    /// Whether the latest-data rule counts for it (S4).
    pub rule: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataEvent {
    /// It is set.
    Set,
    /// It is set, and somebody agreed that the names differ (S65).
    SetDespiteNames,
    /// It is released.
    Released,
    /// It could not be set.
    Refused,
    /// It did not stay.
    Lost,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataActor {
    /// The customer.
    Customer,
    /// The firm.
    Firm,
    /// We.
    Us,
    /// The product's link ended.
    ProductGone,
}

struct View {
    from: Voice,
    firm: FirmCard,
    event: DataEvent,
    reader: Reader,
    business: String,
    office_name: String,
    place: DataPlace,
    product: String,
    by: DataActor,
    rule: bool,
}

templates! {
    View:
    Ja: "mail/data_news/ja/subject.txt" "mail/data_news/ja/body.txt" "mail/data_news/ja/body.html";
    En: "mail/data_news/en/subject.txt" "mail/data_news/en/body.txt" "mail/data_news/en/body.html";
}

impl DataNews {
    /// Letters to read aloud, one for each event and reader.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let events = [
            (DataEvent::Set, DataPlace::Drive, DataActor::Customer, false),
            (DataEvent::SetDespiteNames, DataPlace::Local, DataActor::Firm, true),
            (DataEvent::Released, DataPlace::Drive, DataActor::ProductGone, false),
            (DataEvent::Refused, DataPlace::Drive, DataActor::Customer, false),
            (DataEvent::Lost, DataPlace::Local, DataActor::Us, false),
        ];
        let letter = |reader| {
            move |(event, place, by, rule): (DataEvent, DataPlace, DataActor, bool)| Self {
                locale,
                firm: FirmCard::sample(locale),
                about: AboutData {
                    event,
                    reader,
                    business: "株式会社山田商店".to_owned(),
                    office_name: "㈱山田商店".to_owned(),
                    place: place.name().to_owned(),
                    product: "弥生会計 スタンダード".to_owned(),
                    by,
                    rule,
                },
            }
        };
        events.map(letter(Reader::Customer)).into_iter().chain(events.map(letter(Reader::Firm))).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (locale, about) = (self.locale, &self.about);
        let view = View {
            from: Voice::of(sender, locale),
            firm: self.firm.shown(locale),
            event: about.event,
            reader: about.reader,
            business: foreign::line(&about.business, locale),
            office_name: foreign::line(&about.office_name, locale),
            place: DataPlace::stored(&about.place).unwrap_or(DataPlace::Local),
            product: foreign::line(&about.product, locale),
            by: about.by,
            rule: about.rule,
        };
        fill(&view, locale)
    }
}
