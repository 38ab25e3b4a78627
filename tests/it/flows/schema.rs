//! The schema, and the small tables beside the story.

use std::os::unix::fs::PermissionsExt;

use renkei::domain::time::minutes;
use renkei::flows::troubles::{self, Place};
use renkei::store::{self, Store, StoreError};

use super::house::House;

on_both_databases![
    a_database_is_opened_again_as_it_was_left,
    a_schema_of_a_later_version_is_refused,
    a_transaction_that_is_dropped_never_happened,
    a_trouble_lasts_since_it_began,
    a_job_remembers_when_it_ran_last,
];

async fn a_database_is_opened_again_as_it_was_left(house: &House) {
    let before = house.everything().await;
    for _ in 0..2 {
        let again = Store::open(&house.url).await.unwrap();
        again.ping().await.unwrap();
        again.close().await;
    }
    assert_eq!(house.everything().await, before);
}

async fn a_schema_of_a_later_version_is_refused(house: &House) {
    house
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 99999999999999, 'later', success, checksum, 0 FROM _sqlx_migrations LIMIT 1",
        )
        .await;
    let refused = Store::open(&house.url).await;
    assert!(matches!(refused, Err(StoreError::Newer(99_999_999_999_999))), "{refused:?}");
}

async fn a_transaction_that_is_dropped_never_happened(house: &House) {
    let before = house.everything().await;
    let mut tx = house.context.store.begin().await.unwrap();
    store::jobs::ran(&mut tx, "sweep", house.now()).await.unwrap();
    drop(tx);
    assert_eq!(house.everything().await, before);
}

async fn a_trouble_lasts_since_it_began(house: &House) {
    let began = house.now();
    let note = async |detail: &str| {
        let until = house.now().after(minutes(1));
        troubles::note(&house.context, Place::Relay, until, detail.to_owned()).await.unwrap();
    };
    note("535").await;
    house.pass_seconds(60);
    note("454").await;
    let known = troubles::list(&house.context).await.unwrap();
    let known: Vec<_> = known.iter().map(|it| (it.name.as_str(), it.since, it.until, it.detail.as_str())).collect();
    assert_eq!(known, [("relay", began, began.after(minutes(2)), "454")]);
    troubles::over(&house.context, Place::Mailbox).await.unwrap();
    assert_eq!(troubles::list(&house.context).await.unwrap().len(), 1);
    troubles::over(&house.context, Place::Relay).await.unwrap();
    assert_eq!(troubles::list(&house.context).await.unwrap(), []);
}

async fn a_job_remembers_when_it_ran_last(house: &House) {
    let last = async || store::jobs::last(&mut house.context.store.read().await.unwrap(), "sweep").await.unwrap();
    assert_eq!(last().await, None);
    for _ in 0..2 {
        house.pass(1);
        let mut tx = house.context.store.begin().await.unwrap();
        store::jobs::ran(&mut tx, "sweep", house.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(last().await, Some(house.now()));
    }
}

#[tokio::test]
async fn the_files_of_the_database_are_the_owners_alone() {
    let house = House::on_sqlite().await;
    house.ask("yamada@example.jp").await;
    for name in ["renkei.db", "renkei.db-wal", "renkei.db-shm"] {
        let mode = std::fs::metadata(house.folder().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let new = house.folder().join("new/renkei.db");
    Store::open(&format!("sqlite:{}", new.display())).await.unwrap().close().await;
    let mode = std::fs::metadata(new.parent().unwrap()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    house.leave().await;
}

#[tokio::test]
async fn an_unknown_kind_of_database_is_named() {
    assert!(matches!(Store::open("mysql://localhost/renkei").await, Err(StoreError::Url)));
}
