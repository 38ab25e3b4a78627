//! The browser shows what it is told to show, axe finds what is wrong, and nobody stays behind.

use std::time::Duration;

use axum::Router;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::Html;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::support::background::Background;
use crate::support::browser::{Browser, DESKTOP, NARROW, Scheme};
use crate::support::{axe, poll, process};

const PAGE: &str = r#"<!doctype html><html lang="ja"><title>試験</title><link rel="stylesheet" href="/style.css">
<main><h1>試験の画面</h1><noscript>no script</noscript><form method="post" action="/next">
<label for="name">お名前 必須</label><input id="name" name="name">
<label for="box">同意します。</label><input type="checkbox" id="box" name="box" value="yes">
<button>登録する</button></form></main><script>document.title = 'a script ran'</script></html>"#;

/// A site of two pages, and where it stands.
fn site() -> (Background, String) {
    let background = Background::new();
    let listener = background.wait(async { TcpListener::bind("127.0.0.1:0").await.unwrap() });
    let url = format!("http://{}", listener.local_addr().unwrap());
    let next = post(|body: String| async move { Html(format!("<title>next</title><h1>{body}</h1>")) });
    let style = "body { color: rgb(1, 2, 3) } @media (prefers-color-scheme: dark) { body { color: rgb(4, 5, 6) } }";
    let router = Router::new()
        .route("/", get(async || ([(SET_COOKIE, "__Host-a=b; Secure; HttpOnly; Path=/; SameSite=Lax")], Html(PAGE))))
        .route("/next", next)
        .route("/cookie", get(async |headers: axum::http::HeaderMap| format!("{:?}", headers.get("cookie"))))
        .route("/style.css", get(move || async move { ([(CONTENT_TYPE, "text/css")], style) }));
    background.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (background, url)
}

fn colour(browser: &Browser) -> String {
    browser.script("return getComputedStyle(document.body).color", &[]).as_str().unwrap().to_owned()
}

#[test]
fn a_person_reads_fills_ticks_and_presses() {
    let (_site, url) = site();
    let browser = Browser::start();
    browser.open(&url);
    assert_eq!((browser.title().as_str(), browser.heading().as_str()), ("a script ran", "試験の画面"));
    assert_eq!(browser.names(), ["登録する"]);
    browser.fill("お名前", "山田 太郎");
    browser.fill("お名前", "佐藤");
    assert_eq!(browser.filled("お名前"), "佐藤");
    browser.tick("同意します。");
    browser.press("登録する");
    assert_eq!((browser.path().as_str(), browser.title().as_str()), ("/next", "next"));
    assert!(browser.heading().ends_with("&box=yes"), "{}", browser.heading());
}

#[test]
fn a_cookie_for_secure_hosts_is_kept_on_this_one_until_it_is_forgotten() {
    let (_site, url) = site();
    let browser = Browser::start();
    browser.open(&url);
    browser.open(&format!("{url}/cookie"));
    assert!(browser.text().contains("__Host-a=b"), "{}", browser.text());
    browser.forget();
    browser.reload();
    assert_eq!(browser.text(), "None");
}

#[test]
fn scripts_and_style_sheets_can_be_had_or_not() {
    let (_site, url) = site();
    for (browser, title, seen) in [
        (Browser::start(), "a script ran", "rgb(1, 2, 3)"),
        (Browser::without_scripts(), "試験", "rgb(1, 2, 3)"),
        (Browser::plain(), "試験", "rgb(0, 0, 0)"),
    ] {
        browser.open(&url);
        assert_eq!((browser.title().as_str(), colour(&browser).as_str()), (title, seen));
        assert_eq!(browser.text().contains("no script"), title == "試験");
        browser.press("登録する");
        assert_eq!(browser.title(), "next");
    }
}

#[test]
fn screens_and_schemes_are_what_the_page_sees() {
    let (_site, url) = site();
    let browser = Browser::start();
    browser.open(&url);
    for screen in [NARROW, DESKTOP] {
        browser.screen(screen);
        assert_eq!(browser.script("return innerWidth", &[]), screen.width);
    }
    browser.prefer(Scheme::Dark);
    assert_eq!(colour(&browser), "rgb(4, 5, 6)");
    browser.reload();
    assert_eq!(colour(&browser), "rgb(4, 5, 6)");
    browser.prefer(Scheme::Light);
    assert_eq!(colour(&browser), "rgb(1, 2, 3)");
    assert!(browser.picture().starts_with(b"\x89PNG"));
}

#[test]
fn axe_finds_what_is_wrong_and_nothing_else() {
    let (_site, url) = site();
    let browser = Browser::start();
    browser.open(&url);
    assert_eq!(axe::findings(&browser), Vec::<String>::new());
    browser.script("document.querySelector('label').remove(); document.body.style.color = '#ccc'", &[]);
    let found = axe::findings(&browser).join("\n");
    assert!(found.contains("label:") && found.contains("color-contrast:"), "{found}");
}

#[test]
fn a_page_reaches_nobody_but_this_host_and_the_console_tells() {
    let (_site, url) = site();
    let browser = Browser::start();
    browser.open(&url);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    let asked =
        "const done = arguments[0]; fetch('http://example.com/').then(() => done('there'), () => done('nobody'))";
    assert_eq!(browser.script_async(asked, &[]), "nobody");
    browser.script("console.error('broken')", &[]);
    assert!(browser.complaints().join("").contains("broken"));
}

#[test]
fn a_browser_that_is_dropped_leaves_no_process() {
    let browser = Browser::start();
    let group = browser.process_group();
    assert!(process::group(group).len() > 2, "the driver, the browser and its helpers");
    drop(browser);
    poll::until_true("the processes to be gone", Duration::from_secs(5), || process::group(group).is_empty());
}
