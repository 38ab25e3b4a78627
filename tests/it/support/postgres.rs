//! A private PostgreSQL cluster, the newest version that is installed, with fsync as in earnest. Root becomes `postgres`.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::folder::{self, User};
use super::process::{Process, Signal};
use super::{poll, port};

/// The superuser of the cluster; no password is asked.
const ROLE: &str = "renkei";

/// The running cluster; databases in it are made one by one.
pub struct Postgres {
    process: Process,
    port: u16,
    dir: TempDir,
    made: usize,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Self {
        let dir = folder::new();
        // beside the data, for the socket: the data's own folder must be closed to others
        folder::give(owner(), dir.path());
        let mut initdb = program("initdb");
        initdb.args(["-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        // it refuses a current folder it may not enter
        run(initdb.arg(data(dir.path())).current_dir(dir.path()));
        for _ in 0..3 {
            let port = port::free();
            if let Some(process) = launch(dir.path(), port) {
                return Self { process, port, dir, made: 0 };
            }
        }
        panic!("PostgreSQL does not start: {:?}", std::fs::read_to_string(dir.path().join("log")));
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the unix socket.
    pub fn socket_dir(&self) -> &Path {
        self.dir.path()
    }

    /// The process id of the postmaster.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Makes an empty database and gives its URL.
    pub fn database(&mut self) -> String {
        self.made += 1;
        let name = format!("test{}", self.made);
        let port = self.port.to_string();
        run(program("createdb").args(["-h", "127.0.0.1", "-p", &port, "-U", ROLE, &name]).current_dir(self.dir.path()));
        format!("postgres://{ROLE}@127.0.0.1:{}/{name}", self.port)
    }

    /// Ends it as a crash would: its port refuses until [`Self::restart`].
    pub fn kill(&mut self) {
        // immediate shutdown: the backends go too, and recovery has its work
        self.process.signal(Signal::Quit);
        self.process.wait(Duration::from_secs(10));
    }

    /// Starts it again on the same port and data.
    pub fn restart(&mut self) {
        if self.process.ended().is_none() {
            self.kill();
        }
        self.process = launch(self.dir.path(), self.port).expect("the port is still free");
    }
}

fn launch(dir: &Path, port: u16) -> Option<Process> {
    let mut command = program("postgres");
    command.arg("-D").arg(data(dir)).arg("-k").arg(dir).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    let mut process = Process::start(&mut command, dir, &dir.join("log"), Signal::Quit);
    let up = poll::within(Duration::from_secs(20), || match process.ended() {
        Some(_) => Some(false),
        None => accepts(dir, port).then_some(true),
    });
    (up == Some(true)).then_some(process)
}

/// An open port is not enough: while it starts, PostgreSQL answers that it does.
fn accepts(dir: &Path, port: u16) -> bool {
    let mut ask = program("pg_isready");
    let answer = ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).current_dir(dir).status();
    answer.is_ok_and(|status| status.success())
}

fn owner() -> Option<User> {
    folder::user("postgres")
}

fn data(dir: &Path) -> PathBuf {
    dir.join("data")
}

/// A program of the newest version, to be run as the cluster's owner.
fn program(name: &str) -> Command {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed: tests/run does it").flatten();
    let versions = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let bin = |version: &u32| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
    // what a removed version leaves behind is no version
    let newest = versions.filter(|version| *version >= 15 && bin(version).join("initdb").exists()).max();
    let newest = newest.expect("PostgreSQL 15 or later is installed: tests/run does it");
    let mut command = Command::new(bin(&newest).join(name));
    if let Some(User { uid, gid }) = owner() {
        command.uid(uid).gid(gid);
    }
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
