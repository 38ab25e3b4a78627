//! What is no longer needed is forgotten: the personal data of requests that ended unapproved, mails that left, the
//! notes about mails that did nothing, attempts that nobody counts any more. The audit trail holds no personal data and stays.

use std::time::Duration;

use crate::domain::inbound::KEEP_SEALS;
use crate::domain::limits::FORGOTTEN_AFTER;
use crate::domain::time::{days, hours};
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// The personal data of a request, after it ended unapproved.
    pub ended_requests: Duration,
    /// A mail of the outbox, after it ended.
    pub ended_mails: Duration,
    /// The note about a mail that did nothing, after it was judged.
    pub idle_mails: Duration,
}

/// How long attempts to prove an address are kept: as long as they are counted, and a day for who looks into one.
const ATTEMPTS_KEPT: Duration = days(2);
/// Most rows that are forgotten in one transaction.
const MOST: i64 = 500;

/// Forgets what is due; says how many rows.
///
/// # Errors
/// What the store says.
pub async fn purge(context: &Context, retention: &Retention) -> Result<u64, FlowError> {
    let mut forgotten = 0;
    loop {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let done = store::requests::purge(&mut tx, now.before(retention.ended_requests), now, MOST).await?
            + store::decisions::purge(&mut tx, now).await?
            + store::outbox::purge(&mut tx, now.before(retention.ended_mails), MOST).await?
            + store::inbound::purge(&mut tx, now.before(retention.idle_mails), MOST).await?
            + store::attempts::purge(&mut tx, now.before(ATTEMPTS_KEPT), MOST).await?
            + store::limits::purge(&mut tx, now.before(FORGOTTEN_AFTER)).await?
            + store::contract_guesses::purge(&mut tx, now.before(hours(1))).await?
            + store::replies::purge(&mut tx, now.before(KEEP_SEALS), MOST).await?
            + store::seals::purge(&mut tx, now.before(KEEP_SEALS), MOST).await?;
        tx.commit().await.map_err(StoreError::from)?;
        if done == 0 {
            return Ok(forgotten);
        }
        forgotten += done;
    }
}
