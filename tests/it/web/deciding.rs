//! ［会計事務所等への契約情報提供の承認］, its confirmation, and what follows.

use axum::http::StatusCode;

use super::browser::Browser;
use super::landing::comes;
use crate::flows::customers::{CUSTOMER, OTHER};
use crate::flows::house::House;

#[tokio::test]
async fn from_the_link_to_the_approval() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    house.ready(CUSTOMER).await;
    let (mut person, page) = comes(&house, &token, CUSTOMER).await;
    assert_eq!(page.heading(), "会計事務所等への契約情報提供の承認");
    page.says("<h2>申請元情報</h2>").says("顧問契約している会計事務所に間違いないかご確認ください。");
    for shown in [&house.firm.name, "1001", &house.firm.postal_address, &house.firm.telephone, "aozora.example"] {
        page.says(shown);
    }
    page.says("株式会社山田商店").says(CUSTOMER).says("契約情報を、上の会計事務所へ提供します");
    page.says("承認する</label>").says("承認しない</label>").hides(" checked").hides("申請先と異なるID");
    page.says("申請元の会計事務所へのメッセージ").says("<button>確認する</button>");
    page.says("<li aria-current=\"step\"><span class=\"sign\">③</span>");

    let fields = [("number", "1"), ("choice", "approve"), ("message", "よろしく\r\nお願いします")];
    let confirm = person.post("/request", &fields).await;
    assert_eq!((confirm.status, confirm.heading().as_str()), (StatusCode::OK, "お返事の確認"));
    confirm.says("<dd>承認する</dd>").says("よろしく\nお願いします").says("<button>確定する</button>");
    assert_eq!(house.request(1).await.state.name().name(), "opened", "not decided yet");
    assert_eq!(person.go("/request/confirm").await.heading(), "会計事務所等への契約情報提供の承認");
    let edited = [fields.as_slice(), &[("do", "edit")]].concat();
    let edit = person.post("/request", &edited).await;
    edit.says("value=\"approve\" checked")
        .says("よろしく\r\nお願いします</textarea>")
        .hides("入力内容をご確認ください");

    for _ in 0..8 {
        let done = person.post("/request/confirm", &fields).await;
        assert_eq!(done.leads_to().as_deref(), Some("/request/done"));
    }
    let done = person.go("/request/done").await;
    assert_eq!(done.heading(), "承認しました");
    done.says("会計事務所等管理へ進む").says(&house.firm.name);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "one M6, however often it was sent");
    assert!(letters[0].text.contains("｜ よろしく") && letters[0].text.contains("｜ お願いします"));
    for path in ["/next", "/request", "/request/confirm"] {
        assert_eq!(person.go(path).await.heading(), "製品・サービスの連携の設定", "{path}");
    }
    house.leave().await;
}

#[tokio::test]
async fn without_a_choice_or_with_too_long_a_message_it_is_asked_again() {
    let house = House::on_sqlite().await;
    house.asked(CUSTOMER).await;
    let account = house.ready(CUSTOMER).await;
    let mut person = Browser::logged_in(&house, &account).await;
    assert_eq!(person.go("/next").await.heading(), "会計事務所等への契約情報提供の承認");
    let message = "あ".repeat(1_001);
    let again = person.post("/request", &[("number", "1"), ("message", &message)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.says("<a href=\"#choice\">「承認する」か「承認しない」をお選びください。</a>");
    again.says("メッセージは1000文字以内で入力してください（いまは1001文字です）。").says(&message);
    let long = person.post("/request", &[("number", "1"), ("choice", "approve"), ("message", &message)]).await;
    long.says("value=\"approve\" checked").hides("お選びください");
    let skipped = person.post("/request/confirm", &[("number", "1"), ("choice", "perhaps")]).await;
    assert_eq!(skipped.leads_to().as_deref(), Some("/request"));
    let skipped =
        person.post("/request/confirm", &[("number", "1"), ("choice", "approve"), ("message", &message)]).await;
    assert_eq!(skipped.leads_to().as_deref(), Some("/request"));
    house.leave().await;
}

#[tokio::test]
async fn a_form_answers_the_request_it_was_shown_for() {
    let house = House::on_sqlite().await;
    let (_, first) = house.asked(CUSTOMER).await;
    let (_, second) = house.asked("sato@example.jp").await;
    house.ready(OTHER).await;
    let (mut person, _) = comes(&house, &first, OTHER).await;
    let fields = [("number", "1"), ("choice", "decline"), ("message", "")];
    person.post("/request", &fields).await;
    // in another tab
    person.go(&format!("/r/{second}")).await;
    person.submit(&format!("/r/{second}"), &[("do", "proceed")]).await;
    let lost = person.submit("/request/confirm", &fields).await;
    lost.says("会計事務所等への契約情報提供の承認");
    let kept = house.rows("SELECT request_id FROM decision").await;
    assert!(kept.is_empty(), "neither the first, whose link is no longer held, nor the second");
    for number in ["2x", "", "99", "-1", "99999999999999999999"] {
        let sent = person.post("/request/confirm", &[("number", number), ("choice", "approve")]).await;
        assert_eq!(sent.leads_to().as_deref(), Some("/next"), "{number}");
    }
    house.leave().await;
}

#[tokio::test]
async fn another_ids_decline_says_what_it_did_and_can_be_changed() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    house.ready(OTHER).await;
    let (mut person, _) = comes(&house, &token, OTHER).await;
    let decline = [("number", "1"), ("choice", "decline"), ("message", "")];
    person
        .post("/request", &decline)
        .await
        .says("申請は、ご案内をお送りしたメールアドレスのIDでお返事をいただくまで終了しません");
    let done = person.submit("/request/confirm", &decline).await;
    assert_eq!(done.heading(), "「承認しない」とお伝えしました");
    done.says("この申請は終了していません").says("お返事を「承認する」に変える");
    assert_eq!(person.go("/next").await.heading(), "「承認しない」とお伝えしました");
    assert_eq!(person.go("/request").await.heading(), "会計事務所等への契約情報提供の承認");
    let approve = [("number", "1"), ("choice", "approve"), ("message", "")];
    person.post("/request", &approve).await;
    assert_eq!(person.submit("/request/confirm", &approve).await.heading(), "承認しました");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn what_a_firm_or_a_person_writes_is_text() {
    let house = House::on_sqlite().await;
    let hostile = "\"><script>alert(1)</script></blockquote></textarea><a href=\"https://evil.example/\">x</a>'{{7*7}}";
    let (_, token) = house.asked(CUSTOMER).await;
    let mut tx = house.context.store.begin().await.unwrap();
    sqlx::query("UPDATE request SET message = $1").bind(hostile).execute(&mut *tx).await.unwrap();
    sqlx::query("UPDATE firm SET name = $1, postal_address = $1").bind(hostile).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    house.ready(CUSTOMER).await;
    let (mut person, page) = comes(&house, &token, CUSTOMER).await;
    page.hides("<script").hides("https://evil.example/\">x</a>&#60;/blockquote").says("（リンクを省略しました）");
    let fields = [("number", "1"), ("choice", "approve"), ("message", hostile)];
    let confirm = person.post("/request", &fields).await;
    confirm.hides("<script").hides("<a href=\"https").says("&#60;script&#62;alert(1)&#60;/script&#62;");
    let edit = person.post("/request", &[fields.as_slice(), &[("do", "edit")]].concat()).await;
    edit.hides("<script").hides("<a href=\"https").says("&#60;/textarea&#62;");
    let done = person.submit("/request/confirm", &fields).await;
    let managed = person.go("/manage").await;
    let stop = person.go("/manage/1/stop").await;
    for seen in [done, managed, stop] {
        seen.hides("<script").hides("<a href=\"https");
    }
    house.deliver().await;
    house.leave().await;
}
