//! スマート取引取込の設定: the one business data of the person (S56 to S66). The form asks which, the next page shows both names,
//! a third asks again where they differ; what is set is shown, and released, here too.

mod confirm;
mod done;
mod form;
mod release;

use super::entry::place;
use super::next;
use super::shared::{self, Names};
use crate::domain::data_binding::{DataBinding, Party};
use crate::domain::linkage::{Linkage, State};
use crate::domain::office_name::OfficeName;
use crate::domain::product::DataPlace;
use crate::flows::linkages;
use crate::links;
use crate::web::{Fields, Pages, Person, Trouble};

const TITLE: &str = "スマート取引取込の設定";

pub(super) fn add(pages: Pages) -> Pages {
    let pages = pages.form(links::DATA, form::show, form::take).form(links::DATA_CONFIRM, confirm::back, confirm::take);
    pages.show(links::DATA_DONE, done::show).form(links::DATA_RELEASE, release::show, release::take)
}

/// The linked products with which data can be set.
struct Products {
    linked: Vec<Linkage>,
    names: Names,
}

impl Products {
    /// Of this person; new terms come first.
    async fn of(person: &Person) -> Result<Self, Trouble> {
        next::terms_first(person).await?;
        let entries = linkages::entries(&person.visitor.site.context, &person.account).await?;
        let all = entries.into_iter().flat_map(|entry| entry.links);
        let linked = all.filter(|link| link.state == State::Linked).collect();
        Ok(Self { linked, names: shared::names(person).await? })
    }

    /// The one with this id.
    fn find(&self, id: &str) -> Option<&Linkage> {
        self.linked.iter().find(|link| link.id.as_str() == id)
    }

    /// What a product is called here: with its firm.
    fn called(&self, link: &Linkage) -> String {
        format!("{}（連携先：{} 様）", link.product_name, self.names.of(&link.firm))
    }

    /// Whether data of any of them may lie in 弥生ドライブ.
    fn may_share(&self) -> bool {
        self.linked.iter().any(|link| link.product.may_lie_in(DataPlace::Drive))
    }
}

/// What the form brought, however wrong.
#[derive(Clone, Copy, Default)]
struct Typed<'a> {
    link: &'a str,
    office_name: &'a str,
    place: &'a str,
}

impl<'a> Typed<'a> {
    fn of(fields: &'a Fields) -> Self {
        Self { link: fields.raw("link"), office_name: fields.raw("office-name"), place: fields.raw("place") }
    }

    /// What it says, where all of it is sound.
    fn sound<'p>(&self, products: &'p Products) -> Option<Sound<'p>> {
        let link = products.find(self.link)?;
        let place = DataPlace::stored(self.place).filter(|place| link.product.may_lie_in(*place))?;
        Some(Sound { link, office_name: OfficeName::parse(self.office_name).ok()?, place })
    }
}

/// The data that is to be set.
struct Sound<'a> {
    link: &'a Linkage,
    office_name: OfficeName,
    place: DataPlace,
}

/// The data that is set, as pages show it.
struct Present {
    office_name: String,
    /// As forms name it.
    key: &'static str,
    place: &'static str,
    product: String,
    set_by: &'static str,
}

impl Present {
    async fn of(person: &Person, data: &DataBinding) -> Result<Self, Trouble> {
        let entries = linkages::entries(&person.visitor.site.context, &person.account).await?;
        let mut links = entries.iter().flat_map(|entry| &entry.links);
        let link = links.find(|link| link.firm == data.firm && link.contract == data.contract);
        let firm = shared::names(person).await?.of(&data.firm);
        let product = link.map_or_else(|| data.contract.to_string(), |link| link.product_name.clone());
        Ok(Self {
            office_name: data.office_name.as_str().to_owned(),
            key: data.place.name(),
            place: place(data.place),
            product: format!("{product}（連携先：{firm} 様）"),
            set_by: match data.set_by {
                Party::Customer => "お客さま",
                Party::Firm => "会計事務所",
            },
        })
    }
}
