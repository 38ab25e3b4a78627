//! `renkei quarantine`.

use super::json;

#[tokio::test(flavor = "multi_thread")]
async fn reports_about_no_mail_of_ours_are_counted_where_the_operator_looks() {
    let house = super::with_key();
    assert_eq!(house.cli_ok(&["quarantine", "list"]), "none\n");
    let url = format!("sqlite:{}", house.path().join("data/renkei.db").display());
    let store = renkei::store::Store::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    renkei::store::budgets::count_unmatched(&mut tx, 3).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let told = house.cli_ok(&["quarantine", "list"]);
    assert_eq!(told, "none\n3 delivery reports so far were about no mail of ours: they changed nothing\n");
    assert_eq!(json(&house, &["quarantine", "list"]), serde_json::json!([]), "a list stays a list");
}
