//! Gathers the facts that say which page a person is to see; the rule is [`next_step`](crate::domain::next_step::next_step).

use crate::domain::account::Account;
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, AttemptId, RequestId};
use crate::domain::next_step::{self, Ending, Facts, Linking, Profile, Standing, Step, Terms, Visitor};
use crate::store;

use super::at_hand::AtHand;
use super::code::{self, Stage};
use super::{Context, FlowError, accounts};

/// Who is there.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// Nobody we know; perhaps with an attempt to register or to reset in this browser.
    Stranger(Option<&'a AttemptId>),
    /// Who has logged in.
    Account(&'a AccountId),
}

/// What a browser holds.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The request whose link was followed.
    pub held: Option<&'a RequestId>,
    /// Who is there.
    pub who: Who<'a>,
    /// The version of the terms in force.
    pub terms: &'a str,
}

/// The page that is next. Changes nothing.
///
/// # Errors
/// [`FlowError::NoAccount`]
pub async fn next_step(context: &Context, visit: Visit<'_>) -> Result<Step, FlowError> {
    let facts = match visit.who {
        Who::Stranger(attempt) => {
            let request = match visit.held {
                Some(id) => Some(standing_for_strangers(context, id).await?),
                None => None,
            };
            Facts { request, visitor: stranger(context, attempt).await?, linking: Linking::Open }
        }
        Who::Account(id) => {
            let account = accounts::by_id(context, id).await?.ok_or(FlowError::NoAccount)?;
            let mut connection = context.store.read().await?;
            let at_hand = AtHand::of(&mut connection, visit.held, &account, context.now()).await?;
            let found = at_hand.as_ref().map(|it| it.standing(Some(&account.id), context.now()));
            let request = found.or(visit.held.map(|_| Standing::Over(Ending::NotFound)));
            let linking = match &at_hand {
                Some(it) => linking(&mut connection, id, &it.request).await?,
                None => Linking::Open,
            };
            Facts { request, visitor: visitor(&mut connection, &account, visit.terms).await?, linking }
        }
    };
    Ok(next_step::next_step(facts))
}

/// What this person has made of what they approved. The list of contracts is not asked for: the page that shows it does.
async fn linking(
    connection: &mut store::AnyConnection,
    account: &AccountId,
    request: &Request,
) -> Result<Linking, FlowError> {
    let links = store::linkages::of(connection, account).await?;
    let migration = store::migration_cases::last(connection, account).await?;
    Ok(Linking::of(request, &links, migration.as_ref()))
}

/// What is known of a logged-in person.
pub(super) async fn visitor(
    connection: &mut store::AnyConnection,
    account: &Account,
    terms: &str,
) -> Result<Visitor, FlowError> {
    let company = store::companies::of(connection, &account.id).await?;
    Ok(Visitor::Account {
        terms: if account.terms.version == terms { Terms::Accepted } else { Terms::Outdated },
        company: if company.is_some() { Profile::Registered } else { Profile::Missing },
    })
}

async fn standing_for_strangers(context: &Context, id: &RequestId) -> Result<Standing, FlowError> {
    let found = AtHand::by_id(&mut *context.store.read().await?, id).await?;
    Ok(found.map_or(Standing::Over(Ending::NotFound), |it| it.standing(None, context.now())))
}

async fn stranger(context: &Context, attempt: Option<&AttemptId>) -> Result<Visitor, FlowError> {
    let Some(attempt) = attempt else { return Ok(Visitor::Stranger) };
    let progress = code::progress(context, attempt).await?;
    let awaits = progress.is_some_and(|it| matches!(it.stage, Stage::Live | Stage::Expired | Stage::Killed));
    Ok(if awaits { Visitor::AwaitingCode } else { Visitor::Stranger })
}
