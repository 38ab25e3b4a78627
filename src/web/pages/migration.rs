//! ［お客様番号の確認］: what the migration needs, before it is begun (S38).

use askama::Template;

use super::shared::{self, Shared};
use crate::domain::contract::{ContractSnapshot, Holding};
use crate::domain::migration::MigrationCase;
use crate::flows::migrate;
use crate::flows::snapshot::{Wanted, contracts};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step, Trouble};

#[derive(Template)]
#[template(path = "pages/migration.html")]
struct Confirm {
    frame: Frame,
    back: String,
    news: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::MIGRATION, show, yes)
}

async fn show(person: Person) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    if let Err(elsewhere) = offered(&person, &shared).await? {
        return Ok(elsewhere);
    }
    Ok(Answer::page(&Confirm {
        frame: Frame::new(&person.visitor, "お客様番号の確認").at(Step::Approve),
        back: shared.back(),
        news: person.visitor.site.guide.news.clone(),
    }))
}

/// ［はい］. Nothing is kept before a number is registered: whoever leaves here has begun nothing (S37).
async fn yes(_: Person) -> Outcome {
    Ok(Answer::see(links::MIGRATION_PRODUCTS))
}

/// The last migration, where 契約の移行 may be shown; otherwise the page that takes its place (S35).
pub(super) async fn offered(
    person: &Person,
    shared: &Shared,
) -> Result<Result<Option<MigrationCase>, Answer>, Trouble> {
    let context = &person.visitor.site.context;
    let last = migrate::last(context, &person.account).await?;
    if last.as_ref().is_some_and(MigrationCase::is_under_way) {
        return Ok(Err(Answer::see(links::MIGRATION_WAIT)));
    }
    let list = contracts(context, &shared.customer, Wanted::Recent).await?;
    let holding = list.known().map_or(Holding::Nothing, ContractSnapshot::holding);
    Ok(if MigrationCase::is_offered(last.as_ref(), holding) { Ok(last) } else { Err(Answer::see(&shared.back())) })
}
