//! Postfix's smtp-sink: a real ESMTP server that takes mail and keeps it, or answers wrongly on demand. What it cannot do
//! (TLS, a cut after the final dot, an answer that changes) is [`super::smtp_script`]'s.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::process::{Process, Signal};
use super::{folder, poll, port};

/// One way to misbehave. Commands are written as in smtp-sink(1): CONNECT, EHLO, MAIL, RCPT, DATA, `.`, RSET, NOOP, QUIT.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Answers the command with 450.
    Soft(&'static str),
    /// Answers the command with 500.
    Hard(&'static str),
    /// Answers the command with this text, a 4xx.
    SoftReply(&'static str, &'static str),
    /// Answers the command with this text, a 5xx.
    HardReply(&'static str, &'static str),
    /// Waits so many seconds before it answers the command: with many, it is silent.
    Wait(&'static str, u32),
    /// Hangs up on the command without an answer.
    HangUp(&'static str),
    /// Answers the command with 421 and hangs up.
    Goodbye(&'static str),
}

impl Fault {
    fn flags(self) -> Vec<String> {
        let flags: &[&str] = match self {
            Self::Soft(command) => &["-r", command],
            Self::Hard(command) => &["-f", command],
            Self::SoftReply(command, reply) => &["-b", reply, "-r", command],
            Self::HardReply(command, reply) => &["-B", reply, "-f", command],
            Self::Wait(command, seconds) => &["-W", &format!("{command}:{seconds}")],
            Self::HangUp(command) => &["-q", command],
            Self::Goodbye(command) => &["-Q", command],
        };
        flags.iter().map(|flag| (*flag).to_owned()).collect()
    }
}

/// A mail whose final dot was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMail {
    /// The address of MAIL FROM, without brackets; empty for `<>`.
    pub from: String,
    /// What stood after the address in MAIL FROM.
    pub parameters: String,
    /// The addresses of RCPT TO.
    pub to: Vec<String>,
    /// The mail, line ends as LF.
    pub bytes: Vec<u8>,
}

impl TakenMail {
    /// The mail as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The running server and its mails.
pub struct SmtpSink {
    process: Process,
    port: u16,
    faults: Vec<Fault>,
    dir: TempDir,
}

impl SmtpSink {
    /// Starts one that takes everything.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one that misbehaves.
    pub fn with(faults: &[Fault]) -> Self {
        let dir = folder::new();
        folder::make_for(folder::user("nobody"), &mails(dir.path()));
        for _ in 0..3 {
            let port = port::free();
            if let Some(process) = launch(dir.path(), port, faults) {
                return Self { process, port, faults: faults.to_vec(), dir };
            }
        }
        panic!("smtp-sink does not start: {:?}", std::fs::read_to_string(dir.path().join("log")));
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The mails whose final dot was seen, oldest first: also one that was then refused, none that was cut off before.
    pub fn mails(&self) -> Vec<TakenMail> {
        let dumps = std::fs::read_dir(mails(self.dir.path())).unwrap().flatten();
        let mut dumps: Vec<_> =
            dumps.filter_map(|dump| Some((dump.metadata().ok()?.modified().ok()?, dump.path()))).collect();
        // after the listing: a dump that is closed by now was complete before it is read
        let open = self.open_files();
        dumps.sort();
        dumps.into_iter().filter(|(_, path)| !open.contains(path)).filter_map(|(_, path)| parse(&path)).collect()
    }

    /// Waits for at least `count` mails.
    #[track_caller]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<TakenMail> {
        poll::until("mails at the sink", limit, || Some(self.mails()).filter(|mails| mails.len() >= count))
    }

    /// Kills it: its port refuses until [`Self::restart`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port with the same faults, and keeps the mails taken before.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(self.dir.path(), self.port, &self.faults).expect("the port is still free");
    }

    fn open_files(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(format!("/proc/{}/fd", self.process.id())) else { return Vec::new() };
        files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok()).collect()
    }
}

fn mails(dir: &Path) -> PathBuf {
    dir.join("mails")
}

fn launch(dir: &Path, port: u16, faults: &[Fault]) -> Option<Process> {
    let mut command = Command::new("/usr/sbin/smtp-sink");
    if folder::as_root() {
        command.args(["-u", "nobody"]);
    }
    command.args(faults.iter().flat_map(|fault| fault.flags()));
    command.arg("-d").arg(mails(dir).join("m."));
    command.args([&format!("127.0.0.1:{port}"), "1000"]);
    let mut process = Process::start(&mut command, dir, &dir.join("log"), Signal::Term);
    let up = poll::within(Duration::from_secs(5), || match process.ended() {
        Some(_) => Some(false),
        None => port::answers(port).then_some(true),
    });
    (up == Some(true)).then_some(process)
}

/// Reads a dump: `X-…-Args` lines, a folded `Received` of the sink's own, the mail, an empty line. The sink takes the dump of
/// an unfinished transaction away itself.
fn parse(path: &Path) -> Option<TakenMail> {
    let dump = std::fs::read(path).ok()?;
    let mut mail = TakenMail { from: String::new(), parameters: String::new(), to: Vec::new(), bytes: Vec::new() };
    let mut rest = &dump[..];
    let mut received = false;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]);
        if received && !line.starts_with(['\t', ' ']) {
            break;
        }
        if let Some(args) = line.strip_prefix("X-Mail-Args: ") {
            let (from, parameters) = args.split_once(' ').unwrap_or((args, ""));
            (mail.from, mail.parameters) = (bare(from), parameters.to_owned());
        } else if let Some(args) = line.strip_prefix("X-Rcpt-Args: ") {
            mail.to.push(bare(args.split(' ').next()?));
        }
        received |= line.starts_with("Received: ");
        rest = &rest[end + 1..];
    }
    mail.bytes = rest.strip_suffix(b"\n").unwrap_or(rest).to_vec();
    Some(mail)
}

fn bare(path: &str) -> String {
    path.trim_start_matches('<').trim_end_matches('>').to_owned()
}
