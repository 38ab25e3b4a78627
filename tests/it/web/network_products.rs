//! 登録済み製品一覧 and 製品を追加する: a network product goes by its サービス契約ID (S48 to S50).

use axum::http::StatusCode;

use super::browser::{Browser, Seen};
use crate::flows::contract_faults::Line;
use crate::flows::house::House;

/// ［認証する］
async fn add(person: &mut Browser, id: &str, password: &str) -> Seen {
    person.post("/products/add", &[("id", id), ("password", password)]).await
}

async fn approved(house: &House) -> Browser {
    let customer = house.approved().await;
    Browser::logged_in(house, &customer.account).await
}

#[tokio::test]
async fn a_network_product_is_listed_and_can_be_chosen() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    let list = person.get("/products").await;
    assert_eq!((list.status, list.heading().as_str()), (StatusCode::OK, "登録済み製品一覧"));
    list.says("登録済みの製品はありません").says("href=\"/products/add\">製品を追加する</a>");
    list.says("href=\"https://www.example.jp/faq\"");
    let form = person.get("/products/add").await;
    assert_eq!(form.heading(), "製品を追加する");
    form.says(">サービス契約ID</label>").says("<button>認証する</button>").says("href=\"/products\">キャンセル</a>");
    form.says("href=\"https://www.example.jp/service-contract\"").says("href=\"https://www.example.jp/faq\"");
    let listed = person.submit("/products/add", &[("id", "ｓｃ-000004"), ("password", "himitsu-4")]).await;
    assert_eq!(listed.heading(), "登録済み製品一覧");
    listed.says("role=\"status\">製品を登録しました").says("<b>SC000004</b>").says("弥生会計 26 ネットワーク");
    listed
        .says("「最新の一覧に更新する」を押してください")
        .says("href=\"/link/1\">製品・サービスの連携の設定に戻る</a>");
    let again = add(&mut person, "SC000004", "himitsu-4").await;
    again.says("このサービス契約IDは、すでに登録されています。");
    let setting = person.submit("/link/1", &[("do", "refresh")]).await;
    setting.says("弥生会計 26 ネットワーク").says("href=\"/link/1/products\"");
    person.get("/contracts").await.says("弥生会計 26 ネットワーク");
    house.leave().await;
}

#[tokio::test]
async fn what_is_not_taken_says_why() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    for (id, password, says) in [
        ("", "x", "サービス契約IDを入力してください。"),
        ("SC", "x", "サービス契約IDは4文字から32文字の英数字で入力してください。"),
        ("SC000004", "", "パスワードを入力してください。"),
        ("SC000009", "himitsu-x", "サービス契約IDまたはパスワードが正しくありません。"),
    ] {
        let again = add(&mut person, id, password).await;
        assert_eq!((again.status, again.heading().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "製品を追加する"));
        again.says(says).says(&format!("value=\"{id}\"")).says("<title>エラー：").hides("himitsu");
    }
    for left in [4, 3, 2, 1] {
        add(&mut person, "SC000004", "himitsu-x").await.says(&format!("あと{left}回まで入力できます"));
    }
    add(&mut person, "SC000004", "himitsu-x").await.says("1時間ほど登録できません");
    let limited = add(&mut person, "SC000004", "himitsu-4").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
    limited.says("value=\"SC000004\"").hides("himitsu");
    person.get("/products").await.says("登録済みの製品はありません");
    house.leave().await;
}

#[tokio::test]
async fn while_the_contract_system_is_down_the_id_stays_and_the_password_is_asked_again() {
    let mut house = House::on_sqlite().await;
    let line = Line::new(&house);
    house.context = line.context(&house);
    let mut person = approved(&house).await;
    line.is_down(true);
    for _ in 0..6 {
        let kept = add(&mut person, "SC000004", "himitsu-4").await;
        assert_eq!(kept.status, StatusCode::SERVICE_UNAVAILABLE);
        kept.says("サービス契約IDは入力したままです").says("value=\"SC000004\"").hides("himitsu");
    }
    assert_eq!(person.get("/products").await.status, StatusCode::OK);
    line.is_down(false);
    assert!(add(&mut person, "SC000004", "himitsu-4").await.leads_to().is_some(), "no try was counted");
    assert!(!format!("{:?}", house.everything().await).contains("himitsu"));
    house.leave().await;
}
