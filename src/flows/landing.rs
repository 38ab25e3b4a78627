//! Where the mailed link lands. Looking changes nothing and tells nothing about anybody: it may be a program that looks.

use crate::domain::ids::{AccountId, RequestId};
use crate::domain::next_step::{Ending, Standing};
use crate::domain::time::Timestamp;

use crate::store::StoreError;

use super::at_hand::AtHand;
use super::{Context, FlowError};

/// What a link leads to, told to whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// A request that waits for an answer.
    Waiting {
        /// The first moment at which it can no longer be answered.
        until: Timestamp,
        /// When it was disowned, if it was.
        disowned_at: Option<Timestamp>,
    },
    /// A request that was answered: who did so sees more after logging in.
    Answered,
    /// Nothing that could be answered.
    Over(Ending),
}

/// A link that is one of ours: what it is for, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// To be kept in the visit or the session, so that no later address line has the token.
    pub request: RequestId,
    /// What to show.
    pub landing: Landing,
}

/// Reads a link's token; `None` for one that is none of ours.
///
/// # Errors
/// What the store says.
pub async fn follow(context: &Context, token: &str) -> Result<Option<Followed>, FlowError> {
    let Some(request) = context.keys.request_of(token) else { return Ok(None) };
    let landing = look(context, &request).await?;
    Ok((landing != Landing::Over(Ending::NotFound)).then_some(Followed { request, landing }))
}

/// A logged-in person takes the link into their session: a deed of theirs, so that it opens the request.
///
/// # Errors
/// What the store says.
pub async fn enter(context: &Context, request: &RequestId, account: &AccountId) -> Result<(), FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    if let Some(found) = AtHand::by_id(&mut tx, request).await?
        && found.standing(Some(account), now).takes_an_answer()
    {
        found.opened(&mut tx, account, now).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// What the link of this request leads to.
///
/// # Errors
/// What the store says.
pub async fn look(context: &Context, request: &RequestId) -> Result<Landing, FlowError> {
    let found = AtHand::by_id(&mut *context.store.read().await?, request).await?;
    let Some(found) = found else { return Ok(Landing::Over(Ending::NotFound)) };
    Ok(match found.standing(None, context.now()) {
        Standing::Open | Standing::DeclineTold => {
            Landing::Waiting { until: found.request.expires_at, disowned_at: found.request.disowned_at }
        }
        Standing::Approved(_) | Standing::Declined(_) => Landing::Answered,
        Standing::Over(ending) => Landing::Over(ending),
    })
}
