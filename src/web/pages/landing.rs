//! Where the mailed link lands (S10, threats T8 and T9). Looking changes nothing and shows nothing of anybody; the form takes
//! the link into the visit or the session, so that no later address line has it.

use askama::Template;
use axum::extract::Path;

use super::ending;
use crate::domain::ids::RequestId;
use crate::domain::locale::Locale;
use crate::domain::next_step::Ending;
use crate::flows::landing::{self, Followed, Landing};
use crate::flows::{dates, sessions};
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Pages, Step, Trouble, Visitor};

#[derive(Template)]
#[template(path = "pages/landing.html")]
struct Waiting {
    frame: Frame,
    path: String,
    until: String,
    disowned_at: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/landing_answered.html")]
struct Answered {
    frame: Frame,
    path: String,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::APPROVAL, show, take)
}

async fn show(visitor: Visitor, Path(token): Path<String>) -> Outcome {
    match landing::follow(&visitor.site.context, &token).await? {
        Some(followed) => Ok(page(&visitor, &token, followed.landing)),
        None => Ok(ending::page(&visitor, Ending::NotFound)),
    }
}

async fn take(visitor: Visitor, Path(token): Path<String>, fields: Fields) -> Outcome {
    match landing::follow(&visitor.site.context, &token).await? {
        Some(Followed { landing: Landing::Over(over), .. }) => Ok(ending::page(&visitor, over)),
        Some(Followed { request, landing }) => {
            let next = match (fields.raw("do"), landing) {
                ("disown", Landing::Waiting { .. }) => links::DISOWN,
                _ => links::NEXT,
            };
            enter(&visitor, request, next).await
        }
        None => Ok(ending::page(&visitor, Ending::NotFound)),
    }
}

/// Keeps the request in the session, or in the visit of who is not logged in.
pub(super) async fn enter(visitor: &Visitor, request: RequestId, next: &str) -> Outcome {
    let context = &visitor.site.context;
    let Some(person) = visitor.person() else {
        let mut visit = visitor.visit.clone();
        visit.request = Some(request);
        return Ok(Answer::see(next).visiting(visit));
    };
    sessions::take_request(context, person.secret(), &request).await.map_err(Trouble::from)?;
    // Who says that they know nothing of a request has not begun to answer it.
    if next != links::DISOWN {
        landing::enter(context, &request, &person.account).await?;
    }
    Ok(Answer::see(next))
}

fn page(visitor: &Visitor, token: &str, landing: Landing) -> Answer {
    let path = links::APPROVAL.replace("{token}", token);
    match landing {
        Landing::Waiting { until, disowned_at } => {
            let zone = visitor.site.time_zone;
            Answer::page(&Waiting {
                frame: Frame::new(visitor, "契約情報提供のお手続き").at(Step::OpenMail),
                path,
                until: dates::until(until, zone, Locale::Ja),
                disowned_at: disowned_at.map(|at| dates::at(at, zone, Locale::Ja)),
            })
        }
        Landing::Answered => Answer::page(&Answered {
            frame: Frame::new(visitor, "この申請には、お返事をいただいています"),
            path,
        }),
        Landing::Over(over) => ending::page(visitor, over),
    }
}
