//! An office at work: an installation that reads a Maildir and mails through a relay, two firms whose keys are pinned, and
//! what an operator looks at to see how it fares.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::support::daemon::Installation;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;
use crate::support::smtp_script::ScriptedMail;
use crate::support::{poll, port};

/// How long anything here may take that nobody slowed down, on a busy machine.
pub const SOON: Duration = Duration::from_secs(20);

/// The first firm's address.
pub const BLUE: &str = "office@blue.example";
/// The second firm's.
pub const GREEN: &str = "office@green.example";

/// The office.
pub struct Office {
    pub house: Installation,
    url: String,
    blue: FirmKey,
    green: FirmKey,
}

impl Office {
    /// An office on SQLite that mails through the relay of this `[relay]` section; the firms get no receipts.
    pub fn new(relay: &str) -> Self {
        Self::on(&|dir| format!("sqlite:{}", dir.join("renkei.db").display()), relay, "none")
    }

    /// An office on the database that `url` names, given the installation's folder.
    pub fn on(url: &dyn Fn(&Path) -> String, relay: &str, receipts: &str) -> Self {
        let house = Installation::new(|dir| config(dir, &url(dir), relay, port::free()));
        let url = url(house.path());
        let office =
            Self { house, url, blue: FirmKey::ed25519("blue.example"), green: FirmKey::ed25519("green.example") };
        for sub in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(office.inbox().join(sub)).unwrap();
        }
        office.house.cli_ok(&["keys", "init"]);
        for (number, name, sender) in [("1001", "青空会計事務所", BLUE), ("1002", "緑会計事務所", GREEN)] {
            let pinned = office.key(sender).pinned();
            let (selector, record) = (&pinned.selector, &pinned.record);
            #[rustfmt::skip]
            office.house.cli_ok(&[
                "firm", "add", "--number", number, "--name", name, "--sender", sender, "--receipts", receipts,
                "--postal-address", "東京都千代田区見本町1-2-3", "--telephone", "03-0000-1001",
                "--pinned-selector", selector, "--pinned-record", record,
            ]);
        }
        office
    }

    /// Writes the config anew, with another `[relay]` section.
    pub fn use_relay(&self, relay: &str) {
        let listen = std::fs::read_to_string(self.house.config()).unwrap();
        let port = listen.split("listen = \"127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        self.house.configure(&config(self.house.path(), &self.url, relay, port));
    }

    /// The Maildir that is read.
    pub fn inbox(&self) -> PathBuf {
        self.house.path().join("inbox")
    }

    /// The firm at `sender` asks for the client at `customer`; gives the mail's name in the Maildir.
    pub fn ask(&self, sender: &str, customer: &str) -> String {
        self.deliver(&FirmMail::new(sender, customer).signed(self.key(sender)))
    }

    /// Delivers a mail into the Maildir.
    pub fn deliver(&self, mail: &[u8]) -> String {
        let name = format!("1.{:016x}.test", u64::from_be_bytes(renkei::entropy::Entropy::System.bytes()));
        let tmp = self.inbox().join("tmp").join(&name);
        std::fs::write(&tmp, mail).unwrap();
        std::fs::rename(tmp, self.inbox().join("new").join(&name)).unwrap();
        name
    }

    /// How many mails lie in a folder: `""` for the one that is read, `accepted` and so on.
    pub fn lying_in(&self, folder: &str) -> usize {
        let dir = if folder.is_empty() { self.inbox() } else { self.inbox().join(format!(".renkei.{folder}")) };
        let count = |sub: &str| std::fs::read_dir(dir.join(sub)).map_or(0, Iterator::count);
        count("new") + count("cur")
    }

    /// `request show NUMBER`.
    pub fn request(&self, number: usize) -> Value {
        serde_json::from_str(&self.house.cli_ok(&["--json", "request", "show", &number.to_string()])).unwrap()
    }

    /// The state of a request.
    pub fn state_of(&self, number: usize) -> String {
        self.request(number)["state"].as_str().unwrap().to_owned()
    }

    /// The mails in the outbox in a state.
    pub fn mails(&self, state: &str) -> Vec<Value> {
        let args = ["--json", "outbox", "list", "--most", "100000", "--state", state];
        serde_json::from_str(&self.house.cli_ok(&args)).unwrap()
    }

    /// Waits until so many mails are in a state.
    #[track_caller]
    pub fn wait_for(&self, state: &str, count: usize, limit: Duration) -> Vec<Value> {
        poll::until(&format!("{count} mails {state}"), limit, || Some(self.mails(state)).filter(|m| m.len() == count))
    }

    /// Waits until the daemon has noted so many requests.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize, limit: Duration) {
        poll::until_true(&format!("{count} requests"), limit, || self.count("SELECT COUNT(*) FROM request") == count);
    }

    /// What a query of one number gives.
    pub fn count(&self, sql: &str) -> usize {
        usize::try_from(self.rows(sql)[0].get::<i64, _>(0)).unwrap()
    }

    /// Runs a statement on the database, as nobody should but a test that makes a past.
    pub fn rows(&self, sql: &str) -> Vec<AnyRow> {
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = AnyConnection::connect(&self.url).await.unwrap();
            let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            rows
        })
    }

    fn key(&self, sender: &str) -> &FirmKey {
        if sender == BLUE { &self.blue } else { &self.green }
    }
}

/// The `[relay]` section for a plain relay on `port`; `more` stands in `[relay.smtp]`.
pub fn relay(port: u16, more: &str) -> String {
    let time_limits = "connect = 2\ngreeting = 2\ncommand = 2\ndata_start = 2\ndata_block = 2\ndata_end = 2";
    let more = if more.contains("tls =") { more.to_owned() } else { format!("tls = \"none\"\n{more}") };
    format!(
        "[relay]\nkind = \"smtp\"\n\n[relay.smtp]\nhost = \"127.0.0.1\"\nport = {port}\n{more}\n\n\
         [relay.smtp.timeouts]\n{time_limits}\n"
    )
}

/// Customers that nobody else asks.
pub fn customers(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("customer{n}@client{n}.example")).collect()
}

/// A letter as it came to a relay.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Letter {
    pub to: String,
    pub message_id: String,
    /// The link in its text, where there is one.
    pub link: Option<String>,
}

impl Letter {
    /// Reads one.
    pub fn read(to: &str, bytes: &[u8]) -> Self {
        let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
        let text = mail.body_text(0).unwrap_or_default();
        let link = text.split_whitespace().find(|word| word.starts_with("http://127.0.0.1")).map(str::to_owned);
        Self { to: to.to_owned(), message_id: mail.message_id().unwrap().to_owned(), link }
    }

    /// Reads those that the scripted server saw whole, in order.
    pub fn all(mails: &[ScriptedMail]) -> Vec<Self> {
        mails.iter().map(|mail| Self::read(&mail.to[0], &mail.bytes)).collect()
    }
}

fn config(dir: &Path, url: &str, relay: &str, port: u16) -> String {
    let dir = dir.display();
    format!(
        r#"[store]
url = "{url}"

[keys]
folder = "{dir}/keys"

[mailbox]
kind = "maildir"

[mailbox.maildir]
path = "{dir}/inbox"

{relay}
[sender]
address = "noreply@renkei.example"
contact = "03-0000-0000"

[web]
listen = "127.0.0.1:{port}"
base_url = "http://127.0.0.1:{port}"

[log]
filter = "info"
"#
    )
}
