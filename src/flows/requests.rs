//! The operator looks at requests, withdraws one, or has its customer mailed once more.

use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::domain::firm::Firm;
use crate::domain::firm_request::{Request, State, StateName};
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError, outgoing};

/// A request with its firm.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The request.
    pub request: Request,
    /// Who asks.
    pub firm: Option<Firm>,
}

/// A request and its whole story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The request and its firm.
    pub about: Listed,
    /// What happened to it, oldest first.
    pub events: Vec<AuditEntry>,
    /// What was mailed about it, oldest first.
    pub mails: Vec<OutboundMail>,
}

/// The newest requests below a number, newest first.
///
/// # Errors
/// What the store says.
pub async fn list(
    context: &Context,
    below: Option<i64>,
    state: Option<StateName>,
    most: u32,
) -> Result<Vec<Listed>, FlowError> {
    let mut connection = context.store.read().await?;
    let below = below.unwrap_or(i64::MAX);
    let requests = store::requests::page(&mut connection, below, state, i64::from(most)).await?;
    with_firms(&mut connection, requests).await
}

async fn with_firms(connection: &mut store::Connection, requests: Vec<Request>) -> Result<Vec<Listed>, FlowError> {
    let mut ids: Vec<_> = requests.iter().map(|request| &request.firm).collect();
    ids.sort();
    ids.dedup();
    let firms = store::firms::by_ids(connection, &ids).await?;
    let listed =
        |request: Request| Listed { firm: firms.iter().find(|firm| firm.id == request.firm).cloned(), request };
    Ok(requests.into_iter().map(listed).collect())
}

/// The newest disowned requests below a number, newest first.
///
/// # Errors
/// What the store says.
pub async fn disowned(context: &Context, below: Option<i64>, most: u32) -> Result<Vec<Listed>, FlowError> {
    let mut connection = context.store.read().await?;
    let below = below.unwrap_or(i64::MAX);
    let requests = store::requests::disowned(&mut connection, below, i64::from(most)).await?;
    with_firms(&mut connection, requests).await
}

/// The whole story of one request.
///
/// # Errors
/// [`FlowError::NoRequest`]
pub async fn show(context: &Context, number: i64) -> Result<Story, FlowError> {
    let mut connection = context.store.read().await?;
    let request = store::requests::by_number(&mut connection, number).await?.ok_or(FlowError::NoRequest(number))?;
    let events = store::audit::of(&mut connection, &object(&request)).await?;
    let mails = store::outbox::of_request(&mut connection, &request.id).await?;
    let firm = store::firms::by_ids(&mut connection, &[&request.firm]).await?.pop();
    Ok(Story { about: Listed { request, firm }, events, mails })
}

/// Withdraws an undecided request; what waits to ask the customer does not leave any more.
///
/// # Errors
/// [`FlowError::NoRequest`], [`FlowError::Ended`]
pub async fn withdraw(context: &Context, number: i64) -> Result<(), FlowError> {
    let (mut tx, before) = open(context, number).await?;
    let request = take_back(context, &mut tx, &before).await?;
    note(context, &mut tx, &before, &request, "withdrawn").await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Takes an undecided request back, whoever asked for it. The audit event is the caller's.
pub(super) async fn take_back(context: &Context, tx: &mut Tx, before: &Request) -> Result<Request, FlowError> {
    let request = before.clone().withdraw(context.now())?;
    store::requests::update(tx, &request).await?;
    call_back(context, tx, before).await?;
    Ok(request)
}

/// What follows from a withdrawal, `before` being the request as it stood: what waits to ask the customer does not leave any
/// more, and who was mailed already is told (M11). Who disowned the request is left alone.
pub(super) async fn call_back(context: &Context, tx: &mut Tx, before: &Request) -> Result<(), FlowError> {
    let told = told_of_withdrawal(context, tx, before).await?;
    store::outbox::useless(tx, &before.id, context.now()).await?;
    store::outbox::insert(tx, told.as_slice()).await?;
    Ok(())
}

/// M11, for the customer who may have a request mail in hand. Writes nothing.
pub(super) async fn told_of_withdrawal(
    context: &Context,
    connection: &mut store::AnyConnection,
    before: &Request,
) -> Result<Option<OutboundMail>, FlowError> {
    let now = context.now();
    let mails = store::outbox::of_request(connection, &before.id).await?;
    let is_told = was_mailed(before, &mails) && before.may_be_mailed(now);
    Ok(is_told.then(|| outgoing::cancelled(context, before, now)))
}

/// Whether the customer may have a request mail in hand. A mail whose row was purged left long ago.
fn was_mailed(request: &Request, mails: &[OutboundMail]) -> bool {
    let may_have_left = |mail: &OutboundMail| {
        let left = matches!(mail.state, OutboundState::Sent | OutboundState::Leased | OutboundState::Delayed);
        left || mail.unknowns > 0
    };
    let mut notices = mails.iter().filter(|mail| mail.kind == LetterKind::RequestNotice).peekable();
    let none_is_known = notices.peek().is_none();
    !matches!(request.state, State::Undeliverable(_)) && (none_is_known || notices.any(may_have_left))
}

/// Mails the customer once more with the same link, for example after the relay or the address was mended.
///
/// # Errors
/// [`FlowError::NoRequest`], [`FlowError::Ended`]
pub async fn retry(context: &Context, number: i64) -> Result<(), FlowError> {
    let now = context.now();
    let (mut tx, before) = open(context, number).await?;
    let request = before.clone().notify_again(now)?;
    store::requests::update(&mut tx, &request).await?;
    // Who has the customer mailed again says that the address is right.
    store::suppressions::lift(&mut tx, &[request.customer.key()]).await?;
    store::outbox::insert(&mut tx, &outgoing::notice(context, &request, now)).await?;
    note(context, &mut tx, &before, &request, "notified again").await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

async fn open(context: &Context, number: i64) -> Result<(Tx, Request), FlowError> {
    let mut tx = context.store.begin().await?;
    let request = store::requests::by_number(&mut tx, number).await?.ok_or(FlowError::NoRequest(number))?;
    Ok((tx, request))
}

pub(super) async fn note(
    context: &Context,
    tx: &mut Tx,
    before: &Request,
    after: &Request,
    event: &'static str,
) -> Result<(), FlowError> {
    let event = AuditEvent {
        at: context.now(),
        actor: "operator".to_owned(),
        object: object(after),
        event,
        from: before.state.name().name(),
        to: after.state.name().name(),
        cause: "command".to_owned(),
    };
    Ok(store::audit::append(tx, &[event]).await?)
}

fn object(request: &Request) -> String {
    format!("request {}", request.number)
}
