//! 「スマート取引取込の設定を完了しました。」 ［画面を閉じる］ (S66); until then, the page waits.

use askama::Template;
use axum::extract::RawQuery;

use super::super::next;
use super::super::waiting::Waiting;
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
#[derive(Clone, Copy)]
enum Became {
    /// It is set.
    Set,
    /// The contract system has not answered yet.
    InHand(Waiting),
    /// Other data was set there first.
    Refused,
}

pub(super) async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    next::terms_first(&person).await?;
    let last = bind_data::watched(&person.visitor.site.context, &person.account).await?;
    let Some(data) = last else { return Ok(Answer::see(links::DATA)) };
    let waiting = Waiting::at(links::DATA_DONE, query.as_deref(), data.state_at, person.visitor.now());
    let became = match data.state {
        State::Bound => Became::Set,
        State::Proposed => Became::InHand(waiting),
        State::Unbound(ReleasedBy::Refused) => Became::Refused,
        State::Releasing(_) | State::Unbound(_) => return Ok(Answer::see(links::DATA)),
    };
    let frame = Frame::new(&person.visitor, TITLE).at(Step::SetUp);
    let page = Done { frame, present: Present::of(&person, &data).await?, became };
    Ok(if let Became::InHand(waiting) = became { waiting.page(&page) } else { Answer::page(&page) })
}
