//! What is wrong with a config, in one line, without the value: it may be an address or a secret in the wrong place.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

/// A key whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Invalid {
    /// The key, dotted, as `smtp.port`.
    pub key: String,
    /// What is wrong, in plain words, without the value.
    pub problem: String,
}

impl Invalid {
    /// A key and what is wrong with it.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }

    /// The same, with its section before the key where it is not there yet.
    pub(crate) fn within(self, section: &str) -> Self {
        match self.key.strip_prefix(section) {
            Some(rest) if rest.is_empty() || rest.starts_with('.') => self,
            _ => Self { key: format!("{section}.{}", self.key), ..self },
        }
    }
}

/// Where a wrong value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file; the line counts from 1 and is unknown for a key that is not written down.
    File {
        /// The file as the operator named it.
        path: PathBuf,
        /// Its line.
        line: Option<usize>,
    },
    /// In this variable of the environment.
    Variable(String),
    /// Nowhere: no file was read and no variable set.
    Defaults,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: Some(line) } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Defaults => f.write_str("config"),
        }
    }
}

/// Why there is no config. One line each; never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {kind}", .path.display())]
    Unreadable {
        /// The file as the operator named it.
        path: PathBuf,
        /// What the system said.
        kind: ErrorKind,
    },
    /// The file is no TOML.
    #[error("{place}: {problem}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser said.
        problem: String,
    },
    /// A key is unknown, missing or wrong.
    #[error("{place}: {invalid}")]
    Wrong {
        /// Where.
        place: Place,
        /// Which key, and why.
        invalid: Invalid,
    },
}

/// A message of serde without the value that serde puts into it.
pub(super) fn without_value(message: &str) -> String {
    // The expectation comes last and is ours; the value before it may hold anything, `, expected ` too.
    let Some((head, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    if head.starts_with("unknown field ") {
        return format!("unknown key, expected {expected}");
    }
    match head.strip_prefix("invalid type: ").and_then(|found| found.split([' ', '`']).next()) {
        Some(found) => format!("expected {expected}, found {found}"),
        None => format!("expected {expected}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_messages_lose_their_values() {
        let cases = [
            ("invalid type: string \"a@b.example, expected x\", expected u16", "expected u16, found string"),
            ("invalid type: integer `5`, expected a string", "expected a string, found integer"),
            ("invalid value: integer `70000`, expected u16", "expected u16"),
            ("unknown variant `a@b.example`, expected `text` or `json`", "expected `text` or `json`"),
            ("unknown field `prot`, expected one of `port`, `host`", "unknown key, expected one of `port`, `host`"),
            ("missing field `host`", "missing field `host`"),
        ];
        for (said, shown) in cases {
            assert_eq!(without_value(said), shown);
        }
    }

    #[test]
    fn a_section_is_named_once() {
        assert_eq!(Invalid::new("smtp.port", "x").within("relay").key, "relay.smtp.port");
        assert_eq!(Invalid::new("relay.smtp.port", "x").within("relay").key, "relay.smtp.port");
        assert_eq!(Invalid::new("relayed", "x").within("relay").key, "relay.relayed");
    }
}
