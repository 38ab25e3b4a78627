//! `renkei keys`: the server keys.

use clap::Subcommand;

use super::{Failure, Invocation};
use crate::clock::Clock;
use crate::entropy::Entropy;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a server key. The newest is in force at the daemon's next start or reload; older ones stay for the links that
    /// were mailed under them.
    Init,
}

impl Keys {
    pub(super) fn run(self, invocation: &Invocation) -> Result<(), Failure> {
        let config = invocation.config()?;
        let Self::Init = self;
        let name = crate::keys::create(&config.keys.folder, &Entropy::System, Clock::System.now())
            .map_err(|error| Failure::Failed(error.into()))?;
        println!("key {name} was made in {}", config.keys.folder.display());
        Ok(())
    }
}
