//! The firm that a page about migration or links is for: one with which this person shares their contract information.

use super::{manage as page, next};
use crate::domain::customer::Customer;
use crate::domain::ids::FirmId;
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

/// The shared request with this number. Who does not share it is led to the page of the firms; new terms come first.
pub(super) async fn find(person: &Person, number: &str) -> Result<Shared, Trouble> {
    next::terms_first(person).await?;
    let engagement = page::find(person, number).await?;
    if engagement.is_shared() { Shared::of(person, engagement).await } else { Err(Trouble::see(links::MANAGE)) }
}

/// The shared request of who goes on with it: the one whose link they hold, or else the newest that they approved. Who shares
/// nothing is led to the page of the firms; new terms come first.
pub(super) async fn at_hand(person: &Person) -> Result<Shared, Trouble> {
    next::terms_first(person).await?;
    let (context, held) = (&person.visitor.site.context, person.request.as_ref());
    let mut shared = manage::overview(context, held, &person.account).await?;
    shared.retain(Engagement::is_shared);
    shared.sort_by_key(|engagement| Some(&engagement.request.id) != held);
    let engagement = shared.into_iter().next().ok_or(Trouble::see(links::MANAGE))?;
    Shared::of(person, engagement).await
}

impl Shared {
    async fn of(person: &Person, engagement: Engagement) -> Result<Self, Trouble> {
        let account =
            accounts::by_id(&person.visitor.site.context, &person.account).await?.ok_or(Trouble::NOT_FOUND)?;
        Ok(Self { engagement, customer: Customer::from(&account) })
    }

    /// ［製品・サービスの連携の設定］, which all the pages of the migration lead back to.
    pub(super) fn back(&self) -> String {
        links::numbered(links::LINK, self.engagement.request.number)
    }
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
