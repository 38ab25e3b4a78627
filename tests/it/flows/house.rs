//! A whole renkei without its loops: a database, a clock that stands, seeded randomness, one registered firm with its key
//! pinned, and a way out into memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::FixedOffset;
use renkei::bell::Bell;
use renkei::clock::Clock;
use renkei::config::contracts;
use renkei::config::intake::Intake;
use renkei::config::sender::Sender;
use renkei::contracts::ledger::Ledger;
use renkei::domain::budget::Budgets;
use renkei::domain::email_address::Domain;
use renkei::domain::firm::Firm;
use renkei::domain::firm_request::Request;
use renkei::domain::ids::{AccountId, AttemptId};
use renkei::domain::inbound::{Locator, WindowRecord};
use renkei::domain::outbound::{OutboundMail, OutboundState};
use renkei::domain::password::PasswordRule;
use renkei::domain::quiet_hours::QuietHours;
use renkei::domain::time::{Timestamp, days};
use renkei::domain::verification::Digits;
use renkei::entropy::Entropy;
use renkei::flows::code::Verified;
use renkei::flows::deliver::Post;
use renkei::flows::deliver::codes::{self, ClaimedCode};
use renkei::flows::receive_request::{self, Judge, Received, Seen};
use renkei::flows::register::Begun;
use renkei::flows::replies::Desk;
use renkei::flows::{Context, FlowError, code, deliver, firms, register, requests};
use renkei::intake::Verifier;
use renkei::keys::{self, Keys};
use renkei::links::Links;
use renkei::mail::transport::Memory;
use renkei::mail::{Composer, Transport};
use renkei::passwords::{Cost, Passwords};
use renkei::store::{Dialect, Store};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Column, Row};
use tempfile::TempDir;

pub use super::read::Read;
use super::sample;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

/// The mailbox's name.
pub const MAILBOX: &str = "INBOX";
/// Where the sample firm writes from.
pub const OFFICE: &str = "office@aozora.example";
/// What links begin with.
pub const BASE_URL: &str = "https://renkei.example";

/// See above.
pub struct House {
    pub context: Context,
    pub firm: Firm,
    pub key: FirmKey,
    pub keys: Keys,
    pub outbox: Memory,
    pub url: String,
    pub post: Arc<Post>,
    pub verifier: Arc<Verifier>,
    /// The contract-management system behind the context.
    pub ledger: Ledger,
    /// Who reads what people answer; at first nobody.
    pub desk: OnceLock<Desk>,
    next_uid: AtomicU32,
    read_before: AtomicUsize,
    folder: TempDir,
}

impl House {
    /// On SQLite in a folder of its own.
    pub async fn on_sqlite() -> Self {
        Self::of("renkei.example").await
    }

    /// On SQLite, another renkei, whose own domain is this.
    pub async fn of(domain: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("renkei.db").display());
        Self::build(&url, folder, domain).await
    }

    /// On this database.
    pub async fn open(url: &str) -> Self {
        Self::build(url, tempfile::tempdir().unwrap(), "renkei.example").await
    }

    async fn build(url: &str, folder: TempDir, domain: &str) -> Self {
        // signatures say when they were made, in earnest: the clock must not stand long before them
        let clock = Clock::fixed(Clock::System.now());
        let entropy = Entropy::seeded(1);
        keys::create(&folder.path().join("keys"), &entropy, clock.now()).unwrap();
        let keys = Keys::load(&folder.path().join("keys")).unwrap();
        let store = Store::open(url).await.unwrap();
        let settings = contracts::Ledger::default();
        let ledger = Ledger::new(store.lend().into(), &settings, clock.clone(), entropy.clone());
        let context = Context {
            store,
            contracts: Arc::new(ledger.clone()),
            clock,
            entropy,
            links: Links::new(BASE_URL, keys.clone()),
            keys: keys.clone(),
            mail_domain: Domain::parse(domain).unwrap(),
            passwords: Passwords::new(PasswordRule::default(), Cost::LIGHT, &Entropy::seeded(2)),
            bell: Bell::default(),
            // a test that is about the night says so itself: the others run at any hour
            quiet_hours: QuietHours::new(0, 24, FixedOffset::east_opt(9 * 3600).unwrap()).unwrap(),
            contract_bell: Bell::default(),
        };
        let outbox = Memory::default();
        let key = FirmKey::ed25519("aozora.example");
        // nobody listens there: who asks DNS gets no answer, at once
        let nobody =
            Intake { dns_servers: vec!["127.0.0.1:9".parse().unwrap()], dns_timeout_s: 1, ..Intake::default() };
        let sender = Sender::new(sample::address(&format!("noreply@{domain}")), "03-0000-0000");
        let firm = sample::firm(&context, "1001", "aozora.example", Some(key.pinned()));
        firms::add(&context, &firm).await.unwrap();
        Self {
            context,
            firm,
            key,
            keys,
            outbox: outbox.clone(),
            verifier: Arc::new(Verifier::new(&nobody).unwrap()),
            ledger,
            url: url.to_owned(),
            post: Arc::new(Post { composer: Composer::new(sender, None), transport: Transport::Memory(outbox) }),
            desk: OnceLock::new(),
            next_uid: AtomicU32::new(1),
            read_before: AtomicUsize::new(0),
            folder,
        }
    }

    /// What the test leaves must be in order: nobody holds a mail that nobody sends.
    pub async fn leave(self) {
        let leased = self.rows("SELECT id FROM outbound_mail WHERE state = 'leased'").await;
        assert!(leased.is_empty(), "mails are left in somebody's hands: {leased:?}");
        self.context.store.close().await;
    }

    /// What the clock says.
    pub fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    /// Lets days pass.
    pub fn pass(&self, number: u32) {
        self.context.clock.advance(days(number));
    }

    /// Lets days pass, but for their last millisecond.
    pub fn pass_all_but_a_millisecond_of(&self, number: u32) {
        self.context.clock.advance(days(number).checked_sub(Duration::from_millis(1)).unwrap());
    }

    /// Lets that millisecond pass.
    pub fn pass_a_millisecond(&self) {
        self.context.clock.advance(Duration::from_millis(1));
    }

    /// Lets seconds pass.
    pub fn pass_seconds(&self, number: u64) {
        self.context.clock.advance(Duration::from_secs(number));
    }

    /// The folder of the database and of the server keys.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A request mail of the firm, not signed yet; each is another mail.
    pub fn mail(&self, customer: &str) -> FirmMail {
        FirmMail::new(&self.firm.senders[0].to_text(), customer).date(self.now())
    }

    /// Sends a request mail of the firm; it is received alone.
    pub async fn ask(&self, customer: &str) -> Received {
        self.receive(&[self.mail(customer).signed(&self.key)]).await
    }

    /// These mails came to INBOX and are received in one window.
    pub async fn receive(&self, mails: &[Vec<u8>]) -> Received {
        let uids = mails.iter().map(|_| self.next_uid.fetch_add(1, Ordering::SeqCst));
        let placed: Vec<_> = uids.zip(mails.iter().cloned()).collect();
        self.receive_at(&placed).await.unwrap()
    }

    /// These mails lie under these UIDs and are received in one window.
    pub async fn receive_at(&self, mails: &[(u32, Vec<u8>)]) -> Result<Received, FlowError> {
        self.receive_seen(mails.iter().map(|(uid, raw)| seen(*uid, raw, self.now())).collect()).await
    }

    /// As the mailbox gave them.
    pub async fn receive_seen(&self, seen: Vec<Seen>) -> Result<Received, FlowError> {
        self.receive_window(&self.verifier, seen).await
    }

    /// As the mailbox gave them, proved by another verifier.
    pub async fn receive_seen_with(&self, verifier: &Arc<Verifier>, seen: Vec<Seen>) -> Result<Received, FlowError> {
        self.receive_window(verifier, seen).await
    }

    /// This mail lies under this UID and is proved by another verifier.
    pub async fn receive_with(&self, verifier: &Arc<Verifier>, uid: u32, raw: &[u8]) -> Received {
        self.receive_window(verifier, vec![seen(uid, raw, self.now())]).await.unwrap()
    }

    /// This mail lies under this UID since `arrived`.
    pub async fn receive_arrived(&self, uid: u32, raw: &[u8], arrived: Timestamp) -> Received {
        self.receive_seen(vec![seen(uid, raw, arrived)]).await.unwrap()
    }

    async fn receive_window(&self, verifier: &Arc<Verifier>, seen: Vec<Seen>) -> Result<Received, FlowError> {
        let judge = Judge {
            verifier: Arc::clone(verifier),
            side_by_side: 2,
            budgets: Budgets::default(),
            desk: self.desk.get().cloned(),
        };
        let uidnext = self.next_uid.load(Ordering::SeqCst);
        let progress = WindowRecord { uidvalidity: 1, uidnext, in_hand: vec![], tries: 0 };
        receive_request::receive(&self.context, &judge, MAILBOX, seen, progress).await
    }

    /// Somebody registers this address from anywhere.
    pub async fn register(&self, address: &str) -> AttemptId {
        match register::register(&self.context, sample::registration(&self.context, address)).await.unwrap() {
            Begun::Attempt(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// An account that came about as a person's does: by a registration and its mailed code. Its password is
    /// [`sample::PASSWORD`].
    pub async fn registered(&self, address: &str) -> AccountId {
        let id = self.register(address).await;
        let code = self.code().await;
        match code::verify(&self.context, &id, &code).await.unwrap() {
            Verified::Account(account) => account,
            other => panic!("{other:?}"),
        }
    }

    /// Delivers, and gives the code in the last letter that has one.
    pub async fn code(&self) -> Digits {
        self.letters().await.iter().rev().find_map(Read::code).expect("a letter with a code")
    }

    /// Claims and mints one code, and leaves it in our hands.
    pub async fn claim_code(&self) -> Option<ClaimedCode> {
        codes::claim(&self.context).await.unwrap()
    }

    /// Hands a code over and notes how that ended.
    pub async fn hand_over_code(&self, code: ClaimedCode) {
        let ended = self.post.hand_over(std::future::pending(), code.claimed).await;
        codes::record(&self.context, &code.minted, &ended).await.unwrap();
    }

    /// One round of the outbox: what is due is claimed, handed over and noted, codes first. Says how many mails were in
    /// hand.
    pub async fn deliver_once(&self) -> usize {
        let mut codes = 0;
        while let Some(code) = self.claim_code().await {
            self.hand_over_code(code).await;
            codes += 1;
        }
        let claimed = deliver::claim(&self.context, 100).await.unwrap();
        let mut ended = Vec::new();
        for mail in claimed {
            ended.push(self.post.hand_over(std::future::pending(), mail).await);
        }
        deliver::record(&self.context, &ended).await.unwrap();
        codes + ended.len()
    }

    /// Rounds of the outbox until nothing is due.
    pub async fn deliver(&self) {
        while self.deliver_once().await > 0 {}
    }

    /// Delivers, and gives what left since this was last asked.
    pub async fn letters(&self) -> Vec<Read> {
        self.deliver().await;
        self.letters_left()
    }

    /// How many letters have left.
    pub fn letters_left_so_far(&self) -> usize {
        self.outbox.sent().len()
    }

    /// What left since this was last asked.
    pub fn letters_left(&self) -> Vec<Read> {
        let all = self.outbox.sent();
        let from = self.read_before.swap(all.len(), Ordering::SeqCst);
        all[from..].iter().map(Read::of).collect()
    }

    /// The request with this number.
    pub async fn request(&self, number: i64) -> Request {
        requests::show(&self.context, number).await.unwrap().about.request
    }

    /// The mails about the request with this number.
    pub async fn mails_about(&self, number: i64) -> Vec<OutboundMail> {
        requests::show(&self.context, number).await.unwrap().mails
    }

    /// The states of the mails about the request with this number.
    pub async fn states_of_mails(&self, number: i64) -> Vec<OutboundState> {
        self.mails_about(number).await.iter().map(|mail| mail.state).collect()
    }

    /// Runs a statement of the test's own.
    pub async fn execute(&self, sql: &str) -> u64 {
        let mut tx = self.context.store.begin().await.unwrap();
        let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        done.rows_affected()
    }

    /// The rows of a query of the test's own, each column as text.
    pub async fn rows(&self, sql: &str) -> Vec<BTreeMap<String, String>> {
        let mut connection = self.context.store.read().await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut *connection).await.unwrap();
        rows.iter().map(as_text).collect()
    }

    /// Everything that the database holds, by table, in an order of its own.
    pub async fn everything(&self) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
        let tables = match self.context.store.dialect() {
            Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Dialect::Postgres => "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut everything = BTreeMap::new();
        for table in self.rows(tables).await {
            let name = &table["name"];
            if name != "_sqlx_migrations" {
                let mut rows = self.rows(&format!("SELECT * FROM {name}")).await;
                rows.sort();
                everything.insert(name.clone(), rows);
            }
        }
        assert!(everything.len() >= 10, "these are not all tables: {:?}", everything.keys());
        everything
    }
}

fn seen(uid: u32, raw: &[u8], arrived_at: Timestamp) -> Seen {
    let at = Locator { uidvalidity: 1, uid: uid.to_string() };
    Seen { at, size: raw.len() as u64, arrived_at, raw: Some(raw.to_vec()) }
}

fn as_text(row: &AnyRow) -> BTreeMap<String, String> {
    let value = |index: usize| match row.try_get::<Option<String>, _>(index) {
        Ok(text) => text.unwrap_or_else(|| "NULL".to_owned()),
        Err(_) => row.get::<Option<i64>, _>(index).map_or("NULL".to_owned(), |number| number.to_string()),
    };
    row.columns().iter().map(|column| (column.name().to_owned(), value(column.ordinal()))).collect()
}
