//! M15, M16, M17: products are linked, are not what they should be, or are no longer linked: to both sides (S53 to S56).

use serde::{Deserialize, Serialize};

use super::voice::Voice;
use super::{FirmCard, Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M15, M16 or M17.
#[derive(Clone)]
pub struct LinkNews {
    /// The reader's language.
    pub locale: Locale,
    /// With whom.
    pub firm: FirmCard,
    /// What happened.
    pub about: AboutLinks,
}

/// Who reads a letter that goes to both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// The customer.
    Customer,
    /// The firm.
    Firm,
}

/// What happened to links, as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutLinks {
    /// What happened.
    pub event: LinkEvent,
    /// Who reads it.
    pub reader: Reader,
    /// 事業者名, or the 弥生ID where there is none.
    pub business: String,
    /// What is linked now, and what is on its way; スマート証憑管理 is among them.
    pub products: Vec<LinkedProduct>,
    /// What was lost, or is no longer linked.
    pub gone: Vec<GoneProduct>,
    /// Whether, and how, the latest-data rule counts (S4).
    pub rule: LinkRule,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEvent {
    /// M15
    Completed,
    /// M16
    Lost,
    /// M17
    Ended,
}

/// A line of the table of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedProduct {
    /// Its full name.
    pub name: String,
    /// How it stands.
    pub standing: LinkStanding,
}

/// How a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStanding {
    /// 連携済み
    Linked,
    /// 設定中
    InHand,
    /// 要確認
    NeedsLook,
}

/// A product that is not linked, or not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneProduct {
    /// Its full name.
    pub name: String,
    /// Why it is no longer linked; none where nobody wanted that.
    pub why: Option<LinkEnd>,
}

/// Why a product is no longer linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEnd {
    /// The customer asked for it.
    Customer,
    /// The firm asked for it.
    Firm,
    /// We did it.
    Operator,
    /// It is shared with another firm now.
    Replaced,
    /// Its contract ended.
    ContractEnded,
}

/// The latest-data rule in a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRule {
    /// It does not count.
    None,
    /// When the data does not lie in 弥生ドライブ.
    WhenLocal,
    /// Always.
    Always,
}

struct View {
    from: Voice,
    firm: FirmCard,
    event: LinkEvent,
    reader: Reader,
    business: String,
    products: Vec<LinkedProduct>,
    gone: Vec<GoneProduct>,
    rule: LinkRule,
}

templates! {
    View:
    Ja: "mail/link_news/ja/subject.txt" "mail/link_news/ja/body.txt" "mail/link_news/ja/body.html";
    En: "mail/link_news/en/subject.txt" "mail/link_news/en/body.txt" "mail/link_news/en/body.html";
}

impl LinkNews {
    /// Letters to read aloud, one for each event and reader.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let product = |name: &str, standing| LinkedProduct { name: name.to_owned(), standing };
        let (name, voucher) = ("弥生会計 スタンダード", "スマート証憑管理");
        let both = |standing| vec![product(name, standing), product(voucher, standing)];
        let gone = |why| vec![GoneProduct { name: name.to_owned(), why }];
        let ends =
            [LinkEnd::Customer, LinkEnd::Firm, LinkEnd::Operator, LinkEnd::Replaced, LinkEnd::ContractEnded].map(Some);
        let mut abouts = vec![
            (LinkEvent::Completed, both(LinkStanding::Linked), vec![], LinkRule::WhenLocal),
            (LinkEvent::Completed, both(LinkStanding::InHand), vec![], LinkRule::Always),
            (LinkEvent::Lost, both(LinkStanding::NeedsLook), gone(None), LinkRule::None),
        ];
        abouts.extend(ends.map(|end| (LinkEvent::Ended, vec![], gone(end), LinkRule::None)));
        let of = |reader| {
            let letter = move |(event, products, gone, rule): (LinkEvent, Vec<_>, Vec<_>, LinkRule)| Self {
                locale,
                firm: FirmCard::sample(locale),
                about: AboutLinks {
                    event, reader, business: "株式会社山田商店".to_owned(), products, gone, rule
                },
            };
            abouts.clone().into_iter().map(letter)
        };
        of(Reader::Customer).chain(of(Reader::Firm)).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (locale, about) = (self.locale, &self.about);
        let line = |text: &str| foreign::line(text, locale);
        let view = View {
            from: Voice::of(sender, locale),
            firm: self.firm.shown(locale),
            event: about.event,
            reader: about.reader,
            business: line(&about.business),
            products: about.products.iter().map(|it| LinkedProduct { name: line(&it.name), ..it.clone() }).collect(),
            gone: about.gone.iter().map(|it| GoneProduct { name: line(&it.name), ..it.clone() }).collect(),
            rule: about.rule,
        };
        fill(&view, locale)
    }
}
