//! Requests that nobody decided in time end, and both sides are told in the same transaction (M10). They are also over at
//! use: a stopped schedule extends no right.

use serde::{Deserialize, Serialize};

use crate::domain::audit::AuditEvent;
use crate::domain::firm::Firm;
use crate::domain::firm_request::{Request, State};
use crate::domain::ids::FirmId;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::outgoing::{by_day, json};
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
        let firms = store::firms::by_ids(&mut tx, &firms_of(&over)).await?;
        let mut events = Vec::with_capacity(over.len());
        let mut mails = Vec::new();
        for before in over {
            let request = before.clone().expire(now)?;
            store::requests::update(&mut tx, &request).await?;
            store::outbox::useless(&mut tx, &request.id, now).await?;
            mails.extend(told_customer(context, &before, now));
            let firm = firms.iter().find(|firm| firm.id == request.firm);
            mails.extend(firm.map(|firm| told_firm(context, firm, &before, now)));
            events.push(AuditEvent {
                at: now,
                actor: "renkei".to_owned(),
                object: format!("request {}", request.number),
                event: "expired",
                from: before.state.name().name(),
                to: request.state.name().name(),
                cause: "schedule".to_owned(),
            });
        }
        store::outbox::insert(&mut tx, &mails).await?;
        store::audit::append(&mut tx, &events).await?;
        tx.commit().await.map_err(StoreError::from)?;
        ended += events.len();
    }
}

/// M10c, unless no mail reaches the customer, or wants none: it was disowned. `before` is the request as it stood.
fn told_customer(context: &Context, before: &Request, now: Timestamp) -> Option<OutboundMail> {
    let reachable = !matches!(before.state, State::Undeliverable(_)) && before.disowned_at.is_none();
    reachable.then(|| by_day(context, LetterKind::ExpiredToCustomer, &before.customer, before, json(&()), now))
}

/// What the firm's letter says beside the request, whose state is then another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutEnd {
    /// Whether the customer got no mail.
    pub undeliverable: bool,
}

/// M10f. `before` is the request as it stood.
pub(super) fn told_firm(context: &Context, firm: &Firm, before: &Request, now: Timestamp) -> OutboundMail {
    let about = json(&AboutEnd { undeliverable: matches!(before.state, State::Undeliverable(_)) });
    let mail = by_day(context, LetterKind::ExpiredToFirm, &firm.notify_address, before, about, now);
    OutboundMail { locale: firm.locale, ..mail }
}

fn firms_of(requests: &[Request]) -> Vec<&FirmId> {
    let mut firms: Vec<_> = requests.iter().map(|request| &request.firm).collect();
    firms.sort();
    firms.dedup();
    firms
}
