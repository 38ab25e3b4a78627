use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CUSTOMER, Office, SENDER, SOON};
use crate::support::dovecot::PASSWORD;
use crate::support::firm_mail::FirmMail;
use crate::support::poll;

/// Everything that can happen to a mail, then the whole log.
fn assert_discreet(level: Option<&str>) {
    let mut office = Office::open();
    if let Some(level) = level {
        office.installation = office.installation.env("RUST_LOG", level);
    }
    let mut daemon = office.start();
    let subject = "極秘の件名 canary-subject";
    let body = "極秘の本文 canary-body";
    let mail = FirmMail::new(SENDER, CUSTOMER).header("Subject", subject).message(body).client_name("極秘商店");
    let good = mail.signed(&office.key);
    office.deliver(&good);
    let link = office.letters_to(CUSTOMER)[0].links()[0].to_owned();
    office.deliver(&good);
    office.deliver(&mail.unsigned());
    office.deliver(&FirmMail::new(SENDER, "canary-fault@").signed(&office.key));
    office.deliver(&FirmMail::new("canary-stranger@unknown.example", CUSTOMER).unsigned());
    office.dns_fails(true);
    office.dns.set_ttl(0);
    office.wait_empty();
    office.dovecot.kick();
    poll::until_true("the daemon to notice", SOON, || daemon.log().contains("the mailbox is left"));
    office.sink.kill();
    office.deliver(&FirmMail::new(SENDER, "").header("Subject", subject).signed(&office.key));
    office.sink.restart();
    poll::until_true("the daemon to come back", SOON, || daemon.log().matches("the mailbox is watched").count() == 2);
    office.wait_empty();
    daemon.stop();

    let log = daemon.log();
    assert!(log.contains("mails were judged"), "nothing was logged");
    let token = link.rsplit_once('/').unwrap().1;
    let encoded = STANDARD.encode(mail.text().replace('\n', "\r\n"));
    let firm = ["tanaka", "aozora.example", "yamada", "customer.example", "canary", "noreply@", "unknown.example"];
    let said = ["極秘", "顧問先", "申請", "BEGIN", "/r/", token, &encoded[..40], super::FIRM, "03-0000"];
    for canary in firm.into_iter().chain(said) {
        let found = log.lines().find(|line| line.contains(canary));
        assert_eq!(found, None, "{canary}");
    }
    let password = log.lines().find(|line| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == PASSWORD));
    assert_eq!(password, None);
}

#[test]
fn the_log_names_neither_people_nor_links_nor_words() {
    assert_discreet(None);
}

#[test]
fn nor_does_it_when_everything_is_traced() {
    assert_discreet(Some("trace"));
}
