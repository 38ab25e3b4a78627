//! `renkei account`, on an account that the test has put there.

use renkei::domain::account::{AcceptedTerms, Account, PasswordHash, PersonName};
use renkei::domain::email_address::EmailAddress;
use renkei::domain::ids::AccountId;
use renkei::domain::locale::Locale;
use renkei::domain::time::Timestamp;
use renkei::store::{self, Store};

use super::{assert_wrong, json, with_key};
use crate::support::daemon::Installation;

const ADDRESS: &str = "yamada@example.jp";

/// Where one account is, which 100 failures have locked.
fn with_account() -> Installation {
    let house = with_key();
    house.cli_ok(&["account", "list"]);
    let at = Timestamp::from_millis(1_700_000_000_000);
    let account = Account {
        id: AccountId::stored("018bcfe5-6800-7000-8000-000000000001".to_owned()),
        address: EmailAddress::parse(ADDRESS).unwrap(),
        name: PersonName::stored("山田 太郎".to_owned()),
        password: PasswordHash::stored("$argon2id$".to_owned()),
        terms: AcceptedTerms { version: "2026-04".to_owned(), at },
        locale: Locale::Ja,
        created_at: at,
        failures: 0,
        locked_at: None,
        erased_at: None,
        version: 0,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&format!("sqlite:{}", house.path().join("data/renkei.db").display())).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(store::accounts::insert(&mut tx, &account).await.unwrap());
        for _ in 0..100 {
            store::accounts::count_failure(&mut tx, ADDRESS).await.unwrap();
        }
        assert!(store::accounts::lock(&mut tx, &account.address.key(), at).await.unwrap().is_some());
        tx.commit().await.unwrap();
        store.close().await;
    });
    house
}

#[test]
fn an_account_is_listed_shown_unlocked_and_erased() {
    let house = with_account();
    let listed = json(&house, &["account", "list"]);
    assert_eq!((&listed[0]["address"], &listed[0]["state"]), (&ADDRESS.into(), &"locked".into()));
    assert!(house.cli_ok(&["account", "list"]).contains("山田 太郎"));
    assert_eq!(json(&house, &["account", "show", "Yamada@example.jp"])["failures"], 100);

    house.cli_ok(&["account", "unlock", ADDRESS]);
    let shown = json(&house, &["account", "show", ADDRESS]);
    assert_eq!((&shown["state"], &shown["failures"]), (&"active".into(), &0.into()));
    assert!(shown["story"].to_string().contains("unlocked by operator"), "{shown}");
    let text = house.cli_ok(&["account", "show", ADDRESS]);
    assert!(text.contains("active") && text.contains("terms 2026-04") && !text.contains("argon2"), "{text}");

    house.cli_ok(&["account", "erase", ADDRESS]);
    let listed = json(&house, &["account", "list"]);
    assert_eq!((&listed[0]["state"], &listed[0]["name"]), (&"erased".into(), &"".into()));
    assert!(!listed.to_string().contains("yamada"));
    assert_wrong(&house.cli(&["account", "show", ADDRESS]), "no such account");
}

#[test]
fn what_is_no_id_is_wrong() {
    let house = with_key();
    assert_eq!(json(&house, &["account", "list"]), serde_json::json!([]));
    for command in ["show", "unlock", "erase"] {
        assert_wrong(&house.cli(&["account", command, ADDRESS]), "no such account");
        assert_wrong(&house.cli(&["account", command, "yamada"]), "one @");
    }
}
