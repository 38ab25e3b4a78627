//! The ledger of a house, served over HTTP in this process, and clients of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::Router;
use renkei::config::contracts::Http as Settings;
use renkei::config::secret::SecretFile;
use renkei::contracts::http::Http;
use renkei::contracts::ledger;
use renkei::web::{self, Limits};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::house::House;

pub const TOKEN: &str = "a-token-of-this-test";

/// A server that stops when it is dropped.
pub struct Served {
    pub port: u16,
    stop: CancellationToken,
}

impl Served {
    /// The ledger of `house`.
    pub async fn ledger(house: &House) -> Self {
        Self::router(ledger_router(house)).await
    }

    /// Anything.
    pub async fn router(router: Router) -> Self {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let (port, stop) = (listener.local_addr().unwrap().port(), CancellationToken::new());
        tokio::spawn(web::serve(listener, router, Limits::default(), stop.clone()));
        Self { port, stop }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub fn ledger_router(house: &House) -> Router {
    ledger::router(house.ledger.clone(), &SecretString::from(TOKEN), &house.context.entropy)
}

/// Settings for a server on this port; their token lies in `folder`.
pub fn settings(folder: &Path, port: u16, token: &str) -> Settings {
    let file = folder.join("contracts-token");
    std::fs::write(&file, token).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    Settings { url: format!("http://127.0.0.1:{port}"), token_file: Some(SecretFile::new(file)), ..Settings::default() }
}

/// A client of the server on this port.
pub fn client(house: &House, port: u16) -> Http {
    with(house, &settings(house.folder(), port, TOKEN))
}

pub fn with(house: &House, settings: &Settings) -> Http {
    Http::new(settings, house.context.clock.clone(), house.context.entropy.clone()).unwrap()
}
