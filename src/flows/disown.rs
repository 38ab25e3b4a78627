//! この申請に心当たりがない: who holds the link knows nothing of the firm. It needs no ID; nothing is mailed about the
//! request any more, and the operator is told. It can still be answered: more than one person may read that mailbox.

use tracing::warn;

use crate::domain::ids::RequestId;
use crate::domain::next_step::{Ending, Standing};
use crate::store::{self, StoreError};

use super::at_hand::AtHand;
use super::landing::Landing;
use super::{Context, FlowError};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disowned {
    /// It is noted, now or before.
    Noted,
    /// There is nothing to disown any more.
    Not(Landing),
}

/// Notes that who holds the link of this request knows nothing of it. Saying so twice changes nothing.
///
/// # Errors
/// [`StoreError::Stale`] when the request was changed at the same moment; otherwise what the store says.
pub async fn disown(context: &Context, request: &RequestId) -> Result<Disowned, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(found) = AtHand::by_id(&mut tx, request).await? else {
        return Ok(Disowned::Not(Landing::Over(Ending::NotFound)));
    };
    // A firm that is suspended is just the one that people disown.
    match found.standing(None, now) {
        Standing::Open | Standing::DeclineTold | Standing::Over(Ending::FirmSuspended) => {}
        Standing::Approved(_) | Standing::Declined(_) => return Ok(Disowned::Not(Landing::Answered)),
        Standing::Over(ending) => return Ok(Disowned::Not(Landing::Over(ending))),
    }
    let Ok(disowned) = found.request.clone().disown(now) else { return Ok(Disowned::Noted) };
    let number = disowned.number;
    store::outbox::useless(&mut tx, request, now).await?;
    found.changed(&mut tx, disowned, now, "disowned", "link".to_owned()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    warn!(request.number = number, "a request was disowned: who was asked knows nothing of it");
    Ok(Disowned::Noted)
}
