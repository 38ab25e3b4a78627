//! Accounts: terms, what the operator sees, and what is left when one is erased.

use renkei::domain::decision::Choice;
use renkei::domain::ids::AccountId;
use renkei::flows::{FlowError, accounts, audit, manage, sessions};

use super::customers::answer;
use super::house::House;
use super::sample::{self, Entry, PASSWORD};

on_both_databases![
    terms_are_agreed_to_once_each,
    accounts_are_listed_newest_first,
    an_erased_account_leaves_no_personal_data_and_its_story,
    an_account_is_not_erased_while_a_request_rests_on_it,
    who_has_no_account_has_none,
];

const ADDRESS: &str = "yamada@example.jp";

async fn terms_are_agreed_to_once_each(house: &House) {
    let id = house.registered(ADDRESS).await;
    let agreed = async || accounts::by_id(&house.context, &id).await.unwrap().unwrap().terms;
    let first = agreed().await;
    house.pass(1);
    accounts::accept_terms(&house.context, &id, "2026-04").await.unwrap();
    assert_eq!(agreed().await, first, "again is nothing new");
    accounts::accept_terms(&house.context, &id, "2027-04").await.unwrap();
    assert_eq!((agreed().await.version.as_str(), agreed().await.at), ("2027-04", house.now()));
    let story = accounts::show(&house.context, &sample::address(ADDRESS)).await.unwrap();
    let causes: Vec<_> = story.events.iter().map(|entry| (entry.event.as_str(), entry.cause.as_str())).collect();
    assert_eq!(causes[1..], [("accepted terms", "version 2027-04")]);
    house.letters().await;
}

async fn accounts_are_listed_newest_first(house: &House) {
    for address in ["a@example.jp", "b@example.jp", "c@example.jp"] {
        house.registered(address).await;
        house.pass_seconds(1);
    }
    let names = async |below: Option<&str>, most| {
        let listed = accounts::list(&house.context, below, most).await.unwrap();
        listed.iter().map(|account| account.address.to_text()).collect::<Vec<_>>()
    };
    assert_eq!(names(None, 2).await, ["c@example.jp", "b@example.jp"]);
    let second = accounts::list(&house.context, None, 2).await.unwrap().remove(1).id;
    assert_eq!(names(Some(second.as_str()), 9).await, ["a@example.jp"]);
    house.letters().await;
}

async fn an_erased_account_leaves_no_personal_data_and_its_story(house: &House) {
    let id = house.registered(ADDRESS).await;
    house.letters().await;
    house.register(ADDRESS).await;
    sessions::begin(&house.context, &id, None, None).await.unwrap();
    let there = format!("{:?}", house.everything().await);
    assert!(there.contains("yamada@") && there.contains("山田 太郎") && there.contains("$argon2id$"));

    accounts::erase(&house.context, &sample::address(ADDRESS)).await.unwrap();
    let left = format!("{:?}", house.everything().await);
    assert!(!left.contains("yamada@") && !left.contains("山田 太郎") && !left.contains("$argon2id$"), "{left}");
    assert_eq!(house.rows("SELECT digest FROM session").await, []);
    assert!(accounts::by_id(&house.context, &id).await.unwrap().is_none());
    let listed = accounts::list(&house.context, None, 9).await.unwrap();
    assert_eq!((listed.len(), listed[0].state()), (1, "erased"));
    let events = house.rows("SELECT event FROM audit_event WHERE object LIKE 'account%' ORDER BY seq").await;
    assert_eq!(events.iter().map(|row| row["event"].as_str()).collect::<Vec<_>>(), ["registered", "erased"]);
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);

    for password in [PASSWORD, ""] {
        assert_eq!(sample::log_in(&house.context, ADDRESS, password, "192.0.2.1").await, Entry::Refused);
    }
    assert_ne!(house.registered(ADDRESS).await, id, "the address is free again");
    house.letters().await;
}

async fn an_account_is_not_erased_while_a_request_rests_on_it(house: &House) {
    let (request, _) = house.asked(ADDRESS).await;
    let account = house.ready(ADDRESS).await;
    house.confirm(&request, &account, &answer(Choice::Approve, "")).await;
    let before = house.everything().await;
    let refused = accounts::erase(&house.context, &sample::address(ADDRESS)).await;
    assert!(matches!(refused, Err(FlowError::AccountInUse(1))), "{refused:?}");
    assert_eq!(house.everything().await, before);
    manage::stop(&house.context, &account, 1).await.unwrap();
    accounts::erase(&house.context, &sample::address(ADDRESS)).await.unwrap();
}

async fn who_has_no_account_has_none(house: &House) {
    let nobody = sample::address("nobody@example.jp");
    let none = AccountId::stored("none".to_owned());
    assert!(accounts::by_id(&house.context, &none).await.unwrap().is_none());
    for refused in [
        accounts::show(&house.context, &nobody).await.map(drop),
        accounts::unlock(&house.context, &nobody).await,
        accounts::erase(&house.context, &nobody).await,
        accounts::accept_terms(&house.context, &none, "1").await,
    ] {
        assert!(matches!(refused, Err(FlowError::NoAccount)), "{refused:?}");
    }
}
