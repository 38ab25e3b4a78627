//! From an approval to the list of contracts: ［製品・サービスの連携の設定］, 契約の移行, 契約一覧 (S30 to S47).

use axum::http::StatusCode;
use renkei::contracts::ledger::import::OnRefusal;
use renkei::domain::time::{hours, minutes};

use super::browser::{Browser, Seen};
use crate::flows::contract_faults::Line;
use crate::flows::contract_suite::CHEAP;
use crate::flows::customers::{CUSTOMER, OTHER};
use crate::flows::house::House;

const STD: &str = "弥生会計 26 スタンダード";
const PAY: &str = "弥生給与 26";

/// Who has approved, with nothing in their list of contracts, and the pages before them.
async fn approved(house: &House) -> Browser {
    let customer = house.approved().await;
    Browser::logged_in(house, &customer.account).await
}

/// The same with this contract in their list.
async fn owning(house: &House, id: &str, product: &str, name: &str) -> Browser {
    let person = approved(house).await;
    let number = if product == "cloud" { "" } else { "20000001" };
    let products = format!("contract,product,name,customer_number\n{id},{product},{name},{number}\n");
    let customers = format!("account,contract,place\n{CUSTOMER},{id},listed\n");
    let take = house.ledger.import(products.as_bytes(), customers.as_bytes(), OnRefusal::TakeNone, CHEAP);
    assert_eq!(take.await.unwrap().refused, vec![]);
    person
}

/// ［登録］
async fn enter(person: &mut Browser, number: &str, password: &str) -> Seen {
    person.post("/migration/products", &[("number", number), ("password", password)]).await
}

#[tokio::test]
async fn an_approval_leads_to_the_setting_of_links() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    house.ready(CUSTOMER).await;
    let (mut person, _) = super::landing::comes(&house, &token, CUSTOMER).await;
    let fields = [("number", "1"), ("choice", "approve"), ("message", "")];
    person.post("/request", &fields).await;
    let done = person.submit("/request/confirm", &fields).await;
    done.says("<a class=\"button\" href=\"/link/1\">製品・サービスの連携の設定へ進む</a>");
    assert_eq!(person.get("/next").await.leads_to().as_deref(), Some("/link/1"));
    let page = person.go("/next").await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "製品・サービスの連携の設定"));
    page.says("あおぞら会計事務所").says("<li aria-current=\"step\"><span class=\"sign\">③</span>");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn who_has_an_accounting_product_goes_on_to_the_choice() {
    let house = House::on_sqlite().await;
    let mut person = owning(&house, "C-MINE", "accounting_professional", "弥生会計 26 プロ").await;
    let page = person.get("/link/1").await;
    page.says("弥生会計 26 プロ").says("会計製品</span>").says("契約の移行は完了しているため、移行処理は不要です。");
    page.says("href=\"/link/1/products\"").says("<a class=\"button second\" href=\"/manage\">キャンセル</a>");
    page.says(">最新の一覧に更新する</button>").hides("href=\"/migration\"").hides("「契約の移行」とは");
    for path in ["/migration", "/migration/products"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/link/1"), "{path}: not needed, not shown");
    }
    house.leave().await;
}

#[tokio::test]
async fn who_has_nothing_or_only_cloud_services_is_led_to_the_migration() {
    let house = House::on_sqlite().await;
    let mut person = owning(&house, "C-MIS", "cloud", "Misoca").await;
    let cloud = person.get("/link/1").await;
    cloud.says("Misoca").says("クラウドサービス</span>").says("会計製品が表示されていません");
    let other = house.ready(OTHER).await;
    house.execute(&format!("UPDATE decision SET account_id = '{other}'")).await;
    let nothing = Browser::logged_in(&house, &other).await.get("/link/1").await;
    nothing.says("<p class=\"notice\">登録している製品がありません</p>").hides("Misoca");
    for page in [cloud, nothing] {
        assert_eq!(page.status, StatusCode::OK);
        page.says("<a class=\"button\" href=\"/migration\">こちらから契約の移行へ進む</a>");
        page.says("<a class=\"button second\" href=\"/manage\">キャンセル</a>").hides("/link/1/products");
        page.says("「契約の移行」とは").says("href=\"https://www.example.jp/news\"").says("インフォメーション");
        page.says("ネットワーク製品は移行対象外").says("href=\"/products\">登録済み製品一覧を表示する</a>");
        page.says("「契約管理」の「会計事務所等管理」から「製品・サービスの連携を設定する」を選択すると");
    }
    house.leave().await;
}

#[tokio::test]
async fn two_products_come_over_and_are_never_asked_for_again() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    let confirm = person.get("/migration").await;
    assert_eq!(confirm.heading(), "お客様番号の確認");
    confirm.says("<button>はい</button>").says("href=\"/link/1\">キャンセル</a>");
    let form = person.submit("/migration", &[]).await;
    assert_eq!(form.heading(), "契約の移行");
    form.says(">お客様番号</label>")
        .says(">パスワード</label>")
        .says("<button>登録</button>")
        .says("まだ登録されていません");
    form.says("href=\"https://www.example.jp/customer-number\"").hides("登録を完了して移行を開始する");
    let early = person.post("/migration/start", &[]).await;
    assert_eq!((early.status, early.heading().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "契約の移行"));
    early.says("まだ製品が登録されていません");

    let first = person.submit("/migration/products", &[("number", "1000-0001"), ("password", "himitsu-1")]).await;
    first.says("role=\"status\">登録しました").says(STD).says("お客様番号 10000001").hides("himitsu");
    assert_eq!(
        enter(&mut person, "１００００００２", "himitsu-2").await.leads_to().unwrap(),
        "/migration/products?added"
    );
    enter(&mut person, "10000003", "himitsu-3").await;
    let left_out = person.submit("/migration/products", &[("number", "10000003"), ("do", "leave-out")]).await;
    left_out.says(STD).says(PAY).hides("10000003").says("<button>登録を完了して移行を開始する</button>");
    for _ in 0..3 {
        let begun = person.post("/migration/start", &[]).await;
        assert_eq!(begun.leads_to().as_deref(), Some("/migration/wait"), "pressed twice, it begins once");
    }
    assert_eq!(house.letters().await.len(), 1, "M12, once");

    let waits = person.get("/migration/wait").await;
    assert_eq!(waits.headers["refresh"], "5; url=/migration/wait");
    waits.says("お手続き中です。しばらくお待ち下さい").says("次の画面へ進みます").says(STD).says("お手続き中</span>");
    let still = person.get("/migration/wait?stop").await;
    assert!(!still.headers.contains_key("refresh"));
    still.says("お手続き中です。しばらくお待ち下さい").says("最新の状態を表示する");
    for path in ["/migration", "/migration/products"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/migration/wait"), "{path}");
    }
    assert_eq!(enter(&mut person, "10000003", "himitsu-3").await.leads_to().as_deref(), Some("/migration/wait"));
    person.get("/link/1").await.says("契約の移行のお手続き中です").says("href=\"/migration/wait\"");
    for _ in 0..3 {
        house.reconcile(&house.context).await;
        person.get("/migration/wait").await;
        house.pass_seconds(10);
    }
    house.reconcile(&house.context).await;

    let moved = person.get("/migration/wait").await;
    assert_eq!(moved.leads_to().as_deref(), Some("/contracts?moved"), "it moves on by itself");
    let list = person.go("/contracts?moved").await;
    assert_eq!(list.heading(), "契約一覧");
    list.says("契約の移行が完了しました。").says(STD).says(PAY).hides("弥生会計 26 プロフェッショナル");
    list.says("<a class=\"button\" href=\"/link/1\">製品・サービスの連携の設定に戻る</a>");
    person.get("/contracts").await.says(STD).hides("契約の移行が完了しました。");
    person.get("/link/1").await.says(STD).says("href=\"/link/1/products\"").hides("href=\"/migration\"");
    for path in ["/migration", "/migration/products"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/link/1"), "{path}: once, never again");
    }
    assert_eq!(house.letters().await.len(), 1, "M13, to who left");
    assert!(!format!("{:?}", house.everything().await).contains("himitsu"), "no password is kept");
    house.leave().await;
}

#[tokio::test]
async fn whoever_cancels_finds_everything_where_it_was() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    enter(&mut person, "10000001", "himitsu-1").await;
    let before = house.rows("SELECT * FROM migration_case").await;
    let managed = person.get("/manage").await;
    managed.says("href=\"/link/1\">製品・サービスの連携を設定する</a>");
    house.pass(7);
    let account = renkei::flows::reconcile::find(&house.context, CUSTOMER).await.unwrap();
    let mut person = Browser::logged_in(&house, &account).await;
    person.get("/link/1").await.says("登録している製品がありません").says("href=\"/migration\"");
    let page = person.submit("/migration", &[]).await;
    page.says(STD).says("<button>登録を完了して移行を開始する</button>");
    assert_eq!(house.rows("SELECT * FROM migration_case").await, before);
    house.leave().await;
}

#[tokio::test]
async fn every_refusal_says_what_to_do_and_keeps_the_number() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    enter(&mut person, "10000001", "himitsu-1").await;
    for (number, password, says) in [
        ("", "x", "お客様番号を入力してください。"),
        ("12", "x", "お客様番号は4桁から16桁の数字で入力してください。"),
        ("10000002", "", "パスワードを入力してください。"),
        ("10000001", "himitsu-1", "このお客様番号は、すでに登録または移行されています。"),
        ("10000002", "himitsu-x", "お客様番号またはパスワードが正しくありません。"),
        ("99999999", "himitsu-x", "お客様番号またはパスワードが正しくありません。"),
        ("10000004", "himitsu-4", "ネットワーク製品は移行の対象外です。"),
        ("10000005", "himitsu-5", "パスワードが設定されていません。"),
        ("10000006", "himitsu-6", "別のIDに登録されています。"),
    ] {
        let again = enter(&mut person, number, password).await;
        assert_eq!((again.status, again.heading().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "契約の移行"));
        again.says(says).says(&format!("value=\"{number}\"")).says("<title>エラー：").says(STD).hides("himitsu");
    }
    let page = person.get("/migration/products").await;
    page.says("ネットワーク製品（移行の対象外）").says("href=\"/products/add\">製品を追加する</a>");
    page.hides("10000005").hides("99999999");
    house.leave().await;
}

#[tokio::test]
async fn a_sixth_wrong_password_within_the_hour_is_not_tried() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    for left in [4, 3, 2, 1] {
        let wrong = enter(&mut person, "10000001", "himitsu-x").await;
        wrong.says(&format!("あと{left}回まで入力できます"));
    }
    enter(&mut person, "10000001", "himitsu-x").await.says("1時間ほど登録できません");
    for password in ["himitsu-x", "himitsu-1"] {
        let limited = enter(&mut person, "10000001", password).await;
        assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
        limited.says("から、もう一度お試しください。").says("value=\"10000001\"").hides("himitsu");
    }
    assert!(enter(&mut person, "10000002", "himitsu-2").await.leads_to().is_some(), "another number is free");
    house.context.clock.advance(hours(1));
    let account = renkei::flows::reconcile::find(&house.context, CUSTOMER).await.unwrap();
    let mut person = Browser::logged_in(&house, &account).await;
    assert!(enter(&mut person, "10000001", "himitsu-1").await.leads_to().is_some());
    house.leave().await;
}

#[tokio::test]
async fn while_the_contract_system_is_down_nothing_is_lost_and_nothing_counts() {
    let mut house = House::on_sqlite().await;
    let line = Line::new(&house);
    house.context = line.context(&house);
    let mut person = owning(&house, "C-MIS", "cloud", "Misoca").await;
    line.is_down(true);
    let unknown = person.get("/link/1").await;
    assert_eq!(
        (unknown.status, unknown.heading().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "製品・サービスの連携の設定")
    );
    unknown.says("ただいま契約の一覧を取得できません").says(">最新の一覧に更新する</button>").hides("こちらから");
    assert_eq!(person.get("/contracts").await.status, StatusCode::SERVICE_UNAVAILABLE);
    line.is_down(false);
    person.submit("/link/1", &[("do", "refresh")]).await.says("Misoca").hides("取得できません");

    line.is_down(true);
    person.submit("/link/1", &[("do", "refresh")]).await.says("ただいま最新の一覧を取得できません").says("Misoca");
    person.get("/link/1").await.hides("取得できません").says("Misoca");
    for _ in 0..8 {
        let kept = enter(&mut person, "10000001", "himitsu-1").await;
        assert_eq!(kept.status, StatusCode::SERVICE_UNAVAILABLE);
        kept.says("お客様番号は入力したままです")
            .says("value=\"10000001\"")
            .hides("himitsu")
            .says(">パスワード</label>");
    }
    house.pass_seconds(61);
    person.get("/link/1").await.says("ただいま最新の一覧を取得できません").says("Misoca");
    person.submit("/link/1", &[("do", "refresh")]).await.says("ただいま最新の一覧を取得できません").says("Misoca");
    line.is_down(false);
    assert!(enter(&mut person, "10000001", "himitsu-1").await.leads_to().is_some(), "no try was counted");

    person.post("/migration/start", &[]).await;
    line.is_down(true);
    house.reconcile(&house.context).await;
    person.get("/migration/wait").await.says("お手続き中です。しばらくお待ち下さい");
    line.is_down(false);
    for _ in 0..3 {
        house.pass_seconds(60);
        house.reconcile(&house.context).await;
    }
    assert_eq!(person.go("/migration/wait").await.heading(), "契約一覧");
    person.get("/contracts").await.says(STD).says("Misoca");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn what_stayed_is_named_and_can_be_entered_anew() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    enter(&mut person, "10000001", "himitsu-1").await;
    enter(&mut person, "10000002", "himitsu-2").await;
    person.post("/migration/start", &[]).await;
    house.reconcile(&house.context).await;
    house.execute("UPDATE ledger_contract SET standing = 'ended' WHERE id = 'C-PAY'").await;
    for _ in 0..3 {
        house.pass_seconds(30);
        house.reconcile(&house.context).await;
    }
    let list = person.go("/migration/wait").await;
    assert_eq!(list.heading(), "契約一覧");
    list.says("移行できなかった製品があります").says(PAY).says("契約が終了しています。").says(STD);
    list.hides("契約の移行が完了しました。").says("href=\"/migration/products\"");
    person.get("/link/1").await.says("移行できなかった製品があります").says("href=\"/link/1/products\"");
    assert_eq!(person.get("/migration/products").await.heading(), "契約の移行", "offered beside the choice");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn a_page_that_nobody_looks_at_stands_still_and_one_given_up_can_go_on() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    enter(&mut person, "10000001", "himitsu-1").await;
    person.post("/migration/start", &[]).await;
    house.execute("UPDATE ledger_migration_item SET due_at = due_at").await;
    house.context.clock.advance(minutes(14));
    assert!(person.get("/migration/wait").await.headers.contains_key("refresh"));
    house.context.clock.advance(minutes(1));
    let long = person.get("/migration/wait").await;
    assert!(!long.headers.contains_key("refresh"), "it must not keep its person logged in");
    long.says("お時間がかかっています").says("最新の状態を表示する");

    house.reconcile(&house.context).await;
    house.execute("UPDATE migration_case SET state = 'abandoned'").await;
    let given_up = person.get("/migration/wait").await;
    assert_eq!(given_up.heading(), "契約の移行が終わっていません");
    given_up.says("同じ製品が二重に移行されることはありません").says(">もう一度進める</button>");
    person.get("/link/1").await.says("契約の移行がまだ終わっていません");
    let resumed = person.submit("/migration/start", &[("do", "resume")]).await;
    resumed.says("お手続き中です。しばらくお待ち下さい");
    for _ in 0..3 {
        house.pass_seconds(30);
        house.reconcile(&house.context).await;
    }
    assert_eq!(person.go("/migration/wait").await.heading(), "契約一覧");
    assert_eq!(house.rows("SELECT * FROM ledger_migration_item").await.len(), 1, "moved once");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn nobody_comes_here_who_shares_nothing() {
    let house = House::on_sqlite().await;
    let mut person = approved(&house).await;
    let hanako = house.ready(OTHER).await;
    let mut stranger = Browser::logged_in(&house, &hanako).await;
    let pages = ["/migration", "/migration/products", "/migration/wait", "/contracts", "/products", "/products/add"];
    for path in ["/link/1", "/link/2", "/link/x"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(stranger.post(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in pages {
        assert_eq!(stranger.get(path).await.leads_to().as_deref(), Some("/manage"), "{path}");
    }
    for path in ["/migration/products", "/migration/start", "/products/add"] {
        assert_eq!(stranger.post(path, &[]).await.leads_to().as_deref(), Some("/manage"), "{path}");
    }
    person.get("/manage/1/stop").await;
    person.post("/manage/1/stop", &[]).await;
    for path in pages.iter().chain(&["/link/1"]) {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/manage"), "{path}: sharing was stopped");
    }
    house.deliver().await;
    house.leave().await;
}
