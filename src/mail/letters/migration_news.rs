//! M12, M13, M14: a migration (契約の移行) has begun, is done, or is not what it should be: to the customer (S44, S45).

use serde::{Deserialize, Serialize};

use super::voice::Voice;
use super::{Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::locale::Locale;

/// M12, M13 or M14.
#[derive(Clone)]
pub struct MigrationNews {
    /// The customer's language.
    pub locale: Locale,
    /// What became of it.
    pub about: AboutMigration,
}

/// What became of a migration, as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutMigration {
    /// What happened.
    pub outcome: MigrationOutcome,
    /// 事業者名
    pub business: Option<String>,
    /// The customer numbers in it.
    pub items: Vec<NewsItem>,
    /// The list of contracts (契約一覧), where it is done.
    pub contracts: Vec<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationOutcome {
    /// M12: it was submitted.
    Started,
    /// M13: every contract came over.
    Completed,
    /// M14: it is over, and something stayed.
    Partial,
    /// M14: it could not be started.
    Refused,
    /// M14: it does not end.
    Abandoned,
}

/// A customer number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsItem {
    /// お客様番号
    pub number: String,
    /// The product's full name; empty where it is not known.
    pub product: String,
    /// What became of it.
    pub fate: ItemFate,
}

/// What became of a customer number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemFate {
    /// It is on its way.
    Waiting,
    /// It stands in the list of contracts.
    Moved,
    /// It stayed where it was.
    Stayed,
    /// Its contract ended.
    Ended,
    /// It is registered under another ID.
    OtherHolder,
}

struct View {
    from: Voice,
    outcome: MigrationOutcome,
    business: Option<String>,
    items: Vec<NewsItem>,
    contracts: Vec<String>,
    needs_recovery: bool,
}

templates! {
    View:
    Ja: "mail/migration_news/ja/subject.txt" "mail/migration_news/ja/body.txt" "mail/migration_news/ja/body.html";
    En: "mail/migration_news/en/subject.txt" "mail/migration_news/en/body.txt" "mail/migration_news/en/body.html";
}

impl MigrationNews {
    /// Letters to read aloud, one for each outcome.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        use MigrationOutcome::{Abandoned, Completed, Partial, Refused, Started};
        let item = |number: &str, product: &str, fate| NewsItem {
            number: number.to_owned(),
            product: product.to_owned(),
            fate,
        };
        let with = |outcome, [first, second]: [ItemFate; 2]| {
            let items = vec![
                item("12345678", "弥生会計 スタンダード", first),
                item("23456789", "弥生販売 スタンダード", second),
            ];
            let contracts =
                if outcome == Completed { items.iter().map(|item| item.product.clone()).collect() } else { vec![] };
            let business = Some("株式会社山田商店".to_owned());
            Self { locale, about: AboutMigration { outcome, business, items, contracts } }
        };
        vec![
            with(Started, [ItemFate::Waiting; 2]),
            with(Completed, [ItemFate::Moved; 2]),
            with(Partial, [ItemFate::Moved, ItemFate::Ended]),
            with(Partial, [ItemFate::Stayed, ItemFate::OtherHolder]),
            with(Refused, [ItemFate::Stayed; 2]),
            with(Abandoned, [ItemFate::Moved, ItemFate::Waiting]),
        ]
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (locale, about) = (self.locale, &self.about);
        let line = |text: &String| foreign::line(text, locale);
        let shown = |item: &NewsItem| NewsItem { product: line(&item.product), ..item.clone() };
        let view = View {
            from: Voice::of(sender, locale),
            outcome: about.outcome,
            business: foreign::optional_line(about.business.as_ref(), locale),
            items: about.items.iter().map(shown).collect(),
            contracts: about.contracts.iter().map(line).collect(),
            needs_recovery: matches!(about.outcome, MigrationOutcome::Partial | MigrationOutcome::Refused),
        };
        fill(&view, locale)
    }
}
