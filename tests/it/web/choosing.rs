//! ［変更する］: the choice of products, and what 会計事務所等管理 shows of it (S51 to S55).

use axum::http::StatusCode;
use renkei::contracts::ContractDirectory;
use renkei::domain::contract::Holder;
use renkei::domain::email_address::EmailAddress;

use super::browser::Browser;
use super::owning::{approved, hidden, linked, second_firm, settle, tick};
use crate::flows::contract_faults::Line;
use crate::flows::customers::{CUSTOMER, OTHER};
use crate::flows::house::House;

const STD: &str = "弥生会計 26 スタンダード";

/// What the contract system has linked: firm and subject.
async fn theirs(house: &House) -> Vec<String> {
    let holder = Holder::of(&EmailAddress::parse(CUSTOMER).unwrap());
    let links = house.ledger.read_linkage(&holder).await.unwrap();
    links.iter().map(|link| format!("{} {:?}", link.firm, link.subject)).collect()
}

#[tokio::test]
async fn what_is_ticked_is_linked_and_shows_its_icon() {
    let house = House::on_sqlite().await;
    let (_, mut person) = approved(&house).await;
    let managed = person.go("/manage").await;
    managed.says("まだ連携していません").says("href=\"/link/1\">製品・サービスの連携を設定する</a>").hides("<img");
    let page = person.get("/link/1/products").await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "製品・サービスの連携の設定"));
    page.says(STD).says("やよいの青色申告 26").says("<button>変更する</button>").says(">キャンセル</a>");
    page.says("「スマート証憑管理」は、会計製品を連携すると同時に連携されます。チェックは不要です。");
    page.hides("弥生給与").hides("弥生会計 20").hides(" checked").hides("C-SUZ");
    assert_eq!(page.body.matches("type=\"checkbox\"").count(), 3, "the accounting products that run");

    let done = tick(&mut person, 1, &["C-STD"], &[]).await;
    assert_eq!(done.leads_to().as_deref(), Some("/manage"));
    let managed = person.go("/manage").await;
    assert_eq!(managed.body.matches("<span class=\"state \">設定中</span>").count(), 2, "the product and the service");
    settle(&house).await;
    let managed = person.go("/manage").await;
    managed.says(STD).says("スマート証憑管理").hides("設定中").hides("やよいの青色申告");
    assert_eq!(managed.body.matches("<span class=\"state good\">連携済み</span>").count(), 2);
    managed.says("会計事務所とお客さまの、どちらで設定しても支障はありません").says(">スマート取引取込の設定</a>");
    for product in ["accounting_standard", "smart_voucher"] {
        let src = managed.between(&format!("<img src=\"/icons/{product}"), "\"").unwrap();
        let icon = person.get(&format!("/icons/{product}{src}")).await;
        assert_eq!((icon.status, icon.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "image/svg+xml"));
        assert_eq!(icon.headers["cache-control"], "public, max-age=31536000, immutable");
        assert!(icon.body.starts_with("<svg ") && icon.body.trim_end().ends_with("</svg>"));
    }
    let again = person.get("/link/1/products").await;
    assert_eq!(again.body.matches(" checked").count(), 1);
    again.says("value=\"C-STD\" checked").says("連携済み");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn a_tick_that_is_taken_away_is_asked_about_first() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD", "C-BLU"]).await;
    let before = house.everything().await;
    let asked = tick(&mut person, 1, &["C-BLU"], &[]).await;
    assert_eq!(asked.heading(), "連携の変更の確認");
    asked.says("まだ変更していません").says(STD).hides("やよいの青色申告").says("<button>変更する</button>");
    // whoever makes up a confirmation confirms nothing
    tick(&mut person, 1, &["C-BLU"], &["made-up"]).await.says("まだ変更していません");
    assert_eq!(house.everything().await, before);

    let confirmed = hidden(&asked, "confirmed");
    assert_eq!((hidden(&asked, "product"), confirmed.len()), (vec!["C-BLU".to_owned()], 1));
    let done = tick(&mut person, 1, &["C-BLU"], &[&confirmed[0]]).await;
    assert_eq!(done.leads_to().as_deref(), Some("/manage"));
    person.go("/manage").await.says("連携を解除しています。").says("設定中");
    settle(&house).await;
    person.go("/manage").await.hides(STD).says("やよいの青色申告 26").says("スマート証憑管理");
    assert_eq!(theirs(&house).await.len(), 2, "{:?}", theirs(&house).await);
    assert_eq!(house.letters().await.len(), 2, "both sides are told");
    house.leave().await;
}

#[tokio::test]
async fn a_product_changes_hands_only_when_that_was_seen() {
    let house = House::on_sqlite().await;
    let (account, mut person) = linked(&house, &["C-STD"]).await;
    second_firm(&house, &account).await;
    let page = person.get("/link/2/products").await;
    page.says("現在はあおぞら会計事務所 様と連携しています").says("みどり税理士法人 様と連携すると").hides(" checked");
    let asked = tick(&mut person, 2, &["C-STD"], &[]).await;
    asked.says("まだ変更していません");
    asked.says(&format!("{STD}：あおぞら会計事務所 様との連携を解除し、みどり税理士法人 様と連携します。"));
    settle(&house).await;
    assert!(theirs(&house).await.iter().all(|link| link.starts_with("1001 ")), "nothing has changed yet");

    let confirmed = hidden(&asked, "confirmed");
    tick(&mut person, 2, &["C-STD"], &[&confirmed[0]]).await;
    settle(&house).await;
    let links = theirs(&house).await;
    assert!(links.len() == 2 && links.iter().all(|link| link.starts_with("1002 ")), "{links:?}");
    let managed = person.go("/manage").await;
    assert_eq!(managed.body.matches(STD).count(), 1, "at one firm");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn what_is_no_accounting_product_of_theirs_is_not_linked() {
    let house = House::on_sqlite().await;
    let (_, mut person) = approved(&house).await;
    person.get("/link/1/products").await;
    let before = house.everything().await;
    for product in ["C-PAY", "C-OLD", "C-SUZ", "C-404", "", "山", "<script>"] {
        let seen = tick(&mut person, 1, &["C-STD", product], &[]).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{product}");
        seen.says("選ばれた製品は、現在連携できません。").says("<title>エラー：");
    }
    assert_eq!(house.everything().await, before);
    house.leave().await;
}

#[tokio::test]
async fn all_of_a_firm_goes_at_once_but_nothing_that_came_since() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD", "C-BLU"]).await;
    let page = person.go("/link/1/unlink").await;
    assert_eq!(page.heading(), "製品・サービスの連携を解除する");
    page.says(STD).says("やよいの青色申告 26").says("スマート証憑管理").says("<button>解除する</button>");
    page.says("契約情報の提供は続きます");
    let shown = hidden(&page, "link");
    tick(&mut person, 1, &["C-STD", "C-BLU", "C-TWO"], &[]).await;
    let fields: Vec<_> = shown.iter().map(|id| ("link", id.as_str())).collect();
    for _ in 0..2 {
        assert_eq!(person.post("/link/1/unlink", &fields).await.leads_to().as_deref(), Some("/manage"));
    }
    settle(&house).await;
    let managed = person.go("/manage").await;
    managed.says("2ユーザー").hides(STD).says("スマート証憑管理").says("契約情報を提供中");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn while_the_contract_system_is_down_nothing_is_lost() {
    let mut house = House::on_sqlite().await;
    let line = Line::new(&house);
    house.context = line.context(&house);
    line.is_down(true);
    let (_, mut person) = approved(&house).await;
    let unknown = person.get("/link/1/products").await;
    assert_eq!(unknown.status, StatusCode::SERVICE_UNAVAILABLE);
    unknown.says("ただいま製品の一覧を確認できません").says(">もう一度試す</a>").hides("type=\"checkbox\"");
    let refused = person.post("/link/1/products", &[("product", "C-STD")]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);

    line.is_down(false);
    tick(&mut person, 1, &["C-STD"], &[]).await;
    line.is_down(true);
    house.pass_seconds(61);
    let old = person.get("/link/1/products").await;
    old.says("ただいま最新の一覧を確認できません").says("value=\"C-STD\" checked").says("設定中");
    tick(&mut person, 1, &["C-STD", "C-BLU"], &[]).await;
    settle(&house).await;
    person.go("/manage").await.says("連携を設定しています。完了しましたら、メールでお知らせします。");
    line.is_down(false);
    house.pass_seconds(4);
    settle(&house).await;
    assert_eq!(theirs(&house).await.len(), 3, "what was wished for while it was down is there, soon for who looks");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn who_shares_nothing_links_nothing() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    let hanako = house.ready(OTHER).await;
    let mut stranger = Browser::logged_in(&house, &hanako).await;
    let before = house.everything().await;
    for path in ["/link/1/products", "/link/1/unlink", "/link/x/products"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(stranger.post(path, &[("product", "C-STD")]).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(Browser::new(&house).get(path).await.leads_to().as_deref(), Some("/login"), "{path}");
    }
    assert_eq!(house.everything().await, before);
    person.get("/manage/1/stop").await;
    person.post("/manage/1/stop", &[]).await;
    for path in ["/link/1/products", "/link/1/unlink"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/manage"), "{path}");
        assert_eq!(person.post(path, &[("product", "C-BLU")]).await.leads_to().as_deref(), Some("/manage"), "{path}");
    }
    let managed = person.go("/manage").await;
    managed.says("連携を解除しています。").hides("href=\"/link/1");
    settle(&house).await;
    person.go("/manage").await.hides(STD);
    house.deliver().await;
    house.leave().await;
}
