//! What stands around a customer: a firm that writes to a mailbox on Dovecot, a daemon that reads it, and a relay at which
//! the customer's and the firm's mails arrive.

use std::time::Duration;

use mail_parser::MessageParser;
use renkei::app;
use renkei::clock::Clock;
use renkei::config::Config;
use renkei::domain::time::Timestamp;
use sqlx::{AssertSqlSafe, Column as _, Connection as _, Row as _};

use crate::support::background::Background;
use crate::support::daemon::{Daemon, Installation};
use crate::support::dovecot::{Dovecot, PASSWORD, USER};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;
use crate::support::smtp_sink::SmtpSink;
use crate::support::{poll, port};

/// Longest for what a daemon does at once, on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);
/// The firm, as the customer reads it.
pub const FIRM: &str = "あおぞら会計事務所";
/// Where it writes from, and is written to.
pub const SENDER: &str = "tanaka@aozora.example";
/// Whom it asks about.
pub const CUSTOMER: &str = "yamada@customer.example";

/// What to do where an お客様番号 or its password is not known.
pub const RECOVERY: &str = "https://www.example.jp/customer-number";

/// Everything around a customer.
pub struct Office {
    dovecot: Dovecot,
    sink: SmtpSink,
    key: FirmKey,
    installation: Installation,
    port: u16,
    running: Running,
}

/// How the daemon runs.
enum Running {
    /// The program itself, in a process of its own.
    Program(#[expect(dead_code, reason = "held until the end")] Daemon),
    /// The same in this process, by a clock that stands until a test moves it.
    Here(Clock, #[expect(dead_code, reason = "held until the end")] Background),
}

/// A letter at the relay, as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// The one link in it.
    #[track_caller]
    pub fn link(&self) -> String {
        let links: Vec<_> = self.text.split_whitespace().filter(|word| word.contains("://")).collect();
        assert_eq!(links.len(), 1, "{}", self.text);
        links[0].to_owned()
    }

    /// The code in it: a line of six digits.
    #[track_caller]
    pub fn code(&self) -> String {
        let codes: Vec<_> = self.text.lines().filter(|line| is_code(line)).collect();
        assert_eq!(codes.len(), 1, "{}", self.text);
        codes[0].to_owned()
    }
}

fn is_code(line: &str) -> bool {
    line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())
}

impl Office {
    /// With the real program.
    pub fn open() -> Self {
        Self::open_with("")
    }

    /// The same with these settings besides.
    pub fn open_with(settings: &str) -> Self {
        let mut office = Self::build(settings);
        office.running = Running::Program(office.installation.start());
        office
    }

    /// With the daemon in this process, by a clock that stands at half past ten in the morning, in Tokyo.
    pub fn by_a_standing_clock() -> Self {
        let clock = Clock::fixed(next_morning());
        let mut office = Self::build("");
        let config = Config::load(Some(&office.installation.config()), std::iter::empty()).unwrap();
        let background = Background::new();
        let daemon = app::run_by(clock.clone(), config.clone(), None, move || Ok(config.clone()));
        background.spawn(async move { Box::pin(daemon).await.unwrap() });
        poll::until_true("the daemon to listen", SOON, || port::answers(office.port));
        office.running = Running::Here(clock, background);
        office
    }

    fn build(settings: &str) -> Self {
        let (dovecot, sink, key) = (Dovecot::start(), SmtpSink::start(), FirmKey::ed25519("aozora.example"));
        let (imap, relay, port) = (dovecot.imap_port(), sink.port(), port::free());
        let installation = Installation::new(|dir| config(&dir.display().to_string(), imap, relay, port) + settings);
        installation.secret("password", PASSWORD);
        installation.cli_ok(&["keys", "init"]);
        let pinned = key.pinned();
        #[rustfmt::skip]
        installation.cli_ok(&[
            "firm", "add", "--number", "1001", "--name", FIRM, "--sender", SENDER,
            "--postal-address", "東京都千代田区見本町1-2-3", "--telephone", "03-0000-1001",
            "--pinned-selector", &pinned.selector, "--pinned-record", &pinned.record,
        ]);
        let running = Running::Here(Clock::System, Background::new());
        Self { dovecot, sink, key, installation, port, running }
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Lets time pass.
    #[track_caller]
    pub fn pass(&self, span: Duration) {
        let Running::Here(clock @ Clock::Fixed(_), _) = &self.running else { panic!("this office's clock runs") };
        clock.advance(span);
    }

    /// The firm asks about the customer at `address`; gives the link that is mailed there.
    #[track_caller]
    pub fn ask(&self, address: &str) -> String {
        self.dovecot.deliver(&FirmMail::new(SENDER, address).signed(&self.key));
        self.letter(address, "様より弥生製品の契約情報取得が申請されています").link()
    }

    /// Waits for the newest letter to `reader` with `subject` in its subject.
    #[track_caller]
    pub fn letter(&self, reader: &str, subject: &str) -> Letter {
        self.letters(reader, subject, 1).pop().unwrap()
    }

    /// Waits until there are `count` such letters; oldest first.
    #[track_caller]
    pub fn letters(&self, reader: &str, subject: &str, count: usize) -> Vec<Letter> {
        let what = format!("{count} letters {subject} to {reader}; the log: {}", self.installation.log());
        poll::until(&what, SOON, || Some(self.letters_so_far(reader, subject)).filter(|found| found.len() >= count))
    }

    /// Such letters that there are already.
    pub fn letters_so_far(&self, reader: &str, subject: &str) -> Vec<Letter> {
        let letters = self.sink.mails().into_iter().map(|mail| read(&mail.bytes, &mail.to.join(",")));
        letters.filter(|letter| letter.to == reader && letter.subject.contains(subject)).collect()
    }

    /// What the program prints for a command.
    #[track_caller]
    pub fn cli(&self, args: &[&str]) -> String {
        self.installation.cli_ok(args)
    }

    /// Everything that the database holds once nothing is under way any more.
    #[track_caller]
    pub fn settled(&self) -> Vec<String> {
        poll::until("nothing to be under way", SOON, || {
            let under_way = "SELECT COUNT(*) FROM outbound_mail WHERE state IN ('queued', 'leased')";
            let count: i64 =
                self.in_database(async |database| sqlx::query_scalar(under_way).fetch_one(database).await.unwrap());
            (count == 0).then(|| self.everything())
        })
    }

    /// Changes the database as a change of the settings would.
    #[track_caller]
    pub fn change(&self, sql: &'static str) {
        self.in_database(async |database| {
            sqlx::query(sql).execute(database).await.unwrap();
        });
    }

    /// Everything that the database holds, but for when somebody was last seen and when a job last ran.
    pub fn everything(&self) -> Vec<String> {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                      AND name NOT IN ('_sqlx_migrations', 'job') ORDER BY name";
        self.in_database(async |database| {
            let names: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *database).await.unwrap();
            assert!(names.len() >= 10, "these are not all tables: {names:?}");
            let mut everything = Vec::new();
            for name in names {
                let select = AssertSqlSafe(format!("SELECT * FROM {name}"));
                let rows = sqlx::query(select).fetch_all(&mut *database).await.unwrap();
                let mut rows: Vec<_> = rows.iter().map(|row| format!("{name}: {}", shown(row))).collect();
                rows.sort();
                everything.extend(rows);
            }
            everything
        })
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

impl Drop for Office {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.installation.log());
        }
    }
}

/// The columns of a row, but for what a look may move.
fn shown(row: &sqlx::sqlite::SqliteRow) -> String {
    let columns = row.columns().iter().filter(|column| column.name() != "seen_at");
    let shown = columns.map(|column| {
        let at = column.ordinal();
        let text = row.try_get_unchecked::<Option<String>, _>(at).ok().flatten();
        let number = row.try_get_unchecked::<Option<i64>, _>(at).ok().flatten();
        format!("{}={text:?}/{number:?}", column.name())
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Half past ten in Tokyo, today or tomorrow: what waits for the day is sent, and no signature is younger than now.
fn next_morning() -> Timestamp {
    const DAY: i64 = 86_400_000;
    // half past one, by universal time
    let half_past_ten = 5_400_000;
    let now = Clock::System.now().as_millis();
    let today = now - now.rem_euclid(DAY) + half_past_ten;
    Timestamp::from_millis(if today > now { today } else { today + DAY })
}

fn read(bytes: &[u8], to: &str) -> Letter {
    let mail = MessageParser::default().parse(bytes).unwrap();
    Letter {
        to: to.to_owned(),
        subject: mail.subject().unwrap().to_owned(),
        text: mail.body_text(0).unwrap().into_owned(),
    }
}

fn config(dir: &str, imap: u16, relay: u16, port: u16) -> String {
    format!(
        r#"
[mailbox]
kind = "imap"
[mailbox.imap]
host = "127.0.0.1"
port = {imap}
user = "{USER}"
password_file = "{dir}/password"
poll_s = 5
tls = "none"
[store]
url = "sqlite:{dir}/renkei.db"
[keys]
folder = "{dir}/keys"
[web]
listen = "127.0.0.1:{port}"
base_url = "http://127.0.0.1:{port}"
[relay]
kind = "smtp"
[relay.smtp]
host = "127.0.0.1"
port = {relay}
tls = "none"
[sender]
address = "noreply@renkei.example"
contact = "renkei 見本窓口（電話 03-0000-0000、平日 9時から17時）"
[guide]
news_url = "https://www.example.jp/news"
customer_number_url = "{RECOVERY}"
service_contract_url = "https://www.example.jp/service-contract"
network_faq_url = "https://www.example.jp/faq"
"#
    )
}
