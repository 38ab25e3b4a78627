//! The audit trail and the schema, as the commands find them.

use renkei::store::Store;

use super::{assert_wrong, with_firm};
use crate::support::daemon::Installation;

pub(super) fn execute(house: &Installation, sql: &'static str) {
    let url = format!("sqlite:{}", house.path().join("data/renkei.db").display());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&url).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    });
}

#[test]
fn a_trail_that_somebody_edited_is_found() {
    let house = with_firm();
    house.cli_ok(&["firm", "suspend", "1001"]);
    assert!(house.cli_ok(&["audit", "verify"]).contains("holds"));
    execute(&house, "UPDATE audit_event SET event = 'resumed' WHERE seq = 2");
    let ran = house.cli(&["audit", "verify"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("row 2"), "{}", ran.stderr);
}

#[test]
fn a_schema_of_a_later_version_stops_daemon_and_commands_alike() {
    let house = with_firm();
    execute(
        &house,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 99999999999999, 'later', success, checksum, 0 FROM _sqlx_migrations LIMIT 1",
    );
    for command in [&["run"][..], &["firm", "list"], &["request", "list"], &["audit", "verify"]] {
        assert_wrong(&house.cli(command), "99999999999999");
    }
}
