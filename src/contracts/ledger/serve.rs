//! The ledger over HTTP: the server's side of `docs/contract-system.openapi.yaml`. TLS is spoken by a proxy before it.

mod json;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::Ledger;
use crate::contracts::wire::check::{self, Nonsense};
use crate::contracts::wire::{
    BindingRelease, BindingSet, Bound, ContractItem, Contracts, HolderQuery, IDEMPOTENCY_KEY, LinkageApplied,
    LinkageApply, LinkageItem, Linkages, Migration, MigrationQuery, MigrationStart, NumberChecked, NumberGranted,
    Problem, REQUEST_ID, Refused, Released, ServiceContract, ServiceContractAuthed, Subject, path,
};
use crate::contracts::{ContractDirectory, DirectoryError};
use crate::domain::contract::{CallKey, Grant, Holder, LinkageWish, Refusal};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{BusinessDataId, MigrationId};
use crate::entropy::Entropy;
use json::Json;

/// Most bytes of a question.
const QUESTION: usize = 64 * 1024;

/// The interface on this ledger, for who carries the bearer token.
pub fn router(ledger: Ledger, token: &SecretString, entropy: &Entropy) -> Router {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &entropy.bytes::<32>());
    let expected = hmac::sign(&key, token.expose_secret().as_bytes());
    let guard = Arc::new(Guard { key, expected });
    Router::new()
        .route(path::CONTRACTS, post(contracts))
        .route(path::CUSTOMER_NUMBER, post(customer_number))
        .route(path::START_MIGRATION, post(start_migration))
        .route(path::MIGRATION, post(migration))
        .route(path::SERVICE_CONTRACT, post(service_contract))
        .route(path::APPLY_LINKAGE, post(apply_linkage))
        .route(path::LINKAGES, post(linkages))
        .route(path::SET_BINDING, post(set_binding))
        .route(path::BINDING, post(binding))
        .route(path::RELEASE_BINDING, post(release_binding))
        .with_state(ledger)
        .fallback(async || problem(StatusCode::NOT_FOUND, "there is nothing here"))
        .layer(DefaultBodyLimit::max(QUESTION))
        .layer(from_fn_with_state(guard, only_with_token))
        .layer(from_fn(echo))
}

/// Compares tokens by their HMAC: how long that takes tells nothing about them.
struct Guard {
    key: hmac::Key,
    expected: hmac::Tag,
}

async fn only_with_token(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        given.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if hmac::verify(&guard.key, token.as_bytes(), guard.expected.as_ref()).is_ok() => {
            next.run(request).await
        }
        _ => {
            let answer = problem(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong");
            ([(header::WWW_AUTHENTICATE, "Bearer")], answer).into_response()
        }
    }
}

/// An answer names the request that it belongs to.
async fn echo(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut answer = next.run(request).await;
    if let Some(id) = id {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}

fn problem(status: StatusCode, says: &str) -> Response {
    (status, Json(Problem { problem: says.to_owned() })).into_response()
}

/// Why a question is not answered.
enum Unanswered {
    /// It is no question.
    Malformed(&'static str),
    /// What came of it.
    Directory(DirectoryError),
}

impl From<DirectoryError> for Unanswered {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

impl From<Nonsense> for Unanswered {
    fn from(Nonsense(what): Nonsense) -> Self {
        Self::Malformed(what)
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(what) => problem(StatusCode::BAD_REQUEST, what),
            Self::Directory(DirectoryError::Refused(refusal)) => {
                (StatusCode::CONFLICT, Json(Refused { refused: refusal.name().to_owned() })).into_response()
            }
            Self::Directory(DirectoryError::Retry(_)) => {
                let answer = problem(StatusCode::SERVICE_UNAVAILABLE, "nothing was done: ask again later");
                ([(header::RETRY_AFTER, "1")], answer).into_response()
            }
            Self::Directory(DirectoryError::Unknown(_)) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "it may have been done: look first")
            }
        }
    }
}

type Answered<T> = Result<Json<T>, Unanswered>;

fn holder(said: &str) -> Result<Holder, Unanswered> {
    let address = EmailAddress::parse(said).map_err(|_| Unanswered::Malformed("the holder is no mail address"))?;
    let holder = Holder::of(&address);
    if holder.as_str() == said { Ok(holder) } else { Err(Unanswered::Malformed("the holder is not in lower case")) }
}

fn key(headers: &HeaderMap) -> Result<CallKey, Unanswered> {
    let said = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok());
    said.and_then(CallKey::parse).ok_or(Unanswered::Malformed("the header idempotency-key is missing or no key"))
}

async fn contracts(State(ledger): State<Ledger>, Json(asked): Json<HolderQuery>) -> Answered<Contracts> {
    Ok(Json(Contracts::from(&ledger.snapshot(&holder(&asked.holder)?).await?)))
}

async fn customer_number(State(ledger): State<Ledger>, Json(asked): Json<NumberChecked>) -> Answered<NumberGranted> {
    let (holder, number) = (holder(&asked.holder)?, check::number(&asked.customer_number)?);
    let granted = ledger.check_customer_number(&holder, &number, &asked.password).await?;
    Ok(Json(NumberGranted::new(asked.holder, &granted)))
}

async fn start_migration(State(ledger): State<Ledger>, Json(asked): Json<MigrationStart>) -> Answered<Migration> {
    let (holder, id) = (holder(&asked.holder)?, MigrationId::stored(check::own_id(&asked.migration)?));
    let grants: Option<Vec<Grant>> = asked.grants.into_iter().map(Grant::new).collect();
    let grants = grants.ok_or(DirectoryError::Refused(Refusal::BadGrant))?;
    Ok(Json(Migration::from(&ledger.start_migration(&holder, &id, &grants).await?)))
}

async fn migration(State(ledger): State<Ledger>, Json(asked): Json<MigrationQuery>) -> Answered<Migration> {
    let (holder, id) = (holder(&asked.holder)?, MigrationId::stored(check::own_id(&asked.migration)?));
    Ok(Json(match ledger.migration_status(&holder, &id).await? {
        Some(status) => Migration::from(&status),
        None => Migration { holder: asked.holder, migration: asked.migration, items: vec![] },
    }))
}

async fn service_contract(
    State(ledger): State<Ledger>,
    Json(asked): Json<ServiceContractAuthed>,
) -> Answered<ServiceContract> {
    let (holder, id) = (holder(&asked.holder)?, check::service_contract_id(&asked.service_contract_id)?);
    let contract = ledger.auth_service_contract(&holder, &id, &asked.password).await?;
    let contract = ContractItem::from(&contract);
    Ok(Json(ServiceContract { holder: asked.holder, service_contract_id: asked.service_contract_id, contract }))
}

async fn apply_linkage(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Json(asked): Json<LinkageApply>,
) -> Answered<LinkageApplied> {
    let (key, holder, firm) = (key(&headers)?, holder(&asked.holder)?, check::firm(&asked.firm)?);
    let subject = asked.subject.checked()?;
    let wish = LinkageWish::stored(&asked.wish).ok_or(Unanswered::Malformed("the wish is unknown"))?;
    let state = ledger.apply_linkage(&key, &holder, &firm, &subject, wish).await?.name().to_owned();
    Ok(Json(LinkageApplied { holder: asked.holder, firm: asked.firm, subject: Subject::from(&subject), state }))
}

async fn linkages(State(ledger): State<Ledger>, Json(asked): Json<HolderQuery>) -> Answered<Linkages> {
    let links = ledger.read_linkage(&holder(&asked.holder)?).await?;
    Ok(Json(Linkages { holder: asked.holder, linkages: links.iter().map(LinkageItem::from).collect() }))
}

async fn set_binding(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Json(asked): Json<BindingSet>,
) -> Answered<Bound> {
    let (key, holder, binding) = (key(&headers)?, holder(&asked.holder)?, asked.binding.checked()?);
    ledger.set_binding(&key, &holder, &binding).await?;
    Ok(Json(Bound { holder: asked.holder, binding: Some((&binding).into()) }))
}

async fn binding(State(ledger): State<Ledger>, Json(asked): Json<HolderQuery>) -> Answered<Bound> {
    let binding = ledger.read_binding(&holder(&asked.holder)?).await?;
    Ok(Json(Bound { holder: asked.holder, binding: binding.as_ref().map(Into::into) }))
}

async fn release_binding(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Json(asked): Json<BindingRelease>,
) -> Answered<Released> {
    let (key, holder) = (key(&headers)?, holder(&asked.holder)?);
    let data = BusinessDataId::stored(check::own_id(&asked.data)?);
    ledger.release_binding(&key, &holder, &data).await?;
    Ok(Json(Released { holder: asked.holder, data: asked.data }))
}
