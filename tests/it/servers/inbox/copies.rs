use super::{CUSTOMER, Office, SENDER};

#[test]
fn a_copy_in_the_mailbox_does_nothing() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    office.wait_filed("renkei.accepted", 1);
    for copies in 1..=2 {
        office.dovecot.doveadm(&["copy", "-u", "requests", "INBOX", "mailbox", "renkei.accepted", "all"]);
        office.wait_filed("renkei.other", copies);
    }
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 2);
    assert_eq!(office.requests(), 1);
}

#[test]
fn two_copies_in_one_window_make_one_request() {
    let mut office = Office::open();
    let mail = office.request(CUSTOMER);
    let unix = mail.iter().copied().filter(|byte| *byte != b'\r').collect();
    office.dovecot.fill([mail.clone(), unix, mail]);
    let _daemon = office.start();
    office.wait_filed("renkei.other", 2);
    office.wait_filed("renkei.accepted", 1);
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 2);
    assert_eq!(office.requests(), 1);
}

#[test]
fn a_mail_delivered_twice_makes_one_request_and_one_customer_letter() {
    let office = Office::open();
    let _daemon = office.start();
    let mail = office.request(CUSTOMER);
    office.deliver(&mail);
    office.deliver(&mail);
    office.letters_to(CUSTOMER);
    office.wait_empty();
    assert_eq!(office.requests(), 1);
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail WHERE kind = 'request_notice'"), 1);
    assert!(office.letters_to(SENDER).iter().any(|letter| letter.subject.contains("申請番号 1")));
}
