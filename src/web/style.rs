//! The one stylesheet and the sign in the browser's tab: compiled in, served from here, kept by browsers for as long as they
//! are what they are. Nothing else is ever fetched by a page.

use std::sync::LazyLock;

use axum::extract::RawQuery;
use axum::http::{HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::links;

const STYLE: &str = include_str!("style.css");
const ICON: &str = include_str!("icon.svg");

pub(super) const KEEP: &str = "public, max-age=31536000, immutable";
pub(super) const ASK_AGAIN: &str = "no-cache";

/// The stylesheet's URL, which changes with its content.
static HREF: LazyLock<String> = LazyLock::new(|| format!("{}?{}", links::STYLE, version(STYLE)));

/// Names a file's content in its URL.
pub(super) fn version(content: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    let start: Vec<u8> = digest.as_ref().iter().take(9).copied().collect();
    format!("v={}", URL_SAFE_NO_PAD.encode(start))
}

pub(super) fn href() -> &'static str {
    &HREF
}

pub(super) async fn style(RawQuery(query): RawQuery) -> ([(HeaderName, &'static str); 2], &'static str) {
    let is_this_one = query.is_some_and(|query| HREF.ends_with(&query) && query.len() > "v=".len());
    let keep = if is_this_one { KEEP } else { ASK_AGAIN };
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, keep)], STYLE)
}

pub(super) async fn icon() -> ([(HeaderName, &'static str); 2], &'static str) {
    let keep = "public, max-age=86400";
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, keep)], ICON)
}
