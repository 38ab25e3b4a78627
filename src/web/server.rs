//! Accepting connections and serving them. axum's own `serve` neither cuts off slow clients nor counts connections.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, warn};

use super::{Limits, Peer};

/// How long to wait when no connection can be accepted, as when all file descriptors are taken (failure F24).
const BREATH: Duration = Duration::from_millis(100);

/// How long a connection that has said nothing yet is waited for when we stop: its request is most likely under way.
const FIRST_WORD: Duration = Duration::from_secs(1);

/// Serves until it is asked to stop, and then what was begun.
///
/// # Errors
/// None so far: what goes wrong with one connection ends that connection.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    while let Some((stream, permit)) = stop.run_until_cancelled(accept(&listener, &room)).await.flatten() {
        connections.spawn(connection(stream, router.clone(), limits, stop.clone(), permit));
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, permit)),
            Err(error) => {
                warn!(%error, "a connection cannot be accepted");
                sleep(BREATH).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "a connection has no TCP_NODELAY");
    }
    let peer = stream.peer_addr().ok().map(|address| Peer(address.ip()));
    let service = router.map_request(move |mut request: Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        request
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(limits.head_size);
    let begun = CancellationToken::new();
    let service = Noticed { begun: begun.clone(), inner: TowerToHyperService::new(service) };
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    let end = timeout(limits.life, stop.cancelled());
    tokio::select! {
        // How a client ends its connection is nobody's concern.
        _ = served.as_mut() => return,
        _ = end => {}
    }
    // hyper closes a connection whose first request has not been read: the client would see a failure.
    tokio::select! {
        _ = served.as_mut() => return,
        _ = timeout(FIRST_WORD, begun.cancelled()) => served.as_mut().graceful_shutdown(),
    }
    let _ = timeout(limits.head + limits.answer, served).await;
}

/// A service that shows whether it was ever called.
#[derive(Debug)]
struct Noticed<S> {
    begun: CancellationToken,
    inner: S,
}

impl<S: Service<R>, R> Service<R> for Noticed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, request: R) -> S::Future {
        self.begun.cancel();
        self.inner.call(request)
    }
}
