//! 契約情報の提供を停止する: asked once more, then done.

use askama::Template;
use axum::extract::Path;

use super::manage::find;
use crate::domain::locale::Locale;
use crate::flows::{dates, manage};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person};

#[derive(Template)]
#[template(path = "pages/stop.html")]
struct Stop {
    frame: Frame,
    number: i64,
    firm: String,
    approved_at: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::MANAGE_STOP, show, take)
}

async fn show(person: Person, Path(number): Path<String>) -> Outcome {
    let found = find(&person, &number).await?;
    if !found.is_shared() {
        return Ok(Answer::see(links::MANAGE));
    }
    let zone = person.visitor.site.time_zone;
    Ok(Answer::page(&Stop {
        frame: Frame::new(&person.visitor, "契約情報の提供を停止する"),
        number: found.request.number,
        firm: found.firm.name,
        approved_at: found.answer.map(|answer| dates::at(answer.at, zone, Locale::Ja)),
    }))
}

/// Sent twice, or for what this person does not share: the page that follows shows how it stands.
async fn take(person: Person, Path(number): Path<String>) -> Outcome {
    let found = find(&person, &number).await?;
    manage::stop(&person.visitor.site.context, &person.account, found.request.number).await?;
    Ok(Answer::see(links::MANAGE))
}
