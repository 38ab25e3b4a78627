//! The real program: an installation in a folder, the daemon that is started from it, and the commands run on it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::notify_socket::NotifySocket;
use super::process::{Process, Signal};
use super::socket::Socket;
use super::{folder, poll};

/// How long the daemon may take to be ready; on a busy machine and with a new database.
const START: Duration = Duration::from_secs(20);
/// How long it may take to stop: what it promises, and a little.
const STOP: Duration = Duration::from_secs(30);

/// A config file in a folder with whatever it names. The daemon can be started from it again and again.
pub struct Installation {
    program: PathBuf,
    env: Vec<(String, String)>,
    socket: Option<Socket>,
    dir: TempDir,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Installation {
    /// An installation whose config `text` makes, given the folder that the config may name files in.
    pub fn new(text: impl FnOnce(&Path) -> String) -> Self {
        let dir = folder::new();
        let made = Self { program: env!("CARGO_BIN_EXE_renkei").into(), env: Vec::new(), socket: None, dir };
        made.configure(&text(made.path()));
        made
    }

    /// The same, but for the program: to test what starts and watches it.
    #[must_use]
    pub fn with_program(self, program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), ..self }
    }

    /// From now on runs this program instead, and gives back which one it was: to have one start traced, for example.
    pub fn replace_program(&mut self, program: &Path) -> PathBuf {
        std::mem::replace(&mut self.program, program.to_owned())
    }

    /// From now on the daemon is handed this socket over, as systemd would.
    pub fn hand_over(&mut self, socket: Socket) {
        self.socket = Some(socket);
    }

    /// Sets an environment variable for the daemon and for commands.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The config file.
    pub fn config(&self) -> PathBuf {
        self.path().join("renkei.toml")
    }

    /// Writes the config anew; a running daemon sees it at SIGHUP.
    pub fn configure(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    /// Puts a secret into a file that only its owner may read.
    pub fn secret(&self, name: &str, secret: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, secret).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    /// Starts the daemon and waits until it says that it is ready.
    #[track_caller]
    pub fn start(&self) -> Daemon {
        let mut daemon = self.launch();
        poll::until("the daemon to be ready", START, || {
            assert!(daemon.ended().is_none(), "the daemon ended: {}", daemon.log());
            (daemon.notify.count("READY=1") > 0).then_some(())
        });
        daemon
    }

    /// Starts the daemon.
    pub fn launch(&self) -> Daemon {
        self.serve(&["run"])
    }

    /// Starts another command that runs until it is stopped.
    pub fn serve(&self, args: &[&str]) -> Daemon {
        let notify = NotifySocket::listen(&self.path().join("notify"));
        let log = self.path().join("log");
        let heard_before = std::fs::metadata(&log).map_or(0, |log| log.len());
        let program = self.socket.as_ref().map(|_| Socket::program(&self.program, self.path()));
        let mut command = self.command_of(program.as_ref().unwrap_or(&self.program), args);
        command.env("NOTIFY_SOCKET", notify.path());
        let stdin = self.socket.as_ref().map_or_else(Stdio::null, |socket| Stdio::from(socket.hold()));
        let process = Process::start_with(stdin, &mut command, self.path(), &log, Signal::Term);
        Daemon { process, notify, log, heard_before }
    }

    /// Runs another command on the same config: `cli(&["firm", "list"])`.
    pub fn cli(&self, args: &[&str]) -> Ran {
        let output = self.command(args).stdin(std::process::Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// As [`Self::cli`], for what must go well; gives what it printed.
    #[track_caller]
    pub fn cli_ok(&self, args: &[&str]) -> String {
        let ran = self.cli(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Everything that daemons of this installation have logged.
    pub fn log(&self) -> String {
        read_from(&self.path().join("log"), 0)
    }

    fn command(&self, args: &[&str]) -> Command {
        self.command_of(&self.program, args)
    }

    fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        // whoever runs the tests may be a service of systemd, or have settings of their own
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RENKEI_") {
                command.env_remove(name);
            }
        }
        for name in [
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "CREDENTIALS_DIRECTORY",
            "JOURNAL_STREAM",
            "LISTEN_FDS",
            "LISTEN_PID",
        ] {
            command.env_remove(name);
        }
        command.current_dir(self.path()).args(args).arg("--config").arg(self.config());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A started daemon.
pub struct Daemon {
    process: Process,
    /// What it tells systemd.
    pub notify: NotifySocket,
    log: PathBuf,
    heard_before: u64,
}

impl Daemon {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Everything it has logged since it was started.
    pub fn log(&self) -> String {
        read_from(&self.log, self.heard_before)
    }

    /// Waits until its log has `text`.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str, limit: Duration) {
        poll::until_true(&format!("{text} in the log"), limit, || self.log().contains(text));
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        self.process.wait(limit)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// SIGKILL, at once.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM, and waits for its end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::Term);
        self.wait(STOP)
    }
}

fn read_from(log: &Path, start: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&bytes[usize::try_from(start).unwrap()..]).into_owned()
}
