//! Whether a mail is from the firm that it says it is from.

use mail_auth::MessageAuthenticator;

use super::fields::Header;
use super::message::Reading;
use super::public_keys::PublicKeys;
use super::{authentication_results, dkim, line_ends};
use crate::config::intake::Intake;
use crate::domain::email_address::Domain;
use crate::domain::firm::{Firm, ProofRule};
use crate::domain::inbound::stored_names;
use crate::domain::time::Timestamp;

/// What became of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is the firm's.
    Proven {
        /// The domain that signed it.
        by: Domain,
    },
    /// Nothing shows that it is: quarantine, and never an answer.
    Unproven(Unproven),
    /// DNS gave no answer: hold the mail and ask again (F15). It neither passes nor fails.
    Unreachable,
}

/// Why a mail is not proven; of several signatures the first one's reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The mail has a fault that makes it ambiguous.
    Unsound,
    /// It has no one sender.
    NoSender,
    /// Its sender is no address of this firm.
    OtherSender,
    /// It has no DKIM signature.
    NotSigned,
    /// It is signed, but not by the firm's domain.
    OtherDomain,
    /// The signature is malformed or does not verify.
    BadSignature,
    /// The body is not what was signed.
    BodyChanged,
    /// `l=`: only a part of the body is signed (RFC 6376 §8.2).
    PartialBody,
    /// From, Subject or Date is not signed.
    UnsignedFields,
    /// Neither rsa-sha256 nor ed25519-sha256 (RFC 8301 §3.1).
    Algorithm,
    /// `x=` has passed.
    Expired,
    /// `t=` is more than 10 minutes ahead.
    FromTheFuture,
    /// There is no key of this name.
    NoKey,
    /// The key was revoked.
    RevokedKey,
    /// The key record is none, or is not for mail or not for SHA-256.
    UnusableKey,
    /// The key record says that it is being tested (`t=y`).
    TestingKey,
    /// An RSA key of less than 1,024 bits.
    WeakKey,
    /// The trusted host is not configured, or the mail did not pass it.
    NoReceivedHost,
    /// No `Authentication-Results` of the firm's authserv-id stands where it can be believed.
    NoResults,
    /// It stands there, but has no `dkim=pass` for the firm's domain.
    NoPass,
}

stored_names!(Unproven {
    Unsound = "unsound",
    NoSender = "no_sender",
    OtherSender = "other_sender",
    NotSigned = "not_signed",
    OtherDomain = "other_domain",
    BadSignature = "bad_signature",
    BodyChanged = "body_changed",
    PartialBody = "partial_body",
    UnsignedFields = "unsigned_fields",
    Algorithm = "algorithm",
    Expired = "expired",
    FromTheFuture = "from_the_future",
    NoKey = "no_key",
    RevokedKey = "revoked_key",
    UnusableKey = "unusable_key",
    TestingKey = "testing_key",
    WeakKey = "weak_key",
    NoReceivedHost = "no_received_host",
    NoResults = "no_results",
    NoPass = "no_pass",
});

/// The DNS resolver could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the DNS resolver cannot be set up: {0}")]
pub struct VerifierError(String);

/// What proofs need: DNS with its memory, and the border of trust. One for the whole daemon.
pub struct Verifier {
    keys: PublicKeys,
    authenticator: MessageAuthenticator,
    received_host: Option<String>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

impl Verifier {
    /// Sets up the resolver; asks nothing yet.
    ///
    /// # Errors
    /// [`VerifierError`]
    pub fn new(config: &Intake) -> Result<Self, VerifierError> {
        let keys = PublicKeys::new(config).map_err(|error| VerifierError(error.to_string()))?;
        let authenticator = MessageAuthenticator(keys.resolver());
        Ok(Self { keys, authenticator, received_host: config.received_host.clone() })
    }

    pub(super) fn keys(&self) -> &PublicKeys {
        &self.keys
    }

    pub(super) fn authenticator(&self) -> &MessageAuthenticator {
        &self.authenticator
    }
}

/// Proves that `raw`, of which `reading` was made, is a mail of `firm`, by the rule that the firm is registered with.
///
/// `now` judges `t=` and `x=` of signatures. How old a mail may be is the caller's rule (T4).
pub async fn prove(raw: &[u8], reading: &Reading, firm: &Firm, verifier: &Verifier, now: Timestamp) -> Proof {
    if !reading.faults.is_empty() {
        return Proof::Unproven(Unproven::Unsound);
    }
    let Ok(from) = &reading.from else {
        return Proof::Unproven(Unproven::NoSender);
    };
    if !firm.writes_from(from) {
        return Proof::Unproven(Unproven::OtherSender);
    }
    let wire = line_ends::crlf(raw);
    let header = Header::scan(&wire);
    match &firm.proof {
        ProofRule::Dkim { pinned } => dkim::prove(&wire, &header, firm, pinned.as_ref(), verifier, now).await,
        ProofRule::AuthenticationResults { authserv_id } => {
            let host = verifier.received_host.as_deref();
            match authentication_results::check(&header, host, authserv_id, &firm.signing_domain) {
                Ok(()) => Proof::Proven { by: firm.signing_domain.clone() },
                Err(why) => Proof::Unproven(why),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email_address::EmailAddress;
    use crate::intake::sample::{
        Dns, MAIL, Reply, ed25519, firm, now, offline, pinned, proof_of, reading, sign, sign_as,
    };

    fn ed_firm() -> Firm {
        pinned("s", &ed25519().1)
    }

    async fn why(raw: &str) -> Unproven {
        match proof_of(raw.as_bytes(), &ed_firm()).await {
            Proof::Unproven(why) => why,
            other => panic!("{other:?}"),
        }
    }

    /// Mails that the firm's own key signed, so that the sender is all that is wrong.
    #[tokio::test]
    async fn a_signature_does_not_make_up_for_the_sender() {
        let from = "From: =?UTF-8?B?5L2Q6Jek?= <sato@firm.example>\r\n";
        for (instead, expected) in [
            (format!("{from}{from}"), Unproven::Unsound),
            (format!("From: <evil@firm.example>\r\n{from}"), Unproven::Unsound),
            (format!("{from}FROM: <evil@firm.example>\r\n"), Unproven::Unsound),
            (format!("{from}Subject: other\r\n"), Unproven::Unsound),
            (format!("{from}Date: Sat, 4 Jul 2026 09:00:00 +0900\r\n"), Unproven::Unsound),
            (format!("{from}Sender: a@b.example\r\nSender: a@b.example\r\n"), Unproven::Unsound),
            (format!("{from}no field\r\n"), Unproven::Unsound),
            ("From: sato@firm.example, evil@firm.example\r\n".to_owned(), Unproven::NoSender),
            ("From: firm: sato@firm.example;\r\n".to_owned(), Unproven::NoSender),
            ("From: sato@firm.example <evil@firm.example>\r\n".to_owned(), Unproven::NoSender),
            ("From: \"sato@firm.example\" <evil@firm.example>\r\n".to_owned(), Unproven::OtherSender),
            ("From: evil@firm.example (sato@firm.example)\r\n".to_owned(), Unproven::OtherSender),
            ("From: sato@sub.firm.example\r\n".to_owned(), Unproven::OtherSender),
            (String::new(), Unproven::NoSender),
        ] {
            let raw = sign(&MAIL.replace(from, &instead));
            assert_eq!(why(&raw).await, expected, "{instead}");
        }
    }

    #[tokio::test]
    async fn fields_added_later_do_not_pass_either() {
        let signed = sign(MAIL);
        for added in
            ["From: <evil@firm.example>\r\n", "Subject: other\r\n", "Date: now\r\n", "content-type: text/html\r\n"]
        {
            assert_eq!(why(&(added.to_owned() + &signed)).await, Unproven::Unsound, "{added}");
        }
    }

    #[tokio::test]
    async fn any_address_of_the_firm_may_write_and_none_of_another() {
        let signed = sign(MAIL);
        let mut firm = ed_firm();
        firm.senders.insert(0, EmailAddress::parse("suzuki@firm.example").unwrap());
        assert!(matches!(proof_of(signed.as_bytes(), &firm).await, Proof::Proven { .. }));
        firm.senders.pop();
        assert_eq!(proof_of(signed.as_bytes(), &firm).await, Proof::Unproven(Unproven::OtherSender));
    }

    #[tokio::test]
    async fn a_firm_is_proved_by_its_own_rule_only() {
        let rule = ProofRule::AuthenticationResults { authserv_id: "auth.example".to_owned() };
        let by_results = firm(rule);
        let trusted =
            "Authentication-Results: auth.example; dkim=pass header.d=firm.example\r\nReceived: by mx.example\r\n";
        let raw = trusted.to_owned() + MAIL;
        let seen = reading(raw.as_bytes());
        let verifier = offline(Some("mx.example"));
        let proven = Proof::Proven { by: by_results.signing_domain.clone() };
        assert_eq!(prove(raw.as_bytes(), &seen, &by_results, &verifier, now()).await, proven);
        let by_key = prove(raw.as_bytes(), &seen, &ed_firm(), &verifier, now()).await;
        assert_eq!(by_key, Proof::Unproven(Unproven::NotSigned));
        let signed = sign(MAIL);
        let by_results = prove(signed.as_bytes(), &reading(signed.as_bytes()), &by_results, &verifier, now()).await;
        assert_eq!(by_results, Proof::Unproven(Unproven::NoReceivedHost));
    }

    /// 20 firms, 50 mails each, all at once: 20 questions.
    #[tokio::test]
    async fn many_mails_of_few_firms_ask_once_a_firm() {
        let record = ed25519().1;
        let dns = Dns::start(move |_| Reply::Txt(record.clone(), 60)).await;
        let config = Intake { dns_servers: vec![dns.address()], ..Intake::default() };
        let verifier = std::sync::Arc::new(Verifier::new(&config).unwrap());
        let mut mails = tokio::task::JoinSet::new();
        for at in 0..1_000 {
            let verifier = std::sync::Arc::clone(&verifier);
            mails.spawn(async move {
                let domain = Domain::parse(&format!("firm{}.example", at % 20)).unwrap();
                let mut firm = firm(ProofRule::Dkim { pinned: None });
                firm.signing_domain = domain.clone();
                let raw = sign_as(ed25519().0, MAIL, &["From", "Subject", "Date"], |mut signer| {
                    domain.as_str().clone_into(&mut signer.template.d);
                    signer
                });
                let raw = raw.as_bytes();
                prove(raw, &reading(raw), &firm, &verifier, now()).await == Proof::Proven { by: domain }
            });
        }
        while let Some(proven) = mails.join_next().await {
            assert!(proven.unwrap());
        }
        assert_eq!(dns.asked(), 20);
    }

    #[test]
    fn names_are_stored_and_found() {
        assert_eq!(Unproven::stored(Unproven::PartialBody.name()), Some(Unproven::PartialBody));
    }
}
