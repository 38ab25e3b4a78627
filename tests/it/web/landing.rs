//! Where the mailed link lands, 「この申請に心当たりがない」, and the page of each ending.

use axum::http::{Method, StatusCode};
use renkei::domain::decision::Choice;
use renkei::flows::{firms, requests};

use super::browser::{Browser, Seen};
use crate::flows::customers::{CUSTOMER, OTHER, answer};
use crate::flows::house::House;
use crate::flows::people::PASSWORD;

/// A browser that has taken the link and logs in with this ID.
pub async fn comes(house: &House, token: &str, id: &str) -> (Browser, Seen) {
    let mut person = Browser::new(house);
    person.go(&format!("/r/{token}")).await;
    let login = person.submit(&format!("/r/{token}"), &[("do", "proceed")]).await;
    assert_eq!(login.heading(), "ログイン");
    person.submit("/login", &[("id", id)]).await;
    let seen = person.submit("/login/password", &[("password", PASSWORD)]).await;
    (person, seen)
}

#[tokio::test]
async fn the_link_shows_nothing_of_anybody_and_is_taken_by_the_first_form() {
    let house = House::on_sqlite().await;
    let (request, token) = house.asked(CUSTOMER).await;
    let path = format!("/r/{token}");
    let before = house.everything().await;
    let mut person = Browser::new(&house);
    for method in [Method::HEAD, Method::GET, Method::GET] {
        assert_eq!(person.ask(method, &path, &[], String::new()).await.status, StatusCode::OK);
    }
    let page = person.go(&path).await;
    assert_eq!(page.heading(), "契約情報提供のお手続き");
    page.says(">お手続きへ進む</button>").says(">この申請に心当たりがない</button>").says("お手続きの期限");
    for secret in [&house.firm.name, &house.firm.telephone, "yamada", "山田", "aozora", "お世話に"] {
        page.hides(secret);
    }
    assert_eq!(house.everything().await, before);
    let taken = person.post(&path, &[("do", "proceed")]).await;
    assert_eq!(taken.leads_to().as_deref(), Some("/next"));
    assert_eq!(person.get("/next").await.leads_to().as_deref(), Some("/login"));
    assert_eq!(house.everything().await, before, "a stranger's step changes nothing");
    house.account(CUSTOMER).await;
    person.submit("/login", &[("id", CUSTOMER)]).await;
    let next = person.post("/login/password", &[("password", PASSWORD)]).await;
    assert!(next.leads_to().unwrap().starts_with("/next"));
    let held = house.rows("SELECT request_id FROM session").await;
    assert_eq!(held[0]["request_id"], request.as_str(), "the session has it now");
    house.leave().await;
}

#[tokio::test]
async fn who_is_logged_in_goes_on_at_once() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    let account = house.ready(OTHER).await;
    let mut person = Browser::logged_in(&house, &account).await;
    person.go(&format!("/r/{token}")).await.hides("あおぞら");
    assert_eq!(house.request(1).await.state.name().name(), "pending");
    let page = person.submit(&format!("/r/{token}"), &[("do", "proceed")]).await;
    assert_eq!(page.heading(), "会計事務所等への契約情報提供の承認");
    page.says("申請先と異なるID").says(OTHER);
    assert_eq!(house.request(1).await.state.name().name(), "opened", "the first form of who is logged in");
    house.leave().await;
}

#[tokio::test]
async fn disowning_needs_no_id_and_is_asked_once_more() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    let path = format!("/r/{token}");
    let mut person = Browser::new(&house);
    person.go(&path).await;
    let before = house.everything().await;
    let page = person.submit(&path, &[("do", "disown")]).await;
    assert_eq!(page.heading(), "この申請に心当たりがない");
    page.says("<button>心当たりがないことを知らせる</button>").hides(&house.firm.name);
    assert_eq!(house.everything().await, before, "asking is not doing");
    for _ in 0..2 {
        let done = person.submit("/disown", &[]).await;
        assert_eq!(done.heading(), "お知らせいただき、ありがとうございます");
        done.hides(&house.firm.name);
    }
    assert!(house.request(1).await.disowned_at.is_some());
    assert_eq!(house.story(1).await.len(), 2, "noted once");
    assert_eq!(person.go("/disown").await.heading(), "お知らせいただき、ありがとうございます");
    let again = person.go(&path).await;
    again
        .says("とのご連絡をいただいています")
        .says(">お手続きへ進む</button>")
        .hides(">この申請に心当たりがない</button>");
    let lost = Browser::new(&house).get("/disown").await;
    assert_eq!(lost.leads_to().as_deref(), Some("/next"), "without a link there is nothing to disown");
    house.leave().await;
}

#[tokio::test]
async fn each_ending_has_a_page_that_says_what_to_do_next() {
    let house = House::on_sqlite().await;
    let mut tokens = Vec::new();
    for customer in ["a@example.jp", "b@example.jp", "c@example.jp", "d@example.jp"] {
        tokens.push(house.asked(customer).await);
    }
    let answered = house.ready("a@example.jp").await;
    house.confirm(&tokens[0].0, &answered, &answer(Choice::Approve, "")).await;
    requests::withdraw(&house.context, 2).await.unwrap();
    let mut browser = Browser::new(&house);
    let seen = browser.go(&format!("/r/{}", tokens[0].1)).await;
    assert_eq!(seen.heading(), "この申請には、お返事をいただいています");
    seen.says(">ログインして確認する</button>").hides(&house.firm.name);
    let led = browser.submit(&format!("/r/{}", tokens[0].1), &[("do", "disown")]).await;
    assert_eq!(led.heading(), "ログイン");

    let ends = async |token: &str, status: StatusCode, title: &str, next: &str| {
        let path = format!("/r/{token}");
        let mut browser = Browser::new(&house);
        let seen = browser.go(&path).await;
        assert_eq!((seen.status, seen.heading().as_str()), (status, title));
        seen.says(next).says("問い合わせ先").hides(&house.firm.name).hides("<button");
        // A form that was open when it ended.
        browser.go("/login").await;
        for deed in ["proceed", "disown"] {
            assert_eq!(browser.post(&path, &[("do", deed)]).await.heading(), title);
        }
    };
    ends(&tokens[1].1, StatusCode::GONE, "この申請は取り下げられました", "お手続きの必要はありません").await;
    ends("x", StatusCode::NOT_FOUND, "このURLはご利用いただけません", "最後まで選択して").await;
    firms::suspend(&house.context, &house.firm.number).await.unwrap();
    ends(&tokens[2].1, StatusCode::OK, "この申請は、現在お手続きいただけません", "問い合わせ先までご連絡").await;
    firms::resume(&house.context, &house.firm.number).await.unwrap();
    house.pass(21);
    ends(&tokens[3].1, StatusCode::GONE, "お手続きの期限が過ぎています", "会計事務所へご連絡").await;
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn the_second_of_two_people_is_told_that_another_one_decided() {
    let house = House::on_sqlite().await;
    let (request, token) = house.asked(CUSTOMER).await;
    let hanako = house.ready(OTHER).await;
    house.ready(CUSTOMER).await;
    let (mut yamada, page) = comes(&house, &token, CUSTOMER).await;
    assert_eq!(page.heading(), "会計事務所等への契約情報提供の承認");
    let fields = [("number", "1"), ("choice", "decline"), ("message", "")];
    let confirm = yamada.post("/request", &fields).await;
    assert_eq!(confirm.heading(), "お返事の確認");
    house.confirm(&request, &hanako, &answer(Choice::Approve, "")).await;
    let late = yamada.submit("/request/confirm", &fields).await;
    assert_eq!(late.heading(), "別のIDでお手続きが済んでいます");
    late.says("会計事務所等管理へ").hides(OTHER);
    assert_eq!(yamada.go("/next").await.heading(), "別のIDでお手続きが済んでいます");
    let managed = yamada.go("/manage").await;
    managed.says("別のIDでお返事済み").hides("停止する").hides(OTHER);
    house.deliver().await;
    house.leave().await;
}
