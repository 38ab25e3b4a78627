//! `renkei run`: the daemon.

use super::{Failure, Invocation};
use crate::{app, telemetry};

pub(super) async fn run(invocation: &Invocation) -> Result<(), Failure> {
    let config = invocation.config()?;
    telemetry::init(&config.log).map_err(|error| Failure::Wrong(error.to_string()))?;
    let path = invocation.config.clone();
    let reload = move || crate::config::Config::load(path.as_deref(), crate::config::environment());
    Ok(app::run(config, None, reload).await?)
}
