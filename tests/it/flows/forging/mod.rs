//! Forgeries with real signatures, and honest mails that look odd (threats T1 to T4, T26): each is judged as the daemon judges
//! it, and a resolver answers as it is told. The signatures are written by hand (`support::dkim`), by the forger's own
//! published key or by the firm's, so that nothing but the rule in question stands against a mail.

mod honest;
mod resolver;
mod senders;
mod signatures;
mod twice;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use renkei::config::intake::Intake;
use renkei::domain::firm::{Firm, ProofRule};
use renkei::domain::inbound::Locator;
use renkei::domain::time::Timestamp;
use renkei::flows::firms;
use renkei::flows::receive_request::{Received, Seen};
use renkei::intake::Verifier;

use super::house::{House, OFFICE};
use crate::support::dkim::Dkim;
use crate::support::dns::Dns;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

/// A mail with a quirk, and what it must come to.
struct Row {
    quirk: String,
    mail: Vec<u8>,
    /// Class, verdict, the reason.
    expected: (&'static str, &'static str, String),
}

impl Row {
    fn quarantined(quirk: impl Into<String>, mail: Vec<u8>, why: impl Into<String>) -> Self {
        Self { quirk: quirk.into(), mail, expected: ("request", "quarantined", why.into()) }
    }

    fn of_class(mut self, class: &'static str) -> Self {
        self.expected.0 = class;
        self
    }

    fn unproven(quirk: impl Into<String>, mail: Vec<u8>, why: &str) -> Self {
        Self::quarantined(quirk, mail, format!("not proven: {why}"))
    }
}

/// A firm whose key only DNS knows, and a forger who has a domain and a published key of his own.
struct Scene {
    house: House,
    dns: Dns,
    verifier: Arc<Verifier>,
    evil: FirmKey,
    next: AtomicU32,
}

impl Scene {
    async fn open() -> Self {
        let house = House::on_sqlite().await;
        let firm = Firm { proof: ProofRule::Dkim { pinned: None }, ..house.firm.clone() };
        firms::edit(&house.context, &firm).await.unwrap();
        let (dns, evil) = (Dns::start(), FirmKey::ed25519("evil.example"));
        for key in [&house.key, &evil] {
            dns.txt(&key.dns_name(), key.record());
        }
        let intake = Intake { dns_servers: vec![dns.address()], dns_timeout_s: 1, ..Intake::default() };
        let verifier = Arc::new(Verifier::new(&intake).unwrap());
        Self { house, dns, verifier, evil, next: AtomicU32::new(1) }
    }

    fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    /// A request about a customer of its own.
    fn request(&self) -> FirmMail {
        let customer = format!("c{}@customer.example", self.number());
        FirmMail::new(OFFICE, &customer).name("Tanaka").date(self.house.now())
    }

    /// The same with these lines in place of its From.
    fn from(&self, lines: &[u8]) -> Vec<u8> {
        swap(&self.request().unsigned(), format!("From: Tanaka <{OFFICE}>\r\n").as_bytes(), lines)
    }

    /// A good signature of the firm.
    fn firm(&self) -> Dkim<'_> {
        Dkim::by(&self.house.key)
    }

    /// These mails came to the mailbox just now and are judged in one window: what was noted of each.
    async fn judge(&self, mails: &[Vec<u8>]) -> (Received, Vec<(String, String, String)>) {
        self.judge_arrived(mails, self.house.now()).await
    }

    async fn judge_arrived(
        &self,
        mails: &[Vec<u8>],
        arrived_at: Timestamp,
    ) -> (Received, Vec<(String, String, String)>) {
        let uids: Vec<String> = mails.iter().map(|_| self.number().to_string()).collect();
        let seen = uids.iter().zip(mails).map(|(uid, raw)| Seen {
            at: Locator { uidvalidity: 1, uid: uid.clone() },
            size: raw.len() as u64,
            arrived_at,
            raw: Some(raw.clone()),
        });
        let received = self.house.receive_seen_with(&self.verifier, seen.collect()).await.unwrap();
        let mut noted = Vec::new();
        for uid in &uids {
            let row = self.house.rows(&format!("SELECT * FROM inbound_message WHERE uid = '{uid}'")).await.remove(0);
            noted.push((row["class"].clone(), row["verdict"].clone(), row["reasons"].clone()));
        }
        (received, noted)
    }

    /// Each comes to what stands beside it; there is neither a request nor a letter.
    async fn assert_in_vain(&self, rows: Vec<Row>) {
        let mails: Vec<Vec<u8>> = rows.iter().map(|row| row.mail.clone()).collect();
        let (received, noted) = self.judge(&mails).await;
        let mut wrong = Vec::new();
        for (row, (class, verdict, reasons)) in rows.iter().zip(noted) {
            let (expected_class, expected_verdict, why) = &row.expected;
            let is_why = reasons.lines().any(|reason| reason == why);
            if (class.as_str(), verdict.as_str(), is_why) != (*expected_class, *expected_verdict, true) {
                wrong.push(format!("{}: {class} {verdict} {reasons:?}, not {:?}", row.quirk, row.expected));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
        assert_eq!((received.requests, received.letters), (0, 0));
        for table in ["request", "outbound_mail"] {
            assert_eq!(self.house.rows(&format!("SELECT * FROM {table}")).await, [], "{table}");
        }
    }

    async fn leave(self) {
        self.house.leave().await;
    }
}

/// `mail` with `to` in place of `from`, which must be in it.
fn swap(mail: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let shown = || String::from_utf8_lossy(from).into_owned();
    let at = mail.windows(from.len()).position(|bytes| bytes == from).unwrap_or_else(|| panic!("no {}", shown()));
    [&mail[..at], to, &mail[at + from.len()..]].concat()
}
