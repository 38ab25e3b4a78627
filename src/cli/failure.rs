//! How a command fails: in one line, with an exit code that says whether trying again may help.

use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::flows::FlowError;

/// A failed command.
#[derive(Debug)]
pub enum Failure {
    /// The command, the configuration or what it names is wrong: exit 2.
    Wrong(String),
    /// Anything else: exit 1.
    Failed(anyhow::Error),
}

impl Failure {
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Wrong(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(line) => f.write_str(line),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl From<crate::app::StartError> for Failure {
    fn from(error: crate::app::StartError) -> Self {
        if error.is_lasting() { Self::Wrong(error.to_string()) } else { Self::Failed(error.into()) }
    }
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Self {
        if error.is_lasting() { Self::Wrong(error.to_string()) } else { Self::Failed(error.into()) }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}
