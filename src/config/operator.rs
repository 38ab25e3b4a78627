//! `[operator]`: who runs this renkei, and is told what went wrong.

use serde::Deserialize;

use super::Invalid;
use super::sender::optional_address;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;

/// Who runs this renkei.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operator {
    /// Where the operator's digest goes: what does not answer, how many mails were quarantined and how many letters failed.
    /// Default: none, and no digest is written.
    #[serde(deserialize_with = "optional_address")]
    pub address: Option<EmailAddress>,
    /// The language of the digest: `ja` or `en`. Default: `ja`.
    pub locale: Locale,
}

impl Operator {
    /// # Errors
    /// None: every key is judged where it is parsed.
    pub fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}
