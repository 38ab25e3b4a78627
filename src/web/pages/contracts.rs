//! 契約一覧: every product of the customer, and what became of the migration that ended just now (S45).

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;

use super::listing::{Age, Listing};
use super::sharing::Sharing;
use crate::domain::contract::{MoveFault, Refusal};
use crate::domain::migration::{ItemState, MigrationCase, MigrationItem, State};
use crate::flows::migrate;
use crate::flows::snapshot::{Contracts, Wanted, contracts};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step};

#[derive(Template)]
#[template(path = "pages/contracts.html")]
struct Page {
    frame: Frame,
    listing: Listing,
    /// The migration is over, and all of it came over.
    is_done: bool,
    stayed: Vec<Stayed>,
    back: String,
    recovery: Option<String>,
}

/// A product that was not moved.
struct Stayed {
    number: String,
    product: String,
    why: &'static str,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::CONTRACTS, show)
}

async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    let sharing = Sharing::of(&person).await?;
    let (visitor, context) = (&person.visitor, &person.visitor.site.context);
    let list = contracts(context, &sharing.customer, Wanted::Recent).await?;
    let last = migrate::last(context, &person.account).await?;
    let state = last.as_ref().map(|case| case.state);
    let page = Page {
        frame: Frame::new(visitor, "契約一覧").at(Step::Approve),
        listing: Listing::of(visitor, &list),
        is_done: query.as_deref() == Some("moved") && matches!(state, Some(State::Completed(_))),
        stayed: last.filter(|case| matches!(case.state, State::Partial(_))).map_or_else(Vec::new, |case| stayed(&case)),
        back: sharing.back(),
        recovery: visitor.site.guide.customer_number.clone(),
    };
    Ok(match list {
        Contracts::Unknown => Answer::with_status(StatusCode::SERVICE_UNAVAILABLE, &page),
        Contracts::Current(_) | Contracts::Old(_) => Answer::page(&page),
    })
}

fn stayed(case: &MigrationCase) -> Vec<Stayed> {
    let stayed = |item: &MigrationItem| {
        let (product, why) = match &item.state {
            ItemState::Stayed(owned, fault) => (owned.name.clone(), moved_not(*fault)),
            ItemState::Refused(refusal) => (String::new(), begun_not(*refusal)),
            _ => return None,
        };
        Some(Stayed { number: item.number.to_string(), product, why })
    };
    case.items.iter().filter_map(stayed).collect()
}

const fn moved_not(fault: MoveFault) -> &'static str {
    match fault {
        MoveFault::ContractEnded => "契約が終了しています。",
        MoveFault::OtherHolder => "別のIDに登録されています。",
        MoveFault::NeedsSupport => "確認が必要です。下の問い合わせ先までご連絡ください。",
    }
}

const fn begun_not(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::OtherHolder => "別のIDに登録されています。",
        Refusal::AlreadyMigrated => "すでに移行されています。",
        Refusal::NoContract => "契約が終了しているか、見つかりません。",
        _ => "移行を開始できませんでした。もう一度登録してください。",
    }
}
