use super::*;
use crate::config::secret::SecretFile;
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::{Addressing, Composer, Letter};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};
use std::os::unix::fs::PermissionsExt;

/// Answers every question with one key.
struct OneKey(String);

impl ResolverCache<Box<str>, Txt> for OneKey {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: std::hash::Hash + Eq + ?Sized,
    {
        let _ = name;
        Some(Txt::DomainKey(std::sync::Arc::new(DomainKey::parse(self.0.as_bytes()).unwrap())))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: std::hash::Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

fn config(pem: &str) -> (tempfile::TempDir, Dkim) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, pem).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let domain = Domain::parse("renkei.example").unwrap();
    (folder, Dkim { domain, selector: "s1".to_owned(), key_file: SecretFile::new(path) })
}

fn signed(pem: &str) -> Vec<u8> {
    let (_folder, config) = config(pem);
    let address = |text| EmailAddress::parse(text).unwrap();
    let sender = crate::config::sender::Sender::new(address("portal@renkei.example"), "0120-000-000");
    let composer = Composer::new(sender, Some(Signer::new(&config).unwrap()));
    let to = address("yamada@example.jp");
    let how = Addressing {
        to: &to,
        message_id: "1@renkei.example",
        date: Timestamp::from_millis(0),
        in_reply_to: None,
        report_token: None,
    };
    composer.compose(&Letter::samples(Locale::Ja).remove(0), how).unwrap().bytes
}

async fn verifies(mail: &[u8], record: String) -> bool {
    let message = AuthenticatedMessage::parse(mail).unwrap();
    let nobody = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
    let keys = OneKey(record);
    let output = nobody.verify_dkim(Parameters::new(&message).with_txt_cache(&keys)).await;
    assert_eq!(output.len(), 1);
    let signature = output[0].signature().unwrap();
    assert_eq!((signature.d.as_str(), signature.s.as_str(), signature.l), ("renkei.example", "s1", 0));
    for name in ["From", "To", "Subject", "Date", "Message-ID", "Cc"] {
        assert!(signature.h.iter().any(|signed| signed.eq_ignore_ascii_case(name)), "{name}");
    }
    matches!(output[0].result(), DkimResult::Pass)
}

const RSA: &str = concat!("v=DKIM1; k=rsa; p=", include_str!("../testdata/dkim-rsa.pub"));
const ED25519: &str = concat!("v=DKIM1; k=ed25519; p=", include_str!("../testdata/dkim-ed25519.pub"));

#[tokio::test]
async fn mail_auth_verifies_each_kind_of_key() {
    for (pem, record) in [
        (include_str!("../testdata/dkim-rsa-pkcs8.pem"), RSA),
        (include_str!("../testdata/dkim-rsa-pkcs1.pem"), RSA),
        (include_str!("../testdata/dkim-ed25519.pem"), ED25519),
    ] {
        let mail = signed(pem);
        assert!(verifies(&mail, record.to_owned()).await);
        let text = String::from_utf8(mail).unwrap();
        let other_subject = text.replacen("Auto-Submitted: auto-generated", "Auto-Submitted: no", 1);
        assert!(!verifies(other_subject.as_bytes(), record.to_owned()).await, "a signed field was changed");
        let with_cc = text.replacen("\r\nTo: ", "\r\nCc: x@evil.example\r\nTo: ", 1);
        assert!(!verifies(with_cc.as_bytes(), record.to_owned()).await, "a field was added");
    }
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    for pem in ["nonsense", include_str!("../testdata/ca.pem"), include_str!("../testdata/relay.key")] {
        let (_folder, config) = config(pem);
        let error = Signer::new(&config).unwrap_err();
        assert!(matches!(error, SignError::Key));
        assert!(!error.to_string().contains(pem));
    }
}
