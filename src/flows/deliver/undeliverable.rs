//! A mail that cannot be delivered: its request says so, its firm is told (M19), its address rests.

use crate::domain::audit::AuditEvent;
use crate::domain::enhanced_status::EnhancedStatus;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::suppression::Suppression;
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::super::{Context, FlowError, outgoing};

/// A request whose notice failed becomes undeliverable, unless it was opened or ended meanwhile.
pub(super) async fn note(
    context: &Context,
    tx: &mut Tx,
    mail: &OutboundMail,
    status: &str,
    now: Timestamp,
) -> Result<(), FlowError> {
    let Some(id) = mail.request.as_ref().filter(|_| mail.kind == LetterKind::RequestNotice) else { return Ok(()) };
    let Some(request) = store::requests::by_ids(tx, &[id]).await?.pop() else { return Ok(()) };
    let from = request.state.name().name();
    let Ok(request) = request.cannot_be_delivered(now) else { return Ok(()) };
    store::requests::update(tx, &request).await?;
    let event = AuditEvent {
        at: now,
        actor: "renkei".to_owned(),
        object: format!("request {}", request.number),
        event: "undeliverable",
        from,
        to: request.state.name().name(),
        cause: format!("outbox {}", mail.id),
    };
    store::audit::append(tx, &[event]).await?;
    if let Some(firm) = store::firms::by_ids(tx, &[&request.firm]).await?.pop() {
        let told = outgoing::undeliverable(context, &firm, &request, status, now);
        store::outbox::insert(tx, &[told]).await?;
    }
    Ok(())
}

/// Where the refusal is the address's own, nothing that nobody waits for is mailed to it any more.
pub(super) async fn suppress(
    tx: &mut Tx,
    mail: &OutboundMail,
    status: Option<EnhancedStatus>,
    now: Timestamp,
) -> Result<(), FlowError> {
    Ok(store::suppressions::insert(tx, Suppression::after(mail, status, now).as_slice()).await?)
}
