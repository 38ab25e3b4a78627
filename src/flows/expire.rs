//! Requests that nobody decided in time end. They are also over at use: a stopped schedule extends no right.

use crate::domain::audit::AuditEvent;
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// Most requests that end in one transaction.
const MOST: i64 = 200;

/// Ends all requests whose time is over; says how many.
///
/// # Errors
/// What the store says.
pub async fn expire(context: &Context) -> Result<usize, FlowError> {
    let mut ended = 0;
    loop {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let over = store::requests::expired(&mut tx, now, MOST).await?;
        if over.is_empty() {
            return Ok(ended);
        }
        let mut events = Vec::with_capacity(over.len());
        for request in over {
            let from = request.state.name().name();
            let request = request.expire(now)?;
            store::requests::update(&mut tx, &request).await?;
            store::outbox::useless(&mut tx, &request.id, now).await?;
            events.push(AuditEvent {
                at: now,
                actor: "renkei".to_owned(),
                object: format!("request {}", request.number),
                event: "expired",
                from,
                to: request.state.name().name(),
                cause: "schedule".to_owned(),
            });
        }
        store::audit::append(&mut tx, &events).await?;
        tx.commit().await.map_err(StoreError::from)?;
        ended += events.len();
    }
}
