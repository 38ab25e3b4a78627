//! The socket that systemd gives a service to speak of itself (sd_notify(3)), with the test at its other end.

use std::os::unix::net::UnixDatagram as StdDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::UnixDatagram;

use super::background::Background;
use super::poll;

/// The listening end.
pub struct NotifySocket {
    path: PathBuf,
    heard: Arc<Mutex<Vec<String>>>,
    _background: Background,
}

impl NotifySocket {
    /// Listens at `path`; what was there before is replaced.
    pub fn listen(path: &Path) -> Self {
        std::fs::remove_file(path).ok();
        let socket = StdDatagram::bind(path).unwrap();
        socket.set_nonblocking(true).unwrap();
        let background = Background::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let socket = background.adopt(|| UnixDatagram::from_std(socket));
        background.spawn(listen(socket, heard.clone()));
        Self { path: path.to_owned(), heard, _background: background }
    }

    /// What NOTIFY_SOCKET is to say.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All assignments heard so far, such as `READY=1`, in order.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How often this assignment was heard.
    pub fn count(&self, assignment: &str) -> usize {
        self.heard().iter().filter(|heard| *heard == assignment).count()
    }

    /// Waits until this assignment was heard `times` times.
    #[track_caller]
    pub fn wait_for(&self, assignment: &str, times: usize, limit: Duration) {
        poll::until_true(assignment, limit, || self.count(assignment) >= times);
    }
}

async fn listen(socket: UnixDatagram, heard: Arc<Mutex<Vec<String>>>) {
    let mut buffer = vec![0; 4096];
    while let Ok(length) = socket.recv(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        heard.lock().unwrap().extend(text.lines().map(str::to_owned));
    }
}
