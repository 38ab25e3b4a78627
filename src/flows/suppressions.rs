//! The operator looks at addresses that failed for good, and says that one is right.

use crate::domain::email_address::EmailAddress;
use crate::domain::suppression::Suppression;
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// The newest.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context, most: u32) -> Result<Vec<Suppression>, FlowError> {
    Ok(store::suppressions::list(&mut *context.store.read().await?, i64::from(most)).await?)
}

/// Lets mails to this address leave again. What did not leave meanwhile is not sent by this: see `request retry`.
///
/// # Errors
/// [`FlowError::NotSuppressed`]
pub async fn lift(context: &Context, address: &EmailAddress) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    if store::suppressions::lift(&mut tx, &[address.key()]).await? == 0 {
        return Err(FlowError::NotSuppressed);
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
