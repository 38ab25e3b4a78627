//! The contract system, and how often it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::contracts::ContractDirectory;

use super::super::Context;

/// Counts the calls for one customer, so that a run over all can keep to a rate. What the client asks once more by itself,
/// after a read was cut, is not counted.
pub(super) struct Asking<'a> {
    contracts: &'a dyn ContractDirectory,
    calls: AtomicUsize,
}

impl<'a> Asking<'a> {
    pub(super) fn of(context: &'a Context) -> Self {
        Self { contracts: &*context.contracts, calls: AtomicUsize::new(0) }
    }

    /// For one call.
    pub(super) fn call(&self) -> &'a dyn ContractDirectory {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.contracts
    }

    /// How many there were.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}
