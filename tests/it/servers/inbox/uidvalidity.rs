use super::{Office, SOON};
use crate::support::poll;

fn customer(n: usize) -> String {
    format!("customer{n}@client.example")
}

/// One letter to each of `count` customers, and none twice.
fn assert_each_once(office: &Office, count: usize) {
    for n in 0..count {
        office.letters_to(&customer(n));
    }
    office.wait_empty();
    let letters = "SELECT COUNT(*) FROM outbound_mail WHERE kind = 'request_notice'";
    let count = i64::try_from(count).unwrap();
    assert_eq!((office.requests(), office.number(letters)), (count, count));
}

#[test]
fn uids_dealt_anew_while_stopped_make_nothing_twice_and_lose_nothing() {
    let office = Office::open();
    let mut daemon = office.start();
    for n in 0..4 {
        office.deliver(&office.request(&customer(n)));
    }
    office.wait_filed("renkei.accepted", 4);
    office.dns_fails(true);
    office.dns.set_ttl(0);
    daemon.stop();
    let mut daemon = office.start();
    for n in 4..6 {
        office.deliver(&office.request(&customer(n)));
    }
    let held = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'held'";
    poll::until_true("two mails to be held", SOON, || office.number(held) == 2);
    daemon.stop();

    // two judged mails not moved yet, two moved ones that a restored backup brought back, two that are held, three new ones
    office.dovecot.doveadm(&["move", "-u", "requests", "INBOX", "mailbox", "renkei.accepted", "uid", "1:2"]);
    office.change(
        "UPDATE inbound_message SET filed_at = NULL WHERE id IN
         (SELECT id FROM inbound_message WHERE verdict = 'accepted' ORDER BY id LIMIT 2)",
    );
    office.dovecot.doveadm(&["copy", "-u", "requests", "INBOX", "mailbox", "renkei.accepted", "all"]);
    for n in 6..9 {
        office.deliver(&office.request(&customer(n)));
    }
    let before = office.dovecot.uidvalidity("INBOX");
    office.dovecot.set_uidvalidity("INBOX", before + 1000);
    office.dns_fails(false);

    let _daemon = office.start();
    assert_each_once(&office, 9);
    assert_eq!((office.dovecot.count("renkei.accepted"), office.dovecot.count("renkei.other")), (9, 2));
}

#[test]
fn uids_dealt_anew_under_a_running_daemon_are_noticed() {
    let office = Office::open();
    office.dns_fails(true);
    office.dns.set_ttl(0);
    let _daemon = office.start();
    office.deliver(&office.request(&customer(0)));
    let held = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'held'";
    poll::until_true("the mail to be held", SOON, || office.number(held) == 1);
    let before = office.dovecot.uidvalidity("INBOX");
    office.dovecot.set_uidvalidity("INBOX", before + 1000);
    office.dns_fails(false);
    office.deliver(&office.request(&customer(1)));
    office.deliver(&office.request(&customer(2)));
    office.pass_time_until_letter(&customer(0), || office.deliver(&Office::nonsense()));
    assert_each_once(&office, 3);
}
