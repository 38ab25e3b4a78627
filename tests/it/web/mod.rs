//! The pages, through the real router over a real database, without a network: what `Browser` sees is what a browser would.

mod binding;
pub mod browser;
mod choosing;
mod code;
mod company;
mod deciding;
mod escaping;
mod forgery;
mod headers;
mod landing;
mod log_in;
mod manage;
mod new_password;
mod once;
mod owning;
mod purity;
mod register;
mod sessions;
mod terms;
mod wording;
