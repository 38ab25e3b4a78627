use serde_json::Value;

use super::{CUSTOMER, Office, SENDER};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

impl Office {
    /// What `quarantine list` shows.
    fn quarantined(&self) -> Vec<Value> {
        serde_json::from_str(&self.installation.cli_ok(&["quarantine", "list", "--json"])).unwrap()
    }

    /// The id of the only quarantined mail.
    fn suspect(&self) -> String {
        self.wait_filed("renkei.quarantine", 1);
        let listed = self.quarantined();
        assert_eq!(listed.len(), 1, "{listed:?}");
        listed[0]["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn once_the_firm_is_registered_a_released_mail_becomes_a_request() {
    let office = Office::open();
    let _daemon = office.start();
    let key = FirmKey::ed25519("midori.example");
    office.dns.txt(&key.dns_name(), key.record());
    office.deliver(&FirmMail::new("sato@midori.example", CUSTOMER).signed(&key));
    let id = office.suspect();
    let shown = office.installation.cli_ok(&["quarantine", "show", &id]);
    assert!(shown.contains("no firm writes from this address"), "{shown}");

    office.register("1002", "みどり会計事務所", "sato@midori.example");
    office.installation.cli_ok(&["quarantine", "release", &id]);
    assert!(office.letters_to(CUSTOMER)[0].subject.contains("みどり会計事務所様"));
    office.wait_filed("renkei.accepted", 1);
    assert_eq!((office.dovecot.count("renkei.quarantine"), office.quarantined().len()), (0, 0));
    assert_eq!(office.installation.cli(&["quarantine", "show", &id]).code, Some(2));
}

#[test]
fn releasing_a_forged_mail_lands_it_in_quarantine_again() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&FirmMail::new(SENDER, CUSTOMER).unsigned());
    let first = office.suspect();
    office.installation.cli_ok(&["quarantine", "release", &first]);
    let judged_again = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'quarantined' AND filed_at IS NOT NULL AND id > \
                        (SELECT MIN(id) FROM inbound_message)";
    crate::support::poll::until_true("the mail to be judged again", super::SOON, || office.number(judged_again) == 1);
    assert_ne!(office.suspect(), first);
    assert_eq!((office.requests(), office.number("SELECT COUNT(*) FROM outbound_mail")), (0, 0));
}

#[test]
fn a_dropped_mail_is_gone() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&FirmMail::new(SENDER, CUSTOMER).unsigned());
    let id = office.suspect();
    office.installation.cli_ok(&["quarantine", "drop", &id]);
    assert_eq!((office.dovecot.count("renkei.quarantine"), office.quarantined().len()), (0, 0));
    assert_ne!(office.installation.cli(&["quarantine", "drop", &id]).code, Some(0));
}

#[test]
fn an_operator_may_move_a_mail_back_with_any_mail_program() {
    let office = Office::open();
    let _daemon = office.start();
    office.installation.cli_ok(&["firm", "suspend", "1001"]);
    office.deliver(&office.request(CUSTOMER));
    office.suspect();
    office.installation.cli_ok(&["firm", "resume", "1001"]);
    office.dovecot.doveadm(&["move", "-u", "requests", "INBOX", "mailbox", "renkei.quarantine", "all"]);
    office.letters_to(CUSTOMER);
    office.wait_filed("renkei.accepted", 1);
    assert_eq!(office.quarantined().len(), 0);
}
