//! What we say and how it leaves.
//!
//! [`letters`] turns a typed context into a subject, a text and an HTML body; [`compose`] makes one mail of them, which
//! [`sign`] may sign; [`transport`] hands it over and tells how that ended. Nothing here knows the database, and nothing
//! here puts an address or a text into a log line or an error.

pub mod compose;
mod header;
pub mod letters;
pub mod sign;
pub mod transport;

pub use compose::{Addressing, ComposeError, Composed, Composer};
pub use letters::Letter;
pub use sign::Signer;
pub use transport::Transport;
