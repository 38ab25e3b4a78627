//! Threat T12: no form of another site, and none with another person's token, is taken. The routes come from the router's own
//! table.

use axum::http::StatusCode;
use renkei::web;

use super::browser::Browser;
use crate::flows::house::{BASE_URL, House};
use crate::flows::people::member;

/// A path of the table with something in the place of its parameters.
pub fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_route_takes_a_forged_form() {
    let house = House::on_sqlite().await;
    let account = member(&house, "yamada@example.jp", "山田 太郎").await;
    let table = web::table();
    assert!(!table.taken().is_empty());
    for path in table.taken() {
        let path = filled(path);
        let mut stranger = Browser::new(&house);
        stranger.go("/login").await;
        let mut other = Browser::new(&house);
        other.go("/login").await;
        for mut victim in [stranger, Browser::logged_in(&house, &account).await] {
            let before = house.everything().await;
            let own = victim.token.clone();
            let bare = victim.send(&path, &[("do", "proceed")]).await;
            let foreign = victim.send(&path, &[("csrf", &other.token)]).await;
            let nonsense = victim.send(&path, &[("csrf", "")]).await;
            for seen in [bare, foreign, nonsense] {
                assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
                assert_eq!(seen.heading(), "もう一度操作してください");
            }
            for says in [
                vec![("sec-fetch-site", "cross-site".to_owned())],
                vec![("sec-fetch-site", "same-site".to_owned()), ("origin", BASE_URL.to_owned())],
                vec![("origin", "https://evil.example".to_owned())],
                vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", "https://evil.example".to_owned())],
            ] {
                victim.says.clone_from(&says);
                let seen = victim.send(&path, &[("csrf", &own)]).await;
                assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} {says:?}");
            }
            assert_eq!(house.everything().await, before, "{path}");
        }
    }
    house.leave().await;
}

/// Without a cookie there is nothing that a token could belong to: who was never shown a form has none to send.
#[tokio::test]
async fn a_token_without_its_cookie_is_none() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    person.go("/login").await;
    person.jar.clear();
    assert_eq!(person.post("/login", &[("id", "yamada@example.jp")]).await.status, StatusCode::FORBIDDEN);
    house.leave().await;
}

/// As an old browser, which sends neither; and as one that hides where it comes from, as our own pages tell it to.
#[tokio::test]
async fn what_browsers_say_of_our_own_forms_is_taken() {
    let house = House::on_sqlite().await;
    for says in [
        vec![],
        vec![("origin", "null".to_owned())],
        vec![("origin", "null".to_owned()), ("sec-fetch-site", "same-origin".to_owned())],
        vec![("sec-fetch-site", "none".to_owned())],
    ] {
        let mut person = Browser::new(&house);
        person.go("/login").await;
        person.says = says;
        let seen = person.post("/login", &[("id", "yamada@example.jp")]).await;
        assert_eq!(seen.leads_to().as_deref(), Some("/login/password"));
    }
    house.leave().await;
}
