//! The steps that a request mail costs, each alone: `cargo bench --bench micro`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that cannot go on ends"
)]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use renkei::bell::Bell;
use renkei::clock::Clock;
use renkei::config::contracts;
use renkei::config::intake::Intake;
use renkei::config::sender::Sender;
use renkei::contracts::ledger::Ledger;
use renkei::domain::budget::Budgets;
use renkei::domain::email_address::EmailAddress;
use renkei::domain::firm::{Firm, FirmNumber, FirmStatus, ProofRule, Receipts, RequestDays};
use renkei::domain::firm_request::{Birth, Request};
use renkei::domain::ids::{FirmId, RequestId};
use renkei::domain::inbound::{Locator, WindowRecord};
use renkei::domain::locale::Locale;
use renkei::domain::password::PasswordRule;
use renkei::domain::quiet_hours::QuietHours;
use renkei::entropy::Entropy;
use renkei::flows::receive_request::{self, Judge, Seen};
use renkei::flows::{Context, firms};
use renkei::intake::{self, Verifier};
use renkei::keys::{self, Keys};
use renkei::links::Links;
use renkei::mail::letters::{AboutRequest, RequestNotice};
use renkei::mail::{Addressing, Composer, Letter};
use renkei::passwords::{Cost, Passwords};
use renkei::store::Store;
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[allow(dead_code, reason = "the tests' own tools, of which this needs some")]
#[path = "../tests/it/support/firm_key.rs"]
mod firm_key;
#[allow(dead_code, reason = "the tests' own tools, of which this needs some")]
#[path = "../tests/it/support/firm_mail.rs"]
mod firm_mail;

use firm_key::FirmKey;
use firm_mail::FirmMail;

const OFFICE: &str = "office@aozora.example";

fn main() {
    divan::main();
}

fn keys_for(kind: &str) -> FirmKey {
    if kind == "rsa" { FirmKey::rsa("aozora.example") } else { FirmKey::ed25519("aozora.example") }
}

fn firm(key: &FirmKey) -> Firm {
    let office = EmailAddress::parse(OFFICE).unwrap();
    Firm {
        id: FirmId::new(Entropy::System.uuid(Clock::System.now())),
        number: FirmNumber::parse("1001").unwrap(),
        name: "あおぞら会計事務所".to_owned(),
        postal_address: "東京都千代田区見本町1-2-3".to_owned(),
        telephone: "03-0000-1001".to_owned(),
        signing_domain: office.domain().clone(),
        notify_address: office.clone(),
        senders: vec![office],
        proof: ProofRule::Dkim { pinned: Some(key.pinned()) },
        receipts: Receipts::None,
        request_days: RequestDays::default(),
        locale: Locale::default(),
        status: FirmStatus::Active,
        version: 0,
    }
}

fn mail(key: &FirmKey, customer: &str) -> Vec<u8> {
    FirmMail::new(OFFICE, customer).firm_number("1001").client_name("株式会社山田商店").signed(key)
}

fn verifier() -> Arc<Verifier> {
    Arc::new(Verifier::new(&Intake::default()).unwrap())
}

/// The identity of a mail.
#[divan::bench]
fn digest(bencher: Bencher) {
    let mail = mail(&FirmKey::ed25519("aozora.example"), "yamada@example.jp");
    bencher.bench(|| intake::digest(&mail));
}

/// Bytes to what they say: MIME, charset, class and form.
#[divan::bench]
fn parse(bencher: Bencher) {
    let mail = mail(&FirmKey::ed25519("aozora.example"), "yamada@example.jp");
    let own = EmailAddress::parse("noreply@renkei.example").unwrap();
    bencher.bench(|| intake::read(&mail, own.domain()));
}

/// DKIM, with the key at hand.
#[divan::bench(args = ["ed25519", "rsa"])]
fn verify(bencher: Bencher, kind: &str) {
    let runtime = Runtime::new().unwrap();
    let key = keys_for(kind);
    let (firm, mail, verifier) = (firm(&key), mail(&key, "yamada@example.jp"), verifier());
    let own = EmailAddress::parse("noreply@renkei.example").unwrap();
    let reading = intake::read(&mail, own.domain());
    let now = Clock::System.now();
    let prove = || runtime.block_on(intake::prove(&mail, &reading, &firm, &verifier, now));
    assert!(matches!(prove(), intake::Proof::Proven { .. }));
    bencher.bench(prove);
}

/// The customer's letter, text and HTML.
#[divan::bench]
fn compose(bencher: Bencher) {
    let key = FirmKey::ed25519("aozora.example");
    let own = EmailAddress::parse("noreply@renkei.example").unwrap();
    let customer = EmailAddress::parse("yamada@example.jp").unwrap();
    let (firm, now) = (firm(&key), Clock::System.now());
    let asked = intake::read(&mail(&key, "yamada@example.jp"), own.domain()).wish.into_form().unwrap();
    let birth = Birth {
        id: RequestId::new(Entropy::System.uuid(now)),
        number: 1,
        link_key: String::new(),
        proved_by: String::new(),
    };
    let request = Request::new(birth, &firm, asked, now);
    let letter = Letter::RequestNotice(RequestNotice {
        about: AboutRequest::new(&firm, &request),
        link: format!("https://renkei.example/r/{}", "x".repeat(64)),
        reminder: None,
    });
    let composer = Composer::new(Sender::new(own, "03-0000-0000"), None);
    let how =
        Addressing { to: &customer, message_id: "a@renkei.example", date: now, in_reply_to: None, report_token: None };
    bencher.bench(|| composer.compose(&letter, how).unwrap());
}

/// A house with one firm.
struct House {
    context: Context,
    key: FirmKey,
    _folder: TempDir,
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let entropy = Entropy::System;
    keys::create(folder.path(), &entropy, Clock::System.now()).unwrap();
    let keys = Keys::load(folder.path()).unwrap();
    let links = Links::new("https://renkei.example", keys.clone());
    let store = Store::open(&format!("sqlite:{}", folder.path().join("renkei.db").display())).await.unwrap();
    let own = EmailAddress::parse("noreply@renkei.example").unwrap();
    let ledger = Ledger::new(store.lend().into(), &contracts::Ledger::default(), Clock::System, entropy.clone());
    let (contracts, mail_domain) = (Arc::new(ledger), own.domain().clone());
    let context = Context {
        store,
        clock: Clock::System,
        entropy,
        keys,
        links,
        mail_domain,
        contracts,
        passwords: Passwords::new(PasswordRule::default(), Cost::LIGHT, &Entropy::System),
        bell: Bell::default(),
        contract_bell: Bell::default(),
        quiet_hours: QuietHours::default(),
    };
    let key = FirmKey::ed25519("aozora.example");
    firms::add(&context, &firm(&key)).await.unwrap();
    House { context, key, _folder: folder }
}

/// A window of new requests, read, proved and committed on SQLite.
#[divan::bench(args = [1, 100], sample_size = 1)]
fn commit(bencher: Bencher, mails: usize) {
    let runtime = Runtime::new().unwrap();
    let house = runtime.block_on(house());
    let judge = Judge { verifier: verifier(), side_by_side: 2, budgets: Budgets::default(), desk: None };
    let mut next = 0_u32;
    let window = || {
        let seen = |_| {
            next += 1;
            let raw = mail(&house.key, &format!("c{next}@example.jp"));
            let at = Locator { uidvalidity: 1, uid: next.to_string() };
            Seen { at, size: raw.len() as u64, arrived_at: Clock::System.now(), raw: Some(raw) }
        };
        (0..mails).map(seen).collect::<Vec<_>>()
    };
    bencher.counter(ItemsCount::new(mails)).with_inputs(window).bench_local_values(|seen| {
        let receive = receive_request::receive(&house.context, &judge, "INBOX", seen, WindowRecord::default());
        let received = runtime.block_on(receive).unwrap();
        assert_eq!(received.requests, mails);
    });
}
