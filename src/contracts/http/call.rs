//! One call: room for it, the breaker, the limit, the exchange, and what it came to.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::body::Incoming;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};
use zeroize::Zeroizing;

use super::line::{Address, Broken, Lines};
use super::{HttpError, tls};
use crate::config::contracts::Http as Settings;
use crate::contracts::breaker::{Breaker, Turned};
use crate::contracts::wire::check::Nonsense;
use crate::contracts::wire::{IDEMPOTENCY_KEY, REQUEST_ID, Refused};
use crate::contracts::{DirectoryError, Trouble};
use crate::domain::contract::{CallKey, Refusal};
use crate::entropy::Entropy;

/// Most bytes of an answer.
const ANSWER: usize = 1024 * 1024;
/// Longest time that a busy system can ask to be left alone.
const WAIT: Duration = Duration::from_hours(1);

/// What a call does over there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it may be asked once more.
    Reads,
    /// It tries a password, and that may be counted: not asked again, and no harm if it was lost.
    Tries,
    /// Something: what was lost must be looked up.
    Changes,
}

/// What went wrong, and whether it may have been done.
enum Failure {
    /// It was not done.
    NotDone(Trouble),
    /// It may have been.
    MayBeDone(Trouble),
    /// It will not be.
    Refused(Refusal),
}

pub(super) struct Caller {
    address: Address,
    token: Option<HeaderValue>,
    limit: Duration,
    room: Semaphore,
    breaker: Mutex<Breaker>,
    lines: Lines,
    entropy: Entropy,
}

impl Caller {
    pub(super) fn new(settings: &Settings, entropy: Entropy) -> Result<Self, HttpError> {
        let credentials = settings.credentials()?;
        let token = credentials.token.as_ref().map(|token| {
            let whole = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
            let mut value = HeaderValue::from_str(&whole).map_err(|_| HttpError::Token)?;
            value.set_sensitive(true);
            Ok::<_, HttpError>(value)
        });
        let connector = || tls::connector(settings.ca_file.as_deref(), credentials.certificate.as_ref());
        Ok(Self {
            address: Address::new(&settings.url, connector)?,
            token: token.transpose()?,
            limit: settings.limit(),
            room: Semaphore::new(settings.in_flight),
            breaker: Mutex::new(Breaker::new()),
            lines: Lines::default(),
            entropy,
        })
    }

    /// Asks, and checks the answer. The whole of it, waiting for room included, keeps within the limit.
    pub(super) async fn call<Q: Serialize, A: DeserializeOwned, T>(
        &self,
        path: &str,
        effect: Effect,
        key: Option<&CallKey>,
        question: &Q,
        check: impl Fn(A) -> Result<T, Nonsense>,
    ) -> Result<T, DirectoryError> {
        let limit = Instant::now() + self.limit;
        let Ok(Ok(_permit)) = timeout_at(limit, self.room.acquire()).await else {
            return Err(DirectoryError::Retry(Trouble::Busy(None)));
        };
        let mut tries = if effect == Effect::Reads { 2 } else { 1 };
        loop {
            self.breaker().admit(Instant::now()).map_err(|rest| DirectoryError::Retry(Trouble::LeftAlone(rest)))?;
            tries -= 1;
            let exchange = async {
                let request = self.request(path, key, question)?;
                self.exchange(request, &check).await
            };
            let failure = match timeout_at(limit, exchange).await {
                Ok(Ok(done)) => {
                    self.note(None);
                    return Ok(done);
                }
                Ok(Err(failure)) => failure,
                Err(_) => Failure::MayBeDone(Trouble::Silent),
            };
            self.note(failure.trouble());
            match failure {
                Failure::Refused(refusal) => return Err(DirectoryError::Refused(refusal)),
                Failure::MayBeDone(trouble) if effect == Effect::Changes => {
                    return Err(DirectoryError::Unknown(trouble));
                }
                Failure::NotDone(trouble) | Failure::MayBeDone(trouble) => {
                    if tries == 0 || !trouble.may_pass_at_once() {
                        return Err(DirectoryError::Retry(trouble));
                    }
                }
            }
        }
    }

    fn request<Q: Serialize>(
        &self,
        path: &str,
        key: Option<&CallKey>,
        question: &Q,
    ) -> Result<(Request<Body>, String), Failure> {
        // Grown from the beginning to what any question needs: no copy of a password is left behind by growing.
        let mut body = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *body, question).map_err(|_| Failure::NotDone(Trouble::Nonsense("our question")))?;
        let id = URL_SAFE_NO_PAD.encode(self.entropy.bytes::<16>());
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.address.prefix))
            .header(header::HOST, &self.address.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(REQUEST_ID, &id);
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key.as_str());
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let request = request.body(Body::from(Bytes::from_owner(body)));
        Ok((request.map_err(|_| Failure::NotDone(Trouble::Nonsense("our question")))?, id))
    }

    async fn exchange<A: DeserializeOwned, T>(
        &self,
        (request, id): (Request<Body>, String),
        check: impl Fn(A) -> Result<T, Nonsense>,
    ) -> Result<T, Failure> {
        let (answer, line) = self.lines.send(&self.address, request).await.map_err(|broken| match broken {
            Broken::Before(trouble) => Failure::NotDone(trouble),
            Broken::Within => Failure::MayBeDone(Trouble::Cut),
        })?;
        let (head, body) = answer.into_parts();
        let body = read(body).await?;
        self.lines.keep(line);
        let head = Response::from_parts(head, ());
        match head.status() {
            StatusCode::OK | StatusCode::CONFLICT => {}
            status => return Err(unusual(&head, status)),
        }
        is_ours(&head, &id)?;
        if head.status() == StatusCode::CONFLICT {
            let refused: Refused = parse(&body)?;
            let refusal = Refusal::stored(&refused.refused).ok_or(nonsense("a refusal is unknown"))?;
            return Err(Failure::Refused(refusal));
        }
        check(parse(&body)?).map_err(|Nonsense(what)| nonsense(what))
    }

    /// Tells the breaker how a call went, and the operator when that turns something.
    fn note(&self, trouble: Option<Trouble>) {
        let turned = match trouble {
            None => self.breaker().went_well(),
            Some(_) => self.breaker().failed(Instant::now()),
        };
        match (turned, trouble) {
            (Turned::Away, Some(trouble)) => {
                warn!(
                    "the contract-management system {trouble}: after five failures it is left alone for half a minute"
                );
            }
            (Turned::Back, _) => info!("the contract-management system answers again"),
            _ => {}
        }
        if let Some(Trouble::Nonsense(what)) = trouble {
            warn!("an answer of the contract-management system was refused: {what}");
        }
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failure {
    /// What the breaker counts: a system that refuses for a reason is well.
    const fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::NotDone(trouble) | Self::MayBeDone(trouble) => Some(*trouble),
            Self::Refused(_) => None,
        }
    }
}

impl Trouble {
    /// Whether asking once more at once may help.
    const fn may_pass_at_once(self) -> bool {
        matches!(self, Self::Cut | Self::Down)
    }
}

async fn read(body: Incoming) -> Result<Bytes, Failure> {
    to_bytes(Body::new(body), ANSWER).await.map_err(|error| {
        let mut causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        if causes.any(<dyn std::error::Error>::is::<hyper::Error>) {
            Failure::MayBeDone(Trouble::Cut)
        } else {
            nonsense("it is too long")
        }
    })
}

/// What is neither an answer nor a refusal. 503 and 429 say that nothing was done.
fn unusual(head: &Response<()>, status: StatusCode) -> Failure {
    match status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            let seconds = head.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Failure::NotDone(Trouble::Busy(seconds.map(|seconds| Duration::from_secs(seconds).min(WAIT))))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::NotDone(Trouble::Denied(status.as_u16())),
        _ => Failure::MayBeDone(Trouble::Failed(status.as_u16())),
    }
}

/// That an answer is JSON, and the answer to this request.
fn is_ours(head: &Response<()>, id: &str) -> Result<(), Failure> {
    let header = |name: &str| head.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header("content-type").split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(nonsense("it is no JSON"));
    }
    if header(REQUEST_ID) != id {
        return Err(nonsense("it belongs to another request"));
    }
    Ok(())
}

fn parse<A: DeserializeOwned>(body: &[u8]) -> Result<A, Failure> {
    serde_json::from_slice(body).map_err(|_| nonsense("it does not keep to the schema"))
}

const fn nonsense(what: &'static str) -> Failure {
    Failure::MayBeDone(Trouble::Nonsense(what))
}
