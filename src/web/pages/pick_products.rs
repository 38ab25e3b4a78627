//! The choice of the accounting products that are shared with a firm: ［変更する］ (S51 to S54).

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;

use super::entry::{Mark, mark};
use super::listing::Age;
use super::shared::{self, Shared};
use crate::domain::contract::ContractId;
use crate::domain::ids::LinkageId;
use crate::domain::linkage::Linkage;
use crate::domain::product_choice::Exclusivity;
use crate::flows::bind_data;
use crate::flows::pick_products::{self, Pick, Picked, TickBox};
use crate::flows::snapshot::Wanted;
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Pages, Person, Step, Trouble};

const TITLE: &str = "製品・サービスの連携の設定";

#[derive(Template)]
#[template(path = "pages/pick_products.html")]
struct Page {
    frame: Frame,
    number: i64,
    firm: String,
    boxes: Vec<Row>,
    age: Age,
}

/// A product with its box.
struct Row {
    id: String,
    name: String,
    mark: Option<Mark>,
    is_ticked: bool,
    /// The firms that it is shared with now and that would give way.
    gives_way: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/pick_products_confirm.html")]
struct Confirm {
    frame: Frame,
    number: i64,
    firm: String,
    unlinked: Vec<String>,
    /// The product, and the firm that it was shared with.
    replaced: Vec<[String; 2]>,
    /// 事業所名 of the data that would be released.
    data: Option<String>,
    ticked: Vec<String>,
    confirmed: Vec<LinkageId>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LINK_PRODUCTS, show, change)
}

async fn show(person: Person, Path(number): Path<String>) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    let page = page(&person, &shared, None).await?;
    Ok(match page.age {
        // Where there is nothing to choose from, ［製品・サービスの連携の設定］ says what comes first.
        Age::Current | Age::Old(_) if page.boxes.is_empty() => Answer::see(&shared.back()),
        Age::Unknown => Answer::with_status(StatusCode::SERVICE_UNAVAILABLE, &page),
        _ => Answer::page(&page),
    })
}

/// ［変更する］
async fn change(person: Person, Path(number): Path<String>, fields: Fields) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    let ticked: Result<Vec<_>, _> = fields.all("product").map(ContractId::parse).collect();
    let confirmed: Vec<_> = fields.all("confirmed").map(|id| LinkageId::stored(id.to_owned())).collect();
    let picked = match &ticked {
        Ok(ticked) => {
            let firm = &shared.engagement.firm.id;
            let pick = Pick { firm, ticked, confirmed: &confirmed, exclusivity: person.visitor.site.exclusivity };
            pick_products::pick(&person.visitor.site.context, &shared.customer, pick).await?
        }
        Err(_) => Picked::NotLinkable,
    };
    let ticked = ticked.unwrap_or_default();
    match picked {
        Picked::Done => Ok(Answer::see(links::MANAGE)),
        Picked::Confirm { unlinked, replaced } => {
            Ok(Answer::page(&confirm(&person, &shared, &ticked, &unlinked, &replaced).await?))
        }
        Picked::NotLinkable => {
            let mut page = page(&person, &shared, Some(&ticked)).await?;
            page.frame =
                page.frame.with_fault("選ばれた製品は、現在連携できません。一覧をご確認のうえ、選び直してください。");
            Ok(Answer::faulty(&page))
        }
        Picked::Unavailable => {
            let page = page(&person, &shared, Some(&ticked)).await?;
            Ok(Answer::with_status(StatusCode::SERVICE_UNAVAILABLE, &page))
        }
    }
}

/// With what was `ticked`, or with what is wanted so far.
async fn page(person: &Person, shared: &Shared, ticked: Option<&[ContractId]>) -> Result<Page, Trouble> {
    let site = &person.visitor.site;
    let firm = &shared.engagement.firm;
    let offer = pick_products::offer(&site.context, &shared.customer, &firm.id, Wanted::Recent).await?;
    let names = shared::names(person).await?;
    let gives_way = site.exclusivity == Exclusivity::OneFirm;
    let row = |it: &TickBox| Row {
        id: it.contract.id.to_string(),
        name: it.contract.name.clone(),
        mark: it.link.as_ref().and_then(|link| mark(link.state.shown())),
        is_ticked: ticked.map_or_else(|| it.is_ticked(), |ticked| ticked.contains(&it.contract.id)),
        gives_way: it.shared_with.iter().filter(|_| gives_way).map(|firm| names.of(firm)).collect(),
    };
    Ok(Page {
        frame: Frame::new(&person.visitor, TITLE).at(Step::Approve),
        number: shared.engagement.request.number,
        firm: firm.name.clone(),
        boxes: offer.boxes.iter().map(row).collect(),
        age: Age::of(&person.visitor, &offer.contracts),
    })
}

/// What would end, asked once more.
async fn confirm(
    person: &Person,
    shared: &Shared,
    ticked: &[ContractId],
    unlinked: &[Linkage],
    replaced: &[Linkage],
) -> Result<Confirm, Trouble> {
    let names = shared::names(person).await?;
    let ends = || unlinked.iter().chain(replaced);
    let bound = bind_data::live(&person.visitor.site.context, &person.account).await?;
    let ending = bound.filter(|data| ends().any(|link| link.firm == data.firm && link.contract == data.contract));
    Ok(Confirm {
        frame: Frame::new(&person.visitor, "連携の変更の確認").at(Step::Approve),
        number: shared.engagement.request.number,
        firm: shared.engagement.firm.name.clone(),
        unlinked: unlinked.iter().map(|link| link.product_name.clone()).collect(),
        replaced: replaced.iter().map(|link| [link.product_name.clone(), names.of(&link.firm)]).collect(),
        data: ending.map(|data| data.office_name.as_str().to_owned()),
        ticked: ticked.iter().map(ContractId::to_string).collect(),
        confirmed: ends().map(|link| link.id.clone()).collect(),
    })
}
