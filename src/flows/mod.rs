//! What renkei does: one use case a file, one transaction each. Reads as the story; the rules are in `domain`.

pub mod accounts;
mod at_hand;
pub mod audit;
pub mod bind_data;
pub mod code;
pub mod company;
mod contract_customer;
mod contract_news;
pub mod decide;
pub mod deliver;
pub mod digest;
pub mod disown;
mod error;
pub mod expire;
pub mod file_mail;
pub mod firms;
pub mod held;
mod issue;
pub mod jobs;
pub mod landing;
pub mod linkages;
pub mod log_in;
pub mod manage;
pub mod migrate;
pub mod network_registration;
pub mod next_step;
pub mod outbox;
mod outgoing;
pub mod pick_products;
pub mod purge;
pub mod quarantine;
pub mod receive_request;
pub mod reconcile;
pub mod register;
pub mod remind;
pub mod replies;
pub mod requests;
pub mod reset_password;
pub mod sessions;
pub mod snapshot;
pub mod suppressions;
pub mod sweep;
pub mod troubles;
pub mod visit;

use std::sync::Arc;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::contracts::ContractDirectory;
use crate::domain::email_address::Domain;
use crate::domain::password::{NewPassword, PasswordFault};
use crate::domain::quiet_hours::QuietHours;
use crate::domain::time::Timestamp;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::links::Links;
use crate::passwords::Passwords;
use crate::store::Store;

/// Dates as people read them; pages say them as letters do.
pub use crate::mail::letters::dates;
pub use at_hand::AtHand;
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
    /// Hashes passwords, a few at once. One a process: clones share their places.
    pub passwords: Passwords,
    /// Rung when a mail was put into the outbox that a person waits for. One a process: clones are one bell.
    pub bell: Bell,
    /// Rung when something is to be done at the contract-management system, by whom a person waits for. One a process.
    pub contract_bell: Bell,
    /// The contract-management system. Never asked while a transaction is open.
    pub contracts: Arc<dyn ContractDirectory>,
    /// When letters that are not urgent leave.
    pub quiet_hours: QuietHours,
}

impl Context {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Judges what a person would have as a new password. `known` is what anybody may know of them: the address, the name.
    ///
    /// # Errors
    /// [`PasswordFault`]
    pub fn new_password(&self, typed: &str, known: &[&str]) -> Result<NewPassword, PasswordFault> {
        NewPassword::parse(typed, self.passwords.rule(), known)
    }
}
