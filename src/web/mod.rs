//! What answers HTTP, behind a proxy that speaks TLS: the customer's pages, and whether the daemon lives.
//!
//! # How to add a page
//!
//! 1. Its path is a constant in [`crate::links`].
//! 2. `pages/<name>.rs` has the view (a struct with `frame: Frame` and `#[template(path = "pages/<name>.html")]`), the
//!    handlers and `pub(super) fn add(pages: Pages) -> Pages` that puts them into the table with [`Pages::show`],
//!    [`Pages::form`] or [`Pages::take`]; `pages/mod.rs` calls it.
//! 3. A handler takes [`Visitor`] (anybody), [`Person`] (logged in; others are led to the login) and, after a POST,
//!    [`Fields`]; it gives an [`Outcome`]: [`Answer::page`], [`Answer::faulty`] (422, the form again) or [`Answer::see`]
//!    (303, after each POST that went well). A GET changes nothing.
//! 4. `templates/pages/<name>.html` extends `pages/layout.html` and fills the block `content`; the layout writes the title,
//!    the steps, the summary of faults, ログイン者名 and 問い合わせ先. Each `<form method="post" novalidate>` begins with
//!    `{{ frame.token }}`, fields are written as `{{ field }}` ([`view::Field`]). No script, no inline style.
//! 5. `tests/it/web` walks all routes of the table (tokens, headers, purity, strangers) by itself; the page's own thoughts
//!    get a file there, with the `Browser`.
//!
//! CSRF, cookies, headers, limits and error pages are layers around the table: a page needs to do nothing for them.

mod answer;
pub mod cookies;
mod errors;
mod form;
mod health;
mod icons;
mod limits;
mod once;
mod pages;
mod reception;
mod routes;
mod server;
mod site;
mod style;
mod times;
mod view;
mod visitor;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;

pub use answer::{Answer, Outcome, Trouble};
pub use form::Fields;
pub use health::Health;
pub use limits::Limits;
pub use once::Recent;
pub use pages::table;
pub use reception::{Peer, TOKEN};
pub use routes::Pages;
pub use server::serve;
pub use site::{Door, Guide, Keeper, Site, Terms};
pub use view::{Fault, Field, Frame, Step};
pub use visitor::{Person, Visitor};

use crate::links;
use reception::Desk;

/// What every answer carries, unless a page says otherwise: nothing is guessed, kept, run, framed or told to others.
const HEADERS: [(HeaderName, HeaderValue); 9] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'",
        ),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// All routes, within their limits.
pub fn router(door: Door, health: Health, limits: Limits) -> Router {
    let desk = Desk { door: door.clone(), body: limits.body };
    let routes = served(health).merge(table().behind(desk));
    bounded(routes, limits).layer(from_fn_with_state(door, errors::dress)).layer(map_response(with_headers))
}

/// What is no page.
fn served(health: Health) -> Router {
    Router::new()
        .route(links::HEALTHZ, get(health::live))
        .route(links::READYZ, get(health::ready))
        .with_state(health)
        .route(links::STYLE, get(style::style))
        .route(links::ICON, get(style::icon))
        .route(links::PRODUCT_ICON, get(icons::icon))
        .fallback(nothing_here)
}

fn bounded(routes: Router, limits: Limits) -> Router {
    routes.layer(from_fn_with_state(limits, limits::within))
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn with_headers(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

#[cfg(test)]
mod tests;
