//! What the service manager is told (sd_notify(3)): datagrams to the socket that it names.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

pub(super) use sd_notify::NotifyState as State;
use tracing::warn;

/// How long telling may take: the manager's queue may be full, and a daemon must not wait for it for long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells the service manager, where there is one.
#[derive(Debug, Default)]
pub struct Notifier {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// For the socket at a path, or `@` and an abstract name, and the watchdog's time limit.
    ///
    /// # Errors
    /// The name is too long, or no socket can be made.
    pub fn new(socket: &str, watchdog: Option<Duration>) -> io::Result<Self> {
        let to = match socket.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(socket)?,
        };
        let from = UnixDatagram::unbound()?;
        from.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket: Some((from, to)), watchdog })
    }

    /// From `$NOTIFY_SOCKET`, `$WATCHDOG_USEC` and `$WATCHDOG_PID`. Without the first there is nobody to tell.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn from_env(env: impl Iterator<Item = (String, String)>) -> io::Result<Self> {
        let (mut socket, mut usec, mut pid) = (None, None, None);
        for (name, value) in env {
            match name.as_str() {
                "NOTIFY_SOCKET" => socket = Some(value),
                "WATCHDOG_USEC" => usec = value.parse().ok(),
                "WATCHDOG_PID" => pid = Some(value),
                _ => {}
            }
        }
        let ours = pid.is_none_or(|pid| pid == std::process::id().to_string());
        let watchdog = usec.filter(|usec| ours && *usec > 0).map(Duration::from_micros);
        socket.map_or_else(|| Ok(Self::default()), |socket| Self::new(&socket, watchdog))
    }

    /// The watchdog's time limit: it wants to hear from us at half of it.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// Tells it all in one datagram. A manager that does not listen is no reason to stop.
    pub(super) fn send(&self, states: &[State<'_>]) {
        let Some((from, to)) = &self.socket else { return };
        let lines: Vec<String> = states.iter().map(ToString::to_string).collect();
        if let Err(error) = from.send_to_addr(lines.join("\n").as_bytes(), to) {
            warn!(%error, "the service manager cannot be told");
        }
    }

    /// `RELOADING=1` with the time that `Type=notify-reload` wants beside it.
    pub(super) fn reloading(&self) {
        match State::monotonic_usec_now() {
            Ok(now) => self.send(&[State::Reloading, now]),
            Err(_) => self.send(&[State::Reloading]),
        }
    }

    /// One line of `systemctl status`.
    pub(super) fn status(&self, line: &str) {
        self.send(&[State::Status(&line.replace(['\r', '\n'], " "))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_env(env: &[(&str, &str)]) -> Notifier {
        Notifier::from_env(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
    }

    #[test]
    fn the_watchdog_is_ours_only_under_our_pid() {
        let own = std::process::id().to_string();
        let limit = |env: &[(&str, &str)]| from_env(env).watchdog();
        let (socket, usec) = (("NOTIFY_SOCKET", "/run/x"), ("WATCHDOG_USEC", "30000000"));
        assert_eq!(limit(&[socket, usec, ("WATCHDOG_PID", &own)]), Some(Duration::from_secs(30)));
        assert_eq!(limit(&[socket, usec]), Some(Duration::from_secs(30)));
        assert_eq!(limit(&[socket, usec, ("WATCHDOG_PID", "1")]), None);
        assert_eq!(limit(&[socket, ("WATCHDOG_USEC", "0")]), None);
        assert_eq!(limit(&[usec]), None);
    }

    #[test]
    fn nobody_to_tell_is_fine() {
        from_env(&[]).send(&[State::Ready]);
        Notifier::new("/nowhere/socket", None).unwrap().send(&[State::Ready]);
    }

    #[test]
    fn an_abstract_socket_is_told() {
        let name = format!("renkei-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        Notifier::new(&format!("@{name}"), None).unwrap().status("two\nlines");
        let mut heard = [0; 64];
        let length = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"STATUS=two lines");
    }
}
