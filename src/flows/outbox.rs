//! The operator looks at what has not left, has it tried anew, or gives it up.

use crate::domain::ids::OutboundId;
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::store::{self, StoreError};

use super::requests::note;
use super::{Context, FlowError, deliver};

/// Sorts after every id, which are lower-case hex, in every collation.
pub(super) const AFTER_ALL: &str = "z";

/// The newest mails below an id, newest first: in one state, or all that have not left.
///
/// # Errors
/// What the store says.
pub async fn list(
    context: &Context,
    below: Option<&str>,
    state: Option<OutboundState>,
    most: u32,
) -> Result<Vec<OutboundMail>, FlowError> {
    let mut connection = context.store.read().await?;
    Ok(store::outbox::page(&mut connection, below.unwrap_or(AFTER_ALL), state, i64::from(most)).await?)
}

/// Has a failed or waiting mail tried anew, at once.
///
/// # Errors
/// [`FlowError::NoMail`]
pub async fn retry(context: &Context, id: &OutboundId) -> Result<(), FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    if !store::outbox::retry(&mut tx, id, now).await? {
        return Err(FlowError::NoMail(id.to_string()));
    }
    let mail = store::outbox::by_id(&mut tx, id).await?;
    if let Some(mail) = &mail {
        // Who has it tried anew says that the address is right.
        store::suppressions::lift(&mut tx, &[mail.recipient.key()]).await?;
    }
    if let Some(about) = mail.filter(|mail| mail.kind == LetterKind::RequestNotice).and_then(|mail| mail.request)
        && let Some(before) = store::requests::by_ids(&mut tx, &[&about]).await?.pop()
        && let request = before.clone().tried_anew()
        && request.state != before.state
    {
        store::requests::update(&mut tx, &request).await?;
        note(context, &mut tx, &before, &request, "tried anew").await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Gives a failed or waiting mail up.
///
/// # Errors
/// [`FlowError::NoMail`]
pub async fn drop(context: &Context, id: &OutboundId) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    if !store::outbox::drop(&mut tx, id, context.now()).await? {
        return Err(FlowError::NoMail(id.to_string()));
    }
    let mail = store::outbox::by_id(&mut tx, id).await?;
    if let Some(mail) = mail.filter(|mail| mail.attempt.is_some()) {
        deliver::codes::given_up(context, &mut tx, &mail).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
