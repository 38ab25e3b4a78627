//! What the audit trail says: who did what to which object, and why. Ids and states only, never personal data.

use super::time::Timestamp;

/// An event about to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// Who: `firm 1001`, `operator`, `renkei`.
    pub actor: String,
    /// Upon what: `request 12`, `firm 1001`.
    pub object: String,
    /// What: `received`, `withdrawn` …
    pub event: &'static str,
    /// The state before; empty at birth.
    pub from: &'static str,
    /// The state after.
    pub to: &'static str,
    /// Why: the id of the mail, the command.
    pub cause: String,
}

/// An event as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counts from 1 without a gap.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Upon what.
    pub object: String,
    /// What.
    pub event: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// Why.
    pub cause: String,
}
