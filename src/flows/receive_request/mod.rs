//! A window of mails becomes requests, reminders, answers, and everything else that it can become: judged side by side,
//! committed together. The mails are moved in the mailbox only after this has returned.

mod judge;
mod known;
mod plan;
mod rehearsal;
mod window;

use std::time::Duration;

use crate::domain::inbound::{Locator, WindowRecord};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError, requests};

pub use judge::Judge;
pub use rehearsal::{Rehearsal, Rehearsed};
pub use window::{Resume, give_up_on, resume, take_in_hand};

/// A mail as the mailbox gave it.
#[derive(Debug)]
pub struct Seen {
    /// Where it lies.
    pub at: Locator,
    /// In octets.
    pub size: u64,
    /// When it came to the mailbox.
    pub arrived_at: Timestamp,
    /// Its bytes; `None` for one over the size limit, which was not read.
    pub raw: Option<Vec<u8>>,
}

/// What became of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// New requests.
    pub requests: usize,
    /// Mails put into the outbox.
    pub letters: usize,
    /// Mails to be moved.
    pub to_file: usize,
    /// Mails that were too large to be read.
    pub unread: usize,
    /// Mails that wait in INBOX.
    pub held: usize,
    /// Mails that were quarantined.
    pub quarantined: usize,
    /// Mails that wait because their firm is over its budget.
    pub over_budget: usize,
    /// Reports that were about no mail of ours.
    pub unmatched_reports: usize,
}

/// Longest time that reading a window may take: past it the process ends, and after the restart the mails are judged alone.
const STUCK: Duration = Duration::from_secs(20);
/// How often a window is planned anew because somebody changed a row in between.
const RACES: u32 = 5;

/// Judges `seen` and commits everything that follows, together with how far the intake has come.
///
/// # Errors
/// [`FlowError::Stuck`] and [`FlowError::Panicked`] must end the process; after any other error the window may be tried again.
pub async fn receive(
    context: &Context,
    judge: &Judge,
    mailbox: &str,
    seen: Vec<Seen>,
    progress: WindowRecord,
) -> Result<Received, FlowError> {
    let judged = judge::all(context, judge, seen, STUCK).await?;
    let mut races = 0;
    loop {
        match commit(context, judge, mailbox, &judged, &progress).await {
            Err(FlowError::Store(StoreError::Taken | StoreError::Stale)) if races < RACES => races += 1,
            other => return other,
        }
    }
}

async fn commit(
    context: &Context,
    judge: &Judge,
    mailbox: &str,
    judged: &[judge::Judged],
    progress: &WindowRecord,
) -> Result<Received, FlowError> {
    let mut tx = context.store.begin().await?;
    let known = known::load(context, &mut tx, judged).await?;
    let mut memory = plan::Memory::default();
    let mut plan = plan::Plan::new(context, judge, mailbox, &mut memory);
    for mail in judged {
        plan.add(mail, &known);
    }
    if !plan.requests.is_empty() {
        let first = store::requests::take_numbers(&mut tx, plan.requests.len()).await?;
        plan.number_from(first);
    }
    for request in plan.changed.values() {
        store::requests::update(&mut tx, request).await?;
    }
    for (id, at) in &plan.relocated {
        store::inbound::moved_to(&mut tx, id, at).await?;
    }
    store::inbound::supersede_quarantined(&mut tx, &plan.came_again).await?;
    share(context, &mut tx, &plan).await?;
    store::requests::insert(&mut tx, &plan.requests.iter().collect::<Vec<_>>()).await?;
    store::inbound::insert(&mut tx, &plan.inbound).await?;
    store::inbound::file_again(&mut tx, &plan.file_again).await?;
    for before in &plan.withdrawn {
        requests::call_back(context, &mut tx, before).await?;
    }
    store::outbox::insert(&mut tx, &plan.outbound).await?;
    for (mail, state, status) in &plan.reported {
        store::outbox::reported(&mut tx, mail, *state, status, plan.now).await?;
    }
    store::suppressions::lift(&mut tx, &plan.lifted).await?;
    store::suppressions::insert(&mut tx, &plan.suppressed).await?;
    store::seals::insert(&mut tx, &plan.seals, context.now()).await?;
    store::replies::insert(&mut tx, &plan.forwarded, plan.now).await?;
    if plan.unmatched > 0 {
        store::budgets::count_unmatched(&mut tx, plan.unmatched).await?;
    }
    store::audit::append(&mut tx, &plan.audit).await?;
    store::inbound::set_cursor(&mut tx, mailbox, progress).await?;
    let received = plan.received();
    tx.commit().await.map_err(StoreError::from)?;
    if !plan.woken().is_empty() {
        context.contract_bell.ring();
    }
    Ok(received)
}

/// Writes what firms want of links and business data, and wakes the run that makes it so: the contract system is not asked
/// here.
async fn share(context: &Context, tx: &mut Tx, plan: &plan::Plan<'_>) -> Result<(), FlowError> {
    // First: whoever changes links holds this row.
    for account in plan.woken() {
        store::contract_customers::wake(tx, account, context.now()).await?;
    }
    for link in plan.unlinked.values() {
        store::linkages::update(tx, link).await?;
    }
    for binding in plan.bound.values() {
        store::data_bindings::insert(tx, binding).await?;
    }
    for binding in plan.released.values() {
        store::data_bindings::update(tx, binding).await?;
    }
    Ok(())
}
