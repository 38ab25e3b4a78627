//! Which mails the intake holds in its hands: written down before they are read, so that a mail that kills the process is
//! found after the restart, judged alone, and after its second kill quarantined unread.

use crate::domain::ids::InboundId;
use crate::domain::inbound::{Class, FATAL_TRIES, InboundMessage, Locator, Verdict, WINDOW_MAILS, WindowRecord};
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use super::super::{Context, FlowError};

/// Where the intake goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// How far it had come.
    pub record: WindowRecord,
    /// Mails that were in its hands when it ended: each is to be judged alone.
    pub suspects: Vec<String>,
    /// The one that has killed the process too often: to be quarantined unread.
    pub fatal: Option<String>,
}

/// Reads how far the intake had come.
///
/// # Errors
/// What the store says.
pub async fn resume(context: &Context, mailbox: &str) -> Result<Resume, FlowError> {
    let record = store::inbound::cursor(&mut *context.store.read().await?, mailbox).await?.unwrap_or_default();
    let alone = record.in_hand.len() == 1;
    let fatal = record.in_hand.first().filter(|_| alone && record.tries >= FATAL_TRIES).cloned();
    let suspects = if fatal.is_some() { vec![] } else { record.in_hand.clone() };
    Ok(Resume { record, suspects, fatal })
}

/// Writes down that these mails are about to be read.
///
/// # Errors
/// What the store says.
pub async fn take_in_hand(context: &Context, mailbox: &str, record: &WindowRecord) -> Result<(), FlowError> {
    debug_assert!(record.in_hand.len() <= WINDOW_MAILS);
    let mut tx = context.store.begin().await?;
    store::inbound::set_cursor(&mut tx, mailbox, record).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Quarantines a mail unread: it has ended the process [`FATAL_TRIES`] times.
///
/// # Errors
/// What the store says.
pub async fn give_up_on(
    context: &Context,
    mailbox: &str,
    at: Locator,
    size: u64,
    arrived_at: Timestamp,
    progress: WindowRecord,
) -> Result<(), FlowError> {
    let now = context.now();
    let message = InboundMessage {
        id: InboundId::new(context.entropy.uuid(now)),
        mailbox: mailbox.to_owned(),
        at,
        digest: None,
        size,
        message_id: None,
        class: Class::Other,
        verdict: Verdict::Quarantined,
        reasons: vec!["reading it ended the program twice: not read again".to_owned()],
        firm: None,
        request: None,
        arrived_at,
        judged_at: now,
        due_at: None,
        tries: FATAL_TRIES,
        filed_at: None,
    };
    let mut tx = context.store.begin().await?;
    store::inbound::insert(&mut tx, &[message]).await?;
    store::inbound::set_cursor(&mut tx, mailbox, &progress).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
