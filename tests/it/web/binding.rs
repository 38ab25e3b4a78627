//! スマート取引取込の設定 (S56 to S66).

use axum::http::StatusCode;
use renkei::contracts::ContractDirectory;
use renkei::domain::contract::{Binding, BoundBy, CallKey, Holder};
use renkei::domain::email_address::EmailAddress;
use renkei::domain::ids::BusinessDataId;
use renkei::domain::product::DataPlace;
use renkei::domain::time::minutes;
use renkei::flows::company;

use super::browser::{Browser, Seen};
use super::owning::{approved, hidden, linked, settle};
use crate::flows::contract_faults::Line;
use crate::flows::contract_suite::contract;
use crate::flows::customers::{CUSTOMER, company_form};
use crate::flows::house::House;

/// As the customer registered it, up to the width and the abbreviation.
const SAME: &str = "㈱　山田商店";
const OTHER_NAME: &str = "山田商店株式会社";

/// ［はい］ on the form.
async fn yes(person: &mut Browser, name: &str, place: &str) -> Seen {
    let form = person.get("/data").await;
    let link = hidden(&form, "link");
    let link = link.first().map_or("", String::as_str);
    person.post("/data", &[("link", link), ("office-name", name), ("place", place)]).await
}

/// The button of a page with all its hidden fields, and these besides.
async fn press(person: &mut Browser, page: &Seen, path: &str, more: &[(&str, &str)]) -> Seen {
    let names = ["link", "office-name", "place", "registered", "differ", "latest-data"];
    let form = page.between(&format!("action=\"{path}\""), "</form>").unwrap();
    let value = |name: &str| {
        let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        Some(form.split_once(&before)?.1.split_once('"')?.0.to_owned())
    };
    let hidden: Vec<_> = names.iter().filter_map(|name| Some((*name, value(name)?))).collect();
    let fields: Vec<_> =
        hidden.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
    person.post(path, &fields).await
}

async fn row(house: &House) -> std::collections::BTreeMap<String, String> {
    house.rows("SELECT * FROM data_binding ORDER BY id DESC").await.remove(0)
}

#[tokio::test]
async fn the_data_is_set_with_both_names_before_ones_eyes() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    let form = person.get("/data").await;
    assert_eq!(form.heading(), "スマート取引取込の設定");
    form.says("会計事務所にて行うことを前提としています")
        .says("先に会計事務所とご相談ください")
        .says("<strong>1つだけ</strong>");
    form.says("「データ共有サービス（弥生ドライブ）」の設定が別途必要です")
        .says("「共有データを開く」タブで「データを開く」");
    form.says("［ファイル］メニューから［スマート取引取込］－［スマート取引取込の設定］").says("<button>はい</button>");
    form.says("弥生ドライブ（データ共有サービス）").says("このパソコン").says("あおぞら会計事務所").hides(" checked");
    let before = house.everything().await;

    let names = yes(&mut person, SAME, "drive").await;
    assert_eq!(names.status, StatusCode::OK);
    names.says("あなたの会社・個人事業者名").says("株式会社山田商店").says("現在開いているデータの事業所名").says(SAME);
    names.says("事業者（事業グループ）情報登録時に入力した事業者名").says("［事業所設定］に登録されている「事業所名」");
    names.says("<button>設定を行う</button>").hides("latest-data");
    assert_eq!(house.everything().await, before, "nothing is set yet");

    let set = press(&mut person, &names, "/data/confirm", &[]).await;
    assert_eq!(set.leads_to().as_deref(), Some("/data/done"));
    let waits = person.get("/data/done").await;
    assert_eq!(waits.headers["refresh"], "5; url=/data/done");
    waits.says("事業所データを設定しています").says("href=\"/data/done?stop\">自動で進むのを止める</a>");
    let still = person.get("/data/done?stop").await;
    assert!(!still.headers.contains_key("refresh"));
    still.says("事業所データを設定しています").says("href=\"/data/done?stop\">最新の状態を表示する</a>");
    let elsewhere = person.get("/data").await;
    assert_eq!(elsewhere.headers["refresh"], "5; url=/data");
    elsewhere.says("設定しています").says("href=\"/data/release\">連携を解除する</a>");
    settle(&house).await;
    let done = person.get("/data/done").await;
    done.says("スマート取引取込の設定を完了しました。").says("href=\"/manage\">画面を閉じる</a>").says(SAME);
    assert!(!done.headers.contains_key("refresh"));
    person.go("/manage").await.says("スマート取引取込の事業所データ").says(SAME).says("設定済み");
    let row = row(&house).await;
    assert_eq!(
        [&row["state"], &row["set_by"], &row["difference_at"], &row["latest_data_at"]],
        ["bound", "customer", "NULL", "NULL"]
    );
    assert_eq!(house.letters().await.len(), 2, "both sides are told");
    house.leave().await;
}

#[tokio::test]
async fn names_that_differ_are_asked_about_again_and_the_yes_is_kept() {
    let house = House::on_sqlite().await;
    let (account, mut person) = linked(&house, &["C-STD"]).await;
    let names = yes(&mut person, OTHER_NAME, "drive").await;
    let differ = press(&mut person, &names, "/data/confirm", &[]).await;
    assert_eq!((differ.status, differ.heading().as_str()), (StatusCode::OK, "事業者名が異なります"));
    differ.says("もう一度ご確認のうえ、問題なければ［はい］").says("<button>はい</button>").says(OTHER_NAME);
    assert!(house.rows("SELECT id FROM data_binding").await.is_empty());

    // はい counts for the names that were seen
    let mut renamed = company_form();
    renamed.name = "有限会社山田商店".to_owned();
    company::save(&house.context, None, &account, &renamed.check().unwrap()).await.unwrap();
    let again = press(&mut person, &differ, "/data/confirm", &[]).await;
    again.says("有限会社山田商店").says("<button>はい</button>");
    assert!(house.rows("SELECT id FROM data_binding").await.is_empty());
    let set = press(&mut person, &again, "/data/confirm", &[]).await;
    assert_eq!(set.leads_to().as_deref(), Some("/data/done"));
    assert_eq!(row(&house).await["difference_at"], house.now().as_millis().to_string());
    let twice = press(&mut person, &again, "/data/confirm", &[]).await;
    assert_eq!(twice.leads_to().as_deref(), Some("/data/done"));
    assert_eq!(house.rows("SELECT id FROM data_binding").await.len(), 1, "pressed twice, set once");
    settle(&house).await;
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn the_rule_of_the_newest_data_is_acknowledged_where_both_hold_data() {
    for (product, place) in [("C-STD", "local"), ("C-TWO", "local")] {
        let house = House::on_sqlite().await;
        let (_, mut person) = linked(&house, &[product]).await;
        let names = yes(&mut person, OTHER_NAME, place).await;
        names.says("仕訳データの取り込みは必ず最新のデータへ取り込むように、運用ルールなどを決めてご利用ください。");
        let missing = press(&mut person, &names, "/data/confirm", &[]).await;
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{product}");
        missing.says("href=\"#latest-data\"").says("<button>設定を行う</button>");
        let differ = press(&mut person, &missing, "/data/confirm", &[("latest-data", "on")]).await;
        assert_eq!(differ.heading(), "事業者名が異なります");
        let set = press(&mut person, &differ, "/data/confirm", &[]).await;
        assert_eq!(set.leads_to().as_deref(), Some("/data/done"), "{product}");
        let now = house.now().as_millis().to_string();
        let row = row(&house).await;
        assert_eq!([&row["latest_data_at"], &row["difference_at"], &row["place"]], [&now, &now, "local"]);
        settle(&house).await;
        house.deliver().await;
        house.leave().await;
    }
}

#[tokio::test]
async fn what_is_wrong_in_the_form_is_said_beside_the_field() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD", "C-TWO"]).await;
    let form = person.get("/data").await;
    form.says("事業所データを開く会計製品").says("2ユーザー（連携先：あおぞら会計事務所 様）");
    let ids: Vec<_> = form.body.split("name=\"link\" type=\"radio\" value=\"").skip(1).collect();
    let two_user = ids.iter().find(|rest| rest.contains("2ユーザー") && !rest.contains("スタンダード")).unwrap();
    let two_user = two_user.split_once('"').unwrap().0.to_owned();
    let before = house.everything().await;
    let long = "あ".repeat(101);
    for (link, name, place, fault, says) in [
        ("", SAME, "drive", "link", "連携する会計製品をお選びください。"),
        (two_user.as_str(), "　", "local", "office-name", "事業所名を、［事業所設定］のとおりに"),
        (two_user.as_str(), long.as_str(), "local", "office-name", "事業所名を、［事業所設定］のとおりに"),
        (two_user.as_str(), SAME, "", "place", "データの場所をお選びください。"),
        (two_user.as_str(), SAME, "drive", "place", "「このパソコン」をお選びください。"),
    ] {
        let seen = person.post("/data", &[("link", link), ("office-name", name), ("place", place)]).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{fault}");
        seen.says(&format!("<a href=\"#{fault}\">")).says(says);
        assert_eq!(seen.body.matches("<li><a href=\"#").count(), 1, "{fault} alone");
        let forged = person.post("/data/confirm", &[("link", link), ("office-name", name), ("place", place)]).await;
        assert_eq!(forged.leads_to().as_deref(), Some("/data"));
    }
    let names = person.post("/data", &[("link", &two_user), ("office-name", "<b>店</b>"), ("place", "local")]).await;
    names.hides("<b>店");
    let edit = press(&mut person, &names, "/data", &[("do", "edit"), ("office-name", "<b>店</b>")]).await;
    assert_eq!(edit.status, StatusCode::OK);
    edit.says(&format!("value=\"{two_user}\" checked")).says("value=\"local\" checked").hides("<b>店");
    assert_eq!(house.everything().await, before);
    house.leave().await;
}

#[tokio::test]
async fn there_is_one_and_only_the_one_that_is_named_is_released() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    assert_eq!(person.get("/data/release").await.leads_to().as_deref(), Some("/data"), "there is nothing to release");
    let names = yes(&mut person, SAME, "drive").await;
    press(&mut person, &names, "/data/confirm", &[]).await;
    settle(&house).await;
    house.letters().await;
    person.get("/data").await.says("次の事業所データが設定されています").says(SAME).hides("<button>はい</button>");
    for path in ["/data", "/data/confirm"] {
        let seen = person.post(path, &[("link", "x"), ("office-name", "別の店"), ("place", "drive")]).await;
        assert_eq!(seen.leads_to().as_deref(), Some("/data"), "{path}: one at a time");
    }
    let page = person.get("/data/release").await;
    page.says(SAME).says("<button>連携を解除する</button>").says("弥生ドライブ");
    for (name, place) in [("別の店", "drive"), (SAME, "local"), ("", "")] {
        let seen = person.post("/data/release", &[("office-name", name), ("place", place)]).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {place}");
        seen.says("設定されている事業所データが変わっています。").says(SAME);
    }
    assert_eq!(row(&house).await["state"], "bound");

    let released = press(&mut person, &page, "/data/release", &[]).await;
    assert_eq!(released.leads_to().as_deref(), Some("/data"));
    let going = person.get("/data").await;
    assert_eq!(going.headers["refresh"], "5; url=/data");
    going.says("連携を解除しています").says(">自動で進むのを止める</a>").hides("<button>はい</button>");
    let still = person.get("/data?stop").await;
    assert!(!still.headers.contains_key("refresh"));
    still.says("連携を解除しています").says("href=\"/data?stop\">最新の状態を表示する</a>");
    settle(&house).await;
    assert_eq!(house.letters().await.len(), 2, "both sides are told");
    let form = person.get("/data").await;
    assert!(!form.headers.contains_key("refresh"), "what is typed stays");
    form.says(&format!("事業所データ「{SAME}」の連携は、")).says("に解除されました。").says("<button>はい</button>");
    let names = yes(&mut person, "株式会社 山田商店", "drive").await;
    press(&mut person, &names, "/data/confirm", &[]).await;
    settle(&house).await;
    person.get("/data/done").await.says("スマート取引取込の設定を完了しました。").says("株式会社 山田商店");
    assert_eq!(house.rows("SELECT id FROM data_binding").await.len(), 2);
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn a_page_that_waits_hastens_the_data_and_stands_still_in_the_end() {
    let mut house = House::on_sqlite().await;
    let line = Line::new(&house);
    house.context = line.context(&house);
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    let names = yes(&mut person, SAME, "drive").await;
    line.is_down(true);
    press(&mut person, &names, "/data/confirm", &[]).await;
    settle(&house).await;
    let due_in = async || {
        let due = &house.rows("SELECT due_at FROM contract_customer").await[0]["due_at"];
        due.parse::<i64>().unwrap() - house.now().as_millis()
    };
    assert_eq!(due_in().await, 30_000);
    for _ in 0..3 {
        person.get("/data/done").await.says("事業所データを設定しています").hides("完了しました。");
        assert_eq!(due_in().await, 4_000, "however many pages wait");
    }
    house.context.clock.advance(minutes(14));
    assert!(person.get("/data/done").await.headers.contains_key("refresh"));
    house.context.clock.advance(minutes(1));
    let long = person.get("/data/done").await;
    assert!(!long.headers.contains_key("refresh"), "it must not keep its person logged in");
    long.says("お時間がかかっています").says("href=\"/data/done\">最新の状態を表示する</a>");
    line.is_down(false);
    settle(&house).await;
    person.get("/data/done").await.says("スマート取引取込の設定を完了しました。");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn what_the_contract_system_will_not_set_is_said() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    let theirs = Binding {
        data: BusinessDataId::stored("elsewhere".to_owned()),
        contract: contract("C-STD"),
        office_name: "別の店".to_owned(),
        place: DataPlace::Local,
        bound_by: BoundBy::Customer,
    };
    let holder = Holder::of(&EmailAddress::parse(CUSTOMER).unwrap());
    house.ledger.set_binding(&CallKey::new("elsewhere", 1), &holder, &theirs).await.unwrap();
    let names = yes(&mut person, SAME, "drive").await;
    press(&mut person, &names, "/data/confirm", &[]).await;
    settle(&house).await;
    let done = person.get("/data/done").await;
    done.says("事業所データを設定できませんでした").hides("完了しました").says(">もう一度設定する</a>");
    assert_eq!(person.get("/data").await.heading(), "スマート取引取込の設定");
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn without_a_linked_product_there_is_nothing_to_set() {
    let house = House::on_sqlite().await;
    let (_, mut person) = approved(&house).await;
    let before = house.everything().await;
    person.get("/data").await.says("連携済みの会計製品がまだありません").hides("<button>はい</button>");
    for path in ["/data/done", "/data/release", "/data/confirm"] {
        assert_eq!(person.get(path).await.leads_to().as_deref(), Some("/data"), "{path}");
    }
    for path in ["/data", "/data/confirm", "/data/release"] {
        let seen = person.post(path, &[("link", "1"), ("office-name", SAME), ("place", "local")]).await;
        assert_eq!(seen.leads_to().as_deref(), Some("/data"), "{path}");
    }
    assert_eq!(house.everything().await, before);
    house.leave().await;
}

/// What `renkei request show` tells.
#[tokio::test]
async fn the_story_of_the_request_is_told_in_order() {
    let house = House::on_sqlite().await;
    let (_, mut person) = linked(&house, &["C-STD"]).await;
    let names = yes(&mut person, SAME, "drive").await;
    press(&mut person, &names, "/data/confirm", &[]).await;
    settle(&house).await;
    let page = person.get("/data/release").await;
    press(&mut person, &page, "/data/release", &[]).await;
    settle(&house).await;
    house.deliver().await;
    let story = house.story(1).await;
    let mut rest = story.iter();
    for next in [
        "approved opened>approved",
        "link changed >desired",
        "link changed applying>linked",
        "business data changed >proposed",
        "business data changed proposed>bound",
        "business data changed bound>releasing",
        "business data changed releasing>unbound",
    ] {
        assert!(rest.any(|event| event == next), "{next} does not come next in {story:#?}");
    }
    house.leave().await;
}
