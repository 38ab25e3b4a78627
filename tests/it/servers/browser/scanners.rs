//! Whatever looks at a mailed link before its reader does changes nothing, and the reader's way is open afterwards (threat T9).

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::customer::Customer;
use super::office::{CUSTOMER, Office, SENDER};
use super::words;
use crate::support::background::Background;
use crate::support::browser::Browser;

/// How something that looks at links is called, what it asks with, and what it says of itself.
type Kind = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What looks at links.
#[rustfmt::skip]
const KINDS: [Kind; 20] = [
    ("a probe", "HEAD", &[]),
    ("a probe with a browser's name", "HEAD", &[("user-agent", CHROME), ("accept", HTML)]),
    ("what asks for options", "OPTIONS", &[]),
    ("what asks for options across sites", "OPTIONS", &[("origin", "https://mail.example"), ("access-control-request-method", "POST")]),
    ("what says nothing of itself", "GET", &[]),
    ("a rewriter of links", "GET", &[("user-agent", "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 10.0; WOW64) SafeLinks"), ("accept", "*/*")]),
    ("a gateway that pretends to be a browser", "GET", &[("user-agent", CHROME), ("accept", HTML), ("accept-language", "ja")]),
    ("a gateway that says so", "GET", &[("user-agent", "LinkScanner/1.0 (+https://gateway.example)"), ("accept", "text/html")]),
    ("a proxy for pictures", "GET", &[("user-agent", "Mozilla/5.0 (via GoogleImageProxy)"), ("accept", "image/*")]),
    ("a maker of previews", "GET", &[("user-agent", "Slackbot-LinkExpanding 1.0"), ("range", "bytes=0-32768")]),
    ("another maker of previews", "GET", &[("user-agent", "facebookexternalhit/1.1;line-poker/1.0")]),
    ("a prefetch of old", "GET", &[("purpose", "prefetch"), ("user-agent", CHROME)]),
    ("a prefetch", "GET", &[("sec-purpose", "prefetch"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]),
    ("a prerendering", "GET", &[("sec-purpose", "prefetch;prerender"), ("sec-fetch-mode", "navigate")]),
    ("another prefetch", "GET", &[("x-moz", "prefetch")]),
    ("what asks whether it changed", "GET", &[("if-none-match", "*"), ("if-modified-since", "Sun, 01 Jan 2034 00:00:00 GMT")]),
    ("what wants no page", "GET", &[("accept", "application/json"), ("x-requested-with", "XMLHttpRequest")]),
    ("an office program", "PROPFIND", &[("depth", "0"), ("user-agent", "Microsoft Office Protocol Discovery")]),
    ("what asks for an echo", "TRACE", &[]),
    ("what sends an empty form", "POST", &[("content-type", "application/x-www-form-urlencoded"), ("user-agent", CHROME)]),
];
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[test]
fn twenty_kinds_of_scanners_change_nothing_and_the_reader_approves_afterwards() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    office.letter(SENDER, "受け付けました");
    let before = office.settled();
    let background = Background::new();
    for (kind, method, headers) in KINDS {
        // often twice, and with what mail programs hang onto a link
        for url in [link.clone(), link.clone(), format!("{link}?utm_source=mail"), format!("{link}.")] {
            let (status, text) = background.wait(ask(url, method, headers));
            assert!(!status.is_server_error() || method == "TRACE", "{kind}: {status}");
            for secret in [super::office::FIRM, "03-0000-1001", CUSTOMER, "山田"] {
                assert!(!text.contains(secret), "{kind} reads {secret}");
            }
        }
        assert_eq!(office.everything(), before, "{kind} changed something");
    }

    // a browser that follows every link, runs every script, and submits nothing
    let visited = follow_everything(&office, &link);
    assert!(visited.len() >= 7, "{visited:?}");
    assert_eq!(office.everything(), before, "a browser changed something: {visited:?}");

    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.tells_of_the_company();
    customer.answers(words::APPROVE, "よろしくお願いいたします。");
    office.letter(SENDER, "承認");
}

async fn ask(
    url: String,
    method: &'static str,
    headers: &'static [(&'static str, &'static str)],
) -> (StatusCode, String) {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let answer = client.request(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(Body::new(answer.into_body()), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Visits the link, pages whose addresses can be guessed, and every page that links lead to from there; gives the addresses.
fn follow_everything(office: &Office, link: &str) -> BTreeSet<String> {
    let browser = Browser::start();
    let doors = ["/login", "/next", "/manage", "/request", "/disown"].map(|path| office.url(path));
    let (mut visited, mut ahead) = (BTreeSet::new(), Vec::from(doors));
    ahead.push(link.to_owned());
    while let Some(url) = ahead.pop() {
        if visited.insert(url.clone()) {
            browser.open(&url);
            let links = browser.script("return [...document.links].map(link => link.href.split('#')[0])", &[]);
            let links = links.as_array().unwrap().iter().map(|link| link.as_str().unwrap().to_owned());
            ahead.extend(links.filter(|link| link.starts_with(&office.url(""))));
        }
    }
    visited
}
