//! この申請に心当たりがない: needs no ID.

use askama::Template;

use super::ending;
use crate::flows::disown::{self, Disowned};
use crate::flows::landing::{self, Landing};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Visitor};

#[derive(Template)]
#[template(path = "pages/disown.html")]
struct Ask {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "pages/disowned.html")]
struct Thanks {
    frame: Frame,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::DISOWN, show, take)
}

async fn show(visitor: Visitor) -> Outcome {
    let Some(request) = visitor.request() else { return Ok(Answer::see(links::NEXT)) };
    Ok(match landing::look(&visitor.site.context, request).await? {
        Landing::Waiting { disowned_at: None, .. } => {
            Answer::page(&Ask { frame: Frame::new(&visitor, "この申請に心当たりがない") })
        }
        Landing::Waiting { .. } => thanks(&visitor),
        other => elsewhere(&visitor, other),
    })
}

async fn take(visitor: Visitor) -> Outcome {
    let Some(request) = visitor.request() else { return Ok(Answer::see(links::NEXT)) };
    Ok(match disown::disown(&visitor.site.context, request).await? {
        Disowned::Noted => thanks(&visitor),
        Disowned::Not(landing) => elsewhere(&visitor, landing),
    })
}

fn thanks(visitor: &Visitor) -> Answer {
    Answer::page(&Thanks { frame: Frame::new(visitor, "お知らせいただき、ありがとうございます") })
}

fn elsewhere(visitor: &Visitor, landing: Landing) -> Answer {
    match landing {
        Landing::Over(over) => ending::page(visitor, over),
        Landing::Answered | Landing::Waiting { .. } => Answer::see(links::NEXT),
    }
}
