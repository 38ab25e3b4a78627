//! What the flows that have codes mailed share: who may begin an attempt, its first code, and a clock that can be trusted.

use std::time::Duration;

use crate::domain::audit::AuditEvent;
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AttemptId, RequestId};
use crate::domain::limits::{ATTEMPTS_WITHIN, attempt_waits_until};
use crate::domain::locale::Locale;
use crate::domain::source::Source;
use crate::domain::time::{Timestamp, minutes};
use crate::domain::verification::{Aim, Allowance, Attempt, AttemptState, Begin};
use crate::keys;
use crate::store::limits::{Kind, Limit};
use crate::store::{self, Tx};

use super::{Context, FlowError, outgoing};

/// How far the clock may be behind what was last written before no code is made any more (threat T20).
const CLOCK_SLACK: Duration = minutes(2);

/// Whose address is to be proven.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub address: EmailAddress,
    pub source: Source,
    pub invited_by: Option<RequestId>,
}

impl Wanted {
    /// Whether an attempt may begin: under which allowance, or from when on. No other begins under the same one until the
    /// transaction ends.
    pub(super) async fn permit(&self, context: &Context) -> Result<(Tx, Result<Allowance, Timestamp>), FlowError> {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let allowance = self.allowance(context, &mut tx).await?;
        let source = match &allowance {
            Allowance::Source(digest) => digest.clone(),
            Allowance::Link(request) => request.to_string(),
        };
        let limit = Limit { kind: Kind::Begin, subject: subject(context, &self.address.key())?, source };
        store::limits::take(&mut tx, &limit, now).await?;
        let since = now.before(ATTEMPTS_WITHIN);
        let recent = store::attempts::recent(&mut tx, &self.address, &allowance, since).await?;
        let permitted = attempt_waits_until(&recent, now).map_or(Ok(allowance), Err);
        Ok((tx, permitted))
    }

    /// The link's, where it was mailed to this very address; otherwise the source's.
    async fn allowance(&self, context: &Context, tx: &mut Tx) -> Result<Allowance, FlowError> {
        if let Some(id) = &self.invited_by {
            let request = store::requests::by_ids(tx, &[id]).await?.pop();
            if request.is_some_and(|request| request.customer == self.address) {
                return Ok(Allowance::Link(id.clone()));
            }
        }
        Ok(Allowance::Source(source(context, self.source)?))
    }
}

/// Begins an attempt and puts its first code into the outbox.
pub(super) async fn begin(
    context: &Context,
    tx: &mut Tx,
    address: EmailAddress,
    allowance: Allowance,
    (aim, locale): (Aim, Locale),
) -> Result<AttemptId, FlowError> {
    let now = context.now();
    trusted_clock(tx, now).await?;
    let id = AttemptId::new(context.entropy.uuid(now));
    let code_key = context.keys.newest().to_owned();
    let attempt = Attempt::begin(Begin { id, aim, address, locale, allowance, code_key }, now);
    store::attempts::insert(tx, &attempt).await?;
    store::outbox::insert(tx, &[outgoing::code(context, &attempt, 1, now)]).await?;
    note(tx, &attempt.id, "began", ("", attempt.state), now).await?;
    Ok(attempt.id)
}

/// # Errors
/// [`FlowError::ClockBehind`]
pub(super) async fn trusted_clock(tx: &mut Tx, now: Timestamp) -> Result<(), FlowError> {
    clock_behind(tx, now).await?.map_or(Ok(()), |behind| Err(FlowError::ClockBehind(behind)))
}

/// By how many seconds the clock is behind what was last written, where that is too much.
pub(super) async fn clock_behind(tx: &mut Tx, now: Timestamp) -> Result<Option<u64>, FlowError> {
    let behind = store::audit::last_at(tx).await?.map_or(Duration::ZERO, |last| last.since(now));
    Ok((behind > CLOCK_SLACK).then_some(behind.as_secs()))
}

/// Tells the audit trail what happened to an attempt.
pub(super) async fn note(
    tx: &mut Tx,
    attempt: &AttemptId,
    event: &'static str,
    (from, to): (&'static str, AttemptState),
    now: Timestamp,
) -> Result<(), FlowError> {
    let event = AuditEvent {
        at: now,
        actor: "renkei".to_owned(),
        object: format!("attempt {attempt}"),
        event,
        from,
        to: to.name(),
        cause: "page".to_owned(),
    };
    Ok(store::audit::append(tx, &[event]).await?)
}

/// What stands for an ID where failures are counted.
pub(super) fn subject(context: &Context, id: &str) -> Result<String, FlowError> {
    context.keys.tag(keys::Purpose::Id, id.as_bytes()).ok_or(FlowError::NoKeys)
}

/// What stands for a source.
pub(super) fn source(context: &Context, source: Source) -> Result<String, FlowError> {
    context.keys.tag(keys::Purpose::Source, &source.octets()).ok_or(FlowError::NoKeys)
}

/// Wrong codes at an address, from anywhere.
pub(super) fn guesses(context: &Context, address: &EmailAddress) -> Result<Limit, FlowError> {
    Ok(Limit { kind: Kind::Guess, subject: subject(context, &address.key())?, source: String::new() })
}
