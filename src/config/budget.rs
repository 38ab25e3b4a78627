//! `[budget]`: how much may happen, so that a firm that was taken over, or a mistake, reaches few people (threat T5).

use serde::Deserialize;

use super::Invalid;
use crate::domain::budget::Budgets;

/// Counts within a day that begins at no midnight, and a pace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// New requests of one firm a day, 1 to 100,000. More are held in the mailbox; a table is taken whole or held whole.
    /// Default: 2,000.
    pub requests_per_firm: u32,
    /// Request mails to one address a day from all firms, 1 to 100. More are held in the outbox. Default: 3.
    pub notices_per_customer: u32,
    /// Answers to one sender a day, 1 to 100,000. What is over is not answered. Default: 2,500.
    pub answers_per_sender: u32,
    /// Replies of one mailed person a day that are sent on to the contact address, 1 to 1,000. What is over is only shown in
    /// quarantine. Default: 10.
    pub replies_per_person: u32,
    /// Letters a second in all, 1 to 100,000; codes are not held. Default: 100.
    pub letters_per_second: u32,
}

impl Default for Budget {
    fn default() -> Self {
        let Budgets { requests_per_firm, notices_per_customer, answers_per_sender, replies_per_person } =
            Budgets::default();
        Self {
            requests_per_firm,
            notices_per_customer,
            answers_per_sender,
            replies_per_person,
            letters_per_second: 100,
        }
    }
}

impl Budget {
    /// What the flows count by.
    #[must_use]
    pub const fn budgets(&self) -> Budgets {
        Budgets {
            requests_per_firm: self.requests_per_firm,
            notices_per_customer: self.notices_per_customer,
            answers_per_sender: self.answers_per_sender,
            replies_per_person: self.replies_per_person,
        }
    }

    /// # Errors
    /// A budget is out of its bounds.
    pub fn validate(&self) -> Result<(), Invalid> {
        let bounded = [
            ("requests_per_firm", self.requests_per_firm, 100_000),
            ("notices_per_customer", self.notices_per_customer, 100),
            ("answers_per_sender", self.answers_per_sender, 100_000),
            ("replies_per_person", self.replies_per_person, 1_000),
            ("letters_per_second", self.letters_per_second, 100_000),
        ];
        match bounded.into_iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
            Some((key, _, most)) => Err(Invalid::new(key, format!("must be from 1 to {most}"))),
            None => Ok(()),
        }
    }
}
