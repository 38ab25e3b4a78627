//! A firm's DKIM key, made when it is asked for, and what a firm publishes of it (RFC 6376, RFC 8463).

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256, SigningKey};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner};
use renkei::domain::firm::PinnedKey;
use ring::digest::{SHA256, digest};
use ring::signature::Ed25519KeyPair;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

/// The header fields that are signed unless a test says otherwise.
pub const SIGNED: &[&str] =
    &["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

/// How a signature deviates from a good one.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The fields that are signed.
    pub headers: Vec<String>,
    /// Whether only so much of the body is covered as there is (`l=`).
    pub body_length: bool,
    /// Whether white space counts (simple/simple) instead of relaxed/relaxed.
    pub simple: bool,
    /// After how many seconds it expires (`x=`).
    pub expires: Option<u64>,
}

impl Default for Signing {
    fn default() -> Self {
        let headers = SIGNED.iter().map(|name| (*name).to_owned()).collect();
        Self { headers, body_length: false, simple: false, expires: None }
    }
}

enum Secret {
    Ed25519(Vec<u8>),
    /// PEM.
    Rsa(String),
}

/// A key of a signing domain under a selector.
pub struct FirmKey {
    domain: String,
    selector: String,
    secret: Secret,
}

impl FirmKey {
    /// A new Ed25519 key, selector `s1`.
    pub fn ed25519(domain: &str) -> Self {
        Self::new(domain, Secret::Ed25519(Ed25519Key::generate_pkcs8().unwrap()))
    }

    /// An RSA key of 2,048 bits, selector `s1`. It is made once a process and is the same for every domain.
    pub fn rsa(domain: &str) -> Self {
        Self::rsa_of(2_048, domain)
    }

    /// The same of so many bits.
    pub fn rsa_of(bits: usize, domain: &str) -> Self {
        static MADE: LazyLock<Mutex<HashMap<usize, String>>> = LazyLock::new(Mutex::default);
        let mut made = MADE.lock().unwrap();
        let pem = made.entry(bits).or_insert_with(|| {
            let bits = format!("rsa_keygen_bits:{bits}");
            String::from_utf8(openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits], b"")).unwrap()
        });
        Self::new(domain, Secret::Rsa(pem.clone()))
    }

    fn new(domain: &str, secret: Secret) -> Self {
        Self { domain: domain.to_owned(), selector: "s1".to_owned(), secret }
    }

    /// The same key under another selector.
    #[must_use]
    pub fn with_selector(self, selector: &str) -> Self {
        Self { selector: selector.to_owned(), ..self }
    }

    /// The name that DNS is asked for.
    pub fn dns_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The TXT record.
    pub fn record(&self) -> String {
        let (kind, public) = match &self.secret {
            Secret::Ed25519(secret) => ("ed25519", Ed25519Key::from_pkcs8_der(secret).unwrap().public_key()),
            Secret::Rsa(pem) => ("rsa", openssl(&["pkey", "-pubout", "-outform", "DER"], pem.as_bytes())),
        };
        format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public))
    }

    /// The domain that it signs for.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What it is published under.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// What its signatures call themselves (`a=`).
    pub fn algorithm(&self) -> &'static str {
        match self.secret {
            Secret::Ed25519(_) => "ed25519-sha256",
            Secret::Rsa(_) => "rsa-sha256",
        }
    }

    /// The signature of `bytes` alone, by openssl where it is RSA: of keys too short for our own libraries, too.
    pub fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        match &self.secret {
            // RFC 8463 §3: it signs the hash.
            Secret::Ed25519(secret) => {
                let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(secret).unwrap();
                key.sign(digest(&SHA256, bytes).as_ref()).as_ref().to_vec()
            }
            Secret::Rsa(pem) => {
                let mut file = tempfile::NamedTempFile::new().unwrap();
                file.write_all(pem.as_bytes()).unwrap();
                openssl(&["dgst", "-sha256", "-sign", file.path().to_str().unwrap()], bytes)
            }
        }
    }

    /// The same as a firm's registration pins it.
    pub fn pinned(&self) -> PinnedKey {
        PinnedKey { selector: self.selector.clone(), record: self.record() }
    }

    /// The mail with a good signature before it.
    pub fn sign(&self, mail: &[u8]) -> Vec<u8> {
        self.sign_as(mail, &Signing::default())
    }

    /// The mail with such a signature before it.
    pub fn sign_as(&self, mail: &[u8], signing: &Signing) -> Vec<u8> {
        let header = match &self.secret {
            Secret::Ed25519(secret) => self.header(Ed25519Key::from_pkcs8_der(secret).unwrap(), mail, signing),
            Secret::Rsa(pem) => {
                let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
                self.header(RsaKey::<Sha256>::from_key_der(der).unwrap(), mail, signing)
            }
        };
        [header.as_bytes(), mail].concat()
    }

    fn header(&self, key: impl SigningKey, mail: &[u8], signing: &Signing) -> String {
        let way = if signing.simple { Canonicalization::Simple } else { Canonicalization::Relaxed };
        let signer = DkimSigner::from_key(key)
            .domain(&self.domain)
            .selector(&self.selector)
            .headers(&signing.headers)
            .header_canonicalization(way)
            .body_canonicalization(way)
            .body_length(signing.body_length)
            .expiration(signing.expires.unwrap_or(0));
        signer.sign(mail).unwrap().to_header()
    }
}

fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    let mut child =
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {args:?}");
    output.stdout
}
