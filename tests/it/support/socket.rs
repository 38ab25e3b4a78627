//! The web port as systemd keeps it: a socket of the test's own, which each start of the daemon is given.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The socket, open as long as this lives.
pub struct Socket {
    held: OwnedFd,
    address: SocketAddr,
}

impl Socket {
    /// One that is listened on, on a free port of this machine.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { address: listener.local_addr().unwrap(), held: listener.into() }
    }

    /// One that is no web port.
    pub fn datagram() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        Self { address: socket.local_addr().unwrap(), held: socket.into() }
    }

    /// Where it is.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Another hold of it, to be a program's standard input.
    pub fn hold(&self) -> OwnedFd {
        self.held.try_clone().unwrap()
    }

    /// Writes a program into `folder` that hands its standard input over to `real` as systemd does: as its third file, with
    /// two words in the environment.
    pub fn program(real: &Path, folder: &Path) -> PathBuf {
        let path = folder.join("handing-over");
        let real = real.display();
        let text = format!("#!/bin/sh\nexec 3<&0 </dev/null\nLISTEN_FDS=1 LISTEN_PID=$$ exec {real} \"$@\"\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }
}
