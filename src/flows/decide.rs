//! ［会計事務所等への契約情報提供の承認］: a person looks at a request, chooses, confirms. Confirmed is confirmed once,
//! however often it is sent; of two people the first decides.

use crate::domain::account::Account;
use crate::domain::company::Company;
use crate::domain::decision::{Answer, Choice, Decision, Identity, Weight, applied};
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::next_step::{Facts, Linking, Standing, Step, Visitor, may_answer};
use crate::domain::time::Timestamp;
use crate::mail::letters::foreign;
use crate::store::{self, StoreError, Tx};

use super::at_hand::{AtHand, account_actor};
use super::outgoing::{self, AboutAnswer};
use super::{Context, FlowError, accounts, next_step};

/// How often a confirmation is tried anew because somebody changed the request at the same moment.
const RACES: u32 = 8;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The request, its firm and what was answered so far.
    pub at_hand: AtHand,
    /// The firm's own words, links left out.
    pub message: Vec<String>,
    /// Who acts, and whose contracts are shared.
    pub account: Account,
    /// Their company.
    pub company: Option<Company>,
    /// Whether their ID is the one that was mailed.
    pub identity: Identity,
    standing: Standing,
    visitor: Visitor,
}

impl Shown {
    /// Whether this answer can be given now; otherwise the page that comes first.
    ///
    /// # Errors
    /// That page.
    pub const fn may(&self, choice: Choice) -> Result<(), Step> {
        // What follows an approval says nothing about whether it can be given.
        let facts = Facts { request: Some(self.standing), visitor: self.visitor, linking: Linking::Open };
        may_answer(facts, choice)
    }

    /// Where the request stands for this person.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// What this person answered before.
    #[must_use]
    pub fn given(&self) -> Option<&Decision> {
        self.at_hand.answer_of(&self.account.id)
    }
}

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// This is what was answered, now or when the form was sent before.
    Answered(Choice, Weight),
    /// It was not taken; this page says why or comes first.
    Not(Step),
}

/// What the page shows; `None` when nothing is at hand. Changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn look(
    context: &Context,
    held: Option<&RequestId>,
    id: &AccountId,
    terms: &str,
) -> Result<Option<Shown>, FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    show(&mut *context.store.read().await?, held, account, terms, context.now()).await
}

/// 確認する: a deed of a logged-in person, so that it opens the request. What was chosen is not kept yet.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn consider(
    context: &Context,
    held: Option<&RequestId>,
    id: &AccountId,
    terms: &str,
) -> Result<Option<Shown>, FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(shown) = show(&mut tx, held, account, terms, now).await? else { return Ok(None) };
    let may = shown.may(Choice::Approve).is_ok() || shown.may(Choice::Decline).is_ok();
    let at_hand = if may { shown.at_hand.opened(&mut tx, id, now).await? } else { shown.at_hand };
    tx.commit().await.map_err(StoreError::from)?;
    Ok(Some(Shown { at_hand, ..shown }))
}

/// 確定する.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn decide(
    context: &Context,
    held: &RequestId,
    id: &AccountId,
    terms: &str,
    answer: &Answer,
) -> Result<Decided, FlowError> {
    let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
    let mut races = 0;
    loop {
        match confirm(context, held, account.clone(), terms, answer).await {
            Err(FlowError::Store(StoreError::Taken | StoreError::Stale)) if races < RACES => races += 1,
            other => return other,
        }
    }
}

async fn confirm(
    context: &Context,
    held: &RequestId,
    account: Account,
    terms: &str,
    answer: &Answer,
) -> Result<Decided, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(shown) = show(&mut tx, Some(held), account, terms, now).await? else {
        return Ok(Decided::Not(Step::Manage));
    };
    let given = shown.given().map(|it| (it.answer.choice, it.weight));
    if let Some((choice, weight)) = given
        && (weight == Weight::Final || choice == answer.choice)
    {
        return Ok(Decided::Answered(choice, weight));
    }
    if let Err(step) = shown.may(answer.choice) {
        return Ok(Decided::Not(step));
    }
    let weight = apply(context, &mut tx, shown, answer, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(Decided::Answered(answer.choice, weight))
}

/// Everything that follows from an answer that may be given.
async fn apply(
    context: &Context,
    tx: &mut Tx,
    shown: Shown,
    answer: &Answer,
    now: Timestamp,
) -> Result<Weight, FlowError> {
    let Shown { at_hand, account, company, identity, .. } = shown;
    let at_hand = at_hand.opened(tx, &account.id, now).await?;
    let (request, weight) = applied(at_hand.request.clone(), answer.choice, identity, now)?;
    let event = match (answer.choice, weight) {
        (Choice::Approve, _) => "approved",
        (Choice::Decline, Weight::Final) => "declined",
        (Choice::Decline, Weight::Told) => "declined by another id",
    };
    let at_hand = at_hand.changed(tx, request, now, event, account_actor(&account.id)).await?;
    let decision = Decision {
        request: at_hand.request.id.clone(),
        account: account.id.clone(),
        answer: answer.clone(),
        weight,
        at: now,
    };
    store::decisions::put(tx, &decision).await?;
    let about = AboutAnswer {
        account: account.address.to_text(),
        identity,
        business: company.map(|company| company.name.name),
        choice: answer.choice.name().to_owned(),
        message: answer.message.as_str().to_owned(),
        at: now,
    };
    if weight == Weight::Final {
        store::outbox::useless(tx, &at_hand.request.id, now).await?;
    }
    let mails = outgoing::answered(context, &at_hand.firm, &at_hand.request, &account.id, answer.choice, &about);
    store::outbox::insert(tx, &mails).await?;
    Ok(weight)
}

async fn show(
    connection: &mut store::AnyConnection,
    held: Option<&RequestId>,
    account: Account,
    terms: &str,
    now: Timestamp,
) -> Result<Option<Shown>, FlowError> {
    let Some(at_hand) = AtHand::of(connection, held, &account, now).await? else { return Ok(None) };
    let visitor = next_step::visitor(connection, &account, terms).await?;
    Ok(Some(Shown {
        message: foreign::lines(&at_hand.request.message, at_hand.request.locale),
        company: store::companies::of(connection, &account.id).await?,
        identity: Identity::of(&at_hand.request, &account.address),
        standing: at_hand.standing(Some(&account.id), now),
        visitor,
        at_hand,
        account,
    }))
}
