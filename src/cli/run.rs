//! `renkei run`: the daemon.

use tracing::info;

use super::{Failure, Invocation};
use crate::{app, telemetry};

pub(super) async fn run(invocation: &Invocation) -> Result<(), Failure> {
    let config = invocation.config()?;
    telemetry::init(&config.log).map_err(|error| Failure::Wrong(error.to_string()))?;
    let path = invocation.config.clone();
    let reload = move || crate::config::Config::load(path.as_deref(), crate::config::environment());
    let listener = app::handed_over()?;
    if let Some(address) = listener.as_ref().and_then(|listener| listener.local_addr().ok()) {
        info!("systemd hands the web port over: {address} instead of web.listen");
    }
    Ok(app::run(config, listener, reload).await?)
}
