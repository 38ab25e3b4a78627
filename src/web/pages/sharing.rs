//! Who may migrate and link: a person who shares their contract information with a firm.

use super::next;
use crate::domain::customer::Customer;
use crate::domain::next_step::Step as Due;
use crate::flows::{FlowError, accounts, manage};
use crate::links;
use crate::web::{Person, Trouble};

/// What the pages of migration and links know of the person before them.
pub(super) struct Sharing {
    /// As the contract-management system knows them.
    pub customer: Customer,
    /// The request whose link they hold, or else the newest that they approved.
    number: i64,
}

impl Sharing {
    /// Of this person. Who shares nothing is led to the page of the firms; new terms come first.
    pub async fn of(person: &Person) -> Result<Self, Trouble> {
        if next::step(&person.visitor).await? == Due::Terms {
            return Err(Trouble::see(links::NEXT));
        }
        let (context, held) = (&person.visitor.site.context, person.request.as_ref());
        let account = accounts::by_id(context, &person.account).await?.ok_or(FlowError::NoAccount)?;
        let all = manage::overview(context, held, &person.account).await?;
        let shared: Vec<_> = all.iter().filter(|it| it.is_shared()).collect();
        let found = shared.iter().find(|it| Some(&it.request.id) == held).or(shared.first());
        let number = found.ok_or(Trouble::see(links::MANAGE))?.request.number;
        Ok(Self { customer: Customer::from(&account), number })
    }

    /// ［製品・サービスの連携の設定］, which all the pages of the migration lead back to.
    pub fn back(&self) -> String {
        links::numbered(links::LINK, self.number)
    }
}
