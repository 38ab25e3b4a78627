//! Judged mails go to their folders: read what is to be moved, note what was.

use crate::domain::ids::InboundId;
use crate::domain::inbound::{Folder, Locator};
use crate::store::{self, StoreError};

use super::{Context, FlowError};

/// A judged mail that still lies in INBOX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToFile {
    /// Identity.
    pub id: InboundId,
    /// Where it lies.
    pub at: Locator,
    /// Where it belongs.
    pub folder: Folder,
}

/// Most mails moved and noted at once.
pub const MOST: usize = 500;

/// What is to be moved, the oldest first, at most [`MOST`].
///
/// # Errors
/// What the store says.
pub async fn to_file(context: &Context, mailbox: &str) -> Result<Vec<ToFile>, FlowError> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let mails = store::inbound::to_file(&mut *context.store.read().await?, mailbox, most).await?;
    let to_file = mails.into_iter().filter_map(|mail| {
        let folder = mail.verdict.folder()?;
        Some(ToFile { id: mail.id, at: mail.at, folder })
    });
    Ok(to_file.collect())
}

/// Notes that these were moved.
///
/// # Errors
/// What the store says.
pub async fn filed(context: &Context, ids: &[InboundId]) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::inbound::filed(&mut tx, ids, context.now()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// The uids of mails in INBOX that are not new: held ones, and judged ones that are not moved yet.
///
/// # Errors
/// What the store says.
pub async fn known(context: &Context, mailbox: &str) -> Result<Vec<String>, FlowError> {
    Ok(store::inbound::known_in_inbox(&mut *context.store.read().await?, mailbox).await?)
}
