//! Passwords at rest: Argon2id, at most four hashes at once (19 MiB each), a queue of bounded length before them.
//!
//! Hashing runs on the threads for blocking work. Who gives up waiting leaves a hash behind that runs to its end; its place
//! is free only then. Whether an ID exists takes no other time: without an account a hash that nothing matches is verified.

mod memory;

use std::sync::Arc;

use argon2::Params;
use argon2::password_hash::{PasswordHash as Parsed, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::domain::account::PasswordHash;
use crate::domain::password::{NewPassword, PasswordRule, TypedPassword};
use crate::entropy::Entropy;
use memory::{Hasher, Memory};

/// Hashes at once: four times 19 MiB is the ceiling of their memory.
const AT_ONCE: usize = 4;
/// Who may wait for a place beside them; the next one is told that renkei is busy.
const QUEUE: usize = 64;

/// A place in the queue; given back when it is dropped, or when the hash it was for has run to its end.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

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

    /// The hash of `text` at this cost.
    fn hash<'a>(self, hasher: &Hasher, text: &str, salt: &'a SaltString) -> Result<Parsed<'a>, PasswordError> {
        let params = Params::new(self.memory, self.passes, 1, None).map_err(|_| PasswordError::Failed)?;
        let hash = hasher.hash_password_customized(text.as_bytes(), None, None, params, salt);
        hash.map_err(|_| PasswordError::Failed)
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
    memory: Arc<Memory>,
}

impl Passwords {
    /// New passwords keep `rule` and are hashed at `cost`.
    #[must_use]
    pub fn new(rule: PasswordRule, cost: Cost, entropy: &Entropy) -> Self {
        let places = |many| Arc::new(Semaphore::new(many));
        let (waiting, working) = (places(AT_ONCE + QUEUE), places(AT_ONCE));
        Self { rule, cost, entropy: entropy.clone(), waiting, working, memory: Arc::default() }
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

    /// A place in the queue, for one hash or one verification. Taken before a try is counted: who finds no place has not
    /// tried.
    ///
    /// # Errors
    /// [`PasswordError::Busy`]
    pub fn queue(&self) -> Result<Place, PasswordError> {
        Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map(|permit| Place { _permit: permit })
            .map_err(|_| PasswordError::Busy)
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`PasswordError::Failed`]
    pub async fn hash(&self, place: Place, password: &NewPassword) -> Result<PasswordHash, PasswordError> {
        self.hash_text(place, Zeroizing::new(password.as_str().to_owned())).await
    }

    /// The hash, at today's cost, of a password that was found right.
    ///
    /// # Errors
    /// [`PasswordError::Failed`]
    pub async fn hash_anew(&self, place: Place, password: &TypedPassword) -> Result<PasswordHash, PasswordError> {
        let text = password.judged().ok_or(PasswordError::Failed)?;
        self.hash_text(place, Zeroizing::new(text.to_owned())).await
    }

    /// Whether `password` is the one that was hashed. Without a hash it is wrong, after the same work.
    ///
    /// # Errors
    /// [`PasswordError::Failed`]
    pub async fn verify(
        &self,
        place: Place,
        password: &TypedPassword,
        hash: Option<&PasswordHash>,
    ) -> Result<Verdict, PasswordError> {
        let Some(text) = password.judged() else { return Ok(Verdict::Wrong) };
        let text = Zeroizing::new(text.to_owned());
        let (cost, salt) = (self.cost, self.salt()?);
        let stored = hash.map(|hash| hash.as_str().to_owned());
        self.work(place, move |hasher| judge(hasher, cost, &text, stored.as_deref(), &salt)).await
    }

    async fn hash_text(&self, place: Place, text: Zeroizing<String>) -> Result<PasswordHash, PasswordError> {
        let (cost, salt) = (self.cost, self.salt()?);
        self.work(place, move |hasher| Ok(PasswordHash::stored(cost.hash(hasher, &text, &salt)?.to_string()))).await
    }

    fn salt(&self) -> Result<SaltString, PasswordError> {
        SaltString::encode_b64(&self.entropy.bytes::<16>()).map_err(|_| PasswordError::Failed)
    }

    /// Does `job` when its turn has come, and keeps the place to its end, whoever waits for it.
    async fn work<T: Send + 'static>(
        &self,
        place: Place,
        job: impl FnOnce(&Hasher) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.working).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        let memory = Arc::clone(&self.memory);
        tokio::task::spawn_blocking(move || {
            let done = memory.lend(job);
            drop((turn, place));
            done
        })
        .await
        .map_err(|_| PasswordError::Failed)?
    }
}

fn judge(
    hasher: &Hasher,
    cost: Cost,
    text: &str,
    stored: Option<&str>,
    salt: &SaltString,
) -> Result<Verdict, PasswordError> {
    let Some(Ok(stored)) = stored.map(Parsed::new) else {
        // The same work, and nothing comes of it.
        cost.hash(hasher, text, salt)?;
        return Ok(Verdict::Wrong);
    };
    // Verified at the cost it was hashed at.
    if hasher.verify_password(text.as_bytes(), &stored).is_err() {
        return Ok(Verdict::Wrong);
    }
    let then = Params::try_from(&stored).map_err(|_| PasswordError::Failed)?;
    let weak = then.m_cost() < cost.memory || then.t_cost() < cost.passes;
    Ok(if weak { Verdict::RightButWeak } else { Verdict::Right })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(PasswordRule::default(), Cost::LIGHT, &Entropy::seeded(1))
    }

    fn typed(text: &str) -> TypedPassword {
        TypedPassword::new(text.to_owned())
    }

    async fn verify(passwords: &Passwords, text: &str, hash: Option<&PasswordHash>) -> Verdict {
        passwords.verify(passwords.queue().unwrap(), &typed(text), hash).await.unwrap()
    }

    async fn hash(passwords: &Passwords, text: &str) -> PasswordHash {
        let new = NewPassword::parse(text, passwords.rule(), &[]).unwrap();
        passwords.hash(passwords.queue().unwrap(), &new).await.unwrap()
    }

    #[tokio::test]
    async fn the_password_itself_is_right_and_nothing_else() {
        let passwords = passwords();
        let kept = hash(&passwords, "correct horse battery").await;
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", kept.as_str());
        assert_ne!(kept, hash(&passwords, "correct horse battery").await, "each has a salt of its own");
        assert_eq!(verify(&passwords, "correct horse battery", Some(&kept)).await, Verdict::Right);
        for wrong in ["Correct horse battery", "correct horse battery ", "", "ｃorrect horse battery"] {
            assert_eq!(verify(&passwords, wrong, Some(&kept)).await, Verdict::Wrong, "{wrong}");
        }
        assert_eq!(verify(&passwords, "correct horse battery", None).await, Verdict::Wrong);
        let erased = PasswordHash::stored(String::new());
        assert_eq!(verify(&passwords, "", Some(&erased)).await, Verdict::Wrong);
        assert_eq!(verify(&passwords, &"x".repeat(1_025), Some(&kept)).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_less_cost_than_todays_is_right_but_weak() {
        let light = passwords();
        let kept = hash(&light, "correct horse battery").await;
        let today = light.with(light.rule(), Cost { memory: 16, passes: 2 });
        assert_eq!(verify(&today, "correct horse battery", Some(&kept)).await, Verdict::RightButWeak);
        let anew = today.hash_anew(today.queue().unwrap(), &typed("correct horse battery")).await.unwrap();
        assert_eq!(verify(&today, "correct horse battery", Some(&anew)).await, Verdict::Right);
        assert_eq!(verify(&light, "correct horse battery", Some(&anew)).await, Verdict::Right, "never weakened");
    }

    #[tokio::test]
    async fn the_cost_of_the_daemon_is_owasps() {
        let strong = passwords().with(PasswordRule::default(), Cost::STRONG);
        let kept = hash(&strong, "correct horse battery").await;
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
    }

    #[tokio::test]
    async fn who_finds_no_place_is_told_at_once() {
        let passwords = passwords();
        let places: Vec<_> = (0..AT_ONCE + QUEUE).map(|_| passwords.queue().unwrap()).collect();
        assert_eq!(passwords.clone().queue().unwrap_err(), PasswordError::Busy);
        drop(places);
        assert!(passwords.queue().is_ok());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_than_four_hash_at_once() {
        let passwords = passwords();
        let (now, most) = (Arc::new(std::sync::Mutex::new(0_usize)), Arc::new(std::sync::Mutex::new(0_usize)));
        let mut tasks = Vec::new();
        for _ in 0..24 {
            let (passwords, now, most) = (passwords.clone(), now.clone(), most.clone());
            tasks.push(tokio::spawn(async move {
                let place = passwords.queue().unwrap();
                let job = move |_: &Hasher| {
                    let mine = {
                        let mut now = now.lock().unwrap();
                        *now += 1;
                        *now
                    };
                    let mut seen = most.lock().unwrap();
                    *seen = mine.max(*seen);
                    drop(seen);
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    *now.lock().unwrap() -= 1;
                    Ok(())
                };
                passwords.work(place, job).await.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*most.lock().unwrap(), AT_ONCE);
    }
}
