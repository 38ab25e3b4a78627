//! 「お手続き中です。しばらくお待ち下さい」: the migration is under way (S44). The page waits, and moves on to 契約一覧.

use askama::Template;
use axum::extract::RawQuery;

use super::migration_products::nothing_registered;
use super::shared;
use super::waiting::Waiting;
use crate::domain::migration::{ItemState, MigrationCase, MigrationItem, State};
use crate::flows::migrate::{self, Submitted};
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Pages, Person, Step};

#[derive(Template)]
#[template(path = "pages/migration_wait.html")]
struct Wait {
    frame: Frame,
    waiting: Waiting,
    items: Vec<Item>,
    back: String,
}

struct Item {
    number: String,
    product: String,
    state: &'static str,
    is_good: bool,
}

#[derive(Template)]
#[template(path = "pages/migration_given_up.html")]
struct GivenUp {
    frame: Frame,
    items: Vec<Item>,
    back: String,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::MIGRATION_WAIT, show).take(links::MIGRATION_START, start)
}

async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    let Some(case) = migrate::watched(&person.visitor.site.context, &person.account).await? else {
        return Ok(Answer::see(links::MIGRATION));
    };
    Ok(match case.state {
        State::Collecting => Answer::see(links::MIGRATION),
        State::Completed(_) | State::Partial(_) => Answer::see(&format!("{}?moved", links::CONTRACTS)),
        State::Abandoned(_) => Answer::page(&GivenUp {
            frame: Frame::new(&person.visitor, "契約の移行が終わっていません").at(Step::Approve),
            items: items(&case),
            back: shared.back(),
        }),
        State::Submitted(since) | State::InProgress(since) => {
            let waiting = Waiting::at(links::MIGRATION_WAIT, query.as_deref(), since, person.visitor.now());
            waiting.page(&Wait {
                frame: Frame::new(&person.visitor, "お手続き中です").at(Step::Approve),
                waiting,
                items: items(&case),
                back: shared.back(),
            })
        }
    })
}

/// ［登録を完了して移行を開始する］ (S43); 「もう一度進める」 where it was given up.
async fn start(person: Person, fields: Fields) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    let context = &person.visitor.site.context;
    if fields.raw("do") == "resume" {
        migrate::resume(context, &shared.customer).await?;
        return Ok(Answer::see(links::MIGRATION_WAIT));
    }
    match migrate::submit(context, &shared.customer).await? {
        Submitted::Begun => Ok(Answer::see(links::MIGRATION_WAIT)),
        Submitted::Empty => nothing_registered(&person, &shared).await,
    }
}

fn items(case: &MigrationCase) -> Vec<Item> {
    let item = |item: &MigrationItem| {
        let (product, state, is_good) = match &item.state {
            ItemState::Authenticated(owned, _) => (owned.name.clone(), "お手続き中", false),
            ItemState::Moved(owned, _) => (owned.name.clone(), "移行済み", true),
            ItemState::Stayed(owned, _) => (owned.name.clone(), "移行できませんでした", false),
            ItemState::Entered | ItemState::Refused(_) | ItemState::Network => return None,
        };
        Some(Item { number: item.number.to_string(), product, state, is_good })
    };
    case.items.iter().filter_map(item).collect()
}
