//! Intake over real servers: what lies in a firm's mailbox becomes what a customer reads, whatever happens in between.

mod backlog;
mod copies;
mod cuts;
mod dns;
mod faults;
mod folders;
mod hostile;
mod load;
mod log;
mod maildir;
mod quarantine;
mod second_client;
mod story;
mod suspended;
mod tls;
mod uidvalidity;
mod unproven;

use std::path::Path;
use std::time::Duration;

use mail_parser::MessageParser;
use sqlx::Connection as _;

use crate::support::daemon::{Daemon, Installation};
use crate::support::dns::{Answer, Dns};
use crate::support::dovecot::{Dovecot, Options, PASSWORD, USER};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;
use crate::support::smtp_sink::SmtpSink;
use crate::support::{poll, port};

/// Longest for what a daemon does at once, on a busy machine.
const SOON: Duration = Duration::from_secs(20);
const FIRM: &str = "あおぞら会計事務所";
const SENDER: &str = "tanaka@aozora.example";
const CUSTOMER: &str = "yamada@customer.example";

/// Everything around a daemon: the mailbox it reads, the relay it writes to, the DNS it asks, and its own installation, in
/// which one firm is registered.
struct Office {
    _on_failure: OnFailure,
    dovecot: Dovecot,
    sink: SmtpSink,
    dns: Dns,
    key: FirmKey,
    installation: Installation,
}

/// Shows the daemons' log when the test fails.
struct OnFailure(std::path::PathBuf);

impl Drop for OnFailure {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", std::fs::read_to_string(&self.0).unwrap_or_default());
        }
    }
}

/// A letter at the relay, as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Letter {
    to: String,
    subject: String,
    text: String,
    message_id: String,
}

impl Letter {
    /// All that looks like a link in it.
    fn links(&self) -> Vec<&str> {
        self.text.split_whitespace().filter(|word| word.contains("://")).collect()
    }
}

/// The settings of a mailbox at a plain port of this host.
fn plain(port: u16) -> String {
    imap(port, "tls = \"none\"")
}

/// The settings of a mailbox that are the same whatever the protection.
fn imap(port: u16, more: &str) -> String {
    format!(
        r#"
[mailbox]
kind = "imap"
[mailbox.imap]
host = "127.0.0.1"
port = {port}
user = "{USER}"
password_file = "./password"
poll_s = 5
{more}
"#
    )
}

impl Office {
    /// With a mailbox on a Dovecot as Debian ships it.
    fn open() -> Self {
        Self::on(Options::default())
    }

    /// As many requests and letters as come, for a test of how many that can be.
    fn lift_budgets(&self) {
        let settings = std::fs::read_to_string(self.installation.config()).unwrap();
        let budget = "[budget]\nrequests_per_firm = 100000\nletters_per_second = 100000\n";
        self.installation.configure(&format!("{settings}\n{budget}"));
    }

    /// With a mailbox on a Dovecot that differs.
    fn on(options: Options) -> Self {
        Self::with(Dovecot::with(options), |dovecot, _| plain(dovecot.imap_port()))
    }

    /// With a mailbox whose settings `mailbox` writes, given the server and the installation's folder.
    fn with(dovecot: Dovecot, mailbox: impl FnOnce(&Dovecot, &Path) -> String) -> Self {
        let (sink, dns) = (SmtpSink::start(), Dns::start());
        let (relay, resolver, web) = (sink.port(), dns.address(), port::free());
        let installation = Installation::new(|dir| {
            format!(
                r#"
{mailbox}
[store]
url = "sqlite:{dir}/renkei.db"
[keys]
folder = "{dir}/keys"
[web]
listen = "127.0.0.1:{web}"
base_url = "http://127.0.0.1:{web}"
[intake]
dns_servers = ["{resolver}"]
dns_timeout_s = 1
[relay]
kind = "smtp"
[relay.smtp]
host = "127.0.0.1"
port = {relay}
tls = "none"
[sender]
address = "noreply@renkei.example"
contact = "03-0000-0000"
"#,
                mailbox = mailbox(&dovecot, dir),
                dir = dir.display(),
            )
        });
        let log = installation.path().join("log");
        installation.secret("password", PASSWORD);
        installation.cli_ok(&["keys", "init"]);
        let key = FirmKey::ed25519("aozora.example");
        dns.txt(&key.dns_name(), key.record());
        let office = Self { _on_failure: OnFailure(log), dovecot, sink, dns, key, installation };
        office.register("1001", FIRM, SENDER);
        office
    }

    fn register(&self, number: &str, name: &str, sender: &str) {
        let place = ["--postal-address", "東京都千代田区見本町1-2-3", "--telephone", "03-0000-1001"];
        let firm = ["firm", "add", "--number", number, "--name", name, "--sender", sender];
        self.installation.cli_ok(&[&firm[..], &place].concat());
    }

    fn start(&self) -> Daemon {
        self.installation.start()
    }

    /// A good request for the customer at `address`.
    fn request(&self, address: &str) -> Vec<u8> {
        FirmMail::new(SENDER, address).signed(&self.key)
    }

    fn deliver(&self, mail: &[u8]) {
        self.dovecot.deliver(mail);
    }

    /// The letters at the relay once there are at least `count`.
    #[track_caller]
    fn letters(&self, count: usize) -> Vec<Letter> {
        self.sink.wait_for(count, SOON).iter().map(|mail| read(&mail.bytes, &mail.to.join(","))).collect()
    }

    /// The letters to one reader, once there is at least one.
    #[track_caller]
    fn letters_to(&self, reader: &str) -> Vec<Letter> {
        poll::until(&format!("a letter to {reader}"), SOON, || {
            Some(self.letters_so_far(reader)).filter(|letters| !letters.is_empty())
        })
    }

    fn letters_so_far(&self, reader: &str) -> Vec<Letter> {
        self.letters(0).into_iter().filter(|letter| letter.to == reader).collect()
    }

    /// Waits until a folder below ours holds so many mails.
    #[track_caller]
    fn wait_filed(&self, folder: &str, count: usize) {
        poll::until_true(&format!("{count} mails in {folder}"), SOON, || self.dovecot.count(folder) == count);
    }

    /// Waits until nothing lies in INBOX.
    #[track_caller]
    fn wait_empty(&self) {
        poll::until_true("INBOX to be empty", SOON, || self.dovecot.count("INBOX") == 0);
    }

    /// The only number of an answer from the database.
    #[track_caller]
    fn number(&self, sql: &'static str) -> i64 {
        self.in_database(async |database| sqlx::query_scalar(sql).fetch_one(database).await.unwrap())
    }

    /// Changes the database as time or a crash would.
    #[track_caller]
    fn change(&self, sql: &'static str) {
        self.in_database(async |database| {
            sqlx::query(sql).execute(database).await.unwrap();
        });
    }

    fn requests(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM request")
    }

    /// DNS fails, or answers again.
    fn dns_fails(&self, fails: bool) {
        let answer = if fails { Answer::ServFail } else { Answer::Txt(self.key.record()) };
        self.dns.set(&self.key.dns_name(), answer);
    }

    /// Lets the hold of a minute pass until there is a letter to `reader`: more than once, because a failure of DNS is
    /// remembered for some seconds. A held mail is looked at when it was due, or when `wake` brings mail.
    #[track_caller]
    fn pass_time_until_letter(&self, reader: &str, mut wake: impl FnMut()) {
        let there = || Some(()).filter(|()| !self.letters_so_far(reader).is_empty());
        poll::until_true("the held mail to go on", SOON, || {
            self.change("UPDATE inbound_message SET due_at = 1 WHERE verdict = 'held'");
            wake();
            poll::within(Duration::from_secs(1), there).is_some()
        });
    }

    /// A mail that comes to nothing.
    fn nonsense() -> Vec<u8> {
        FirmMail::new("nobody@unknown.example", CUSTOMER).unsigned()
    }

    #[track_caller]
    fn in_database<T>(&self, ask: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> T) -> T {
        let url = format!("sqlite:{}/renkei.db", self.installation.path().display());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
            let answer = ask(&mut database).await;
            database.close().await.unwrap();
            answer
        })
    }
}

fn read(bytes: &[u8], to: &str) -> Letter {
    let mail = MessageParser::default().parse(bytes).unwrap();
    Letter {
        to: to.to_owned(),
        subject: mail.subject().unwrap().to_owned(),
        text: mail.body_text(0).unwrap().into_owned(),
        message_id: mail.message_id().unwrap().to_owned(),
    }
}
