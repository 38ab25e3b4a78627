//! All products of a firm are unlinked: asked once more, then done. One product alone is unticked in the choice.

use askama::Template;
use axum::extract::Path;

use super::shared::{self, Shared};
use crate::domain::ids::LinkageId;
use crate::domain::linkage::{EndedBy, Linkage};
use crate::flows::linkages::{self, Entry};
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Pages, Person, Trouble};

#[derive(Template)]
#[template(path = "pages/unlink.html")]
struct Page {
    frame: Frame,
    number: i64,
    firm: String,
    links: Vec<Linkage>,
    /// 事業所名 of the data that goes with them.
    data: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LINK_UNLINK, show, take)
}

async fn show(person: Person, Path(number): Path<String>) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    let entry = entry(&person, &shared).await?;
    let links = entry.iter().flat_map(wanted).cloned().collect::<Vec<_>>();
    if links.is_empty() {
        return Ok(Answer::see(links::MANAGE));
    }
    let data = entry.and_then(|entry| entry.binding).map(|data| data.office_name.as_str().to_owned());
    Ok(Answer::page(&Page {
        frame: Frame::new(&person.visitor, "製品・サービスの連携を解除する"),
        number: shared.engagement.request.number,
        firm: shared.engagement.firm.name,
        links,
        data,
    }))
}

/// Ends what was shown, and nothing that came since.
async fn take(person: Person, Path(number): Path<String>, fields: Fields) -> Outcome {
    let shared = shared::find(&person, &number).await?;
    let shown: Vec<_> = fields.all("link").map(|id| LinkageId::stored(id.to_owned())).collect();
    let entry = entry(&person, &shared).await?;
    for link in entry.iter().flat_map(wanted).filter(|link| shown.contains(&link.id)) {
        linkages::unlink(&person.visitor.site.context, &person.account, &link.id, EndedBy::Customer).await?;
    }
    Ok(Answer::see(links::MANAGE))
}

async fn entry(person: &Person, shared: &Shared) -> Result<Option<Entry>, Trouble> {
    let entries = linkages::entries(&person.visitor.site.context, &person.account).await?;
    Ok(entries.into_iter().find(|entry| entry.firm == shared.engagement.firm.id))
}

fn wanted(entry: &Entry) -> impl Iterator<Item = &Linkage> {
    entry.links.iter().filter(|link| link.state.is_wanted())
}
