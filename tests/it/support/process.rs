//! A server as a child process. It leads a process group of its own, and it is on a leash: a second child, a shell that
//! reads a pipe which only the test holds open, and that ends the group once the pipe closes without a farewell. So a server
//! does not outlive a test that was killed and could run no Drop.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::poll;

/// `$1` is the group, `$2` the signal that stops it.
const LEASH: &str =
    r#"read -r farewell && exit 0; kill -s "$2" -- "-$1"; sleep 2; kill -s KILL -- "-$1" 2>/dev/null; exit 0"#;

/// How long a server may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// A signal, by its name for kill(1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Term,
    Hup,
    Quit,
    Kill,
    Stop,
    Cont,
}

impl Signal {
    const fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Hup => "HUP",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        }
    }
}

/// A running server. Drop asks it to stop, then kills it and all of its group.
pub struct Process {
    child: Child,
    leash: Child,
    stop: Signal,
}

impl Process {
    /// Starts `command` in `folder`, its output appended to `log`; `stop` is the signal that ends it well.
    pub fn start(command: &mut Command, folder: &Path, log: &Path, stop: Signal) -> Self {
        Self::start_with(Stdio::null(), command, folder, log, stop)
    }

    /// The same, with something to read from.
    pub fn start_with(stdin: Stdio, command: &mut Command, folder: &Path, log: &Path, stop: Signal) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        command.current_dir(folder).stdin(stdin).stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{} cannot be started: {error}; tests/run installs it", command.get_program().display())
        });
        let leash = Command::new("sh")
            .args(["-c", LEASH, "leash", &child.id().to_string(), stop.name()])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { child, leash, stop }
    }

    /// Its process id, which is its group's too.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it, and it alone, a signal.
    pub fn signal(&self, signal: Signal) {
        kill(signal, i64::from(self.id()));
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        poll::until("the end of a process", limit, || self.ended())
    }

    /// SIGKILL to it and its whole group, at once, as a crash would.
    pub fn kill(&mut self) {
        if self.ended().is_none() {
            kill(Signal::Kill, -i64::from(self.id()));
            self.child.wait().unwrap();
            await_empty(self.id());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.signal(self.stop);
            poll::within(PATIENCE, || self.ended());
        }
        // also after a good end: a child may have stayed behind
        kill(Signal::Kill, -i64::from(self.id()));
        self.child.wait().ok();
        await_empty(self.id());
        if let Some(mut pipe) = self.leash.stdin.take() {
            writeln!(pipe, "farewell").ok();
        }
        self.leash.wait().ok();
    }
}

/// Whether a process of this id lives; one that ended and waits to be reaped does not.
pub fn lives(id: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// The ids of the living processes of group `group`.
pub fn group(group: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| lives(*id) && group_of(*id) == Some(group)).collect()
}

/// Sends a signal to a process, or to a group if `target` is negative. Nobody there is no fault.
pub fn kill(signal: Signal, target: i64) {
    // the shell's own kill: the program is not on every machine, and a system call of ours would be unsafe code
    let mut script = String::new();
    write!(script, "kill -s {} -- {target} 2>/dev/null", signal.name()).unwrap();
    Command::new("sh").args(["-c", &script]).status().unwrap();
}

/// What was killed is gone only once the system came round to it.
fn await_empty(leader: u32) {
    poll::within(PATIENCE, || group(leader).is_empty().then_some(()));
}

fn group_of(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(2)?.parse().ok()
}
