//! Consent to terms that have changed.

use axum::http::StatusCode;

use super::browser::Browser;
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
    for _ in 0..2 {
        assert_eq!(person.post("/terms", &[("consent", "on")]).await.leads_to().as_deref(), Some("/next"));
    }
    let rows = house.rows("SELECT terms_version FROM account").await;
    assert_eq!(rows[0]["terms_version"], TERMS);
    assert_eq!(person.get("/terms").await.leads_to().as_deref(), Some("/next"));
    house.leave().await;
}
