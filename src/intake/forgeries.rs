//! Signed mails, honest and forged (threats T1 to T3): every forgery here is signed by the firm's own key where it can be, so
//! that nothing but the rule in question stands against it.

use mail_auth::common::crypto::Ed25519Key;
use mail_auth::dkim::{Canonicalization, DkimSigner, Done};

use super::sample::{
    Dns, MAIL, Reply, SIGNED, ed25519, firm, now, offline, pinned, proof_of, reading, rsa, sign, sign_as,
};
use super::{Proof, Unproven, Verifier, prove};
use crate::config::intake::Intake;
use crate::domain::email_address::Domain;
use crate::domain::firm::{Firm, ProofRule};
use crate::domain::time::{days, minutes};

type Signer = DkimSigner<Ed25519Key, Done>;

fn proven() -> Proof {
    Proof::Proven { by: Domain::parse("firm.example").unwrap() }
}

fn ed_firm() -> Firm {
    pinned("s", &ed25519().1)
}

fn of(domain: &str, mut signer: Signer) -> Signer {
    domain.clone_into(&mut signer.template.d);
    signer
}

/// Signs as `tweak` says and tells what the firm's mail counts for.
async fn judge(mail: &str, fields: &[&str], tweak: impl FnOnce(Signer) -> Signer) -> Proof {
    proof_of(sign_as(ed25519().0, mail, fields, tweak).as_bytes(), &ed_firm()).await
}

#[tokio::test]
async fn honest_mails_are_proven_in_every_canonical_form() {
    use Canonicalization::{Relaxed, Simple};
    for header in [Relaxed, Simple] {
        for body in [Relaxed, Simple] {
            let form = |signer: Signer| signer.header_canonicalization(header).body_canonicalization(body);
            let signed = sign_as(ed25519().0, MAIL, &SIGNED, form);
            assert_eq!(proof_of(signed.as_bytes(), &ed_firm()).await, proven(), "{header:?} {body:?}");
            // As a Maildir keeps it.
            let kept = signed.replace("\r\n", "\n");
            assert_eq!(proof_of(kept.as_bytes(), &ed_firm()).await, proven(), "{header:?} {body:?} LF");
        }
    }
    let (key, record) = rsa();
    let signed = sign_as(key, MAIL, &SIGNED, |signer| signer);
    assert_eq!(proof_of(signed.as_bytes(), &pinned("S", record)).await, proven());
    let old = include_bytes!("../../tests/fixtures/dkim_rsa1024.eml");
    let record = include_str!("../../tests/fixtures/dkim_rsa1024.txt");
    assert_eq!(proof_of(old, &pinned("old", record)).await, proven());
}

#[tokio::test]
async fn what_the_way_adds_does_not_break_it() {
    let way = "Return-Path: <sato@firm.example>\r\nDelivered-To: x\r\nReceived: from a by b; Fri, 3 Jul 2026 09:00:02 +0900\r\n";
    assert_eq!(proof_of((way.to_owned() + &sign(MAIL)).as_bytes(), &ed_firm()).await, proven());
}

#[tokio::test]
async fn changed_mails_are_not() {
    let signed = sign(MAIL);
    for (from, to, why) in [
        ("yamada@example.jp", "yamada@evil.example", Unproven::BodyChanged),
        ("お願いします。\r\n", "お願いします。\r\nx\r\n", Unproven::BodyChanged),
        ("Subject: request", "Subject: requests", Unproven::BadSignature),
        ("Date: Fri, 3", "Date: Sat, 4", Unproven::BadSignature),
        ("=?UTF-8?B?5L2Q6Jek?= <", "<", Unproven::BadSignature),
        ("s=s;", "s=other;", Unproven::NoKey),
    ] {
        assert!(signed.contains(from));
        let changed = signed.replace(from, to);
        assert_eq!(proof_of(changed.as_bytes(), &ed_firm()).await, Proof::Unproven(why), "{to}");
    }
    assert_eq!(proof_of(MAIL.as_bytes(), &ed_firm()).await, Proof::Unproven(Unproven::NotSigned));
    let other_key = Ed25519Key::from_pkcs8_der(&Ed25519Key::generate_pkcs8().unwrap()).unwrap();
    let forged = sign_as(other_key, MAIL, &SIGNED, |signer| signer);
    assert_eq!(proof_of(forged.as_bytes(), &ed_firm()).await, Proof::Unproven(Unproven::BadSignature));
}

#[tokio::test]
async fn a_cr_in_a_signed_body_moves_no_line() {
    // The canonical form, and so the body hash, is the same: only the reading would change.
    let cut = sign(MAIL).replace("yamada@example.jp", "yamada@example.jp\r.evil.example");
    assert_eq!(proof_of(cut.as_bytes(), &ed_firm()).await, Proof::Unproven(Unproven::Unsound));
}

#[tokio::test]
async fn a_valid_signature_that_says_too_little_does_not_count() {
    for left_out in ["From", "Subject", "Date"] {
        let fields: Vec<_> = SIGNED.into_iter().filter(|name| *name != left_out).collect();
        let why = Proof::Unproven(Unproven::UnsignedFields);
        assert_eq!(judge(MAIL, &fields, |signer| signer).await, why, "{left_out}");
    }
    let why = Proof::Unproven(Unproven::PartialBody);
    assert_eq!(judge(MAIL, &SIGNED, |signer| signer.body_length(true)).await, why);
    let appended = sign_as(ed25519().0, MAIL, &SIGNED, |signer| signer.body_length(true)) + "more\r\n";
    assert_eq!(proof_of(appended.as_bytes(), &ed_firm()).await, why);
}

#[tokio::test]
async fn a_signature_of_another_domain_does_not_count() {
    for domain in ["evil.example", "sub.firm.example", "example", "firm.example.evil.example"] {
        let signed = sign_as(ed25519().0, MAIL, &SIGNED, |signer| of(domain, signer));
        assert_eq!(proof_of(signed.as_bytes(), &ed_firm()).await, Proof::Unproven(Unproven::OtherDomain), "{domain}");
    }
}

#[tokio::test]
async fn sha_1_and_short_keys_do_not_count() {
    let sha1 = include_bytes!("../../tests/fixtures/dkim_rsa_sha1.eml");
    let record = include_str!("../../tests/fixtures/dkim_rsa_sha1.txt");
    assert_eq!(proof_of(sha1, &pinned("sha1", record)).await, Proof::Unproven(Unproven::Algorithm));
    let weak = include_bytes!("../../tests/fixtures/dkim_rsa512.eml");
    let record = include_str!("../../tests/fixtures/dkim_rsa512.txt");
    assert_eq!(proof_of(weak, &pinned("weak", record)).await, Proof::Unproven(Unproven::WeakKey));
}

#[tokio::test]
async fn time_is_ours() {
    let signed = sign_as(ed25519().0, MAIL, &SIGNED, |signer| signer.expiration(3_600));
    let (raw, firm, verifier) = (signed.as_bytes(), ed_firm(), offline(None));
    let seen = reading(raw);
    let at = |now| prove(raw, &seen, &firm, &verifier, now);
    assert_eq!(at(now()).await, proven());
    assert_eq!(at(now().after(minutes(59))).await, proven());
    assert_eq!(at(now().after(minutes(61))).await, Proof::Unproven(Unproven::Expired));
    assert_eq!(at(now().before(minutes(9))).await, proven());
    assert_eq!(at(now().before(minutes(11))).await, Proof::Unproven(Unproven::FromTheFuture));
    assert_eq!(at(now().before(days(3_650))).await, Proof::Unproven(Unproven::FromTheFuture));
}

/// The system's clock says expired, ours does not: a mail is judged by the time that the caller names.
#[tokio::test]
async fn the_system_s_clock_is_not_asked() {
    let signed = sign_as(ed25519().0, MAIL, &SIGNED, |signer| signer.expiration(1));
    let then = now();
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let then = then.before(std::time::Duration::from_secs(1));
    let raw = signed.as_bytes();
    assert_eq!(prove(raw, &reading(raw), &ed_firm(), &offline(None), then).await, proven());
}

#[tokio::test]
async fn one_good_signature_of_five_is_enough_and_the_sixth_is_not_looked_at() {
    let good = sign(MAIL);
    let bad = good.split_once("\r\nReceived").unwrap().0.replace("t=", "t=1") + "\r\n";
    let strange = bad.replace("d=firm.example", "d=other.example");
    for (bads, expected) in [(4, proven()), (5, Proof::Unproven(Unproven::BadSignature))] {
        let mail = strange.repeat(100) + &bad.repeat(bads) + &good;
        let outcome = proof_of(mail.as_bytes(), &ed_firm()).await;
        assert!(matches!((&outcome, &expected), (Proof::Unproven(_), Proof::Unproven(_))) || outcome == expected);
    }
}

#[tokio::test]
async fn a_thousand_signatures_cost_five_questions() {
    let dns = Dns::start(|_| Reply::NxDomain).await;
    let verifier = Verifier::new(&Intake { dns_servers: vec![dns.address()], ..Intake::default() }).unwrap();
    let good = sign(MAIL);
    let field = good.split_once("\r\nReceived").unwrap().0.to_owned() + "\r\n";
    let many: String = (0..200).map(|at| field.replace("s=s;", &format!("s=s{at};"))).collect();
    let raw = many + MAIL;
    let firm = firm(ProofRule::Dkim { pinned: None });
    let outcome = prove(raw.as_bytes(), &reading(raw.as_bytes()), &firm, &verifier, now()).await;
    assert_eq!(outcome, Proof::Unproven(Unproven::NoKey));
    assert_eq!(dns.asked(), 5);
}

#[tokio::test]
async fn dns_that_fails_holds_the_mail_unless_another_signature_passes() {
    let record = ed25519().1;
    let dns = Dns::start(move |name| match name {
        "s._domainkey.firm.example." => Reply::Txt(record.clone(), 60),
        "gone._domainkey.firm.example." => Reply::NxDomain,
        _ => Reply::ServFail,
    })
    .await;
    let config = Intake { dns_servers: vec![dns.address()], dns_timeout_s: 1, ..Intake::default() };
    let verifier = Verifier::new(&config).unwrap();
    let firm = firm(ProofRule::Dkim { pinned: None });
    let good = sign(MAIL);
    let (field, _) = good.split_once("\r\nReceived").unwrap();
    let by = |selector: &str| field.replace("s=s;", &format!("s={selector};")) + "\r\n";
    for (raw, expected) in [
        (good.clone(), proven()),
        (by("broken") + MAIL, Proof::Unreachable),
        (by("broken") + &good, proven()),
        (by("gone") + &by("broken") + MAIL, Proof::Unreachable),
        (by("gone") + MAIL, Proof::Unproven(Unproven::NoKey)),
    ] {
        let outcome = prove(raw.as_bytes(), &reading(raw.as_bytes()), &firm, &verifier, now()).await;
        assert_eq!(outcome, expected);
    }
    // Neither reports (RFC 6651) nor third parties (RFC 6541) are asked about.
    assert!(dns.names().keys().all(|name| name.ends_with("._domainkey.firm.example.")), "{:?}", dns.names());
}

#[tokio::test]
async fn a_pinned_key_asks_nobody() {
    let reporting = sign_as(ed25519().0, MAIL, &SIGNED, |signer| signer.reporting(true).atps("firm.example"));
    let dns = Dns::start(|_| Reply::ServFail).await;
    let config = Intake { dns_servers: vec![dns.address()], ..Intake::default() };
    let verifier = Verifier::new(&config).unwrap();
    for (raw, firm, expected) in [
        (sign(MAIL), ed_firm(), proven()),
        (reporting, ed_firm(), proven()),
        (sign(MAIL), pinned("other", &ed25519().1), Proof::Unproven(Unproven::NoKey)),
    ] {
        let outcome = prove(raw.as_bytes(), &reading(raw.as_bytes()), &firm, &verifier, now()).await;
        assert_eq!(outcome, expected);
    }
    assert_eq!(dns.asked(), 0);
}

#[tokio::test]
async fn a_domain_is_the_same_in_both_spellings() {
    let firm = Firm { signing_domain: Domain::parse("日本語.example").unwrap(), ..ed_firm() };
    for domain in ["xn--wgv71a119e.example", "XN--WGV71A119E.Example", "日本語.example"] {
        let signed = sign_as(ed25519().0, MAIL, &SIGNED, |signer| of(domain, signer));
        assert!(matches!(proof_of(signed.as_bytes(), &firm).await, Proof::Proven { .. }), "{domain}");
    }
}
