//! The web port that systemd keeps open (renkei.socket): while renkei is started anew, connections wait there instead of
//! failing.

use listenfd::ListenFd;
use tokio::net::TcpListener;

use super::StartError;

/// The socket that systemd hands over, if it does (`$LISTEN_FDS`). Needs tokio's runtime.
///
/// # Errors
/// [`StartError::Part`] when it is not one TCP socket that is listened on: the unit is wrong.
pub fn handed_over() -> Result<Option<TcpListener>, StartError> {
    let mut sockets = ListenFd::from_env();
    let wrong = |what: String| StartError::Part(format!("renkei.socket: {what}"));
    match sockets.len() {
        0 => return Ok(None),
        1 => {}
        many => {
            return Err(wrong(format!("{many} sockets are handed over, and one is wanted: a single ListenStream=")));
        }
    }
    let adopted = sockets.take_tcp_listener(0).and_then(|listener| {
        let Some(listener) = listener else { return Ok(None) };
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener).map(Some)
    });
    adopted.map_err(|error| wrong(format!("what is handed over is no TCP socket that listens: {error}")))
}
