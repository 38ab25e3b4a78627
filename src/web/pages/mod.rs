//! One file a page, with what it shows and what it takes.

mod log_in;

use super::Pages;

/// All pages.
#[must_use]
pub fn table() -> Pages {
    [log_in::add].into_iter().fold(Pages::default(), |pages, add| add(pages))
}
