//! 「お手続き中です。しばらくお待ち下さい」: the migration is under way (S44). The page moves on by itself, without a script, and
//! can be told not to; whoever leaves is told by mail.

use std::time::Duration;

use askama::Template;
use axum::extract::RawQuery;

use super::migration_products::nothing_registered;
use super::sharing::Sharing;
use crate::domain::migration::{ItemState, MigrationCase, MigrationItem, State};
use crate::domain::time::{Timestamp, minutes};
use crate::flows::migrate::{self, Submitted};
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Pages, Person, Step};

/// After how many seconds the page asks again: a little more than [`migrate::EAGER`].
const AGAIN: u32 = 5;
/// For how long after the start: a page that nobody looks at any more must not keep its person logged in.
const BY_ITSELF: Duration = minutes(15);
/// What the address line says where the page is to stand still.
const STOP: &str = "stop";

#[derive(Template)]
#[template(path = "pages/migration_wait.html")]
struct Wait {
    frame: Frame,
    moves: Moves,
    items: Vec<Item>,
    back: String,
}

/// Whether the page asks again by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moves {
    ByItself,
    /// The person wants it to stand still.
    Stopped,
    /// It takes long: mail tells.
    Long,
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
    let sharing = Sharing::of(&person).await?;
    let Some(case) = migrate::watched(&person.visitor.site.context, &person.account).await? else {
        return Ok(Answer::see(links::MIGRATION));
    };
    Ok(match case.state {
        State::Collecting => Answer::see(links::MIGRATION),
        State::Completed(_) | State::Partial(_) => Answer::see(&format!("{}?moved", links::CONTRACTS)),
        State::Abandoned(_) => Answer::page(&GivenUp {
            frame: Frame::new(&person.visitor, "契約の移行が終わっていません").at(Step::Approve),
            items: items(&case),
            back: sharing.back(),
        }),
        State::Submitted(since) | State::InProgress(since) => {
            let moves = moves(query.as_deref(), since, person.visitor.now());
            let page = Answer::page(&Wait {
                frame: Frame::new(&person.visitor, "お手続き中です").at(Step::Approve),
                moves,
                items: items(&case),
                back: sharing.back(),
            });
            if moves == Moves::ByItself { page.refreshing(AGAIN, links::MIGRATION_WAIT) } else { page }
        }
    })
}

/// ［登録を完了して移行を開始する］ (S43); 「もう一度進める」 where it was given up.
async fn start(person: Person, fields: Fields) -> Outcome {
    let sharing = Sharing::of(&person).await?;
    let context = &person.visitor.site.context;
    if fields.raw("do") == "resume" {
        migrate::resume(context, &sharing.customer).await?;
        return Ok(Answer::see(links::MIGRATION_WAIT));
    }
    match migrate::submit(context, &sharing.customer).await? {
        Submitted::Begun => Ok(Answer::see(links::MIGRATION_WAIT)),
        Submitted::Empty => nothing_registered(&person, &sharing).await,
    }
}

fn moves(query: Option<&str>, since: Timestamp, now: Timestamp) -> Moves {
    match query {
        _ if now.since(since) >= BY_ITSELF => Moves::Long,
        Some(STOP) => Moves::Stopped,
        _ => Moves::ByItself,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stands_still_when_it_is_told_to_and_when_nobody_may_be_there_any_more() {
        let (since, at) = (Timestamp::from_millis(0), |seconds: i64| Timestamp::from_millis(seconds * 1000));
        for (query, seconds, moves_on) in [(None, 0, true), (Some("x"), 899, true), (Some("stop"), 0, false)] {
            assert_eq!(moves(query, since, at(seconds)) == Moves::ByItself, moves_on, "{query:?}");
        }
        assert!(moves(None, since, at(900)) == Moves::Long && moves(Some("stop"), since, at(900)) == Moves::Long);
    }
}
