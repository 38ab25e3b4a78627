//! ［ログイン］

use axum::http::StatusCode;

use super::browser::Browser;
use crate::flows::house::House;

#[tokio::test]
async fn the_first_step_takes_an_address_and_keeps_what_was_typed() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    let page = person.go("/login").await;
    assert_eq!(page.heading(), "ログイン");
    page.says("<button>次へ</button>").says("弥生IDの新規登録").says("弥生ID（メールアドレス）");
    page.says("<li aria-current=\"step\"><span class=\"sign\">②</span>").hides("ログアウト");
    let typed = "\"><script>alert(1)</script>";
    let again = person.post("/login", &[("id", typed)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.hides("<script>").says("value=\"&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;\"");
    again.says("<a href=\"#id\">メールアドレスの形で入力してください。例：yamada@example.jp</a>");
    again.says("aria-describedby=\"id-fault\" aria-invalid=\"true\"").says("role=\"alert\" tabindex=\"-1\" autofocus");
    again.says("<title>エラー：ログイン｜マイポータル</title>");
    let empty = person.post("/login", &[("id", "　")]).await;
    empty.says("弥生ID（メールアドレス）を入力してください。");
    let next = person.post("/login", &[("id", " yamada@example.jp ")]).await;
    assert_eq!(next.leads_to().as_deref(), Some("/login/password"));
    person.go("/login").await.says("value=\"yamada@example.jp\"");
    house.leave().await;
}
