use super::{CUSTOMER, Office, SOON};
use crate::support::dns::Answer;
use crate::support::poll;

const HELD: &str = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'held' AND due_at IS NOT NULL";

/// Lets the hold of a minute pass. A held mail is looked at when it was due, or when mail comes: this one.
fn time_passes(office: &Office) {
    office.change("UPDATE inbound_message SET due_at = 1 WHERE verdict = 'held'");
    office.deliver(&Office::nonsense());
}

#[test]
fn a_mail_waits_in_the_inbox_while_dns_fails_and_goes_on_when_it_answers() {
    let office = Office::open();
    office.dns_fails(true);
    let mut daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    poll::until_true("the mail to be held", SOON, || office.number(HELD) == 1);
    assert_eq!((office.dovecot.count("INBOX"), office.requests()), (1, 0));

    // it fails again: held again, for longer
    time_passes(&office);
    let tried_again = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'held' AND tries = 2 AND due_at > 1";
    poll::until_true("the mail to be held again", SOON, || office.number(tried_again) == 1);
    assert_eq!((office.dovecot.count("INBOX"), office.number("SELECT COUNT(*) FROM outbound_mail")), (1, 0));

    // a restart forgets nothing
    daemon.stop();
    office.dns_fails(false);
    let _daemon = office.start();
    time_passes(&office);
    office.letters_to(CUSTOMER);
    office.wait_empty();
    assert_eq!((office.number(HELD), office.dovecot.count("renkei.accepted"), office.requests()), (0, 1, 1));
}

#[test]
fn a_held_mail_goes_on_by_itself_once_it_is_due() {
    let office = Office::open();
    office.dns.set(&office.key.dns_name(), Answer::Silence);
    let mut daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    poll::until_true("the mail to be held", SOON, || office.number(HELD) == 1);
    daemon.stop();
    // a hold lasts a minute: the most of it is over
    office.change("UPDATE inbound_message SET due_at = (strftime('%s', 'now') + 6) * 1000 WHERE verdict = 'held'");
    office.dns_fails(false);
    let daemon = office.start();
    daemon.wait_for_log("the mailbox is watched", SOON);
    assert_eq!((office.number(HELD), office.requests()), (1, 0), "it went on too early");
    office.letters_to(CUSTOMER);
    office.wait_empty();
}

#[test]
fn a_key_that_does_not_exist_holds_nothing() {
    let office = Office::open();
    office.dns.set(&office.key.dns_name(), Answer::NxDomain);
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    office.wait_filed("renkei.quarantine", 1);
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 0);
}

#[test]
fn a_held_mail_that_somebody_takes_away_is_forgotten() {
    let office = Office::open();
    office.dns_fails(true);
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    poll::until_true("the mail to be held", SOON, || office.number(HELD) == 1);
    office.dovecot.expunge("INBOX", office.dovecot.mails("INBOX")[0].uid);
    time_passes(&office);
    poll::until_true("the row to be gone", SOON, || office.number(HELD) == 0);
    assert_eq!(office.requests(), 0);
}
