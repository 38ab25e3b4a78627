//! ［製品・サービスの連携の設定］ after an approval: one of the guide's three cases (S30 to S37), by the list of contracts.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;

use super::listing::{Age, Listing};
use super::shared::{self, Shared};
use crate::domain::contract::{ContractSnapshot, Holding};
use crate::domain::migration::{MigrationCase, State};
use crate::flows::migrate;
use crate::flows::snapshot::{Contracts, Wanted, contracts};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step};

#[derive(Template)]
#[template(path = "pages/link.html")]
struct Link {
    frame: Frame,
    number: i64,
    firm: String,
    case: Case,
    migration: Migration,
    listing: Listing,
    news: Option<String>,
}

/// What the customer is to do.
enum Case {
    /// To choose (S31).
    Accounting,
    /// To migrate: nothing is registered (S32).
    Nothing,
    /// To migrate: no accounting product is (S33).
    NoAccounting,
    /// Nothing yet: a migration is under way.
    Wait,
    /// To come again: the list is not known.
    Unknown,
}

impl Case {
    /// Whether 契約の移行 is explained (補足).
    const fn is_about_migration(&self) -> bool {
        !matches!(self, Self::Accounting)
    }
}

/// What is left of the last migration.
enum Migration {
    Nothing,
    /// Some products stayed where they were, and are offered beside the choice.
    Partial,
    /// It was given up and can go on.
    Abandoned,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LINK, show, refresh)
}

async fn show(person: Person, Path(number): Path<String>) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    let list = contracts(&person.visitor.site.context, &shared.customer, Wanted::Recent).await?;
    page(&person, shared, &list).await
}

/// 「最新の一覧に更新する」 (S47). Where there is no newer list, that is said, however new the last one is.
async fn refresh(person: Person, Path(number): Path<String>) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    match contracts(&person.visitor.site.context, &shared.customer, Wanted::Newest).await? {
        Contracts::Current(_) => Ok(Answer::see(&shared.back())),
        list => page(&person, shared, &list).await,
    }
}

async fn page(person: &Person, shared: Shared, list: &Contracts) -> Outcome {
    let visitor = &person.visitor;
    let last = migrate::last(&visitor.site.context, &person.account).await?;
    let page = Link {
        frame: Frame::new(visitor, "製品・サービスの連携の設定").at(Step::Approve),
        number: shared.engagement.request.number,
        firm: shared.engagement.firm.name,
        case: case(list, last.as_ref()),
        migration: left(last.as_ref()),
        listing: Listing::of(visitor, list).running(),
        news: visitor.site.guide.news.clone(),
    };
    Ok(match list {
        Contracts::Unknown => Answer::with_status(StatusCode::SERVICE_UNAVAILABLE, &page),
        Contracts::Current(_) | Contracts::Old(_) => Answer::page(&page),
    })
}

fn case(list: &Contracts, last: Option<&MigrationCase>) -> Case {
    match list.known().map(ContractSnapshot::holding) {
        Some(Holding::Accounting) => Case::Accounting,
        _ if last.is_some_and(MigrationCase::is_under_way) => Case::Wait,
        Some(Holding::Nothing) => Case::Nothing,
        Some(Holding::NoAccounting) => Case::NoAccounting,
        None => Case::Unknown,
    }
}

fn left(last: Option<&MigrationCase>) -> Migration {
    match last.map(|case| case.state) {
        Some(State::Partial(_)) => Migration::Partial,
        Some(State::Abandoned(_)) => Migration::Abandoned,
        _ => Migration::Nothing,
    }
}
