//! Being logged in, as the browser sees it: how it ends, and what is kept when it does.

use std::time::Duration;

use axum::http::StatusCode;
use renkei::domain::ids::RequestId;
use renkei::domain::time::{hours, minutes};
use renkei::flows::sessions;
use renkei::flows::visit::Visit;
use renkei::web::cookies::{SESSION, VISIT};

use super::browser::Browser;
use crate::flows::house::House;
use crate::flows::people::{PASSWORD, member};

async fn log_in(person: &mut Browser) {
    person.go("/login").await;
    person.submit("/login", &[("id", "yamada@example.jp")]).await;
    let come_in = person.post("/login/password", &[("password", PASSWORD)]).await;
    assert_eq!(come_in.leads_to().as_deref(), Some("/next"));
    person.get("/registered").await;
}

async fn house_with_yamada() -> House {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    house
}

#[tokio::test]
async fn who_comes_back_too_late_is_told_so_and_keeps_the_way() {
    let house = house_with_yamada().await;
    let request = RequestId::new(house.context.entropy.uuid(house.now()));
    let mut person = Browser::new(&house);
    let mut visit = Visit::new(&house.context);
    visit.request = Some(request.clone());
    person.jar.insert(VISIT.to_owned(), visit.write(&house.context));
    log_in(&mut person).await;
    let kept = house.rows("SELECT request_id FROM session").await[0]["request_id"].clone();
    assert_eq!(kept, request.as_str());

    house.context.clock.advance(minutes(14));
    assert_eq!(person.get("/registered").await.status, StatusCode::OK);
    house.context.clock.advance(minutes(15));
    let late = person.get("/registered").await;
    assert_eq!(late.leads_to().as_deref(), Some("/login"));
    assert!(!person.jar.contains_key(SESSION));
    person.get("/login").await.says("しばらく操作がなかったため、安全のためログアウトしました。").hides("山田");
    let visit = Visit::read(&house.context, &person.jar[VISIT]).unwrap();
    assert_eq!(visit.request.as_ref(), Some(&request));
    // and goes on with it
    log_in(&mut person).await;
    let rows = house.rows("SELECT request_id FROM session ORDER BY created_at DESC").await;
    assert_eq!(rows[0]["request_id"], request.as_str());
    person.go("/registered").await.hides("しばらく操作がなかった");
    house.leave().await;
}

/// The form that was filled in too slowly is answered with the login, not with a scolding.
#[tokio::test]
async fn a_form_that_comes_too_late_leads_to_the_login() {
    let house = house_with_yamada().await;
    let mut person = Browser::new(&house);
    log_in(&mut person).await;
    house.context.clock.advance(minutes(15));
    let before = house.everything().await;
    let late = person.post("/terms", &[("consent", "on")]).await;
    assert_eq!(late.leads_to().as_deref(), Some("/login"));
    assert_eq!(house.everything().await, before);
    person.get("/login").await.says("しばらく操作がなかったため");
    house.leave().await;
}

#[tokio::test]
async fn eight_hours_end_it_in_any_case() {
    let house = house_with_yamada().await;
    let mut person = Browser::new(&house);
    log_in(&mut person).await;
    for _ in 0..47 {
        house.context.clock.advance(minutes(10));
        assert_eq!(person.get("/registered").await.status, StatusCode::OK);
    }
    house.context.clock.advance(minutes(10));
    assert_eq!(person.get("/registered").await.leads_to().as_deref(), Some("/login"));
    house.leave().await;
}

#[tokio::test]
async fn who_logs_out_is_out_for_good() {
    let house = house_with_yamada().await;
    let mut person = Browser::new(&house);
    log_in(&mut person).await;
    let (stolen, token) = (person.jar.clone(), person.token.clone());
    let out = person.submit("/logout", &[]).await;
    out.says("ログアウトしました。").hides("山田").hides("yamada@example.jp");
    assert!(!person.jar.contains_key(SESSION));
    assert!(house.rows("SELECT digest FROM session").await.is_empty());
    let mut thief = Browser::new(&house);
    (thief.jar, thief.token) = (stolen, token);
    assert_eq!(thief.get("/registered").await.leads_to().as_deref(), Some("/login"));
    assert_eq!(thief.post("/terms", &[("consent", "on")]).await.status, StatusCode::FORBIDDEN);
    house.leave().await;
}

#[tokio::test]
async fn a_new_login_ends_the_one_before_in_this_browser_alone() {
    let house = house_with_yamada().await;
    let (mut here, mut there) = (Browser::new(&house), Browser::new(&house));
    log_in(&mut here).await;
    log_in(&mut there).await;
    let old = here.jar[SESSION].clone();
    house.context.clock.advance(minutes(20));
    log_in(&mut here).await;
    assert_ne!(here.jar[SESSION], old);
    assert_eq!(house.rows("SELECT digest FROM session").await.len(), 3, "ended ones wait for the purge");
    house.context.clock.advance(hours(24));
    house.context.clock.advance(Duration::from_millis(1));
    assert_eq!(sessions::purge(&house.context).await.unwrap(), 3);
    house.leave().await;
}

#[tokio::test]
async fn a_visit_that_is_not_ours_or_old_is_none() {
    let house = house_with_yamada().await;
    let mut person = Browser::new(&house);
    person.go("/login").await;
    person.submit("/login", &[("id", "yamada@example.jp")]).await;
    let good = person.jar[VISIT].clone();
    let (text, tag) = good.split_once('.').unwrap();
    for forged in [
        format!("{text}."),
        format!("{text}.{}", "A".repeat(43)),
        format!("{}A.{tag}", &text[..text.len() - 1]),
        String::new(),
        "日本語".to_owned(),
    ] {
        assert_eq!(Visit::read(&house.context, &forged), None, "{forged}");
    }
    assert!(Visit::read(&house.context, &good).is_some());
    house.context.clock.advance(hours(24));
    assert_eq!(Visit::read(&house.context, &good), None);
    assert_eq!(person.get("/login/password").await.leads_to().as_deref(), Some("/login"));
    assert!(!format!("{:?}", Visit::read(&house.context, &person.jar[VISIT])).contains("yamada"));
    house.leave().await;
}

/// Threat T30: what a request says of the host goes nowhere.
#[tokio::test]
async fn a_made_up_host_changes_nothing() {
    let house = house_with_yamada().await;
    let mut person = Browser::new(&house);
    let usual = person.get("/login").await;
    let token = person.token.clone();
    person.says.clear();
    let says = vec![("x-forwarded-host", "evil.example".to_owned()), ("forwarded", "host=evil.example".to_owned())];
    let odd = person.ask(axum::http::Method::GET, "/login", &says, String::new()).await;
    assert_eq!(odd.body.replace(&person.token, ""), usual.body.replace(&token, ""));
    odd.hides("evil.example");
    house.leave().await;
}
