//! Whether the audit trail is whole.

use crate::store;

use super::{Context, FlowError};

/// The number of the first row that does not fit to the one before it, or is missing; `None` when the whole trail holds.
///
/// # Errors
/// What the store says.
pub async fn first_break(context: &Context) -> Result<Option<i64>, FlowError> {
    Ok(store::audit::first_break(&mut *context.store.read().await?).await?)
}
