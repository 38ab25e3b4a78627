//! One file a page, with what it shows and what it takes.

mod code;
mod company;
mod contracts;
mod credentials;
mod data;
mod disown;
mod ending;
mod entry;
mod forgot;
mod landing;
mod link;
mod listing;
mod log_in;
mod log_in_password;
mod log_out;
mod manage;
mod migration;
mod migration_products;
mod migration_wait;
mod new_password;
mod next;
mod pick_products;
mod products;
mod products_add;
mod register;
mod registered;
mod request;
mod request_done;
mod requester;
mod shared;
mod stop;
mod terms;
mod unlink;
mod waiting;
mod words;

use super::Pages;

/// The title of the pages that lead to a new password.
const RESET: &str = "パスワードの再設定";

/// All pages.
#[must_use]
pub fn table() -> Pages {
    let all = [
        log_in::add,
        log_in_password::add,
        log_out::add,
        register::add,
        code::add,
        registered::add,
        forgot::add,
        new_password::add,
        terms::add,
        landing::add,
        disown::add,
        next::add,
        company::add,
        request::add,
        request_done::add,
        manage::add,
        stop::add,
        pick_products::add,
        unlink::add,
        data::add,
        link::add,
        migration::add,
        migration_products::add,
        migration_wait::add,
        contracts::add,
        products::add,
        products_add::add,
    ];
    all.into_iter().fold(Pages::default(), |pages, add| add(pages))
}
