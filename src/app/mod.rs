//! The composition root: the only room that sees every adapter. Settings in, a running daemon out.

mod error;
mod parts;
mod serve;

pub use error::StartError;
pub use parts::{check, context, judge, mailbox};
pub use serve::run;
