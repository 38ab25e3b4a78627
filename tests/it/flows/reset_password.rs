//! A forgotten password: the mailed code, the new one, and what ends with the old one.

use renkei::domain::ids::AttemptId;
use renkei::domain::locale::Locale;
use renkei::domain::session::Life;
use renkei::domain::time::minutes;
use renkei::domain::verification::Purpose;
use renkei::flows::code::{self, Stage, Verified};
use renkei::flows::register::Begun;
use renkei::flows::reset_password::{self, Forgotten, Set};
use renkei::flows::sessions::{self, Found};

use super::house::House;
use super::sample::{self, Entry, PASSWORD};

on_both_databases![
    a_mailed_code_lets_a_new_password_be_set_once,
    a_new_password_ends_all_sessions_and_lifts_the_lock,
    an_address_without_account_is_told_so_by_mail_and_by_nothing_else,
    a_proof_is_good_for_half_an_hour,
    no_password_is_set_without_a_proof,
    a_new_password_ends_every_other_attempt,
];

const ADDRESS: &str = "yamada@example.jp";
const NEW: &str = "another horse, another staple";

async fn ask(house: &House, address: &str) -> AttemptId {
    let forgotten = Forgotten {
        address: sample::address(address),
        locale: Locale::Ja,
        source: sample::source("192.0.2.1"),
        invited_by: None,
    };
    match reset_password::ask(&house.context, forgotten).await.unwrap() {
        Begun::Attempt(id) => id,
        other => panic!("{other:?}"),
    }
}

/// An attempt whose code was right.
async fn proven(house: &House) -> AttemptId {
    let id = ask(house, ADDRESS).await;
    let code = house.code().await;
    assert_eq!(code::verify(&house.context, &id, &code).await.unwrap(), Verified::MayReset);
    id
}

async fn set(house: &House, id: &AttemptId) -> Set {
    let password = house.context.new_password(NEW, &[]).unwrap();
    reset_password::set(&house.context, id, &password).await.unwrap()
}

async fn log_in(house: &House, password: &str) -> Entry {
    sample::log_in(&house.context, ADDRESS, password, "192.0.2.1").await
}

async fn a_mailed_code_lets_a_new_password_be_set_once(house: &House) {
    let account = house.registered(ADDRESS).await;
    house.letters().await;
    let id = ask(house, ADDRESS).await;
    let letter = house.letters().await.remove(0);
    assert_eq!(letter.subject, "【弥生】確認コードのお知らせ");
    assert!(letter.text.contains("パスワードの再設定"));
    assert_eq!(code::verify(&house.context, &id, &letter.code().unwrap()).await.unwrap(), Verified::MayReset);
    let progress = code::progress(&house.context, &id).await.unwrap().unwrap();
    assert_eq!(progress.purpose, Purpose::Reset);
    assert_eq!(progress.stage, Stage::Proven(house.now().after(minutes(30))));

    assert_eq!(set(house, &id).await, Set::Done(account.clone()));
    assert_eq!(set(house, &id).await, Set::NotProven, "once");
    let letters = house.letters().await;
    assert_eq!((letters.len(), letters[0].subject.as_str()), (1, "【弥生】パスワードが変更されました"));
    assert_eq!(log_in(house, PASSWORD).await, Entry::Refused);
    assert_eq!(log_in(house, NEW).await, Entry::In(account));
}

async fn a_new_password_ends_all_sessions_and_lifts_the_lock(house: &House) {
    let account = house.registered(ADDRESS).await;
    let (entry, session) = sample::session(&house.context, ADDRESS, PASSWORD, "192.0.2.1").await;
    assert_eq!(entry, Entry::In(account.clone()));
    let session = session.expect("it has begun where the password was found right: no reset comes between");
    assert!(matches!(sessions::find(&house.context, &Life::default(), &session).await.unwrap(), Found::Live(_)));
    house.execute("UPDATE account SET failures = 100, locked_at = 1").await;
    assert_eq!(log_in(house, PASSWORD).await, Entry::Refused);
    for _ in 0..6 {
        log_in(house, "wrong").await;
    }
    assert!(matches!(log_in(house, PASSWORD).await, Entry::Later(_)));
    let id = proven(house).await;
    assert!(matches!(set(house, &id).await, Set::Done(_)));
    assert!(!matches!(sessions::find(&house.context, &Life::default(), &session).await.unwrap(), Found::Live(_)));
    assert_eq!(log_in(house, NEW).await, Entry::In(account), "neither locked nor made to wait");
}

async fn an_address_without_account_is_told_so_by_mail_and_by_nothing_else(house: &House) {
    house.registered(ADDRESS).await;
    house.letters().await;
    let (known, unknown) = (ask(house, ADDRESS).await, ask(house, "nobody@example.jp").await);
    let letters = house.letters().await;
    assert_eq!(letters[1].subject, "【弥生】このメールアドレスは登録されていません");
    let [known, other] = [&known, &unknown].map(|id| code::progress(&house.context, id));
    let (known, mut other) = (known.await.unwrap().unwrap(), other.await.unwrap().unwrap());
    other.address = known.address.clone();
    assert_eq!(known, other);
    let row = house.rows("SELECT code_key FROM attempt WHERE aim = 'nobody'").await.remove(0);
    let would_be = house.keys.code(&row["code_key"], &unknown, 1, 1).unwrap();
    assert!(matches!(code::verify(&house.context, &unknown, &would_be).await.unwrap(), Verified::Wrong { .. }));
    assert_eq!(set(house, &unknown).await, Set::NotProven);
}

async fn a_proof_is_good_for_half_an_hour(house: &House) {
    house.registered(ADDRESS).await;
    let id = proven(house).await;
    house.pass_seconds(1_800);
    assert_eq!(set(house, &id).await, Set::NotProven);
    let id = proven(house).await;
    house.pass_seconds(1_799);
    assert!(matches!(set(house, &id).await, Set::Done(_)));
}

async fn no_password_is_set_without_a_proof(house: &House) {
    house.registered(ADDRESS).await;
    let before = house.rows("SELECT password_hash FROM account").await;
    let asked = ask(house, ADDRESS).await;
    let registering = house.register("sato@example.jp").await;
    for id in [&asked, &registering, &AttemptId::stored("none".to_owned())] {
        assert_eq!(set(house, id).await, Set::NotProven);
    }
    assert_eq!(house.rows("SELECT password_hash FROM account").await, before);
    house.letters().await;
}

async fn a_new_password_ends_every_other_attempt(house: &House) {
    house.registered(ADDRESS).await;
    let (older, newer) = (proven(house).await, proven(house).await);
    let open = ask(house, ADDRESS).await;
    let code = house.code().await;
    assert!(matches!(set(house, &newer).await, Set::Done(_)));
    assert_eq!(set(house, &older).await, Set::NotProven);
    assert!(matches!(code::verify(&house.context, &open, &code).await.unwrap(), Verified::Over(_)));
}
