//! 「パスワードをお忘れの方」 and パスワードの再設定

use axum::http::StatusCode;
use renkei::domain::time::minutes;
use renkei::web::cookies::SESSION;

use super::browser::Browser;
use crate::flows::house::House;
use crate::flows::people::{PASSWORD, member};

const NEW: &str = "an entirely new password";

async fn proven(house: &House) -> Browser {
    let mut person = Browser::new(house);
    let page = person.go("/password/forgot").await;
    assert_eq!(page.heading(), "パスワードの再設定");
    let begun = person.submit("/password/forgot", &[("id", "yamada@example.jp")]).await;
    assert_eq!(begun.heading(), "確認コードの入力");
    let code = house.code().await.to_text();
    let page = person.submit("/code", &[("code", &code)]).await;
    assert_eq!(page.heading(), "パスワードの再設定");
    page.says("autocomplete=\"new-password\"").says("yamada@example.jp").hides("山田");
    person
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_is_the_one_that_counts() {
    let house = House::on_sqlite().await;
    let account = member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut elsewhere = Browser::logged_in(&house, &account).await;
    assert_eq!(elsewhere.get("/registered").await.status, StatusCode::OK);
    let mut person = proven(&house).await;
    let short = person.post("/password/new", &[("password", "short"), ("again", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    short.says("<a href=\"#password\">パスワードは15文字以上で入力してください。");
    person
        .post("/password/new", &[("password", NEW), ("again", "other")])
        .await
        .says("2つのパスワードが一致していません。");
    let (jar, token) = (person.jar.clone(), person.token.clone());
    let set = person.submit("/password/new", &[("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.heading(), "ログイン");
    assert!(!person.jar.contains_key(SESSION));
    assert_eq!(elsewhere.get("/registered").await.leads_to().as_deref(), Some("/login"));
    person.go("/login").await.says("新しいパスワードを設定しました。");
    person.submit("/login", &[("id", "yamada@example.jp")]).await;
    person.post("/login/password", &[("password", PASSWORD)]).await.says("正しくありません");
    let come_in = person.post("/login/password", &[("password", NEW)]).await;
    assert_eq!(come_in.leads_to().as_deref(), Some("/next"));
    // the form sent once more, with the cookies of before, changes nothing
    let mut twice = Browser::new(&house);
    (twice.jar, twice.token) = (jar, token);
    let second = twice.submit("/password/new", &[("password", PASSWORD), ("again", PASSWORD)]).await;
    second.says("この確認コードでの再設定は終わっています。").says("href=\"/login\"");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn without_a_proof_there_is_no_new_password() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut stranger = Browser::new(&house);
    stranger.go("/login").await;
    assert_eq!(stranger.get("/password/new").await.leads_to().as_deref(), Some("/password/forgot"));
    let refused = stranger.post("/password/new", &[("password", NEW), ("again", NEW)]).await;
    assert_eq!(refused.leads_to().as_deref(), Some("/password/forgot"));
    // half an hour after the proof it is none any more
    let mut late = proven(&house).await;
    house.context.clock.advance(minutes(30));
    let refused = late.submit("/password/new", &[("password", NEW), ("again", NEW)]).await;
    refused.hides("新しいパスワードを設定しました");
    let rows = house.rows("SELECT version FROM account").await;
    assert_eq!(rows[0]["version"], "0");
    house.leave().await;
}

/// Threat T10: whether there is such an ID is told by the mail alone.
#[tokio::test]
async fn an_unknown_id_is_asked_for_a_code_too() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut pages = Vec::new();
    for address in ["yamada@example.jp", "nobody@example.jp"] {
        let mut person = Browser::new(&house);
        person.go("/password/forgot").await;
        let waiting = person.submit("/password/forgot", &[("id", address)]).await;
        house.deliver().await;
        let sent = person.get("/code").await;
        let token = person.token.clone();
        pages.push([waiting, sent].map(|page| page.body.replace(address, "ADDRESS").replace(&token, "TOKEN")));
    }
    assert_eq!(pages[0], pages[1]);
    let mut person = Browser::new(&house);
    person.go("/password/forgot").await;
    person.post("/password/forgot", &[("id", "yamada")]).await.says("メールアドレスの形で入力してください。");
    house.leave().await;
}
