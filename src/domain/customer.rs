//! A customer as the contract-management system and our letters know them.

use super::account::Account;
use super::contract::Holder;
use super::email_address::EmailAddress;
use super::ids::AccountId;
use super::locale::Locale;

/// Who migrates, links and binds: an account, as far as these need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Identity.
    pub account: AccountId,
    /// The 弥生ID.
    pub address: EmailAddress,
    /// The language they are written to in.
    pub locale: Locale,
}

impl Customer {
    /// As the contract-management system knows them.
    #[must_use]
    pub fn holder(&self) -> Holder {
        Holder::of(&self.address)
    }
}

impl From<&Account> for Customer {
    fn from(account: &Account) -> Self {
        Self { account: account.id.clone(), address: account.address.clone(), locale: account.locale }
    }
}
