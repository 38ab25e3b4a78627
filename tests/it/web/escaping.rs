//! Threat T14: whatever a person types comes back as text.

use renkei::web;

use super::browser::Browser;
use super::forgery::filled;
use super::owning;
use super::register::typed;
use crate::flows::house::House;
use crate::flows::people::member;

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</title><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)//@example.jp",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\u{202E}<b>\u{0}",
];

/// The elements and attributes of a page, without their values.
fn shape(body: &str) -> Vec<String> {
    let tags = body.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.map(|tag| {
        let mut inside = false;
        tag.chars()
            .filter(|c| {
                inside ^= *c == '"';
                !inside && *c != '"'
            })
            .collect()
    })
    .collect()
}

#[tokio::test]
async fn nothing_that_is_typed_becomes_part_of_a_page() {
    let house = House::on_sqlite().await;
    let (account, _) = owning::linked(&house, &["C-STD"]).await;
    let company = ["kind", "kana", "postal-code", "telephone", "representative-name", "representative-kana"];
    let contracts = ["number", "office-name", "place", "link", "product", "confirmed", "terms"];
    let fields: Vec<&str> = ["id", "code", "choice", "message"]
        .into_iter()
        .chain(company)
        .chain(contracts)
        .chain(typed("").into_iter().map(|(name, _)| name))
        .filter(|name| *name != "consent")
        .collect();
    // what these take is a press of the button alone, and it ends what the others are about
    let end = ["/logout", "/manage/{number}/stop", "/link/{number}/unlink"];
    for path in web::table().taken().iter().filter(|path| !end.contains(path)) {
        let path = filled(path);
        for is_known in [false, true] {
            for field in &fields {
                let mut shapes = Vec::new();
                for text in ["plain", HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], HOSTILE[4], HOSTILE[6]] {
                    let mut person = if is_known {
                        Browser::logged_in(&house, &account).await
                    } else {
                        let mut stranger = Browser::new(&house);
                        stranger.go("/login").await;
                        stranger
                    };
                    let seen = person.post(&path, &[(field, text)]).await;
                    assert!(!seen.body.contains("<script") && !seen.body.contains("<img"), "{path} {field} {text}");
                    let is_secret = ["password", "again"].contains(field);
                    assert!(!is_secret || text == "plain" || !seen.body.contains("alert(1)"), "{path} {field} {text}");
                    shapes.push(shape(&seen.body));
                }
                if ["password", "again"].contains(field) {
                    // what is long enough is no fault any more; and it never comes back
                    continue;
                }
                // what is plain may be right, and lead elsewhere
                assert!(shapes[1..].iter().all(|shape| *shape == shapes[1]), "{path} {field}");
            }
        }
    }
    house.leave().await;
}

#[tokio::test]
async fn a_hostile_name_is_a_name() {
    let house = House::on_sqlite().await;
    for (count, text) in HOSTILE.iter().enumerate() {
        let account = member(&house, &format!("person{count}@example.jp"), text).await;
        let seen = Browser::logged_in(&house, &account).await.get("/registered").await;
        let usual = member(&house, &format!("usual{count}@example.jp"), "山田 太郎").await;
        let other = Browser::logged_in(&house, &usual).await.get("/registered").await;
        assert_eq!(shape(&seen.body), shape(&other.body), "{text}");
    }
    house.leave().await;
}
