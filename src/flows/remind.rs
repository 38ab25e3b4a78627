//! Customers are reminded: of a request that ends soon (M8), and of products that are not linked yet (T15). That it was said
//! is noted in the same transaction as the letter: however often this runs, it is said once.

use std::collections::HashMap;

use crate::domain::account::Account;
use crate::domain::audit::AuditEvent;
use crate::domain::decision::Weight;
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::reminders::{link_reminders_reached, wants_reminder};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError, Tx};

use super::jobs::{self, Job};
use super::outgoing::{AboutNotice, by_day, json};
use super::{Context, FlowError};

/// Most requests in one transaction.
const MOST: i64 = 200;

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// Customers who were reminded of a request.
    pub to_answer: usize,
    /// Customers who were reminded that nothing is linked.
    pub to_link: usize,
}

/// Reminds whoever is to be, then notes that the slot ran.
///
/// # Errors
/// What the store says; [`StoreError::Stale`] when two run side by side, and nothing is lost.
pub async fn remind(context: &Context, slot: Timestamp) -> Result<Reminded, FlowError> {
    let to_answer = to_answer(context).await?;
    let to_link = to_link(context).await?;
    jobs::ran(context, Job::Remind, slot).await?;
    Ok(Reminded { to_answer, to_link })
}

async fn to_answer(context: &Context) -> Result<usize, FlowError> {
    let mut reminded = 0;
    loop {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let due = store::reminders::unreminded(&mut tx, now, MOST).await?;
        let due: Vec<_> = due.into_iter().filter(|request| wants_reminder(request, now)).collect();
        if due.is_empty() {
            return Ok(reminded);
        }
        let mut mails = Vec::with_capacity(due.len());
        let mut events = Vec::with_capacity(due.len());
        for request in &due {
            store::reminders::reminded(&mut tx, &request.id, now).await?;
            let mail = by_day(context, LetterKind::RequestReminder, &request.customer, request, json(&()), now);
            // A letter that would leave when the time is over is not written.
            if mail.due_at < request.expires_at {
                mails.push(mail);
                events.push(note(request, "reminded of its end", now));
            }
        }
        store::outbox::insert(&mut tx, &mails).await?;
        store::audit::append(&mut tx, &events).await?;
        tx.commit().await.map_err(StoreError::from)?;
        reminded += mails.len();
    }
}

async fn to_link(context: &Context) -> Result<usize, FlowError> {
    let mut reminded = 0;
    loop {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let due = store::reminders::unlinked(&mut tx, now, MOST).await?;
        if due.is_empty() {
            return Ok(reminded);
        }
        let approvers = approvers(&mut tx, &due).await?;
        let mut mails = Vec::with_capacity(due.len());
        let mut events = Vec::with_capacity(due.len());
        for (request, before) in &due {
            let reached = link_reminders_reached(request, now);
            store::reminders::link_reminded(&mut tx, &request.id, *before, reached).await?;
            let about = json(&AboutNotice { reminder: u32::try_from(reached).unwrap_or(u32::MAX) });
            let approver = approvers.get(&request.id);
            let to = approver.map_or(&request.customer, |account| &account.address);
            let mail = by_day(context, LetterKind::LinkReminder, to, request, about, now);
            mails.push(OutboundMail { account: approver.map(|account| account.id.clone()), ..mail });
            events.push(note(request, "reminded of linking", now));
        }
        store::outbox::insert(&mut tx, &mails).await?;
        store::audit::append(&mut tx, &events).await?;
        tx.commit().await.map_err(StoreError::from)?;
        reminded += mails.len();
    }
}

/// Who approved each of these: another ID than the mailed one may have, and only they can link.
async fn approvers(tx: &mut Tx, due: &[(Request, usize)]) -> Result<HashMap<RequestId, Account>, FlowError> {
    let ids: Vec<_> = due.iter().map(|(request, _)| &request.id).collect();
    let mut decisions = store::decisions::of_requests(tx, &ids).await?;
    decisions.retain(|decision| decision.weight == Weight::Final);
    let mut ids: Vec<_> = decisions.iter().map(|decision| &decision.account).collect();
    ids.sort();
    ids.dedup();
    let accounts = store::accounts::by_ids(tx, &ids).await?;
    let of = |id: &AccountId| accounts.iter().find(|account| account.id == *id && account.erased_at.is_none()).cloned();
    Ok(decisions.into_iter().filter_map(|decision| Some((decision.request, of(&decision.account)?))).collect())
}

/// No transition: the state stays.
fn note(request: &Request, event: &'static str, now: Timestamp) -> AuditEvent {
    let state = request.state.name().name();
    AuditEvent {
        at: now,
        actor: "renkei".to_owned(),
        object: format!("request {}", request.number),
        event,
        from: state,
        to: state,
        cause: "schedule".to_owned(),
    }
}
