//! What is wrong with the world around the daemon: a relay that will not have it, a mailbox that does not open. Noted for
//! the commands, which run beside the loops.

use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::{Context, FlowError};

pub use crate::store::troubles::Trouble;

/// Where a trouble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The relay that takes our mail.
    Relay,
    /// The mailbox that is watched.
    Mailbox,
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Mailbox => "mailbox",
        }
    }
}

/// Notes a trouble that is looked at again at `until`. `detail` holds no personal data.
///
/// # Errors
/// What the store says.
pub async fn note(context: &Context, place: Place, until: Timestamp, detail: String) -> Result<(), FlowError> {
    let trouble = Trouble { name: place.name().to_owned(), since: context.now(), until, detail };
    let mut tx = context.store.begin().await?;
    store::troubles::set(&mut tx, &trouble).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Notes that it is over.
///
/// # Errors
/// What the store says.
pub async fn over(context: &Context, place: Place) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::troubles::clear(&mut tx, place.name()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// All present troubles.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context) -> Result<Vec<Trouble>, FlowError> {
    Ok(store::troubles::all(&mut *context.store.read().await?).await?)
}
