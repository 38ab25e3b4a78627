//! Both names side by side: ［設定を行う］; and a second ［はい］ where they differ (S63 to S65).

use askama::Template;

use super::{Products, Sound, TITLE, Typed, form};
use crate::domain::data_binding::{Acknowledged, Objection, Party};
use crate::flows::bind_data::{self, Set, Wish};
use crate::links;
use crate::web::pages::entry::place;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Person, Step, Trouble};

#[derive(Template)]
#[template(path = "pages/data_confirm.html")]
struct Confirm {
    frame: Frame,
    /// 「あなたの会社・個人事業者名」
    registered: Option<String>,
    /// 「現在開いているデータの事業所名」
    office_name: String,
    link: String,
    product: String,
    key: &'static str,
    place: &'static str,
    ask: Ask,
}

/// What the page asks.
enum Ask {
    /// ［設定を行う］, with the latest-data rule where it counts.
    Set(Option<Field>),
    /// ［はい］: the names differ. Whether the rule was acknowledged before.
    Differ { rule: bool },
}

/// The confirmation is the answer to a form and has no address of its own.
pub(super) async fn back(_: Person) -> Outcome {
    Ok(Answer::see(links::DATA))
}

/// The two names of what was entered.
pub(super) async fn names(person: &Person, products: &Products, sound: &Sound<'_>) -> Outcome {
    let rule = sound.link.product.asks_for_latest_data(sound.place).then(|| rule(false));
    Ok(Answer::page(&page(person, products, sound, Ask::Set(rule)).await?))
}

/// ［設定を行う］, and the second ［はい］.
pub(super) async fn take(person: Person, fields: Fields) -> Outcome {
    let products = Products::of(&person).await?;
    let Some(sound) = Typed::of(&fields).sound(&products) else { return Ok(Answer::see(links::DATA)) };
    let (asks, ticked) = (sound.link.product.asks_for_latest_data(sound.place), fields.is_ticked("latest-data"));
    if asks && !ticked {
        return Ok(Answer::faulty(&page(&person, &products, &sound, Ask::Set(Some(rule(true)))).await?));
    }
    let (context, now) = (&person.visitor.site.context, person.visitor.now());
    // はい counts for the two names that were seen: the company may have been renamed in another tab.
    let registered = bind_data::registered_name(context, &person.account).await?;
    let registered = registered.as_ref().map_or("", |name| name.as_str());
    let agreed = fields.is_ticked("differ") && fields.raw("registered") == registered;
    let wish = Wish {
        firm: sound.link.firm.clone(),
        contract: sound.link.contract.clone(),
        office_name: sound.office_name.clone(),
        place: sound.place,
        by: Party::Customer,
        acknowledged: Acknowledged {
            difference_at: agreed.then_some(now),
            latest_data_at: (asks && ticked).then_some(now),
        },
    };
    Ok(match bind_data::set(context, &person.account, &wish).await? {
        Set::Wished(_) => Answer::see(links::DATA_DONE),
        Set::Not(Objection::NamesDiffer) => {
            Answer::page(&page(&person, &products, &sound, Ask::Differ { rule: ticked }).await?)
        }
        Set::Not(Objection::RuleNotAcknowledged) => {
            Answer::faulty(&page(&person, &products, &sound, Ask::Set(Some(rule(true)))).await?)
        }
        Set::Not(Objection::NotThere) => form::again(&person, &products, &sound),
        Set::Not(Objection::NotLinked | Objection::Occupied) => Answer::see(links::DATA),
    })
}

async fn page(person: &Person, products: &Products, sound: &Sound<'_>, ask: Ask) -> Result<Confirm, Trouble> {
    let registered = bind_data::registered_name(&person.visitor.site.context, &person.account).await?;
    let title = match ask {
        Ask::Set(_) => TITLE,
        Ask::Differ { .. } => "事業者名が異なります",
    };
    let fields: Vec<_> = match &ask {
        Ask::Set(rule) => rule.iter().collect(),
        Ask::Differ { .. } => Vec::new(),
    };
    Ok(Confirm {
        frame: Frame::new(&person.visitor, title).at(Step::SetUp).with_faults(&fields),
        registered: registered.map(|name| name.as_str().to_owned()),
        office_name: sound.office_name.as_str().to_owned(),
        link: sound.link.id.to_string(),
        product: products.called(sound.link),
        key: sound.place.name(),
        place: place(sound.place),
        ask,
    })
}

/// The latest-data rule (S4, S60).
fn rule(is_missing: bool) -> Field {
    let fault = "仕訳データの取り込みについてご確認のうえ、チェックを付けてください。";
    Field::tick("latest-data", "仕訳データの取り込みについて確認しました。")
        .hint("会計事務所とお客さまがそれぞれのパソコンにデータを保有しているため、注意が必要です。")
        .hint("仕訳データの取り込みは必ず最新のデータへ取り込むように、運用ルールなどを決めてご利用ください。")
        .fault(is_missing.then_some(fault))
}
