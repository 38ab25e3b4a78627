//! Passwords at rest: Argon2id, at most four hashes at once (19 MiB each), a queue of bounded length before them.
//!
//! Hashing runs on the threads for blocking work. Who gives up waiting leaves a hash behind that runs to its end; its place
//! is free only then. Whether an ID exists takes no other time: without an account a hash that nothing matches is verified.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash as Parsed, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::domain::account::PasswordHash;
use crate::domain::password::{NewPassword, PasswordRule, TypedPassword};
use crate::entropy::Entropy;

/// Hashes at once: four times 19 MiB is the ceiling of their memory.
const AT_ONCE: usize = 4;
/// Who may wait for a place beside them; the next one is told that renkei is busy.
const QUEUE: usize = 64;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 19 MiB and two passes (OWASP).
    pub const STRONG: Self = Self { memory: 19_456, passes: 2 };
    /// As little as the algorithm allows, for tests.
    pub const LIGHT: Self = Self { memory: 8, passes: 1 };

    fn argon2(self) -> Result<Argon2<'static>, PasswordError> {
        let params = Params::new(self.memory, self.passes, 1, None).map_err(|_| PasswordError::Failed)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Why a password was not hashed or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// Memory is short.
    #[error("a password could not be hashed")]
    Failed,
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is the password, and its hash costs less than a new one would: hash it anew.
    RightButWeak,
    /// It is not.
    Wrong,
}

/// Hashes and verifies. Clones share their places.
#[derive(Clone, Debug)]
pub struct Passwords {
    rule: PasswordRule,
    cost: Cost,
    entropy: Entropy,
    waiting: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

impl Passwords {
    /// New passwords keep `rule` and are hashed at `cost`.
    #[must_use]
    pub fn new(rule: PasswordRule, cost: Cost, entropy: &Entropy) -> Self {
        let places = |many| Arc::new(Semaphore::new(many));
        Self { rule, cost, entropy: entropy.clone(), waiting: places(AT_ONCE + QUEUE), working: places(AT_ONCE) }
    }

    /// The same places under another rule or cost.
    #[must_use]
    pub fn with(&self, rule: PasswordRule, cost: Cost) -> Self {
        Self { rule, cost, ..self.clone() }
    }

    /// What a new password must be.
    #[must_use]
    pub const fn rule(&self) -> PasswordRule {
        self.rule
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, PasswordError> {
        self.hash_text(Zeroizing::new(password.as_str().to_owned())).await
    }

    /// The hash, at today's cost, of a password that was found right.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn hash_anew(&self, password: &TypedPassword) -> Result<PasswordHash, PasswordError> {
        let text = password.judged().ok_or(PasswordError::Failed)?;
        self.hash_text(Zeroizing::new(text.to_owned())).await
    }

    /// Whether `password` is the one that was hashed. Without a hash it is wrong, after the same work.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn verify(&self, password: &TypedPassword, hash: Option<&PasswordHash>) -> Result<Verdict, PasswordError> {
        let Some(text) = password.judged() else { return Ok(Verdict::Wrong) };
        let text = Zeroizing::new(text.to_owned());
        let (cost, salt) = (self.cost, self.salt()?);
        let stored = hash.map(|hash| hash.as_str().to_owned());
        self.work(move || {
            let parsed = stored.as_deref().map(Parsed::new);
            let Some(Ok(parsed)) = parsed else {
                // The same work, and nothing comes of it.
                cost.argon2()?.hash_password(text.as_bytes(), &salt).map_err(|_| PasswordError::Failed)?;
                return Ok(Verdict::Wrong);
            };
            if cost.argon2()?.verify_password(text.as_bytes(), &parsed).is_err() {
                return Ok(Verdict::Wrong);
            }
            let params = Params::try_from(&parsed).map_err(|_| PasswordError::Failed)?;
            let weak = params.m_cost() < cost.memory || params.t_cost() < cost.passes;
            Ok(if weak { Verdict::RightButWeak } else { Verdict::Right })
        })
        .await
    }

    async fn hash_text(&self, text: Zeroizing<String>) -> Result<PasswordHash, PasswordError> {
        let (cost, salt) = (self.cost, self.salt()?);
        self.work(move || {
            let hash = cost.argon2()?.hash_password(text.as_bytes(), &salt).map_err(|_| PasswordError::Failed)?;
            Ok(PasswordHash::stored(hash.to_string()))
        })
        .await
    }

    fn salt(&self) -> Result<SaltString, PasswordError> {
        SaltString::encode_b64(&self.entropy.bytes::<16>()).map_err(|_| PasswordError::Failed)
    }

    /// Does `job` in one of the places, which it keeps to its end, whoever waits for it.
    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.place().await?;
        tokio::task::spawn_blocking(move || {
            let done = job();
            drop(place);
            done
        })
        .await
        .map_err(|_| PasswordError::Failed)?
    }

    async fn place(&self) -> Result<[OwnedSemaphorePermit; 2], PasswordError> {
        let queued = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let working = Arc::clone(&self.working).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        Ok([queued, working])
    }
}
