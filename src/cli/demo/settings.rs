//! The demo's folder: a configuration like any other, server keys, two Maildirs.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use crate::cli::Failure;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::keys::{self, KeyError, Keys};

/// Tried first, so that the link stays the same from one start to the next.
const PORT: u16 = 8080;

/// Writes what is missing in `dir`, and the configuration anew. Gives back the configuration's file and the web port that it
/// names.
pub(super) async fn write(dir: &Path) -> Result<(PathBuf, TcpListener), Failure> {
    let folder = dir.join("keys");
    if let Err(KeyError::None(_)) = Keys::load(&folder) {
        keys::create(&folder, &Entropy::System, Clock::System.now()).map_err(anyhow::Error::from)?;
    }
    let listener = free_port().await.map_err(anyhow::Error::from)?;
    let listen = listener.local_addr().map_err(anyhow::Error::from)?;
    let file = dir.join("renkei.toml");
    std::fs::write(&file, text(dir, listen)).map_err(anyhow::Error::from)?;
    Ok((file, listener))
}

/// Under this name every browser takes the pages for safe, without TLS, and keeps their cookies.
pub(super) fn base_url(listen: SocketAddr) -> String {
    format!("http://localhost:{}", listen.port())
}

fn text(dir: &Path, listen: SocketAddr) -> String {
    // A JSON string is a basic string of TOML.
    let quoted = |text: String| serde_json::Value::String(text).to_string();
    let path = |name: &str| quoted(dir.join(name).display().to_string());
    let database = quoted(format!("sqlite:{}", dir.join("renkei.db").display()));
    format!(
        r#"# Written anew by each start of `renkei demo`.
[store]
url = {database}

[keys]
folder = {keys}

[mailbox]
kind = "maildir"

[mailbox.maildir]
path = {inbox}

[relay]
kind = "maildir"

[relay.maildir]
path = {outbox}

[sender]
address = "noreply@renkei.example"
contact = "renkei 見本窓口（電話 03-0000-0000、平日 9時から17時）"

[web]
listen = "{listen}"
base_url = "{base_url}"

[contracts.ledger]
step_seconds = 3

[log]
filter = "warn"
"#,
        base_url = base_url(listen),
        keys = path("keys"),
        inbox = path("inbox"),
        outbox = path("outbox"),
    )
}

async fn free_port() -> std::io::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).await {
        Ok(usual) => Ok(usual),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}
