//! DKIM signatures on our own mails (RFC 6376), relaxed/relaxed, without `l=`.

use std::fmt;

use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner, Done};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;

use crate::config::dkim::Dkim;
use crate::config::secret::SecretError;

/// The signed header fields. One that a mail does not have is signed as missing, so that none can be added.
const SIGNED: [&str; 14] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
    "Auto-Submitted",
    "Sender",
];

/// Signs mails with one key.
pub struct Signer(Key);

enum Key {
    Rsa(DkimSigner<RsaKey<Sha256>, Done>),
    Ed25519(DkimSigner<Ed25519Key, Done>),
}

/// Why mails cannot be signed. Never shows the key.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The key's file.
    #[error("the DKIM key: {0}")]
    Secret(#[from] SecretError),
    /// What is in it.
    #[error("the DKIM key is no PEM private key: RSA of at least 2,048 bits (PKCS#8 or PKCS#1) or Ed25519 (PKCS#8)")]
    Key,
    /// The signature itself.
    #[error("the mail cannot be signed")]
    Sign,
}

impl Signer {
    /// With the key that `config` names; reads its file.
    ///
    /// # Errors
    /// [`SignError::Secret`], [`SignError::Key`]
    pub fn new(config: &Dkim) -> Result<Self, SignError> {
        let pem = config.key_file.read()?;
        let der = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| SignError::Key)?;
        // PKCS#8 holds either kind, and only trying tells which.
        let ed25519 = match &der {
            PrivateKeyDer::Pkcs8(der) => Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_pkcs8_der()).ok(),
            _ => None,
        };
        let key = match ed25519 {
            Some(key) => Key::Ed25519(signer(key, config)),
            None => Key::Rsa(signer(RsaKey::from_key_der(der).map_err(|_| SignError::Key)?, config)),
        };
        Ok(Self(key))
    }

    /// `mail` below its signature. An RSA signature takes about a millisecond.
    ///
    /// # Errors
    /// [`SignError::Sign`]
    pub fn sign(&self, mail: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = match &self.0 {
            Key::Rsa(signer) => signer.sign(mail),
            Key::Ed25519(signer) => signer.sign(mail),
        };
        let mut signed = signature.map_err(|_| SignError::Sign)?.to_header().into_bytes();
        signed.extend_from_slice(mail);
        Ok(signed)
    }
}

fn signer<K: mail_auth::common::crypto::SigningKey>(key: K, config: &Dkim) -> DkimSigner<K, Done> {
    DkimSigner::from_key(key)
        .domain(config.domain.as_str())
        .selector(config.selector.as_str())
        .headers(SIGNED)
        .header_canonicalization(Canonicalization::Relaxed)
        .body_canonicalization(Canonicalization::Relaxed)
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

#[cfg(test)]
mod tests;
