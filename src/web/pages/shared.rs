//! The firm that a page about links is for: one with which this person shares their contract information.

use super::{manage as page, next};
use crate::domain::customer::Customer;
use crate::domain::ids::FirmId;
use crate::domain::next_step::Step as Due;
use crate::flows::accounts;
use crate::flows::manage::{self, Engagement};
use crate::links;
use crate::web::{Person, Trouble};

/// See above.
pub(super) struct Shared {
    /// The firm and its request.
    pub(super) engagement: Engagement,
    /// The person, as the contract-management system knows them.
    pub(super) customer: Customer,
}

/// The shared request with this number. `Err`: the page where this person belongs instead.
pub(super) async fn find(person: &Person, number: &str) -> Result<Result<Shared, &'static str>, Trouble> {
    if next::step(&person.visitor).await? == Due::Terms {
        return Ok(Err(links::NEXT));
    }
    let engagement = page::find(person, number).await?;
    if !engagement.is_shared() {
        return Ok(Err(links::MANAGE));
    }
    let account = accounts::by_id(&person.visitor.site.context, &person.account).await?.ok_or(Trouble::NOT_FOUND)?;
    Ok(Ok(Shared { engagement, customer: Customer::from(&account) }))
}

/// What the firms of this person are called.
pub(super) async fn names(person: &Person) -> Result<Names, Trouble> {
    let context = &person.visitor.site.context;
    Ok(Names(manage::overview(context, person.request.as_ref(), &person.account).await?))
}

/// What firms are called.
pub(super) struct Names(Vec<Engagement>);

impl Names {
    /// What this firm is called.
    pub(super) fn of(&self, firm: &FirmId) -> String {
        let found = self.0.iter().find(|engagement| engagement.firm.id == *firm);
        found.map_or_else(|| "別の会計事務所".to_owned(), |engagement| engagement.firm.name.clone())
    }
}
