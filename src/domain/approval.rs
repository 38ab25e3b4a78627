//! What everything after a decision goes back to.

use super::ids::RequestId;

/// The approved request by which a customer came to migrate, link or bind: its story is told there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The request.
    pub request: RequestId,
    /// The number people use.
    pub number: i64,
}

impl Approval {
    /// What the audit trail calls it.
    #[must_use]
    pub fn object(&self) -> String {
        format!("request {}", self.number)
    }
}

#[cfg(test)]
impl Approval {
    /// For the rules' own tests.
    pub(crate) fn sample() -> Self {
        Self { request: RequestId::stored("r".into()), number: 12 }
    }
}
