//! The built-in contract-management system, for the commands that fill it, show it and serve it to others.

use std::net::SocketAddr;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::StartError;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::secret::SecretFile;
use crate::contracts::ledger::{self, Ledger};
use crate::entropy::Entropy;
use crate::store::Store;
use crate::web::{self, Limits};

/// The ledger, whichever system the settings name: it can be filled before it is used.
///
/// # Errors
/// [`StartError`]
pub async fn ledger(config: &Config) -> Result<Ledger, StartError> {
    let store = Store::open(config.store.driver_url()?.expose_secret()).await?;
    Ok(ledger_in(config, &store, Clock::System))
}

pub(super) fn ledger_in(config: &Config, store: &Store, clock: Clock) -> Ledger {
    Ledger::new(store.lend().into(), &config.contracts.ledger, clock, Entropy::System)
}

/// Serves the ledger on `listen` to who carries the token, until SIGTERM or SIGINT.
///
/// # Errors
/// [`StartError`]
pub async fn serve_ledger(config: &Config, listen: SocketAddr, token: &SecretFile) -> Result<(), StartError> {
    let failed = |error: std::io::Error| StartError::Ended(error.to_string());
    let (mut term, mut int) =
        (signal(SignalKind::terminate()).map_err(failed)?, signal(SignalKind::interrupt()).map_err(failed)?);
    let router = ledger::router(ledger(config).await?, &token.read()?, &Entropy::System);
    let unheard = |error| StartError::Listen(listen, error);
    let listener = TcpListener::bind(listen).await.map_err(unheard)?;
    info!("the ledger is served on {}", listener.local_addr().map_err(unheard)?);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(web::serve(listener, router, Limits::default(), stop.clone()));
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    stop.cancel();
    serving.await.map_err(|error| StartError::Ended(error.to_string()))?.map_err(failed)
}
