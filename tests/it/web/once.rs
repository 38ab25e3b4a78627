//! A form that is sent twice at once begins one attempt.

use futures_util::future::join_all;

use super::browser::Browser;
use super::register::{send, typed};
use crate::flows::house::House;
use crate::flows::people::member;

/// Copies of a browser: the same cookies, the same page.
fn copies(house: &House, of: &Browser, count: usize) -> Vec<Browser> {
    let copy =
        |_| Browser { jar: of.jar.clone(), token: of.token.clone(), router: of.router.clone(), ..Browser::new(house) };
    (0..count).map(copy).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_clicks_on_register_mail_one_code() {
    let house = House::on_sqlite().await;
    let mut person = Browser::new(&house);
    person.go("/register").await;
    let fields = typed("yamada@example.jp");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut clicks = copies(&house, &person, 8);
    let seen = join_all(clicks.iter_mut().map(|click| click.post("/register", &fields))).await;
    assert!(seen.iter().all(|seen| seen.leads_to().as_deref() == Some("/code")));
    assert_eq!(house.rows("SELECT id FROM attempt").await.len(), 1);
    assert_eq!(house.letters().await.len(), 1);
    // whichever answer came last, its page takes the code
    let last = clicks.last_mut().unwrap();
    last.go("/code").await.says("をお送りしました");
    // a while later it is another registration
    house.pass_seconds(60);
    send(last, "yamada@example.jp", &[]).await;
    assert_eq!(house.rows("SELECT id FROM attempt").await.len(), 2);
    house.deliver().await;
    house.leave().await;
}

#[tokio::test]
async fn two_people_are_two_however_alike_their_forms() {
    let house = House::on_sqlite().await;
    member(&house, "yamada@example.jp", "山田 太郎").await;
    for _ in 0..2 {
        let mut person = Browser::new(&house);
        person.go("/password/forgot").await;
        person.post("/password/forgot", &[("id", "yamada@example.jp")]).await;
    }
    assert_eq!(house.rows("SELECT id FROM attempt").await.len(), 2);
    house.deliver().await;
    house.leave().await;
}
