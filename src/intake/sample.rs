//! Mails, signatures, a firm and a DNS server for the tests of this room.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256, SigningKey};
use mail_auth::dkim::{DkimSigner, Done};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::net::UdpSocket;

use super::{Proof, Reading, Verifier, prove, read};
use crate::config::intake::Intake;
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{Firm, FirmNumber, FirmStatus, PinnedKey, ProofRule, Receipts, RequestDays};
use crate::domain::ids::FirmId;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// A sound request mail of [`firm`].
pub(crate) const MAIL: &str = concat!(
    "Received: from mua by mx.firm.example; Fri, 3 Jul 2026 09:00:01 +0900\r\n",
    "From: =?UTF-8?B?5L2Q6Jek?= <sato@firm.example>\r\n",
    "To: renkei@renkei.example\r\n",
    "Subject: request\r\n",
    "Date: Fri, 3 Jul 2026 09:00:00 +0900\r\n",
    "Message-ID: <1@firm.example>\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    "\r\n",
    "事務所番号: 1001\r\n",
    "顧問先メールアドレス: yamada@example.jp\r\n",
    "メッセージ:\r\nよろしくお願いします。\r\n",
);

/// The fields that an honest mailer signs.
pub(crate) const SIGNED: [&str; 4] = ["From", "To", "Subject", "Date"];

/// The domain of our Message-IDs.
pub(crate) fn own_domain() -> Domain {
    Domain::parse("renkei.example").unwrap()
}

/// The firm that writes [`MAIL`].
pub(crate) fn firm(proof: ProofRule) -> Firm {
    let sender = EmailAddress::parse("sato@firm.example").unwrap();
    Firm {
        id: FirmId::stored("firm".to_owned()),
        number: FirmNumber::parse("1001").unwrap(),
        name: "佐藤会計事務所".to_owned(),
        postal_address: String::new(),
        telephone: String::new(),
        senders: vec![sender.clone()],
        notify_address: sender,
        signing_domain: Domain::parse("firm.example").unwrap(),
        proof,
        receipts: Receipts::Each,
        request_days: RequestDays::default(),
        locale: Locale::Ja,
        status: FirmStatus::Active,
        version: 1,
    }
}

/// The firm with a pinned key.
pub(crate) fn pinned(selector: &str, record: &str) -> Firm {
    let pinned = PinnedKey { selector: selector.to_owned(), record: record.trim().to_owned() };
    firm(ProofRule::Dkim { pinned: Some(pinned) })
}

/// A key and its record, the same throughout a run.
pub(crate) fn ed25519() -> (Ed25519Key, String) {
    static DER: LazyLock<Vec<u8>> = LazyLock::new(|| Ed25519Key::generate_pkcs8().unwrap());
    let key = Ed25519Key::from_pkcs8_der(&DER).unwrap();
    let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(key.public_key()));
    (key, record)
}

/// The 2,048-bit key of the fixtures.
pub(crate) fn rsa() -> (RsaKey<Sha256>, &'static str) {
    let pem = include_bytes!("../../tests/fixtures/dkim_rsa2048.pem");
    let key = RsaKey::from_key_der(PrivateKeyDer::from_pem_slice(pem).unwrap()).unwrap();
    (key, include_str!("../../tests/fixtures/dkim_rsa2048.txt"))
}

/// `mail` with a signature of `firm.example`, selector `s`, as `tweak` makes it.
pub(crate) fn sign_as<K: SigningKey>(
    key: K,
    mail: &str,
    fields: &[&str],
    tweak: impl FnOnce(DkimSigner<K, Done>) -> DkimSigner<K, Done>,
) -> String {
    let signer = DkimSigner::from_key(key).domain("firm.example").selector("s").headers(fields.iter().copied());
    let signature = tweak(signer).sign(mail.as_bytes()).unwrap();
    let mut field = Vec::new();
    signature.write(&mut field, true);
    String::from_utf8(field).unwrap() + mail
}

/// `mail` as an honest firm signs it.
pub(crate) fn sign(mail: &str) -> String {
    sign_as(ed25519().0, mail, &SIGNED, |signer| signer)
}

/// When the signatures of this run were made, about.
pub(crate) fn now() -> Timestamp {
    crate::clock::Clock::System.now()
}

/// The reading of a mail.
pub(crate) fn reading(raw: &[u8]) -> Reading {
    read(raw, &own_domain())
}

/// A verifier whose DNS server does not exist: whoever asks gets no answer.
pub(crate) fn offline(received_host: Option<&str>) -> Verifier {
    let nowhere = "127.0.0.1:9".parse().unwrap();
    let received_host = received_host.map(str::to_owned);
    Verifier::new(&Intake { dns_servers: vec![nowhere], dns_timeout_s: 1, received_host, ..Intake::default() }).unwrap()
}

/// Reads and proves a mail of `firm` without DNS.
pub(crate) async fn proof_of(raw: &[u8], firm: &Firm) -> Proof {
    prove(raw, &reading(raw), firm, &offline(None), now()).await
}

/// What the DNS server of a test says.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A TXT record and its TTL in seconds.
    Txt(String, u32),
    NxDomain,
    ServFail,
    Refused,
    Silence,
}

/// A DNS server on loopback (UDP) that counts its questions.
pub(crate) struct Dns {
    address: SocketAddr,
    questions: Arc<AtomicUsize>,
    names: Arc<Mutex<BTreeMap<String, usize>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Dns {
    pub(crate) async fn start(answer: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let questions = Arc::new(AtomicUsize::new(0));
        let names = Arc::new(Mutex::new(BTreeMap::new()));
        let (counter, seen) = (Arc::clone(&questions), Arc::clone(&names));
        let task = tokio::spawn(async move {
            let mut query = [0; 1_500];
            while let Ok((length, peer)) = socket.recv_from(&mut query).await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (name, end) = question(&query[..length]);
                *seen.lock().unwrap().entry(name.clone()).or_default() += 1;
                if let Some(reply) = reply(&query[..end], answer(&name)) {
                    socket.send_to(&reply, peer).await.unwrap();
                }
            }
        });
        Self { address, questions, names, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn asked(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }

    pub(crate) fn names(&self) -> BTreeMap<String, usize> {
        self.names.lock().unwrap().clone()
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The name asked for, lower case, and where the question ends.
fn question(query: &[u8]) -> (String, usize) {
    let (mut name, mut at) = (String::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        name += &String::from_utf8_lossy(&query[at + 1..end]).to_lowercase();
        name.push('.');
        at = end;
    }
    (name, at + 5)
}

/// RFC 1035 §4.1: the question again, and what is said to it.
fn reply(query: &[u8], reply: Reply) -> Option<Vec<u8>> {
    let (code, text) = match reply {
        Reply::Txt(text, ttl) => (0, Some((text, ttl))),
        Reply::NxDomain => (3, None),
        Reply::ServFail => (2, None),
        Reply::Refused => (5, None),
        Reply::Silence => return None,
    };
    let mut out = query.to_vec();
    out[2] = 0x81;
    out[3] = 0x80 | code;
    out[6..12].copy_from_slice(&[0, u8::from(text.is_some()), 0, 0, 0, 0]);
    if let Some((text, ttl)) = text {
        let data: Vec<u8> =
            text.as_bytes().chunks(255).flat_map(|c| [&[u8::try_from(c.len()).unwrap()], c].concat()).collect();
        out.extend([0xC0, 12, 0, 16, 0, 1]);
        out.extend(ttl.to_be_bytes());
        out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(data);
    }
    Some(out)
}
