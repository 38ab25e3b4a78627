//! What answers HTTP, behind a proxy that speaks TLS. So far: whether the daemon lives, and whether it can do its work.

mod health;
mod limits;
mod server;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;

pub use health::Health;
pub use limits::Limits;
pub use server::serve;

/// What every answer carries, unless a page says otherwise: nothing is guessed, kept, run, framed or told to others.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// All routes, within their limits.
pub fn router(health: Health, limits: Limits) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .with_state(health)
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(from_fn_with_state(limits, limits::within))
        .layer(map_response(with_headers))
}

async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "There is nothing here.\n")
}

async fn with_headers(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

#[cfg(test)]
mod tests;
