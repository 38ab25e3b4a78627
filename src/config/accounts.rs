//! `[accounts]`: what people's accounts must have.

use std::ops::RangeInclusive;

use super::Invalid;

/// What the length of a new password may be made: below 8 nothing protects it, above 128 nobody types it.
const PASSWORD_LEAST: RangeInclusive<u32> = 8..=128;

/// People's accounts.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Fewest characters of a new password. 8 to 128, default 15.
    pub password_least: u32,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { password_least: 15 }
    }
}

impl Accounts {
    /// # Errors
    /// [`Invalid`] names the key that is out of bounds.
    pub fn validate(&self) -> Result<(), Invalid> {
        if PASSWORD_LEAST.contains(&self.password_least) {
            return Ok(());
        }
        let problem = format!("must be {} to {} characters", PASSWORD_LEAST.start(), PASSWORD_LEAST.end());
        Err(Invalid::new("password_least", problem))
    }
}
