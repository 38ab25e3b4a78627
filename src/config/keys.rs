//! `[keys]`: the keys from which links and other secrets of the server are derived.

use std::path::PathBuf;

use serde::Deserialize;

use super::Invalid;

/// Where the server keys lie.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// A folder with one file a key, made by `renkei keys init`. Default: `/var/lib/renkei/keys`.
    pub folder: PathBuf,
}

impl Default for Keys {
    fn default() -> Self {
        Self { folder: "/var/lib/renkei/keys".into() }
    }
}

impl Keys {
    /// # Errors
    /// `folder` is empty.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.folder.as_os_str().is_empty() {
            return Err(Invalid::new("folder", "name the folder of the server keys"));
        }
        Ok(())
    }
}
