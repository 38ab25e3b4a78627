//! The pages, through the real router over a real database, without a network: what `Browser` sees is what a browser would.

mod browser;
mod forgery;
mod headers;
mod log_in;
