//! The page that takes the code.

use std::time::Duration;

use axum::http::StatusCode;
use renkei::domain::time::{hours, minutes};

use super::browser::{Browser, Seen};
use super::register::send;
use crate::flows::house::House;

/// Somebody who waits for the first code, which has been sent.
async fn waiting(house: &House) -> (Browser, String) {
    let mut person = Browser::new(house);
    assert_eq!(send(&mut person, "yamada@example.jp", &[]).await.leads_to().as_deref(), Some("/code"));
    let code = house.code().await.to_text();
    person.get("/code").await;
    (person, code)
}

/// A code that is not this one.
fn other(code: &str) -> String {
    let first = if code.starts_with('9') { '0' } else { '9' };
    format!("{first}{}", &code[1..])
}

async fn try_code(person: &mut Browser, code: &str) -> Seen {
    person.post("/code", &[("code", code)]).await
}

#[tokio::test]
async fn two_resends_and_no_third() {
    let house = House::on_sqlite().await;
    let (mut person, first) = waiting(&house).await;
    person.get("/code").await.says("確認コードを再送する（残り2回）").says("次の再送は");
    let soon = person.post("/code/resend", &[]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    soon.says("再送は、前のメールから30秒たってからできます。");

    house.pass_seconds(30);
    person.get("/code").await.hides("次の再送は");
    assert_eq!(person.post("/code/resend", &[]).await.leads_to().as_deref(), Some("/code"));
    // sent twice, the form is one request
    assert_eq!(person.post("/code/resend", &[]).await.leads_to().as_deref(), Some("/code"));
    person.get("/code").await.says("（再送1回目）をお送りしています").hides("確認コードを再送する（");
    let second = house.code().await.to_text();
    person.get("/code").await.says("確認コードを再送する（残り1回）").says("（再送1回目）をお送りしました");
    let old = try_code(&mut person, &first).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    old.says("入力されたのは古い確認コード（最初のメール）です。最後に届いたメール（再送1回目のメール）");

    house.pass_seconds(30);
    person.post("/code/resend", &[]).await;
    let third = house.code().await.to_text();
    house.pass_seconds(30);
    person.get("/code").await.hides("再送する（残り");
    let none = person.post("/code/resend", &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    none.says("再送できるのは2回までです。");
    assert!(house.letters().await.is_empty(), "a fourth mail");
    try_code(&mut person, &second).await.says("古い確認コード（再送1回目のメール）");
    assert_eq!(try_code(&mut person, &third).await.leads_to().as_deref(), Some("/registered"));
    house.leave().await;
}

#[tokio::test]
async fn ten_minutes_to_the_millisecond() {
    for (wait, lives) in [(minutes(10).checked_sub(Duration::from_millis(1)).unwrap(), true), (minutes(10), false)] {
        let house = House::on_sqlite().await;
        let (mut person, code) = waiting(&house).await;
        house.context.clock.advance(wait);
        let seen = try_code(&mut person, &code).await;
        if lives {
            assert_eq!(seen.leads_to().as_deref(), Some("/registered"));
        } else {
            seen.says("確認コードの有効期限（10分）が切れました。").says("確認コードを再送する（残り2回）");
            seen.hides("name=\"code\"");
        }
        house.leave().await;
    }
}

#[tokio::test]
async fn five_wrong_tries_end_a_code_and_the_last_ones_the_attempt() {
    let house = House::on_sqlite().await;
    let (mut person, mut code) = waiting(&house).await;
    for resends_left in [2, 1, 0] {
        for left in [4, 3, 2, 1] {
            let wrong = try_code(&mut person, &other(&code)).await;
            wrong.says(&format!("（あと{left}回入力できます）"));
        }
        let fifth = try_code(&mut person, &other(&code)).await;
        assert_eq!(fifth.status, StatusCode::UNPROCESSABLE_ENTITY);
        if resends_left > 0 {
            fifth.says("5回間違えられたため、この確認コードは使えなくなりました。");
            try_code(&mut person, &code).await.says("この確認コードは、5回間違えられたため使えなくなっています。");
            house.pass_seconds(30);
            person.post("/code/resend", &[]).await;
            code = house.code().await.to_text();
        } else {
            fifth.says("使い切りました").says("はじめからやり直してください").says("href=\"/register\"");
            try_code(&mut person, &code).await.says("使い切りました");
        }
    }
    assert!(house.rows("SELECT id FROM account").await.is_empty());
    // and half an hour later, anew
    let mut again = Browser::new(&house);
    assert_eq!(send(&mut again, "yamada@example.jp", &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    house.context.clock.advance(minutes(30));
    assert_eq!(send(&mut again, "yamada@example.jp", &[]).await.leads_to().as_deref(), Some("/code"));
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn what_is_no_code_is_no_try() {
    let house = House::on_sqlite().await;
    let (mut person, code) = waiting(&house).await;
    for _ in 0..6 {
        try_code(&mut person, "").await.says("確認コードを入力してください。");
        try_code(&mut person, "12345").await.says("確認コードは6桁の数字で入力してください。").says("value=\"12345\"");
    }
    let page = person.get("/code").await;
    page.says("inputmode=\"numeric\" autocomplete=\"one-time-code\"");
    page.says("noreply@renkei.example").says("迷惑メール").says("【弥生】確認コードのお知らせ");
    assert_eq!(try_code(&mut person, &code).await.leads_to().as_deref(), Some("/registered"));
    // once more, as after a double click: it is done, and nothing breaks
    let mut twice = Browser::new(&house);
    (twice.jar, twice.token) = (person.jar.clone(), person.token.clone());
    assert_eq!(twice.get("/code").await.leads_to().as_deref(), Some("/next"));
    assert_eq!(house.rows("SELECT id FROM account").await.len(), 1);
    house.leave().await;
}

/// The second of two clicks comes with the cookies of before.
#[tokio::test]
async fn a_code_sent_twice_registers_once() {
    let house = House::on_sqlite().await;
    let (mut person, code) = waiting(&house).await;
    let (jar, token) = (person.jar.clone(), person.token.clone());
    assert_eq!(try_code(&mut person, &code).await.leads_to().as_deref(), Some("/registered"));
    (person.jar, person.token) = (jar, token);
    let second = try_code(&mut person, &code).await;
    second.says("登録は完了しています。ログインしてお進みください。").says("href=\"/login\"");
    assert_eq!(house.rows("SELECT id FROM account").await.len(), 1);
    house.leave().await;
}

#[tokio::test]
async fn an_attempt_is_this_browsers_alone_and_has_an_end() {
    let house = House::on_sqlite().await;
    let (mut person, code) = waiting(&house).await;
    let mut stranger = Browser::new(&house);
    stranger.go("/login").await;
    assert_eq!(try_code(&mut stranger, &code).await.leads_to().as_deref(), Some("/login"));
    assert_eq!(stranger.get("/code").await.leads_to().as_deref(), Some("/login"));
    house.context.clock.advance(hours(23));
    let token = person.go("/login").await;
    token.says("ログイン");
    person.submit("/login", &[("id", "yamada@example.jp")]).await;
    house.context.clock.advance(hours(2));
    person.get("/code").await.says("手続きを始めてから24時間がたちました。").says("href=\"/register\"");
    house.leave().await;
}
