//! ［事業者（事業グループ）情報登録］: a person registers the company in whose name they approve.

use crate::domain::audit::AuditEvent;
use crate::domain::company::Company;
use crate::domain::ids::{AccountId, RequestId};
use crate::store::{self, StoreError};

use super::at_hand::{AtHand, account_actor};
use super::{Context, FlowError, accounts};

/// The company of an account.
///
/// # Errors
/// What the store says.
pub async fn of(context: &Context, account: &AccountId) -> Result<Option<Company>, FlowError> {
    Ok(store::companies::of(&mut *context.store.read().await?, account).await?)
}

/// Saves the company of an account. It is a deed of a logged-in person, so that it opens the request at hand.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn save(
    context: &Context,
    held: Option<&RequestId>,
    id: &AccountId,
    company: &Company,
) -> Result<(), FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    let now = context.now();
    let mut tx = context.store.begin().await?;
    if store::companies::of(&mut tx, id).await?.as_ref() != Some(company) {
        store::companies::put(&mut tx, id, company, now).await?;
        let event = AuditEvent {
            at: now,
            actor: account_actor(id),
            object: account_actor(id),
            event: "company saved",
            from: "",
            to: "registered",
            cause: "page".to_owned(),
        };
        store::audit::append(&mut tx, &[event]).await?;
    }
    if let Some(found) = AtHand::of(&mut tx, held, &account, now).await?
        && found.standing(Some(id), now).takes_an_answer()
    {
        found.opened(&mut tx, id, now).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
