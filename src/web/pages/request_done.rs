//! What became of the answer.

use askama::Template;

use crate::domain::decision::{Choice, Decision, Weight};
use crate::domain::locale::Locale;
use crate::domain::next_step::By;
use crate::domain::next_step::Standing;
use crate::flows::{dates, decide};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step};

#[derive(Template)]
#[template(path = "pages/request_done.html")]
struct Done {
    frame: Frame,
    firm: String,
    at: String,
    became: Became,
    /// ［製品・サービスの連携の設定］, which follows an approval.
    link: Option<String>,
}

/// What the answer did.
enum Became {
    Approved,
    Declined,
    /// Another ID's decline: until when the mailed ID may still answer.
    Told(String),
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::REQUEST_DONE, show)
}

async fn show(person: Person) -> Outcome {
    let site = &person.visitor.site;
    let shown = decide::look(&site.context, person.request.as_ref(), &person.account, &site.terms.version).await?;
    let Some((shown, given)) = shown.as_ref().and_then(|shown| Some((shown, shown.given()?))) else {
        return Ok(Answer::see(links::NEXT));
    };
    let until = || dates::until(shown.at_hand.request.expires_at, site.time_zone, Locale::Ja);
    let Some((title, became)) = became(given, shown.standing(), until) else { return Ok(Answer::see(links::NEXT)) };
    Ok(Answer::page(&Done {
        frame: Frame::new(&person.visitor, title).at(Step::Approve),
        firm: shown.at_hand.firm.name.clone(),
        at: dates::at(given.at, site.time_zone, Locale::Ja),
        link: matches!(became, Became::Approved).then(|| links::numbered(links::LINK, shown.at_hand.request.number)),
        became,
    }))
}

/// `None` where the request has gone on without this answer.
fn became(given: &Decision, standing: Standing, until: impl Fn() -> String) -> Option<(&'static str, Became)> {
    match (given.answer.choice, given.weight, standing) {
        (Choice::Approve, _, Standing::Approved(By::Me)) => Some(("承認しました", Became::Approved)),
        (Choice::Decline, Weight::Final, _) => Some(("「承認しない」で確定しました", Became::Declined)),
        (Choice::Decline, Weight::Told, Standing::DeclineTold) => {
            Some(("「承認しない」とお伝えしました", Became::Told(until())))
        }
        _ => None,
    }
}
