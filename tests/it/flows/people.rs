//! People with an account, made without the pages.

use renkei::domain::account::{AcceptedTerms, Account, PersonName};
use renkei::domain::ids::AccountId;
use renkei::domain::locale::Locale;
use renkei::store;

use super::house::House;
use super::sample;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The terms that everybody agreed to.
pub const TERMS: &str = "2026-04-01";

/// Somebody with an account.
pub async fn member(house: &House, address: &str, name: &str) -> AccountId {
    let context = &house.context;
    let password = context.new_password(PASSWORD, &[]).unwrap();
    let hash = context.passwords.hash(context.passwords.queue().unwrap(), &password).await.unwrap();
    let id = AccountId::new(context.entropy.uuid(house.now()));
    let account = Account {
        id: id.clone(),
        address: sample::address(address),
        name: PersonName::parse(name).unwrap(),
        password: hash,
        terms: AcceptedTerms { version: TERMS.to_owned(), at: house.now() },
        locale: Locale::Ja,
        created_at: house.now(),
        failures: 0,
        locked_at: None,
        erased_at: None,
        version: 0,
    };
    let mut tx = context.store.begin().await.unwrap();
    assert!(store::accounts::insert(&mut tx, &account).await.unwrap());
    tx.commit().await.unwrap();
    id
}
