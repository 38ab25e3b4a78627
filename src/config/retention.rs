//! `[retention]`: how long personal data is kept after it has served.

use serde::Deserialize;

use super::Invalid;

/// Spans in whole days, 1 to 3,650 each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days from the end of a request (approved, declined, expired, withdrawn) until its personal data is purged.
    /// Default: 90.
    pub request_days_after_end: u32,
    /// Days that a judged mail (accepted, refused, other) stays in its folder of the mailbox. Default: 14.
    pub judged_mail_days: u32,
    /// Days that a mail without proof of its sender stays quarantined. Default: 90.
    pub quarantine_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { request_days_after_end: 90, judged_mail_days: 14, quarantine_days: 90 }
    }
}

impl Retention {
    /// # Errors
    /// A span is not from 1 to 3,650 days.
    pub fn validate(&self) -> Result<(), Invalid> {
        let spans = [
            ("request_days_after_end", self.request_days_after_end),
            ("judged_mail_days", self.judged_mail_days),
            ("quarantine_days", self.quarantine_days),
        ];
        match spans.into_iter().find(|(_, days)| !(1..=3650).contains(days)) {
            Some((key, _)) => Err(Invalid::new(key, "must be from 1 to 3650 days")),
            None => Ok(()),
        }
    }
}
