//! 登録済み製品一覧: the network products that were registered by their サービス契約ID (S48, S49).

use askama::Template;
use axum::extract::RawQuery;

use super::sharing::Sharing;
use crate::domain::network_registration::State;
use crate::flows::network_registration;
use crate::flows::snapshot::{Wanted, contracts};
use crate::links;
use crate::web::{Answer, Frame, Outcome, Pages, Person, Step};

/// What the address line says after ［認証する］, so that the page tells that it worked.
pub(super) const ADDED: &str = "added";

#[derive(Template)]
#[template(path = "pages/products.html")]
struct Page {
    frame: Frame,
    registered: Vec<Registered>,
    was_added: bool,
    back: String,
    faq: Option<String>,
}

/// A product in the list.
struct Registered {
    id: String,
    /// Its full name, where the list of contracts has it.
    product: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.show(links::PRODUCTS, show)
}

async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    let sharing = Sharing::of(&person).await?;
    let (visitor, context) = (&person.visitor, &person.visitor.site.context);
    let all = network_registration::list(context, &person.account).await?;
    let list = contracts(context, &sharing.customer, Wanted::Recent).await?;
    let registered = all.into_iter().filter_map(|registration| {
        let State::Authenticated(id) = &registration.state else { return None };
        let product = list.known().and_then(|list| list.contract(id)).map(|contract| contract.name.clone());
        Some(Registered { id: registration.service_contract.to_string(), product })
    });
    let registered: Vec<_> = registered.collect();
    Ok(Answer::page(&Page {
        frame: Frame::new(visitor, "登録済み製品一覧").at(Step::Approve),
        was_added: query.as_deref() == Some(ADDED) && !registered.is_empty(),
        registered,
        back: sharing.back(),
        faq: visitor.site.guide.network_faq.clone(),
    }))
}
