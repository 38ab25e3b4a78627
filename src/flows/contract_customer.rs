//! What all flows of migration, links and business data do alike: find the approval, wake the run that makes it so.

use std::time::Duration;

use crate::domain::approval::Approval;
use crate::domain::audit::AuditEvent;
use crate::domain::customer::Customer;
use crate::domain::ids::{AccountId, FirmId};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError};

/// How often a deed is tried anew because somebody changed a row at the same moment.
pub(super) const RACES: u32 = 8;

/// How soon a customer is looked at who waits before a page, however long the rhythm has become.
pub const EAGER: Duration = Duration::from_secs(4);

/// Whether a deed is worth another try: somebody was faster.
pub(super) const fn lost_a_race(error: &FlowError) -> bool {
    matches!(error, FlowError::Store(StoreError::Stale | StoreError::Taken))
}

/// Does it again while somebody else is faster. What is handed in is made anew for each try.
macro_rules! retried {
    ($doing:expr) => {{
        let mut races = 0;
        loop {
            match $doing.await {
                Err(error)
                    if crate::flows::contract_customer::lost_a_race(&error)
                        && races < crate::flows::contract_customer::RACES =>
                {
                    races += 1;
                }
                other => break other,
            }
        }
    }};
}
pub(super) use retried;

/// The newest approval of this customer: of a request of `firm`, or of any.
///
/// # Errors
/// [`FlowError::NothingApproved`]
pub(super) async fn approval(
    connection: &mut store::AnyConnection,
    account: &AccountId,
    firm: Option<&FirmId>,
) -> Result<Approval, FlowError> {
    let approved = store::decisions::approved_by(connection, account).await?;
    let found = approved.into_iter().find(|(id, _)| firm.is_none_or(|firm| firm == id));
    found.map(|(_, approval)| approval).ok_or(FlowError::NothingApproved)
}

/// Begins a transaction of a customer's deed.
pub(super) async fn begin(context: &Context, customer: &Customer) -> Result<Tx, FlowError> {
    let mut tx = context.store.begin().await?;
    store::contract_customers::enter(&mut tx, customer).await?;
    Ok(tx)
}

/// Commits a deed after which something is to be done at the contract system, at once.
pub(super) async fn commit_and_wake(
    context: &Context,
    mut tx: Tx,
    account: &AccountId,
    now: Timestamp,
) -> Result<(), FlowError> {
    store::contract_customers::wake(&mut tx, account, now).await?;
    commit(tx).await?;
    context.contract_bell.ring();
    Ok(())
}

/// The customer waits before a page: what is due is done, and what is due later is due within [`EAGER`]; no sooner, however
/// many pages wait. Nothing else changes.
pub(super) async fn hasten(context: &Context, account: &AccountId) -> Result<(), FlowError> {
    let known = store::contract_customers::by_account(&mut *context.store.read().await?, account).await?;
    let (now, due) = (context.now(), known.and_then(|known| known.due_at));
    if due.is_some_and(|due| due <= now) {
        context.contract_bell.ring();
    } else if due.is_some_and(|due| due > now.after(EAGER)) {
        let mut tx = context.store.begin().await?;
        store::contract_customers::hasten(&mut tx, account, now.after(EAGER)).await?;
        commit(tx).await?;
    }
    Ok(())
}

pub(super) async fn commit(tx: Tx) -> Result<(), FlowError> {
    Ok(tx.commit().await.map_err(StoreError::from)?)
}

/// One event in the story of the request that something goes back to.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "as in the audit trail")]
pub(super) struct Event {
    /// Who.
    pub actor: String,
    /// What.
    pub event: &'static str,
    /// The state before.
    pub from: &'static str,
    /// The state after.
    pub to: &'static str,
    /// Why; ids, never personal data.
    pub cause: String,
}

impl Event {
    pub(super) fn of(self, approval: &Approval, at: Timestamp) -> AuditEvent {
        let Self { actor, event, from, to, cause } = self;
        AuditEvent { at, actor, object: approval.object(), event, from, to, cause }
    }
}
