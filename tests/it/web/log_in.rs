//! ［ログイン］

use axum::http::StatusCode;
use renkei::web::cookies::{SESSION, VISIT};

use super::browser::Browser;
use crate::flows::house::House;
use crate::flows::people::{PASSWORD, member};

#[tokio::test]
async fn the_first_step_takes_an_address_and_keeps_what_was_typed() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    let page = person.go("/login").await;
    assert_eq!(page.heading(), "ログイン");
    page.says("<li aria-current=\"step\"><span class=\"sign\">②</span>").hides("ログアウト").hides("エラー");
    let again = person.post("/login", &[("id", "yamada")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.says("value=\"yamada\"").says("<title>エラー：ログイン｜マイポータル</title>");
    again.says("<a href=\"#id\">メールアドレスの形で入力してください。例：yamada@example.jp</a>");
    again.says("aria-describedby=\"id-fault\" aria-invalid=\"true\"").says("role=\"alert\" tabindex=\"-1\" autofocus");
    let empty = person.post("/login", &[("id", "　")]).await;
    empty.says("弥生ID（メールアドレス）を入力してください。");
    let next = person.post("/login", &[("id", "　ｙａｍａｄａ＠example.jp ")]).await;
    assert_eq!(next.leads_to().as_deref(), Some("/login/password"));
    person.go("/login").await.says("value=\"yamada@example.jp\"");
    house.leave().await;
}

#[tokio::test]
async fn the_second_step_lets_in_and_begins_a_session_of_its_own() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut person = Browser::new(&house);
    // what somebody else planted is no session, and does not become one
    let planted = "A".repeat(43);
    person.jar.insert(SESSION.to_owned(), planted.clone());
    person.go("/login").await;
    let page = person.submit("/login", &[("id", "yamada@example.jp")]).await;
    assert_eq!(page.heading(), "ログイン");
    page.says("yamada@example.jp").says("autocomplete=\"current-password\"").hides("山田");
    let before = person.token.clone();
    let come_in = person.post("/login/password", &[("password", PASSWORD)]).await;
    assert_eq!(come_in.leads_to().as_deref(), Some("/next"));
    let session = person.jar[SESSION].clone();
    assert!(session != planted && session.len() == 43 && !person.jar.contains_key(VISIT));
    for line in come_in.headers.get_all("set-cookie") {
        let line = line.to_str().unwrap();
        assert!(line.contains("; HttpOnly; SameSite=Lax; Secure; Path=/") && !line.contains("Domain"), "{line}");
        assert!(!line.contains("Expires") || line.contains("Max-Age=0"), "{line}");
    }
    // the forms of before are not forms of the session
    person.token = before;
    assert_eq!(person.post("/logout", &[]).await.status, StatusCode::FORBIDDEN);
    // who is in needs no login
    for path in ["/login", "/login/password", "/register"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/next"), "{path}");
    }
    person.get("/registered").await.says("ログイン者名：<span class=\"who\">山田 太郎</span> 様").says("ログアウト");
    house.leave().await;
}

#[tokio::test]
async fn an_unknown_id_and_a_wrong_password_are_answered_alike() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut answers = Vec::new();
    for id in ["yamada@example.jp", "nobody@example.jp"] {
        let mut person = Browser::new(&house);
        person.go("/login").await;
        person.submit("/login", &[("id", id)]).await;
        let refused = person.post("/login/password", &[("password", "not the right one")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("弥生IDまたはパスワードが正しくありません。").hides("not the right one");
        assert!(!person.jar.contains_key(SESSION));
        answers.push(refused.body.replace(id, "ID").replace(&person.token, "TOKEN"));
    }
    assert_eq!(answers[0], answers[1]);
    house.leave().await;
}

#[tokio::test]
async fn who_guesses_on_waits_and_the_owner_elsewhere_does_not() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let mut guesser = Browser::new(&house);
    guesser.go("/login").await;
    guesser.submit("/login", &[("id", "yamada@example.jp")]).await;
    let mut last = guesser.post("/login/password", &[("password", "")]).await;
    last.says("パスワードを入力してください。");
    for _ in 0..20 {
        last = guesser.post("/login/password", &[("password", "guess")]).await;
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    last.says("続けて間違えられたため、少しお待ちいただいています。");
    let mut owner = Browser::new(&house);
    owner.peer = [198, 51, 100, 7].into();
    owner.go("/login").await;
    owner.submit("/login", &[("id", "yamada@example.jp")]).await;
    let come_in = owner.post("/login/password", &[("password", PASSWORD)]).await;
    assert_eq!(come_in.leads_to().as_deref(), Some("/next"));
    house.leave().await;
}

/// Limits count the client behind our proxy, not the proxy; and not what a client makes up.
#[tokio::test]
async fn the_source_is_the_client_behind_our_proxy() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    let guess = async |peer: [u8; 4], forwarded: &str| {
        let mut person = Browser::new(&house);
        person.peer = peer.into();
        person.says.push(("x-forwarded-for", forwarded.to_owned()));
        person.go("/login").await;
        person.submit("/login", &[("id", "yamada@example.jp")]).await;
        person.post("/login/password", &[("password", "guess")]).await.status
    };
    let proxy = [127, 0, 0, 1];
    let mut limited = false;
    for count in 0..20 {
        limited |= guess(proxy, &format!("192.0.2.{count}, 203.0.113.9")).await == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(limited, "one client was taken for many");
    assert_eq!(guess(proxy, "198.51.100.9").await, StatusCode::UNPROCESSABLE_ENTITY);
    // a stranger's word does not make it somebody else
    assert_eq!(guess([203, 0, 113, 10], "198.51.100.77").await, StatusCode::TOO_MANY_REQUESTS);
    house.leave().await;
}
