//! The signs of the products and services: compiled in, served from here, kept by browsers for as long as they are what they
//! are. On a page a product's name always stands beside its sign.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::style::{ASK_AGAIN, KEEP, version};
use crate::domain::product::Product;
use crate::links;

/// Where each product's sign is; the URL changes with its content.
static HREFS: LazyLock<Vec<(Product, String)>> = LazyLock::new(|| {
    let href = |product: Product| {
        let path = links::PRODUCT_ICON.replace("{file}", &format!("{}.svg", product.name()));
        (product, format!("{path}?{}", version(drawing(product))))
    };
    Product::ALL.into_iter().map(href).collect()
});

const fn drawing(product: Product) -> &'static str {
    match product {
        Product::Standard => include_str!("icons/accounting_standard.svg"),
        Product::Professional => include_str!("icons/accounting_professional.svg"),
        Product::BlueReturn => include_str!("icons/blue_return.svg"),
        Product::TwoUser => include_str!("icons/accounting_two_user.svg"),
        Product::Network => include_str!("icons/accounting_network.svg"),
        Product::OtherDesktop => include_str!("icons/other_desktop.svg"),
        Product::OtherNetwork => include_str!("icons/other_network.svg"),
        Product::Cloud => include_str!("icons/cloud.svg"),
        Product::SmartVoucher => include_str!("icons/smart_voucher.svg"),
    }
}

/// Where the product's sign is.
pub(super) fn href(product: Product) -> &'static str {
    HREFS.iter().find(|(of, _)| *of == product).map_or("", |(_, href)| href)
}

pub(super) async fn icon(Path(file): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(product) = file.strip_suffix(".svg").and_then(Product::stored) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let drawing = drawing(product);
    let keep = if query.is_some_and(|query| query == version(drawing)) { KEEP } else { ASK_AGAIN };
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, keep)], drawing).into_response()
}
