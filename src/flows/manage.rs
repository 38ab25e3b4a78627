//! 会計事務所等管理: the firms of a person and where each request stands; 契約情報の提供を停止する ends what an approval began.

use crate::domain::customer::Customer;
use crate::domain::decision::Decision;
use crate::domain::firm::Firm;
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::linkage::EndedBy;
use crate::domain::next_step::{By, Standing};
use crate::store::{self, StoreError};

use super::at_hand::{AtHand, account_actor};
use super::outgoing::{self, AboutStopping};
use super::{Context, FlowError, accounts, contract_customer, linkages};

/// A firm and its request, as one person sees them.
#[derive(Clone, Debug)]
pub struct Engagement {
    /// The firm.
    pub firm: Firm,
    /// Its request.
    pub request: Request,
    /// Where it stands.
    pub standing: Standing,
    /// What this person answered.
    pub answer: Option<Decision>,
}

impl Engagement {
    /// Whether this person's contract information is shared with the firm.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.standing == Standing::Approved(By::Me) && self.request.stopped_at.is_none()
    }
}

/// What became of stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing is shared any more, since now or before.
    Done,
    /// This person shares nothing under this number.
    NotShared,
}

/// All that a person may see, newest first. Changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn overview(
    context: &Context,
    held: Option<&RequestId>,
    id: &AccountId,
) -> Result<Vec<Engagement>, FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    let all = AtHand::all_of(&mut *context.store.read().await?, held, &account).await?;
    let seen = |it: AtHand| Engagement {
        standing: it.standing(Some(id), context.now()),
        answer: it.answer_of(id).cloned(),
        firm: it.firm,
        request: it.request,
    };
    Ok(all.into_iter().map(seen).collect())
}

/// The engagement with this request number, if this person may see it. Changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn find(
    context: &Context,
    held: Option<&RequestId>,
    id: &AccountId,
    number: i64,
) -> Result<Option<Engagement>, FlowError> {
    Ok(overview(context, held, id).await?.into_iter().find(|it| it.request.number == number))
}

/// 契約情報の提供を停止する. Stopping twice is stopping once.
///
/// # Errors
/// [`FlowError::NoAccount`]; [`StoreError::Stale`] when the request was changed at the same moment.
pub async fn stop(context: &Context, id: &AccountId, number: i64) -> Result<Stopped, FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    let now = context.now();
    // Whoever changes links holds this row: what is picked at the same moment comes before the stop or finds it.
    let mut tx = contract_customer::begin(context, &Customer::from(&account)).await?;
    let Some(request) = store::requests::by_number(&mut tx, number).await? else { return Ok(Stopped::NotShared) };
    let Some(found) = AtHand::by_id(&mut tx, &request.id).await? else { return Ok(Stopped::NotShared) };
    if found.standing(Some(id), now) != Standing::Approved(By::Me) {
        return Ok(Stopped::NotShared);
    }
    let Ok(stopped) = found.request.clone().stop(now) else { return Ok(Stopped::Done) };
    let found = found.changed(&mut tx, stopped, now, "stopped", account_actor(id)).await?;
    let business = store::companies::of(&mut tx, id).await?.map(|company| company.name.name);
    let about = AboutStopping { account: account.address.to_text(), business, at: now };
    let mails = outgoing::stopped(context, &found.firm, &found.request, &account, &about);
    store::outbox::insert(&mut tx, &mails).await?;
    linkages::end_all(&mut tx, id, &found.firm.id, EndedBy::Customer, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    context.contract_bell.ring();
    Ok(Stopped::Done)
}
