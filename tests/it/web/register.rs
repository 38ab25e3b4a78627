//! ［弥生IDの新規登録］, from the empty form to 「サービスの利用へ進む」.

use axum::http::StatusCode;
use renkei::web::cookies::SESSION;

use super::browser::Browser;
use crate::flows::house::House;
use crate::flows::people::{PASSWORD, TERMS, member};

/// What a careful person types.
pub fn typed(address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("address", address.to_owned()),
        ("name", "山田　太郎".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("again", PASSWORD.to_owned()),
        ("consent", "on".to_owned()),
        ("terms", TERMS.to_owned()),
    ]
}

/// Sends the form with these fields, some of them changed.
pub async fn send(person: &mut Browser, address: &str, but: &[(&str, &str)]) -> super::browser::Seen {
    person.go("/register").await;
    let fields = typed(address);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| but.iter().find(|(changed, _)| changed == name).copied().unwrap_or((name, value.as_str())))
        .collect();
    person.post("/register", &fields).await
}

#[tokio::test]
async fn a_person_registers_and_goes_on() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    let begun = send(&mut person, "yamada@example.jp", &[]).await;
    assert_eq!(begun.leads_to().as_deref(), Some("/code"));
    let waiting = person.go("/code").await;
    assert_eq!(waiting.heading(), "確認コードの入力");
    waiting.says("yamada@example.jp").says("お送りしています").says("最新の状態を表示する");
    let code = house.code().await.to_text();
    let sent = person.go("/code").await;
    sent.says("確認コードのメールをお送りしました。有効期限は10分です（").hides(&code);
    // full-width digits, as Japanese keyboards make them
    let wide: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    let done = person.submit("/code", &[("code", &format!(" {wide}"))]).await;
    assert_eq!(done.heading(), "弥生IDの登録が完了しました");
    done.says("<a class=\"button\" href=\"/next\">サービスの利用へ進む</a>").says("山田 太郎</span> 様");
    assert!(person.jar.contains_key(SESSION));
    let account = &house.rows("SELECT * FROM account").await[0];
    assert_eq!((account["address"].as_str(), account["terms_version"].as_str()), ("yamada@example.jp", TERMS));
    let everything = format!("{:?}", house.everything().await);
    assert!(!everything.contains(&code) && !everything.contains(PASSWORD));
    house.leave().await;
}

#[tokio::test]
async fn every_fault_is_said_beside_its_field_and_what_was_typed_stays() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    for (field, value, says) in [
        ("address", "", "メールアドレスを入力してください。"),
        ("address", "yamada@", "メールアドレスの@より後ろをご確認ください。"),
        ("address", "yamada example.jp", "メールアドレスの形で入力してください。"),
        ("name", "", "お名前を入力してください。"),
        ("name", &"山".repeat(61), "お名前は60文字以内で入力してください。"),
        ("password", "", "パスワードを入力してください。"),
        ("password", "short one", "パスワードは15文字以上で入力してください。"),
        ("password", &"long and longer ".repeat(20), "パスワードは256文字以内で入力してください。"),
        ("password", "passwordpassword", "このパスワードは多くの人が使っていて、"),
        ("password", "yamada@example.jp", "メールアドレスやお名前などから推測されやすいパスワードです。"),
        ("again", "", "確認のため、同じパスワードをもう一度入力してください。"),
        ("again", "something else entirely", "2つのパスワードが一致していません。"),
        ("consent", "", "内容をご確認のうえ、チェックを付けてください。"),
    ] {
        let again = send(&mut person, "yamada@example.jp", &[(field, value)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
        again.says(&format!("<a href=\"#{field}\">{says}")).says(&format!("id=\"{field}-fault\""));
        again
            .says("<title>エラー：弥生IDの新規登録｜マイポータル</title>")
            .says("role=\"alert\" tabindex=\"-1\" autofocus");
        again.hides(PASSWORD);
        for (other, kept) in typed("yamada@example.jp").iter().filter(|(name, _)| *name != field) {
            match *other {
                "address" | "name" => drop(again.says(&format!("value=\"{kept}\""))),
                "consent" => drop(again.says("value=\"on\" checked")),
                _ => {}
            }
        }
    }
    assert!(house.rows("SELECT id FROM attempt").await.is_empty());
    assert!(house.letters().await.is_empty());
    // all that is wrong is said at once
    person.go("/register").await;
    let empty = person.post("/register", &[]).await;
    assert_eq!(empty.body.matches("<li><a href=\"#").count(), 4);
    house.leave().await;
}

/// Threat T10: who registers somebody else's ID sees what everybody sees.
#[tokio::test]
async fn an_id_that_is_taken_shows_on_no_page() {
    let house = House::on_sqlite().await;
    member(&house, "taken@example.jp", "佐藤").await;
    let mut pages = Vec::new();
    for address in ["taken@example.jp", "fresh@example.jp"] {
        let mut person = Browser::new(&house);
        assert_eq!(send(&mut person, address, &[]).await.leads_to().as_deref(), Some("/code"));
        let waiting = person.get("/code").await;
        house.deliver().await;
        let sent = person.get("/code").await;
        let wrong = person.post("/code", &[("code", "000000")]).await;
        let token = person.token.clone();
        pages.push([waiting, sent, wrong].map(|page| page.body.replace(address, "ADDRESS").replace(&token, "TOKEN")));
    }
    assert_eq!(pages[0], pages[1]);
    house.leave().await;
}

#[tokio::test]
async fn the_sixth_attempt_of_a_day_waits() {
    let house = House::on_sqlite().await;
    for _ in 0..5 {
        let mut person = Browser::new(&house);
        assert_eq!(send(&mut person, "yamada@example.jp", &[]).await.leads_to().as_deref(), Some("/code"));
        house.pass_seconds(60);
    }
    let mut person = Browser::new(&house);
    let later = send(&mut person, "yamada@example.jp", &[]).await;
    assert_eq!(later.status, StatusCode::TOO_MANY_REQUESTS);
    later.says("続けてお手続きいただける回数を超えました。").says("value=\"yamada@example.jp\"");
    house.deliver().await;
    house.leave().await;
}
