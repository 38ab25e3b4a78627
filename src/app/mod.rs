//! The composition root: the only room that sees every adapter. Settings in, a running daemon out.

mod error;
mod ledger;
mod parts;
mod serve;
mod socket;

pub use error::StartError;
pub use ledger::{ledger, serve_ledger};
pub use parts::{check, context, judge, mailbox};
pub use serve::{run, run_by};
pub use socket::handed_over;
