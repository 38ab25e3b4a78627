use super::{CUSTOMER, Office, SENDER};
use crate::support::firm_key::{FirmKey, Signing};
use crate::support::firm_mail::FirmMail;

/// A good mail behind the bad ones: once it has arrived, the others have been judged.
fn assert_quarantined_and_unanswered(office: &Office, bad: &[Vec<u8>]) {
    let _daemon = office.start();
    for mail in bad {
        office.deliver(mail);
    }
    office.deliver(&office.request("good@customer.example"));
    office.letters_to("good@customer.example");
    office.wait_empty();
    assert_eq!(office.dovecot.count("renkei.quarantine"), bad.len());
    assert_eq!(office.dovecot.count("renkei.accepted"), 1);
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 2, "a letter and a receipt, for the good one");
    assert_eq!(office.requests(), 1);
}

#[test]
fn what_nobody_proved_is_quarantined_and_never_answered() {
    let office = Office::open();
    let stranger = FirmMail::new("x@unknown.example", CUSTOMER);
    let bad = [
        FirmMail::new(SENDER, CUSTOMER).unsigned(),
        FirmMail::new(SENDER, "no address").unsigned(),
        stranger.signed(&FirmKey::ed25519("unknown.example")),
        b"Subject: hello\r\n\r\nno sender at all\r\n".to_vec(),
    ];
    assert_quarantined_and_unanswered(&office, &bad);
}

#[test]
fn a_forged_mail_is_quarantined_and_never_answered() {
    let office = Office::open();
    let mail = FirmMail::new(SENDER, CUSTOMER);
    let signed = |headers: &[&str]| Signing {
        headers: headers.iter().map(|name| (*name).to_owned()).collect(),
        ..Signing::default()
    };
    let other = FirmKey::ed25519("evil.example");
    office.dns.txt(&other.dns_name(), other.record());
    let mut changed = mail.signed(&office.key);
    changed.extend_from_slice(b"QQ==\r\n");
    let twice = [b"From: Boss <boss@evil.example>\r\n", &mail.signed(&office.key)[..]].concat();
    let bad = [
        changed,
        twice,
        other.sign(&mail.unsigned()),
        FirmKey::ed25519("aozora.example").sign(&mail.unsigned()),
        office.key.sign_as(&mail.unsigned(), &signed(&["From", "Date"])),
        office.key.sign_as(&mail.unsigned(), &Signing { body_length: true, ..Signing::default() }),
    ];
    assert_quarantined_and_unanswered(&office, &bad);
}
