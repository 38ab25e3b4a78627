//! A private Dovecot 2.3: IMAP in clear, with STARTTLS and with implicit TLS, and LMTP to deliver by. Any user exists; the
//! password of all is `test`, which is the XOAUTH2 token too.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

pub use super::dovecot_conf::Options;
use super::dovecot_conf::{self, Ports};
use super::line_client::LineClient;
use super::process::{self, Process, Signal};
use super::tls::Authority;
use super::{folder, poll, port};

/// The user whose mailbox the helpers mean.
pub const USER: &str = "requests";
/// Everybody's password and XOAUTH2 token.
pub const PASSWORD: &str = "test";

/// A mail as a folder holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMail {
    pub uid: u32,
    /// Its text, line ends as LF, headers of the delivery included.
    pub text: String,
}

/// The running server and its mail.
pub struct Dovecot {
    process: Process,
    ports: Ports,
    tls: Authority,
    dir: TempDir,
    filled: usize,
}

impl Dovecot {
    /// Starts one as Debian ships it.
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// Starts one that differs.
    pub fn with(options: Options) -> Self {
        let dir = folder::new();
        let tls = Authority::new(dir.path());
        folder::make_for(folder::user("mail"), &dir.path().join("home"));
        for name in ["run", "state"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        // a port may be taken between choosing and binding it; Dovecot then ends
        for _ in 0..3 {
            let ports = Ports { imap: port::free(), imaps: port::free(), lmtp: port::free() };
            std::fs::write(conf(dir.path()), dovecot_conf::text(dir.path(), ports, &tls, options)).unwrap();
            let mut process = launch(dir.path());
            let up = poll::within(Duration::from_secs(10), || {
                let all = [ports.imap, ports.imaps, ports.lmtp].iter().all(|port| port::answers(*port));
                (all || process.ended().is_some()).then_some(all)
            });
            if up == Some(true) {
                return Self { process, ports, tls, dir, filled: 0 };
            }
        }
        panic!("Dovecot does not start: {}", log(dir.path()));
    }

    /// The port of IMAP, in clear and with STARTTLS.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// The port of IMAP under implicit TLS.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// The port of LMTP.
    pub fn lmtp_port(&self) -> u16 {
        self.ports.lmtp
    }

    /// The PEM file of the authority that a TLS client must trust; the certificate is for `localhost` and 127.0.0.1.
    pub fn ca_file(&self) -> &Path {
        &self.tls.ca
    }

    /// The process id of the master, whose group all of Dovecot is.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Delivers a mail to [`USER`] by LMTP; it lies in INBOX when this returns.
    #[track_caller]
    pub fn deliver(&self, mail: &[u8]) {
        let mut client = LineClient::connect(self.ports.lmtp);
        client.reply();
        client.ask("LHLO localhost");
        let reply = client.mail("sender@example.net", "requests@renkei.example", mail);
        assert!(reply.starts_with("250"), "{reply}");
        client.ask("QUIT");
    }

    /// Puts many mails into [`USER`]'s INBOX as files, in order, without a delivery's headers; for a backlog.
    pub fn fill(&mut self, mails: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        let owner = folder::user("mail");
        let home = self.dir.path().join("home").join(USER);
        let maildir = home.join("Maildir");
        folder::make_for(owner, &home);
        folder::make_for(owner, &maildir);
        for name in ["cur", "new", "tmp"] {
            folder::make_for(owner, &maildir.join(name));
        }
        for mail in mails {
            self.filled += 1;
            let name = format!("1700000000.M{:08}P1.test", self.filled);
            let unfinished = maildir.join("tmp").join(&name);
            std::fs::write(&unfinished, mail).unwrap();
            folder::give(owner, &unfinished);
            std::fs::rename(unfinished, maildir.join("new").join(name)).unwrap();
        }
        // a look at them gives them their UIDs: a delivery before it would come first
        self.count("INBOX");
    }

    /// The mails of a folder of [`USER`], by UID; empty if there is no such folder.
    #[track_caller]
    pub fn mails(&self, folder: &str) -> Vec<StoredMail> {
        #[derive(serde::Deserialize)]
        struct Row {
            uid: String,
            text: String,
        }
        if !self.folders().iter().any(|name| name == folder) {
            return Vec::new();
        }
        let json = self.doveadm(&["-f", "json", "fetch", "-u", USER, "uid text", "mailbox", folder]);
        let rows: Vec<Row> = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        let mut mails: Vec<_> = rows
            .into_iter()
            .map(|row| StoredMail { uid: row.uid.parse().unwrap(), text: row.text.replace("\r\n", "\n") })
            .collect();
        mails.sort_by_key(|mail| mail.uid);
        mails
    }

    /// How many mails a folder of [`USER`] has; none if there is no such folder.
    #[track_caller]
    pub fn count(&self, folder: &str) -> usize {
        if !self.folders().iter().any(|name| name == folder) {
            return 0;
        }
        self.status(folder, "messages").try_into().unwrap()
    }

    /// The names of all folders of [`USER`], prefix included.
    #[track_caller]
    pub fn folders(&self) -> Vec<String> {
        self.doveadm(&["mailbox", "list", "-u", USER]).lines().map(str::to_owned).collect()
    }

    /// UIDVALIDITY of a folder.
    #[track_caller]
    pub fn uidvalidity(&self, folder: &str) -> u32 {
        self.status(folder, "uidvalidity")
    }

    /// Gives a folder another UIDVALIDITY; the UIDs stay, as after a restored backup they may.
    #[track_caller]
    pub fn set_uidvalidity(&self, folder: &str, value: u32) {
        self.doveadm(&["mailbox", "update", "-u", USER, "--uid-validity", &value.to_string(), folder]);
    }

    /// Takes a mail out of a folder behind every client's back.
    #[track_caller]
    pub fn expunge(&self, folder: &str, uid: u32) {
        self.doveadm(&["expunge", "-u", USER, "mailbox", folder, "uid", &uid.to_string()]);
    }

    /// Ends all IMAP sessions of [`USER`] with a BYE.
    pub fn kick(&self) {
        // it fails where nobody is logged in
        self.run(&["kick", USER]);
    }

    /// Kills all IMAP sessions without a word, as a crash of the server would.
    pub fn kill_sessions(&self) {
        for id in process::group(self.process.id()) {
            if name_of(id).is_some_and(|name| name == "imap") {
                process::kill(Signal::Kill, i64::from(id));
            }
        }
    }

    /// Stops the server and starts it again on the same ports and mail.
    pub fn restart(&mut self) {
        self.stop();
        self.process = launch(self.dir.path());
        let limit = Duration::from_secs(10);
        poll::until_true("Dovecot to come back", limit, || port::answers(self.ports.imap));
        poll::until_true("LMTP to come back", limit, || port::answers(self.ports.lmtp));
    }

    /// Stops the server: its ports refuse until [`Self::restart`].
    pub fn stop(&mut self) {
        self.process.signal(Signal::Term);
        self.process.wait(Duration::from_secs(10));
        poll::until_true("Dovecot's port to close", Duration::from_secs(10), || !port::answers(self.ports.imap));
    }

    /// Runs doveadm on it and gives what it prints.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn doveadm(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "doveadm {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        log(self.dir.path())
    }

    fn status(&self, folder: &str, item: &str) -> u32 {
        let line = self.doveadm(&["mailbox", "status", "-u", USER, item, folder]);
        line.trim().rsplit_once('=').unwrap().1.parse().unwrap()
    }

    fn run(&self, args: &[&str]) -> std::process::Output {
        Command::new("doveadm").arg("-c").arg(conf(self.dir.path())).args(args).output().unwrap()
    }
}

fn launch(dir: &Path) -> Process {
    // Debian keeps it in a folder that is not on everybody's path
    let mut command = Command::new("/usr/sbin/dovecot");
    command.arg("-F").arg("-c").arg(conf(dir));
    Process::start(&mut command, dir, &dir.join("stderr.log"), Signal::Term)
}

fn conf(dir: &Path) -> PathBuf {
    dir.join("dovecot.conf")
}

fn log(dir: &Path) -> String {
    ["stderr.log", "dovecot.log"].iter().filter_map(|name| std::fs::read_to_string(dir.join(name)).ok()).collect()
}

fn name_of(id: u32) -> Option<String> {
    Some(std::fs::read_to_string(format!("/proc/{id}/comm")).ok()?.trim().to_owned())
}
