//! `renkei check`: the configuration, before the daemon is started with it.

use super::{Failure, Invocation};

/// Reads the configuration and everything it names that can be read without a network, and says what is wrong.
pub(super) fn check(invocation: &Invocation) -> Result<(), Failure> {
    let config = invocation.config()?;
    crate::app::check(&config)?;
    println!("the configuration is sound");
    Ok(())
}
