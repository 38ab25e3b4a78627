//! The settings: a TOML file of small sections, every key with its default, every secret in a file of its own.
//!
//! `RENKEI__SECTION__KEY` in the environment overrides a key, and `RENKEI__MAILBOX__IMAP__HOST` one of a subsection. Its
//! value is read as a TOML value (`25`, `true`, `["a", "b"]`) and, where it is none, as a string; a string that looks
//! like a number is quoted as in the file (`"1001"`).

use std::fs;
use std::path::Path;

use document::Document;
pub use error::{ConfigError, Invalid, Place};

pub mod accounts;
pub mod budget;
pub mod contracts;
pub mod dkim;
mod document;
mod error;
pub mod guide;
pub mod intake;
pub mod keys;
pub mod log;
pub mod mailbox;
pub mod operator;
pub mod reconcile;
pub mod relay;
pub mod retention;
pub mod schedule;
pub mod secret;
pub mod sender;
pub mod store;
pub mod web;

/// The whole config, as defaults, file and environment give it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the records lie.
    #[serde(default)]
    pub store: store::Store,
    /// Where mail comes from.
    #[serde(default)]
    pub mailbox: mailbox::Mailbox,
    /// How mails are read and proved.
    #[serde(default)]
    pub intake: intake::Intake,
    /// How much may happen in a day.
    #[serde(default)]
    pub budget: budget::Budget,
    /// In whose name letters are written.
    pub sender: sender::Sender,
    /// Where they go.
    #[serde(default)]
    pub relay: relay::Relay,
    /// How they are signed; not at all where it is missing.
    pub dkim: Option<dkim::Dkim>,
    /// The web port.
    #[serde(default)]
    pub web: web::Web,
    /// Pages elsewhere that ours point to.
    #[serde(default)]
    pub guide: guide::Guide,
    /// People's accounts.
    #[serde(default)]
    pub accounts: accounts::Accounts,
    /// The server keys.
    #[serde(default)]
    pub keys: keys::Keys,
    /// What is logged, how and where.
    #[serde(default)]
    pub log: log::Log,
    /// How long personal data is kept.
    #[serde(default)]
    pub retention: retention::Retention,
    /// What happens by time.
    #[serde(default)]
    pub schedule: schedule::Schedule,
    /// The contract-management system.
    #[serde(default)]
    pub contracts: contracts::Contracts,
    /// When what customers want is brought together with what that system has.
    #[serde(default)]
    pub reconcile: reconcile::Reconcile,
    /// Who runs it.
    #[serde(default)]
    pub operator: operator::Operator,
}

impl Config {
    /// Reads the file, or the defaults alone where there is none, lays the environment's overrides over it and validates.
    ///
    /// # Errors
    /// [`ConfigError`], one line that names the file and line, or the variable, and the key. It never shows a value.
    pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = match path {
            Some(path) => fs::read_to_string(path)
                .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), kind: error.kind() })?,
            None => String::new(),
        };
        let overrides = document::overrides(env);
        let document = Document::read(path, &text, &overrides)?;
        let config: Self = document.parse()?;
        config.validate().map_err(|invalid| document.blame(invalid))?;
        Ok(config)
    }

    /// Judges what no single key can: bounds, and the agreement of keys.
    ///
    /// # Errors
    /// The first [`Invalid`] key, with its section.
    pub fn validate(&self) -> Result<(), Invalid> {
        // Taken apart so that the compiler names a section that is not judged.
        let Self {
            store,
            mailbox,
            intake,
            budget,
            sender,
            relay,
            dkim,
            web,
            guide,
            accounts,
            keys,
            log,
            retention,
            schedule,
            contracts,
            reconcile,
            operator,
        } = self;
        store.validate().map_err(|invalid| invalid.within("store"))?;
        mailbox.validate().map_err(|invalid| invalid.within("mailbox"))?;
        intake.validate().map_err(|invalid| invalid.within("intake"))?;
        budget.validate().map_err(|invalid| invalid.within("budget"))?;
        sender.validate().map_err(|invalid| invalid.within("sender"))?;
        relay.validate().map_err(|invalid| invalid.within("relay"))?;
        if let Some(dkim) = dkim {
            dkim.validate().map_err(|invalid| invalid.within("dkim"))?;
        }
        web.validate().map_err(|invalid| invalid.within("web"))?;
        guide.validate().map_err(|invalid| invalid.within("guide"))?;
        accounts.validate().map_err(|invalid| invalid.within("accounts"))?;
        keys.validate().map_err(|invalid| invalid.within("keys"))?;
        log.validate().map_err(|invalid| invalid.within("log"))?;
        retention.validate().map_err(|invalid| invalid.within("retention"))?;
        schedule.validate().map_err(|invalid| invalid.within("schedule"))?;
        contracts.validate().map_err(|invalid| invalid.within("contracts"))?;
        reconcile.validate().map_err(|invalid| invalid.within("reconcile"))?;
        operator.validate().map_err(|invalid| invalid.within("operator"))
    }
}

/// The process's environment, without what is no Unicode: no override can be.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[cfg(test)]
mod tests;
