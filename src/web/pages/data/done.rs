//! 「スマート取引取込の設定を完了しました。」 ［画面を閉じる］ (S66).

use askama::Template;

use super::super::next;
use super::{Present, TITLE};
use crate::domain::data_binding::{ReleasedBy, State};
use crate::flows::bind_data;
use crate::links;
use crate::web::{Answer, Frame, Outcome, Person, Step};

#[derive(Template)]
#[template(path = "pages/data_done.html")]
struct Done {
    frame: Frame,
    present: Present,
    became: Became,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Became {
    /// It is set.
    Set,
    /// The contract system has not answered yet.
    InHand,
    /// Other data was set there first.
    Refused,
}

pub(super) async fn show(person: Person) -> Outcome {
    next::terms_first(&person).await?;
    let last = bind_data::last(&person.visitor.site.context, &person.account).await?;
    let Some(data) = last else { return Ok(Answer::see(links::DATA)) };
    let became = match data.state {
        State::Bound => Became::Set,
        State::Proposed => Became::InHand,
        State::Unbound(ReleasedBy::Refused) => Became::Refused,
        State::Releasing(_) | State::Unbound(_) => return Ok(Answer::see(links::DATA)),
    };
    let frame = Frame::new(&person.visitor, TITLE).at(Step::SetUp);
    Ok(Answer::page(&Done { frame, present: Present::of(&person, &data).await?, became }))
}
