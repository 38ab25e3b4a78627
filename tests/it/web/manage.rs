//! 会計事務所等管理 and 契約情報の提供を停止する.

use axum::http::StatusCode;
use renkei::domain::decision::Choice;
use renkei::flows::firms;

use super::browser::Browser;
use super::landing::comes;
use crate::flows::customers::{CUSTOMER, OTHER, answer};
use crate::flows::house::House;
use crate::flows::people::PASSWORD;
use crate::flows::sample;

#[tokio::test]
async fn who_was_asked_nothing_is_told_so_kindly() {
    let house = House::on_sqlite().await;
    let account = house.account("nobody@example.jp").await;
    let mut person = Browser::logged_in(&house, &account).await;
    let page = person.go("/next").await;
    assert_eq!(page.heading(), "会計事務所等管理");
    page.says("まだ会計事務所からの申請はありません").says("ログイン者名").says("ログアウト").says("問い合わせ先");
    page.says("マイポータル").says("事業者（事業グループ）情報を登録する");
    house.leave().await;
}

#[tokio::test]
async fn several_requests_of_several_firms_stand_side_by_side() {
    let house = House::on_sqlite().await;
    let (request, token) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    let midori = sample::firm(&house.context, "1002", "midori.example", None);
    let midori = renkei::domain::firm::Firm { name: "みどり税理士法人".to_owned(), ..midori };
    firms::add(&house.context, &midori).await.unwrap();
    let second = sample::request(&house.context, &midori, 2, CUSTOMER);
    let mut tx = house.context.store.begin().await.unwrap();
    renkei::store::requests::insert(&mut tx, &[&second]).await.unwrap();
    tx.commit().await.unwrap();

    let (mut person, page) = comes_back(&house, CUSTOMER).await;
    assert_eq!(page.heading(), "会計事務所等への契約情報提供の承認", "the one that waits");
    page.says("みどり税理士法人");
    let managed = person.go("/manage").await;
    managed.says("あおぞら会計事務所").says("契約情報を提供中").says("みどり税理士法人").says("お返事待ち");
    managed.says(">契約情報の提供を停止する</a>").says("action=\"/manage/2/answer\"");
    let chosen = person.submit("/manage/2/answer", &[]).await;
    chosen.says("みどり税理士法人").hides("あおぞら会計事務所");
    assert_eq!(house.rows("SELECT state FROM request WHERE number = 2").await[0]["state"], "opened");
    person.go(&format!("/r/{token}")).await;
    let other = person.submit(&format!("/r/{token}"), &[("do", "proceed")]).await;
    assert_eq!(other.heading(), "製品・サービスの連携の設定", "the first is approved");
    house.deliver().await;
    house.leave().await;
}

/// Without the link, as a week later.
async fn comes_back(house: &House, id: &str) -> (Browser, super::browser::Seen) {
    let mut person = Browser::new(house);
    person.go("/login").await;
    person.submit("/login", &[("id", id)]).await;
    let seen = person.submit("/login/password", &[("password", PASSWORD)]).await;
    (person, seen)
}

#[tokio::test]
async fn a_week_later_everybody_is_where_they_left_off() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    house.account(CUSTOMER).await;
    let (_, left) = comes(&house, &token, CUSTOMER).await;
    assert_eq!(left.heading(), "事業者（事業グループ）情報登録");
    house.pass(7);
    let (mut person, back) = comes_back(&house, CUSTOMER).await;
    assert_eq!(back.heading(), "事業者（事業グループ）情報登録");
    let next = person.submit("/company", &super::company::filled_in(&[])).await;
    assert_eq!(next.heading(), "会計事務所等への契約情報提供の承認");
    house.pass(7);
    let (mut person, back) = comes_back(&house, CUSTOMER).await;
    assert_eq!(back.heading(), "会計事務所等への契約情報提供の承認");
    let fields = [("number", "1"), ("choice", "approve"), ("message", "")];
    person.post("/request", &fields).await;
    assert_eq!(person.submit("/request/confirm", &fields).await.heading(), "承認しました");
    house.pass(7);
    assert_eq!(comes_back(&house, CUSTOMER).await.1.heading(), "会計事務所等管理");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn stopping_is_asked_once_more_and_then_done_once() {
    let house = House::on_sqlite().await;
    let (request, token) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.letters().await;
    let (mut person, _) = comes(&house, &token, CUSTOMER).await;
    let before = house.everything().await;
    let page = person.go("/manage/1/stop").await;
    assert_eq!(page.heading(), "契約情報の提供を停止する");
    page.says("<button>停止する</button>").says("あおぞら会計事務所").says("停止せずに戻る");
    assert_eq!(house.everything().await, before);
    for _ in 0..3 {
        let managed = person.submit("/manage/1/stop", &[]).await;
        assert_eq!(managed.heading(), "会計事務所等管理");
        managed.says("提供を停止").says("に契約情報の提供を停止しました").hides(">契約情報の提供を停止する</a>");
    }
    assert_eq!(house.letters().await.len(), 2, "to both, once");
    assert_eq!(person.go("/manage/1/stop").await.heading(), "会計事務所等管理");
    house.leave().await;
}

#[tokio::test]
async fn nobody_sees_or_stops_what_is_not_theirs() {
    let house = House::on_sqlite().await;
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.letters().await;
    let hanako = house.ready(OTHER).await;
    let mut stranger = Browser::logged_in(&house, &hanako).await;
    stranger.go("/manage").await.hides("あおぞら");
    let before = house.everything().await;
    for path in ["/manage/1/stop", "/manage/2/stop", "/manage/x/stop", "/manage/-1/stop"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(stranger.post(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(stranger.post("/manage/1/answer", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.everything().await, before);
    let mut nobody = Browser::new(&house);
    for path in ["/manage", "/manage/1/stop", "/company", "/request", "/request/confirm", "/request/done"] {
        assert_eq!(nobody.get(path).await.leads_to().as_deref(), Some("/login"), "{path}");
    }
    house.leave().await;
}
