//! What renkei does: one use case a file, one transaction each. Reads as the story; the rules are in `domain`.

pub mod audit;
pub mod deliver;
mod error;
pub mod expire;
pub mod file_mail;
pub mod firms;
pub mod held;
pub mod outbox;
mod outgoing;
pub mod purge;
pub mod quarantine;
pub mod receive_request;
pub mod requests;
pub mod suppressions;
pub mod sweep;
pub mod troubles;

use crate::clock::Clock;
use crate::domain::email_address::Domain;
use crate::domain::time::Timestamp;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::links::Links;
use crate::store::Store;

pub use error::FlowError;

/// What every flow needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// What links, codes and form tokens are derived with.
    pub keys: Keys,
    /// URLs.
    pub links: Links,
    /// The domain of our own Message-IDs.
    pub mail_domain: Domain,
}

impl Context {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
