//! 連携を解除する: the data is named, and only then is there room for other data (S61).

use askama::Template;

use super::super::next;
use super::Present;
use crate::domain::data_binding::Party;
use crate::domain::office_name::OfficeName;
use crate::domain::product::DataPlace;
use crate::flows::bind_data::{self, Released};
use crate::links;
use crate::web::{Answer, Fields, Frame, Outcome, Person, Trouble};

#[derive(Template)]
#[template(path = "pages/data_release.html")]
struct Release {
    frame: Frame,
    present: Present,
}

pub(super) async fn show(person: Person) -> Outcome {
    next::terms_first(&person).await?;
    Ok(page(&person).await?.map_or_else(|| Answer::see(links::DATA), |page| Answer::page(&page)))
}

/// Releases what the page named, and nothing that was set since.
pub(super) async fn take(person: Person, fields: Fields) -> Outcome {
    next::terms_first(&person).await?;
    let (name, place) = (OfficeName::parse(fields.raw("office-name")), DataPlace::stored(fields.raw("place")));
    let released = match (name, place) {
        (Ok(name), Some(place)) => {
            let context = &person.visitor.site.context;
            bind_data::release(context, &person.account, Party::Customer, &name, place).await?
        }
        _ => Released::OtherData,
    };
    match (released, page(&person).await?) {
        (Released::OtherData, Some(mut page)) => {
            let says = "設定されている事業所データが変わっています。もう一度ご確認ください。";
            page.frame = page.frame.with_fault(says);
            Ok(Answer::faulty(&page))
        }
        _ => Ok(Answer::see(links::DATA)),
    }
}

/// Nothing where there is nothing to release.
async fn page(person: &Person) -> Result<Option<Release>, Trouble> {
    let live = bind_data::live(&person.visitor.site.context, &person.account).await?;
    let Some(data) = live.filter(|data| data.state.released_by().is_none()) else { return Ok(None) };
    let frame = Frame::new(&person.visitor, "事業所データの連携を解除する");
    Ok(Some(Release { frame, present: Present::of(person, &data).await? }))
}
