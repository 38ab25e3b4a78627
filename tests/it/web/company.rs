//! ［事業者（事業グループ）情報登録］

use axum::http::StatusCode;

use super::browser::Browser;
use super::landing::comes;
use crate::flows::customers::{CUSTOMER, sound_company};
use crate::flows::house::House;
use renkei::flows::company;

/// The form as a person fills it in, with these fields changed.
pub fn filled_in<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let sound = [
        ("kind", "corporation"),
        ("name", "株式会社山田商店"),
        ("kana", "ﾔﾏﾀﾞｼｮｳﾃﾝ"),
        ("postal-code", "１０００００５"),
        ("address", "東京都千代田区丸の内1-1-1"),
        ("telephone", "03（0000）0000"),
        ("representative-name", "山田 太郎"),
        ("representative-kana", "やまだ たろう"),
    ];
    let value = |name: &str| changed.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    sound.into_iter().map(|(name, usual)| (name, value(name).unwrap_or(usual))).collect()
}

#[tokio::test]
async fn who_has_no_company_registers_it_and_goes_on_to_the_approval() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    let account = house.account(CUSTOMER).await;
    let (mut person, page) = comes(&house, &token, CUSTOMER).await;
    assert_eq!(page.heading(), "事業者（事業グループ）情報登録");
    page.says("<h2>会社情報</h2>").says("<h2>代表者情報</h2>").says("<button>登録する</button>");
    page.says(">この申請を承認しない</a>").says("法人").says("個人事業者").hides(" checked");
    page.says("autocomplete=\"postal-code\"").says("autocomplete=\"organization\"").says("ログイン者名");
    let next = person.submit("/company", &filled_in(&[])).await;
    assert_eq!(next.heading(), "会計事務所等への契約情報提供の承認");
    assert_eq!(company::of(&house.context, &account).await.unwrap(), Some(sound_company()));
    let again = person.go("/company").await;
    again.says("value=\"ヤマダショウテン\"").says("value=\"100-0005\"").says("value=\"corporation\" checked");
    house.leave().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let house = House::on_sqlite().await;
    house.asked(CUSTOMER).await;
    let account = house.account(CUSTOMER).await;
    let mut person = Browser::logged_in(&house, &account).await;
    person.go("/next").await;
    let before = house.everything().await;
    let long = "あ".repeat(201);
    let wrong = [
        ("kind", "", "法人か個人事業者かをお選びください。"),
        ("name", "　", "法人名または屋号を入力してください。"),
        ("kana", "山田商店", "法人名または屋号のフリガナは、カタカナまたはひらがなで入力してください。"),
        ("postal-code", "100", "郵便番号は7桁の数字で入力してください。例：100-0005"),
        ("address", long.as_str(), "所在地は200文字以内で入力してください。"),
        ("telephone", "不明", "電話番号は、市外局番から入力してください。例：03-0000-0000"),
        ("representative-name", "", "代表者の氏名を入力してください。"),
        ("representative-kana", "Yamada", "代表者の氏名のフリガナは、カタカナまたはひらがなで入力してください。"),
    ];
    for (field, value, says) in wrong {
        let again = person.post("/company", &filled_in(&[(field, value)])).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        again.says(&format!("<a href=\"#{field}\">{says}</a>")).says(&format!("id=\"{field}-fault\""));
        again.says("<title>エラー：").says(if field == "name" { "ﾔﾏﾀﾞ" } else { "株式会社山田商店" });
    }
    let all: Vec<_> = wrong.map(|(field, value, _)| (field, value)).to_vec();
    let again = person.post("/company", &filled_in(&all)).await;
    assert_eq!(again.body.matches("<li><a href=\"#").count(), 8, "all at once");
    again.says("value=\"山田商店\"").says("value=\"不明\"").says("value=\"Yamada\"");
    let mut after = house.everything().await;
    after.insert("session".to_owned(), before["session"].clone());
    assert_eq!(after, before);
    house.leave().await;
}

#[tokio::test]
async fn a_decline_leads_around_the_form() {
    let house = House::on_sqlite().await;
    let (_, token) = house.asked(CUSTOMER).await;
    house.account(CUSTOMER).await;
    let (mut person, _) = comes(&house, &token, CUSTOMER).await;
    let page = person.go("/request?choice=decline").await;
    assert_eq!(page.heading(), "会計事務所等への契約情報提供の承認");
    page.says("name=\"choice\" value=\"decline\"").hides("type=\"radio\"").says("<button>確認する</button>");
    assert_eq!(person.go("/request").await.heading(), "事業者（事業グループ）情報登録");
    // whoever writes another choice into the form
    let forged = person.post("/request", &[("number", "1"), ("choice", "approve")]).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    let forged = person.submit("/request/confirm", &[("number", "1"), ("choice", "approve")]).await;
    assert_eq!(forged.heading(), "事業者（事業グループ）情報登録");
    let fields = [("number", "1"), ("choice", "decline"), ("message", "存じません")];
    let confirm = person.post("/request", &fields).await;
    confirm.says("<dd>承認しない</dd>").says("存じません").says("<button>確定する</button>");
    let done = person.submit("/request/confirm", &fields).await;
    assert_eq!(done.heading(), "「承認しない」で確定しました");
    assert_eq!(house.request(1).await.state.name().name(), "declined");
    house.deliver().await;
    house.leave().await;
}
