//! Bytes in; what was asked, and by whom, out. Pure but for the DNS that a proof may need.
//!
//! [`digest`] is the identity of a mail, [`read`] says everything that its bytes say, [`prove`] whether the firm that it names
//! sent it. One scanner cuts the header (`fields`), for the reading and for the proof alike.

mod authentication_results;
mod charset;
mod class;
mod command;
mod digest;
mod dkim;
mod encoded_word;
mod fields;
mod flowed;
mod form;
mod html;
mod label;
mod line_ends;
mod lines;
mod message;
mod mime;
mod parameters;
pub mod probe;
mod proof;
mod public_keys;
mod report;
mod sender;
mod structured;
mod table;
mod tag_list;
mod transfer;
mod value;
mod wish;
mod written;

#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod sample;

pub use class::{LOOP_FIELD, Reason};
pub use digest::digest;
pub use dkim::seals;
pub use message::{MailFault, Reading, read};
pub use proof::{Proof, Unproven, Verifier, VerifierError, prove};
pub use public_keys::is_key_record;
pub use sender::FromFault;
pub use wish::{Order, Wish};

use crate::domain::request_form::RequestForm;
