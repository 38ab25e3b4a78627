//! Consent to terms that have changed.

use axum::http::StatusCode;

use super::browser::Browser;
use super::owning;
use crate::flows::house::House;
use crate::flows::people::{TERMS, member};

#[tokio::test]
async fn who_agreed_to_older_terms_is_asked_once() {
    let house = House::on_sqlite().await;
    let account = member(&house, "yamada@example.jp", "山田 太郎").await;
    house.execute("UPDATE account SET terms_version = 'old'").await;
    let mut person = Browser::logged_in(&house, &account).await;
    let page = person.get("/terms").await;
    assert_eq!(page.heading(), "利用規約の確認");
    page.says("「弥生関連サービス基本利用規約」およびプライバシーポリシーに同意します。");
    page.says("href=\"https://www.example.jp/terms\" target=\"_blank\" rel=\"noopener noreferrer\"").hides("checked");
    let without = person.post("/terms", &[]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    without.says("<a href=\"#consent\">内容をご確認のうえ、チェックを付けてください。</a>");
    let older = [("consent", "on"), ("terms", "old")];
    assert_eq!(person.post("/terms", &older).await.status, StatusCode::UNPROCESSABLE_ENTITY, "of a page left open");
    for _ in 0..2 {
        assert_eq!(
            person.post("/terms", &[("consent", "on"), ("terms", TERMS)]).await.leads_to().as_deref(),
            Some("/next")
        );
    }
    let rows = house.rows("SELECT terms_version FROM account").await;
    assert_eq!(rows[0]["terms_version"], TERMS);
    assert_eq!(person.get("/terms").await.leads_to().as_deref(), Some("/next"));
    house.leave().await;
}

#[tokio::test]
async fn new_terms_come_before_every_page_of_the_contracts() {
    let house = House::on_sqlite().await;
    let (_, mut person) = owning::linked(&house, &["C-STD"]).await;
    house.execute("UPDATE account SET terms_version = 'old'").await;
    // whatever became of the request at hand
    house.execute("UPDATE request SET state = 'cancelled' WHERE state <> 'approved'").await;
    let before = house.everything().await;
    for path in ["/manage", "/company", "/link/1", "/link/1/products", "/migration", "/contracts", "/products", "/data"]
    {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/terms"), "{path}");
    }
    for path in
        ["/company", "/link/1/products", "/link/1/unlink", "/migration/products", "/products/add", "/data/release"]
    {
        assert_eq!(person.post(path, &[]).await.leads_to().as_deref(), Some("/terms"), "{path}");
    }
    let mut after = house.everything().await;
    after.insert("session".to_owned(), before["session"].clone());
    assert_eq!(after, before);
    house.leave().await;
}
