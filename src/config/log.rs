//! `[log]`: what is logged, how it is written, and where it goes.

use serde::Deserialize;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::Invalid;

/// What is logged, how, and where.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// What is logged: `LEVEL` for all, `TARGET=LEVEL` for one module, parted by commas; the longest target wins. Levels:
    /// off, error, warn, info, debug, trace. `RUST_LOG` takes its place where it is set. Whatever it says, other
    /// people's code stays within the bounds that [`crate::telemetry`] sets. Default: `warn,renkei=info`.
    pub filter: Filter,
    /// How lines are written to stderr; the journal has fields of its own. Default: `text`.
    pub format: Format,
    /// Where it goes. Default: `auto`.
    pub target: Target,
}

impl Log {
    /// # Errors
    /// None: every key is judged where it is parsed.
    pub fn validate(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// How a line on stderr looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Where the log goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// To the journal where stderr is connected to it (`$JOURNAL_STREAM`, systemd.exec(5)), else to stderr.
    #[default]
    Auto,
    /// To stderr.
    Stderr,
    /// To the journal; an error where there is none.
    Journal,
}

/// A parsed filter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Filter(Targets);

/// A filter that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be LEVEL or TARGET=LEVEL, parted by commas, as in \"warn,renkei=info\"")]
pub struct FilterError;

impl Filter {
    /// From text as in [`Log::filter`].
    ///
    /// # Errors
    /// [`FilterError`]
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        // A word without `=` must be a level: taken as a module, `inof` would silently ask for all that it has to say.
        let whole = text.split(',').all(|part| match part.trim().split_once('=') {
            Some((target, level)) => !target.is_empty() && is_level(level),
            None => is_level(part.trim()),
        });
        let parts = text.split(',').map(str::trim).collect::<Vec<_>>().join(",");
        if whole { parts.parse().map(Self).map_err(|_| FilterError) } else { Err(FilterError) }
    }

    /// As the subscriber takes it.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.0
    }
}

fn is_level(word: &str) -> bool {
    !word.is_empty() && word.parse::<LevelFilter>().is_ok()
}

impl Default for Filter {
    fn default() -> Self {
        Self(Targets::new().with_default(LevelFilter::WARN).with_target("renkei", LevelFilter::INFO))
    }
}

impl TryFrom<String> for Filter {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_reads_as_documented() {
        assert_eq!(Filter::parse("warn, renkei=info"), Ok(Filter::default()));
    }

    #[test]
    fn only_levels_stand_alone() {
        for wrong in ["inof", "", "renkei=loud", "=info", "warn,", "renkei=info=debug", "[span]=trace,x"] {
            assert_eq!(Filter::parse(wrong), Err(FilterError), "{wrong}");
        }
    }
}
