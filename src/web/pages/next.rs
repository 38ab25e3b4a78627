//! Leads to the page that a person is to see, wherever they come from (the guide's 「ご利用状況によって」).

use super::ending;
use crate::domain::next_step::Step;
use crate::flows::next_step::{Visit, Who, next_step};
use crate::flows::{accounts, manage};
use crate::links;
use crate::web::{Answer, Outcome, Pages, Person, Trouble, Visitor};

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::NEXT, show)
}

async fn show(visitor: Visitor) -> Outcome {
    Ok(match step(&visitor).await? {
        Step::Over(ending) => ending::page(&visitor, ending),
        Step::EnterCode => Answer::see(links::CODE),
        Step::LogIn => Answer::see(links::LOGIN),
        Step::Terms => Answer::see(links::TERMS),
        Step::Company => Answer::see(links::COMPANY),
        Step::Decide => Answer::see(links::REQUEST),
        Step::DoneDeclined => Answer::see(links::REQUEST_DONE),
        Step::Link => match at_hand(&visitor).await? {
            Some(number) => Answer::see(&links::numbered(links::LINK, number)),
            None => Answer::see(links::MANAGE),
        },
        Step::Wait => Answer::see(links::MIGRATION_WAIT),
        Step::Manage => Answer::see(links::MANAGE),
    })
}

/// The number of the request at hand, of who is logged in.
async fn at_hand(visitor: &Visitor) -> Result<Option<i64>, Trouble> {
    let Some(person) = visitor.person() else { return Ok(None) };
    let all = manage::overview(&visitor.site.context, person.request.as_ref(), &person.account).await?;
    Ok(all.into_iter().find(|it| Some(&it.request.id) == person.request.as_ref()).map(|it| it.request.number))
}

/// New terms come first, whatever became of the request at hand.
pub(super) async fn terms_first(person: &Person) -> Result<(), Trouble> {
    let site = &person.visitor.site;
    let account = accounts::by_id(&site.context, &person.account).await?.ok_or(Trouble::NOT_FOUND)?;
    if account.terms.version == site.terms.version { Ok(()) } else { Err(Trouble::see(links::TERMS)) }
}

/// The page that this visitor is to see.
pub(super) async fn step(visitor: &Visitor) -> Result<Step, Trouble> {
    let person = visitor.person();
    let who = match &person {
        Some(person) => Who::Account(&person.account),
        None => Who::Stranger(visitor.visit.attempt.as_ref()),
    };
    let visit = Visit { held: visitor.request(), who, terms: &visitor.site.terms.version };
    Ok(next_step(&visitor.site.context, visit).await?)
}
