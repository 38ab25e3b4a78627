//! Mail into memory, for tests: what was sent can be looked at, and outcomes can be arranged.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::outbound::HandOver;
use crate::mail::compose::Composed;

/// Keeps what it is given. Clones share.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Composed>,
    next: VecDeque<HandOver>,
}

impl Memory {
    /// The next attempts end so, one each; after them all end [`HandOver::Sent`].
    pub fn arrange(&self, outcomes: impl IntoIterator<Item = HandOver>) {
        self.state(|state| state.next.extend(outcomes));
    }

    /// The mails that a recipient may have: those sent, and those whose outcome was unknown.
    #[must_use]
    pub fn sent(&self) -> Vec<Composed> {
        self.state(|state| state.sent.clone())
    }

    pub(super) fn send(&self, mail: &Composed) -> HandOver {
        self.state(|state| {
            let outcome = state.next.pop_front().unwrap_or(HandOver::Sent);
            if matches!(outcome, HandOver::Sent | HandOver::Unknown) {
                state.sent.push(mail.clone());
            }
            outcome
        })
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email_address::EmailAddress;

    #[test]
    fn outcomes_come_in_the_order_arranged() {
        let to = EmailAddress::parse("yamada@example.jp").unwrap();
        let mail = Composed { to, return_path: None, envelope_id: None, bytes: b"x".to_vec() };
        let memory = Memory::default();
        memory.arrange([HandOver::Deferred { reply: Some(451) }, HandOver::Unknown]);
        assert_eq!(memory.send(&mail), HandOver::Deferred { reply: Some(451) });
        assert!(memory.sent().is_empty());
        assert_eq!(memory.send(&mail), HandOver::Unknown);
        assert_eq!(memory.clone().send(&mail), HandOver::Sent);
        assert_eq!(memory.sent().len(), 2);
    }
}
