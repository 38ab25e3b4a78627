//! Which data: 事業所名, and where it lies (S57 to S62). Where data is set already, that is shown.

use askama::Template;
use axum::extract::RawQuery;

use super::super::waiting::Waiting;
use super::{Present, Products, Sound, TITLE, Typed, confirm};
use crate::domain::data_binding::{DataBinding, ReleasedBy, State};
use crate::domain::office_name::{LIMIT, OfficeName};
use crate::domain::product::DataPlace;
use crate::flows::bind_data;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Person, Step, times};

#[derive(Template)]
#[template(path = "pages/data.html")]
struct Form {
    frame: Frame,
    /// What was released last, and when.
    released: Option<[String; 2]>,
    /// The only product there is.
    only: Option<(String, String)>,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "pages/data_present.html")]
struct Shown {
    frame: Frame,
    present: Present,
    stands: Stands,
}

/// How the data that is there stands.
#[derive(Clone, Copy)]
enum Stands {
    Set,
    /// The contract system has not set it yet.
    InHand(Waiting),
    /// Nor released it.
    Going(Waiting),
}

#[derive(Template)]
#[template(path = "pages/data_none.html")]
struct NoProduct {
    frame: Frame,
}

pub(super) async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    let products = Products::of(&person).await?;
    let last = bind_data::watched(&person.visitor.site.context, &person.account).await?;
    if let Some(data) = last.as_ref().filter(|data| data.state.is_live()) {
        return present(&person, data, query.as_deref()).await;
    }
    if products.linked.is_empty() {
        let frame = Frame::new(&person.visitor, TITLE).at(Step::OpenData);
        return Ok(Answer::page(&NoProduct { frame }));
    }
    let released = last.and_then(|data| released(&person, &data));
    Ok(Answer::page(&Form { released, ..form(&person, &products, Typed::default(), false) }))
}

/// ［はい］, and the way back from the confirmation.
pub(super) async fn take(person: Person, fields: Fields) -> Outcome {
    let products = Products::of(&person).await?;
    let live = bind_data::live(&person.visitor.site.context, &person.account).await?;
    if live.is_some() || products.linked.is_empty() {
        return Ok(Answer::see(links::DATA));
    }
    let typed = Typed::of(&fields);
    if fields.raw("do") == "edit" {
        return Ok(Answer::page(&form(&person, &products, typed, false)));
    }
    match typed.sound(&products) {
        Some(sound) => confirm::names(&person, &products, &sound).await,
        None => Ok(Answer::faulty(&form(&person, &products, typed, true))),
    }
}

/// The form again, because something in it does not hold any more.
pub(super) fn again(person: &Person, products: &Products, sound: &Sound<'_>) -> Answer {
    let (link, office_name) = (sound.link.id.as_str(), sound.office_name.as_str());
    Answer::faulty(&form(person, products, Typed { link, office_name, place: sound.place.name() }, true))
}

async fn present(person: &Person, data: &DataBinding, query: Option<&str>) -> Outcome {
    let waiting = Waiting::at(links::DATA, query, data.state_at, person.visitor.now());
    let stands = match data.state {
        State::Proposed => Stands::InHand(waiting),
        State::Releasing(_) => Stands::Going(waiting),
        State::Bound | State::Unbound(_) => Stands::Set,
    };
    let frame = Frame::new(&person.visitor, TITLE).at(Step::SetUp);
    let page = Shown { frame, present: Present::of(person, data).await?, stands };
    Ok(if data.state.is_under_way() { waiting.page(&page) } else { Answer::page(&page) })
}

/// What the form says of data that somebody released.
fn released(person: &Person, data: &DataBinding) -> Option<[String; 2]> {
    let by = data.state.released_by()?;
    let at = times::clock(data.state_at, person.visitor.now(), person.visitor.site.time_zone);
    let somebody = matches!(by, ReleasedBy::Customer | ReleasedBy::Firm | ReleasedBy::Operator);
    somebody.then(|| [data.office_name.as_str().to_owned(), at])
}

fn form(person: &Person, products: &Products, typed: Typed<'_>, is_judged: bool) -> Form {
    let judged = |fault: Option<&'static str>| fault.filter(|_| is_judged);
    let only = match products.linked.as_slice() {
        [link] => Some((link.id.to_string(), products.called(link))),
        _ => None,
    };
    let link = products.find(only.as_ref().map_or(typed.link, |(id, _)| id));
    let product = only.is_none().then(|| {
        let all = products.linked.iter().map(|link| (link.id.to_string(), products.called(link)));
        let missing = link.is_none().then_some("連携する会計製品をお選びください。");
        Field::choice("link", "事業所データを開く会計製品", all.collect()).value(typed.link).fault(judged(missing))
    });
    let unnamed = OfficeName::parse(typed.office_name).is_err();
    let name = Field::line("office-name", "事業所名")
        .hint("会計製品の［事業所設定］に登録されている「事業所名」を、そのまま入力してください。例：株式会社山田商店")
        .at_most(LIMIT)
        .value(typed.office_name)
        .fault(judged(
            unnamed.then_some("事業所名を、［事業所設定］のとおりに1文字以上100文字以内で入力してください。"),
        ));
    let misplaced = match (DataPlace::stored(typed.place), link) {
        (None, _) => Some("データの場所をお選びください。"),
        (Some(place), Some(link)) if !link.product.may_lie_in(place) => {
            Some("この会計製品のデータは弥生ドライブでは共有できません。「このパソコン」をお選びください。")
        }
        _ => None,
    };
    let places = [(DataPlace::Drive, "弥生ドライブ（データ共有サービス）"), (DataPlace::Local, "このパソコン")];
    let places = places.into_iter().filter(|(place, _)| products.may_share() || *place == DataPlace::Local);
    let place =
        Field::choice("place", "データの場所", places.map(|(place, says)| (place.name(), says.to_owned())).collect())
            .hint("バックアップファイルの受け渡しでやり取りしている場合も、「このパソコン」をお選びください。")
            .value(typed.place)
            .fault(judged(misplaced));
    let fields: Vec<_> = product.into_iter().chain([name, place]).collect();
    let frame = Frame::new(&person.visitor, TITLE).at(Step::OpenSettings);
    Form { frame: frame.with_faults(&fields.iter().collect::<Vec<_>>()), released: None, only, fields }
}
