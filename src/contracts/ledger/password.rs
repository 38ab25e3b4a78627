//! The passwords of contracts: Argon2id, a few at a time, away from the runtime's threads.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::domain::contract::Refusal;

/// What a hash costs. Each hash remembers its own: one made cheaply stays cheap to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// 19 MiB and two passes: what OWASP asks for at least.
    fn default() -> Self {
        Self { memory: 19 * 1024, passes: 2 }
    }
}

/// Hashes at once: each takes memory and a whole processor.
const AT_ONCE: usize = 2;
/// No password's hash, at the default cost. It is tried where there is no other, so that the time an answer takes does not
/// tell which numbers there are.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub(super) struct Passwords {
    room: Semaphore,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self { room: Semaphore::new(AT_ONCE) }
    }

    /// Whether `password` is the one of `known`. Without a known one it takes as long and is wrong.
    ///
    /// # Errors
    /// [`Refusal::WrongPassword`]
    pub(super) async fn verify(&self, known: Option<&str>, password: &SecretString) -> Result<(), Refusal> {
        let (known, password) = (known.unwrap_or(NOBODY).to_owned(), password.clone());
        let Ok(_permit) = self.room.acquire().await else { return Err(Refusal::WrongPassword) };
        let right = tokio::task::spawn_blocking(move || {
            let known = PasswordHash::new(&known).ok()?;
            Argon2::default().verify_password(password.expose_secret().as_bytes(), &known).ok()
        });
        right.await.ok().flatten().ok_or(Refusal::WrongPassword)
    }
}

/// The hash of a password, as text (PHC). Nothing for a cost that Argon2 does not know.
pub(super) fn hash(password: &SecretString, salt: [u8; 16], cost: Cost) -> Option<String> {
    let params = Params::new(cost.memory, cost.passes, 1, None).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Some(argon.hash_password(password.expose_secret().as_bytes(), &salt).ok()?.to_string())
}

/// Whether a text is a hash that [`Passwords::verify`] can try.
pub(super) fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 8, passes: 1 };

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let passwords = Passwords::new();
        let known = hash(&SecretString::from("ひみつ"), [7; 16], CHEAP).unwrap();
        assert!(is_hash(&known) && !known.contains("ひみつ"));
        assert_eq!(passwords.verify(Some(&known), &SecretString::from("ひみつ")).await, Ok(()));
        for (known, password) in [(Some(known.as_str()), "ひみつ "), (Some("$argon2id$x"), "ひみつ"), (None, "")]
        {
            let tried = passwords.verify(known, &SecretString::from(password)).await;
            assert_eq!(tried, Err(Refusal::WrongPassword), "{known:?}");
        }
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let (nobody, cost) = (PasswordHash::new(NOBODY).unwrap(), Cost::default());
        assert!(is_hash(NOBODY));
        assert_eq!(nobody.params.get_decimal("m"), Some(cost.memory));
        assert_eq!(nobody.params.get_decimal("t"), Some(cost.passes));
    }

    #[test]
    fn only_argon2id_is_a_hash() {
        for text in ["", "secret", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19"] {
            assert!(!is_hash(text), "{text}");
        }
    }
}
