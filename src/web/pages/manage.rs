//! 会計事務所等管理 (S53): the firms of the logged-in person, and where each request stands.

use askama::Template;
use axum::extract::Path;

use super::entry::Entry;
use super::{landing, next};
use crate::domain::firm_request::State;
use crate::domain::locale::Locale;
use crate::domain::next_step::{By, Ending, Standing};
use crate::flows::manage::{self, Engagement};
use crate::flows::{company, dates, linkages};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Trouble, Visitor};

#[derive(Template)]
#[template(path = "pages/manage.html")]
struct Manage {
    frame: Frame,
    business: Option<String>,
    cards: Vec<Card>,
}

/// A firm on the page.
struct Card {
    number: i64,
    firm: String,
    telephone: String,
    asked_at: String,
    state: &'static str,
    says: String,
    deed: Deed,
    is_good: bool,
    entry: Option<Entry>,
}

/// What can be done about it.
enum Deed {
    /// お手続きへ進む
    Answer,
    /// 契約情報の提供を停止する
    Stop,
    Nothing,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::MANAGE, show).take(links::MANAGE_ANSWER, answer)
}

async fn show(person: Person) -> Outcome {
    next::terms_first(&person).await?;
    let context = &person.visitor.site.context;
    let all = manage::overview(context, person.request.as_ref(), &person.account).await?;
    let linked = linkages::watched(context, &person.account).await?;
    let entry = |engagement: &Engagement| entry(&all, &linked, engagement);
    let card = |engagement| Card { entry: entry(engagement), ..card(&person.visitor, engagement) };
    Ok(Answer::page(&Manage {
        frame: Frame::new(&person.visitor, "会計事務所等管理"),
        business: company::of(context, &person.account).await?.map(|company| company.name.name),
        cards: all.iter().map(card).collect(),
    }))
}

/// Goes on with this request.
async fn answer(person: Person, Path(number): Path<String>) -> Outcome {
    let found = find(&person, &number).await?;
    landing::enter(&person.visitor, found.request.id, links::NEXT).await
}

/// The engagement with this number, where this person may see it.
pub(super) async fn find(person: &Person, number: &str) -> Result<Engagement, Trouble> {
    let number = number.parse().map_err(|_| Trouble::NOT_FOUND)?;
    let context = &person.visitor.site.context;
    let found = manage::find(context, person.request.as_ref(), &person.account, number).await?;
    found.ok_or(Trouble::NOT_FOUND)
}

fn card(visitor: &Visitor, engagement: &Engagement) -> Card {
    let (request, zone) = (&engagement.request, visitor.site.time_zone);
    let at = |at| dates::at(at, zone, Locale::Ja);
    let until = dates::until(request.expires_at, zone, Locale::Ja);
    let (state, says, deed) = match (engagement.standing, request.stopped_at, request.state) {
        (Standing::Open, ..) => ("お返事待ち", format!("お手続きの期限：{until}まで"), Deed::Answer),
        (Standing::DeclineTold, ..) => {
            let says = format!("申請先と異なるIDから「承認しない」とお返事しました。お手続きの期限：{until}まで");
            ("お返事待ち", says, Deed::Answer)
        }
        (Standing::Approved(By::Me), None, State::Approved(then)) => {
            ("契約情報を提供中", format!("{}に承認しました。", at(then)), Deed::Stop)
        }
        (Standing::Approved(By::Me), Some(then), _) => {
            ("提供を停止", format!("{}に契約情報の提供を停止しました。", at(then)), Deed::Nothing)
        }
        (Standing::Declined(By::Me), _, State::Declined(then)) => {
            ("承認しない", format!("{}に「承認しない」とお返事しました。", at(then)), Deed::Nothing)
        }
        (Standing::Approved(_) | Standing::Declined(_) | Standing::Over(Ending::DecidedByAnother), ..) => {
            ("別のIDでお返事済み", "ログイン中のIDの契約情報は提供されません。".to_owned(), Deed::Nothing)
        }
        (Standing::Over(Ending::Expired), ..) => {
            ("期限切れ", "お返事がないまま、お手続きの期限が過ぎました。".to_owned(), Deed::Nothing)
        }
        (Standing::Over(Ending::Cancelled | Ending::NotFound), ..) => {
            ("取り下げ", "この申請は取り下げられました。".to_owned(), Deed::Nothing)
        }
        (Standing::Over(Ending::FirmSuspended), ..) => {
            ("お取り扱い停止中", "現在お手続きいただけません。".to_owned(), Deed::Nothing)
        }
    };
    Card {
        number: request.number,
        firm: engagement.firm.name.clone(),
        telephone: engagement.firm.telephone.clone(),
        asked_at: at(request.created_at),
        state,
        says,
        is_good: matches!(deed, Deed::Stop),
        deed,
        entry: None,
    }
}

/// What is linked with the firm stands in one card of it: the newest that is shared or, while it is being unlinked, was.
fn entry(all: &[Engagement], linked: &[linkages::Entry], engagement: &Engagement) -> Option<Entry> {
    let mut of_firm = all.iter().filter(|other| other.firm.id == engagement.firm.id);
    let approved = |other: &&Engagement| other.standing == Standing::Approved(By::Me);
    let shared = of_firm.clone().find(|other| other.is_shared());
    let place = shared.or_else(|| of_firm.find(approved))?;
    if place.request.id != engagement.request.id {
        return None;
    }
    let (number, found) = (engagement.request.number, linked.iter().find(|it| it.firm == engagement.firm.id));
    match found {
        Some(found) => Some(Entry::of(number, engagement.is_shared(), found)),
        None => engagement.is_shared().then(|| Entry::empty(number)),
    }
}
