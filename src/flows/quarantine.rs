//! The operator looks at what was not proven, sends a mail to INBOX to be judged again, or gives it up. Releasing never
//! overrides the proof. The mail itself is moved by the caller, before it is noted here: a mail that is in INBOX again is
//! judged again, whoever put it there.

use crate::domain::ids::InboundId;
use crate::domain::inbound::{InboundMessage, Verdict};
use crate::intake;
use crate::store::{self, StoreError};

use super::outbox::AFTER_ALL;
use super::{Context, FlowError};

/// The newest quarantined mails below an id, newest first.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context, below: Option<&str>, most: u32) -> Result<Vec<InboundMessage>, FlowError> {
    let mut connection = context.store.read().await?;
    Ok(store::inbound::quarantined(&mut connection, below.unwrap_or(AFTER_ALL), i64::from(most)).await?)
}

/// How many delivery reports were about no mail of ours: forged ones, or bounces of what others sent in our name. They change
/// nothing and lie in no quarantine.
///
/// # Errors
/// What the store says.
pub async fn unmatched_reports(context: &Context) -> Result<i64, FlowError> {
    Ok(store::budgets::unmatched(&mut *context.store.read().await?).await?)
}

/// One quarantined mail.
///
/// # Errors
/// [`FlowError::NotQuarantined`]
pub async fn find(context: &Context, id: &InboundId) -> Result<InboundMessage, FlowError> {
    let mail = store::inbound::by_id(&mut *context.store.read().await?, id).await?;
    mail.filter(|mail| mail.verdict == Verdict::Quarantined).ok_or_else(|| FlowError::NotQuarantined(id.to_string()))
}

/// Whether these bytes are that mail's. One that was quarantined unread has no digest: its size must do.
#[must_use]
pub fn is_it(mail: &InboundMessage, raw: &[u8]) -> bool {
    mail.digest.as_ref().is_none_or(|digest| intake::digest(raw) == *digest)
}

/// Notes that the mail was sent to INBOX again.
///
/// # Errors
/// [`FlowError::NotQuarantined`]
pub async fn released(context: &Context, mail: &InboundMessage) -> Result<(), FlowError> {
    set(context, mail, Verdict::Released).await
}

/// Notes that the mail was given up.
///
/// # Errors
/// [`FlowError::NotQuarantined`]
pub async fn dropped(context: &Context, mail: &InboundMessage) -> Result<(), FlowError> {
    set(context, mail, Verdict::Discarded).await
}

async fn set(context: &Context, mail: &InboundMessage, verdict: Verdict) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    match store::inbound::set_verdict(&mut tx, &mail.id, Verdict::Quarantined, verdict).await {
        // The daemon was quicker and has judged it again already.
        Ok(()) | Err(StoreError::Stale) => {}
        Err(error) => return Err(error.into()),
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
