//! Who is logged in: sessions of 256 random bits, of which the database holds the digest alone. A session is only ever begun
//! under new bits (nothing that a browser brings along becomes one), ends of idleness and of age, and is judged at use.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::domain::ids::{AccountId, RequestId};
use crate::domain::session::{Life, REMEMBERED, Standing};
use crate::keys::Purpose;
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError};

/// Most rows that are forgotten in one transaction.
const MOST: i64 = 500;

/// What the session's cookie holds. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret([u8; 32]);

impl SessionSecret {
    /// From a cookie.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// For the cookie: base64url, 43 characters.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.0))
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret")
    }
}

/// A session that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who is logged in.
    pub account: AccountId,
    /// ログイン者名
    pub name: String,
    /// The request whose link was opened, if one was.
    pub request: Option<RequestId>,
}

/// What a cookie stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A session that lives.
    Live(Session),
    /// One that ended of idleness or of age; its request, so that the way is not lost.
    Ended(Option<RequestId>),
    /// None of ours, or one that was logged out.
    Unknown,
}

/// Begins a session in place of `before`, which ends.
///
/// # Errors
/// What the store says.
pub async fn begin(
    context: &Context,
    account: &AccountId,
    request: Option<&RequestId>,
    before: Option<&SessionSecret>,
) -> Result<SessionSecret, FlowError> {
    let mut tx = context.store.begin().await?;
    let secret = begin_in(context, &mut tx, account, request, before).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(secret)
}

pub(super) async fn begin_in(
    context: &Context,
    tx: &mut Tx,
    account: &AccountId,
    request: Option<&RequestId>,
    before: Option<&SessionSecret>,
) -> Result<SessionSecret, FlowError> {
    let secret = SessionSecret(context.entropy.bytes());
    if let Some(before) = before {
        store::sessions::end(tx, &before.digest()).await?;
    }
    store::sessions::insert(tx, &secret.digest(), account, request, context.now()).await?;
    Ok(secret)
}

/// The session that a cookie stands for. Moves its last-seen at most once a minute, and changes nothing else.
///
/// # Errors
/// What the store says.
pub async fn find(context: &Context, life: &Life, secret: &SessionSecret) -> Result<Found, FlowError> {
    let digest = secret.digest();
    let row = store::sessions::by_digest(&mut *context.store.read().await?, &digest).await?;
    let Some(row) = row else { return Ok(Found::Unknown) };
    let now = context.now();
    match life.standing(row.created_at, row.seen_at, now) {
        Standing::Ended => return Ok(Found::Ended(row.request)),
        Standing::Live => {}
        Standing::Unnoted => {
            let mut tx = context.store.begin().await?;
            store::sessions::seen(&mut tx, &digest, now).await?;
            tx.commit().await.map_err(StoreError::from)?;
        }
    }
    Ok(Found::Live(Session { account: row.account, name: row.name, request: row.request }))
}

/// The session goes on with the request whose link was opened.
///
/// # Errors
/// [`StoreError::Stale`] when the session is gone.
pub async fn take_request(context: &Context, secret: &SessionSecret, request: &RequestId) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::sessions::take_request(&mut tx, &secret.digest(), request).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Logs out.
///
/// # Errors
/// What the store says.
pub async fn end(context: &Context, secret: &SessionSecret) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::sessions::end(&mut tx, &secret.digest()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Forgets sessions that ended a day ago or more; says how many.
///
/// # Errors
/// What the store says.
pub async fn purge(context: &Context) -> Result<u64, FlowError> {
    let mut forgotten = 0;
    loop {
        let mut tx = context.store.begin().await?;
        let done = store::sessions::purge(&mut tx, context.now().before(REMEMBERED), MOST).await?;
        tx.commit().await.map_err(StoreError::from)?;
        if done == 0 {
            return Ok(forgotten);
        }
        forgotten += done;
    }
}

/// The token that each form of this session carries; empty without a server key, which no form token equals.
#[must_use]
pub fn form_token(context: &Context, secret: &SessionSecret) -> String {
    context.keys.tag(Purpose::Form, &secret.0).unwrap_or_default()
}

/// Whether a form was given to this session.
#[must_use]
pub fn is_form_token(context: &Context, secret: &SessionSecret, token: &str) -> bool {
    context.keys.is_tag(Purpose::Form, &secret.0, token)
}
