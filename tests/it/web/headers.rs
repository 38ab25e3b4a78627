//! What every answer carries, whatever was asked for.

use axum::http::{Method, StatusCode};
use renkei::web;

use super::browser::{Browser, Seen};
use super::forgery::filled;
use crate::flows::house::House;
use crate::flows::people::member;

#[track_caller]
fn guarded(seen: &Seen, path: &str) {
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ] {
        assert_eq!(seen.headers.get(name).and_then(|value| value.to_str().ok()), Some(value), "{path}: {name}");
    }
    let kept = seen.headers["cache-control"].to_str().unwrap();
    let is_asset = path.starts_with("/style.css") || path == "/icon.svg" || path.starts_with("/icons/");
    assert!(is_asset && seen.status == StatusCode::OK || kept == "no-store", "{path}: {kept}");
    let outside = seen.body.split(&['"', '\''][..]).filter(|part| part.starts_with("http") || part.starts_with("//"));
    for url in outside.filter(|url| *url != "http://www.w3.org/2000/svg") {
        assert!(url.starts_with("https://www.example.jp/"), "{path} names {url}");
    }
    for never in ["<script", " style=", "javascript:", " onclick", "@import", "url("] {
        assert!(!seen.body.contains(never), "{path} has {never}");
    }
}

#[tokio::test]
async fn every_answer_of_every_route_is_guarded() {
    let house = House::on_sqlite().await;
    let account = member(&house, "yamada@example.jp", "山田 太郎").await;
    let table = web::table();
    let others = [
        "/",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/style.css",
        "/icon.svg",
        "/icons/smart_voucher.svg",
        "/icons/nothing.svg",
        "/../etc/passwd",
    ];
    let paths: Vec<String> =
        table.shown().iter().chain(table.taken()).map(|path| filled(path)).chain(others.map(str::to_owned)).collect();
    for mut browser in [Browser::new(&house), Browser::logged_in(&house, &account).await] {
        let token = browser.token.clone();
        for path in &paths {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
                let body = format!("csrf={token}");
                let seen = browser.ask(method.clone(), path, &[], body).await;
                guarded(&seen, path);
                assert!(seen.status.as_u16() < 500, "{method} {path}: {}", seen.status);
            }
        }
    }
    house.leave().await;
}

#[tokio::test]
async fn the_stylesheet_is_kept_as_long_as_it_is_the_same() {
    let house = House::on_sqlite().await;
    let mut browser = Browser::new(&house);
    let href = browser.get("/login").await.between("rel=\"stylesheet\" href=\"", "\"").unwrap();
    let style = browser.get(&href).await;
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    for other in ["/style.css", "/style.css?", "/style.css?v=", "/style.css?v=0", "/style.css?5"] {
        assert_eq!(browser.get(other).await.headers["cache-control"], "no-cache", "{other}");
    }
    house.leave().await;
}

#[tokio::test]
async fn what_goes_wrong_is_said_on_a_page() {
    let house = House::on_sqlite().await;
    let mut browser = Browser::new(&house);
    let lost = browser.get("/r").await;
    assert_eq!((lost.status, lost.heading().as_str()), (StatusCode::NOT_FOUND, "ページが見つかりません"));
    lost.says("問い合わせ先").says("03-0000-0000").says("lang=\"ja\"");
    let wrong = browser.ask(Method::DELETE, "/login", &[], String::new()).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let long = browser.ask(Method::POST, "/login", &[], "x".repeat(64 * 1024 + 1)).await;
    assert_eq!((long.status, long.heading().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "入力が長すぎます"));
    house.leave().await;
}
