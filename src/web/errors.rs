//! The pages for what cannot be answered. Every error without a page of its own becomes one of these on its way out; they
//! show nothing of the request and nothing of the person.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::site::{Door, Site};
use super::view::Frame;

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage {
    frame: Frame,
    lines: &'static [&'static str],
}

/// Makes a page of every error that has none.
pub(super) async fn dress(State(door): State<Door>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !(status.is_client_error() || status.is_server_error()) || !(kind.is_empty() || kind.starts_with("text/plain")) {
        return response;
    }
    let mut dressed = page(&door.site(), status);
    let lost = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
    for (name, value) in response.headers().iter().filter(|(name, _)| !lost.contains(name)) {
        dressed.headers_mut().append(name, value.clone());
    }
    dressed
}

fn page(site: &Site, status: StatusCode) -> Response {
    let (title, lines) = words(status);
    let page = ErrorPage { frame: Frame::plain(site, title), lines };
    let mut response = match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    };
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

fn words(status: StatusCode) -> (&'static str, &'static [&'static str]) {
    match status {
        StatusCode::FORBIDDEN => (
            "もう一度操作してください",
            &[
                "お送りいただいた内容を受け付けられませんでした。画面を開いてから時間がたったか、ほかの画面から送られた可能性があります。",
                "下のボタンから手続きの画面を開き、もう一度操作してください。申請のメールからお越しの場合は、メールのURLをもう一度開いてください。何も登録されていません。",
                "同じ画面が続けて表示される場合は、ブラウザのCookieが有効になっていることをご確認ください。",
            ],
        ),
        StatusCode::NOT_FOUND => (
            "ページが見つかりません",
            &["URLが途中で切れていないかご確認ください。メールのURLは、最後まで選択して開いてください。"],
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("このページは直接開けません", &["下のボタンから手続きの画面を開き、もう一度操作してください。"])
        }
        StatusCode::REQUEST_TIMEOUT => (
            "時間内に受信できませんでした",
            &[
                "通信の状態がよいところで、もう一度操作してください。登録されたかどうかは、手続きの画面でご確認いただけます。",
            ],
        ),
        StatusCode::GATEWAY_TIMEOUT => (
            "お答えに時間がかかっています",
            &[
                "申し訳ございません。時間内にお答えできませんでした。登録されたかどうかは、手続きの画面でご確認ください。",
            ],
        ),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            ("入力が長すぎます", &["入力内容を短くして、もう一度お送りください。"])
        }
        StatusCode::TOO_MANY_REQUESTS => (
            "しばらくお待ちください",
            &["短い時間に多くの操作がありました。しばらくたってから、もう一度お試しください。"],
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "ただいま混み合っています",
            &["申し訳ございません。ただいま手続きを進められません。1分ほどたってから、もう一度お試しください。"],
        ),
        status if status.is_client_error() => {
            ("受け付けられませんでした", &["下のボタンから手続きの画面を開き、もう一度操作してください。"])
        }
        _ => (
            "エラーが発生しました",
            &[
                "申し訳ございません。こちら側の問題で、画面を表示できませんでした。",
                "しばらくたってから、もう一度お試しください。続く場合は、下の問い合わせ先までお知らせください。",
            ],
        ),
    }
}
