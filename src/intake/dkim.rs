//! Proof by DKIM (RFC 6376, RFC 8301, RFC 8463): mail-auth does the arithmetic over the fields that we cut; which signature
//! counts is judged here (threats T1 to T3).

use std::borrow::Borrow;
use std::hash::Hash;

use mail_auth::common::crypto::{Algorithm, HashAlgorithm};
use mail_auth::common::headers;
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::{AuthenticatedMessage, DkimResult, Error, MessageAuthenticator, Parameters, ResolverCache, Txt};

use super::digest::sha256;
use super::fields::{Field, Header};
use super::line_ends;
use super::proof::{Proof, Unproven, Verifier};
use super::public_keys::{self, KeyError, PublicKey};
use super::tag_list::TagList;
use crate::domain::email_address::Domain;
use crate::domain::firm::{Firm, PinnedKey};
use crate::domain::inbound::Seal;
use crate::domain::time::{Timestamp, minutes};

/// Most signatures of a firm's domain that are looked at.
const SIGNATURE_LIMIT: usize = 5;
/// Fields that must be signed.
const SIGNED: [&str; 3] = ["from", "subject", "date"];
/// Smallest RSA key that counts, in bits (RFC 8301 §3.2).
const RSA_BITS: usize = 1_024;

/// Judges the signatures of a mail by the firm's domain. `raw` has CRLF line ends, `header` is its header.
pub(super) async fn prove(
    raw: &[u8],
    header: &Header<'_>,
    firm: &Firm,
    pinned: Option<&PinnedKey>,
    verifier: &Verifier,
    now: Timestamp,
) -> Proof {
    let fields: Vec<_> = of_domain(header, &firm.signing_domain).take(SIGNATURE_LIMIT).collect();
    let is_signed = header.first("DKIM-Signature").is_some();
    let mut why = if is_signed { Unproven::OtherDomain } else { Unproven::NotSigned };
    let mut is_unreachable = false;
    let mut message = AuthenticatedMessage {
        headers: header.fields.iter().map(|field| (field.name, field.value)).collect(),
        raw_message: raw,
        body_offset: u32::try_from(header.body_offset).unwrap_or(u32::MAX),
        ..AuthenticatedMessage::default()
    };
    for (at, field) in fields.iter().enumerate() {
        let judged = match admit(field, now) {
            Ok(signature) => match key(&signature, firm, pinned, verifier).await {
                Ok(key) => verify(&mut message, header.body, **field, signature, key, verifier.authenticator()).await,
                Err(KeyError::Worthless(why)) => Err(why),
                Err(KeyError::Unreachable) => {
                    is_unreachable = true;
                    continue;
                }
            },
            Err(why) => Err(why),
        };
        match judged {
            Ok(()) => return Proof::Proven { by: firm.signing_domain.clone() },
            Err(fault) if at == 0 => why = fault,
            Err(_) => {}
        }
    }
    if is_unreachable { Proof::Unreachable } else { Proof::Unproven(why) }
}

/// What the signatures of a firm's domain signed with, each once, at most as many as are looked at for the proof: the same
/// signed words in another envelope are known by them (threat T4).
#[must_use]
pub fn seals(raw: &[u8], firm: &Firm) -> Vec<Seal> {
    let wire = line_ends::crlf(raw);
    let header = Header::scan(&wire);
    let fields = of_domain(&header, &firm.signing_domain).take(SIGNATURE_LIMIT);
    // By its bytes: the same ones can be written in base64 in many ways.
    let signatures = fields.filter_map(|field| Signature::parse(field.value).ok());
    let mut seals: Vec<Seal> = signatures.map(|signature| Seal(sha256(&signature.b))).collect();
    // A signature that stands twice is remembered once.
    seals.sort();
    seals.dedup();
    seals
}

/// The signatures that claim `domain`, by A-label (RFC 8616).
fn of_domain<'h, 'x>(header: &'h Header<'x>, domain: &'h Domain) -> impl Iterator<Item = &'h Field<'x>> {
    header.all("DKIM-Signature").filter(move |field| {
        let value = field.unfolded();
        let claimed = TagList::parse(&value).and_then(|tags| tags.get("d"));
        claimed.is_some_and(|claimed| {
            claimed.eq_ignore_ascii_case(domain.as_str())
                || !claimed.is_ascii() && Domain::parse(claimed).is_ok_and(|claimed| claimed == *domain)
        })
    })
}

/// A signature whose own words do not rule it out.
fn admit(field: &Field<'_>, now: Timestamp) -> Result<Signature, Unproven> {
    let value = field.unfolded();
    let tags = TagList::parse(&value).ok_or(Unproven::BadSignature)?;
    let mut signature = Signature::parse(field.value).map_err(|error| match error {
        Error::Dkim(DkimError::UnsupportedAlgorithm) => Unproven::Algorithm,
        _ => Unproven::BadSignature,
    })?;
    // mail-auth takes the one for granted and does not look at the other (RFC 6376 §3.5).
    let asks_dns = tags.lists("q", "dns/txt").unwrap_or(true);
    if tags.get("v") != Some("1") || tags.get("a").is_none() || !asks_dns {
        return Err(Unproven::BadSignature);
    }
    if tags.get("l").is_some() || signature.l != 0 {
        return Err(Unproven::PartialBody);
    }
    if !matches!(signature.a, Algorithm::RsaSha256 | Algorithm::Ed25519Sha256) {
        return Err(Unproven::Algorithm);
    }
    if !SIGNED.iter().all(|name| signature.h.iter().any(|signed| signed.eq_ignore_ascii_case(name))) {
        return Err(Unproven::UnsignedFields);
    }
    let seconds = |at: Timestamp| u64::try_from(at.as_millis() / 1_000).unwrap_or(0);
    if signature.t > seconds(now.after(minutes(10))) {
        return Err(Unproven::FromTheFuture);
    }
    if tags.get("x").is_some() && (signature.x <= signature.t || signature.x <= seconds(now)) {
        return Err(Unproven::Expired);
    }
    // mail-auth would judge x= by the system's clock. What is signed is the raw field: this changes nothing there.
    signature.x = 0;
    Ok(signature)
}

async fn key(
    signature: &Signature,
    firm: &Firm,
    pinned: Option<&PinnedKey>,
    verifier: &Verifier,
) -> Result<PublicKey, KeyError> {
    let key = match pinned {
        Some(pinned) if pinned.selector.eq_ignore_ascii_case(&signature.s) => {
            public_keys::parse(pinned.record.as_bytes()).map_err(KeyError::Worthless)?
        }
        Some(_) => return Err(KeyError::Worthless(Unproven::NoKey)),
        None => verifier.keys().get(&signature.s, firm.signing_domain.as_str()).await?,
    };
    if matches!(signature.a, Algorithm::RsaSha256) && key.p.public_key_bits() < RSA_BITS {
        return Err(KeyError::Worthless(Unproven::WeakKey));
    }
    Ok(key)
}

/// Checks one signature, the key at hand.
async fn verify<'x>(
    message: &mut AuthenticatedMessage<'x>,
    body: &'x [u8],
    field: Field<'x>,
    signature: Signature,
    key: PublicKey,
    authenticator: &MessageAuthenticator,
) -> Result<(), Unproven> {
    let canonicalization = signature.cb;
    if !message.body_hashes.iter().any(|(known, ..)| *known == canonicalization) {
        let hash = HashAlgorithm::Sha256.hash(canonicalization.canonical_body(body, 0));
        message.body_hashes.push((canonicalization, HashAlgorithm::Sha256, 0, hash.as_ref().to_vec()));
    }
    message.dkim_headers = vec![headers::Header::new(field.name, field.value, signature)];
    let key = OneKey(Txt::DomainKey(key));
    let outputs = authenticator.verify_dkim(Parameters::new(&*message).with_txt_cache(&key)).await;
    match outputs.as_slice() {
        [output] => match output.result() {
            DkimResult::Pass => Ok(()),
            DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => Err(Unproven::BodyChanged),
            _ => Err(Unproven::BadSignature),
        },
        _ => Err(Unproven::BadSignature),
    }
}

/// Answers whatever mail-auth asks with the key, so that it asks DNS nothing: neither about reports (RFC 6651) nor about third
/// parties (RFC 6541), for which a key is no answer.
struct OneKey(Txt);

impl ResolverCache<Box<str>, Txt> for OneKey {
    fn get<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.0.clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::sample::{MAIL, ed25519, offline, pinned, sign};

    #[test]
    fn a_seal_outlives_whatever_is_added_or_written_otherwise() {
        let (signed, firm) = (sign(MAIL), pinned("s", &ed25519().1));
        let seal = seals(signed.as_bytes(), &firm);
        assert_eq!(seal.len(), 1);
        let more = format!("Received: x\r\nDKIM-Signature: v=1; d=other.example; b=AAAA\r\n{signed}");
        let folded = signed.replacen("; b=", ";\r\n b = ", 1);
        assert_ne!(folded, signed);
        for other in [more, folded, signed.replace("\r\n", "\n"), signed.replace("Subject: request", "Subject: x")] {
            assert_eq!(seals(other.as_bytes(), &firm), seal, "{other}");
        }
        assert_ne!(seals(sign(&MAIL.replace("1001", "1002")).as_bytes(), &firm), seal);
        assert_eq!(seals(MAIL.as_bytes(), &firm), []);
        let (field, _) = signed.split_once("\r\nReceived").unwrap();
        assert_eq!(seals(format!("{field}\r\n{signed}").as_bytes(), &firm), seal, "it stands twice");
    }

    /// So that the test of `Unproven::Algorithm` shows our check and not a broken sample.
    #[tokio::test]
    async fn the_sha_1_mail_would_pass_by_its_arithmetic() {
        let raw = include_bytes!("../../tests/fixtures/dkim_rsa_sha1.eml");
        let record = include_str!("../../tests/fixtures/dkim_rsa_sha1.txt");
        let message = AuthenticatedMessage::parse(raw).unwrap();
        let key = OneKey(Txt::DomainKey(public_keys::parse(record.as_bytes()).unwrap()));
        let verifier = offline(None);
        let outputs = verifier.authenticator().verify_dkim(Parameters::new(&message).with_txt_cache(&key)).await;
        assert_eq!(outputs.first().map(|output| output.result().clone()), Some(DkimResult::Pass));
    }
}
