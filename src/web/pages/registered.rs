//! The registration is done (S21).

use askama::Template;

use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step};

#[derive(Template)]
#[template(path = "pages/registered.html")]
struct Registered {
    frame: Frame,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::REGISTERED, show)
}

async fn show(person: Person) -> Outcome {
    let title = format!("{}IDの登録が完了しました", person.visitor.site.brand);
    Ok(Answer::page(&Registered { frame: Frame::new(&person.visitor, title).at(Step::LogIn) }))
}
