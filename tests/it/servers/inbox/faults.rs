use super::{CUSTOMER, Office, SENDER};
use crate::support::firm_mail::FirmMail;

#[test]
fn a_fault_in_the_form_is_answered_once_and_filed_as_refused() {
    let office = Office::open();
    let mut daemon = office.start();
    office.deliver(&FirmMail::new(SENDER, CUSTOMER).without_field("顧問先メールアドレス").signed(&office.key));
    let answer = office.letters_to(SENDER).remove(0);
    assert!(answer.text.contains("顧問先メールアドレス"), "it says what is missing: {}", answer.text);
    assert_eq!(answer.links(), Vec::<&str>::new());
    office.wait_filed("renkei.refused", 1);

    // the same mail back in the inbox, before and after a restart: no second answer
    office.dovecot.doveadm(&["copy", "-u", "requests", "INBOX", "mailbox", "renkei.refused", "all"]);
    office.wait_filed("renkei.other", 1);
    daemon.stop();
    office.dovecot.doveadm(&["copy", "-u", "requests", "INBOX", "mailbox", "renkei.refused", "all"]);
    let _again = office.start();
    office.wait_filed("renkei.other", 2);
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 1);
    assert_eq!((office.requests(), office.dovecot.count("INBOX")), (0, 0));
}

#[test]
fn another_firms_number_is_a_fault() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&FirmMail::new(SENDER, CUSTOMER).firm_number("9999").signed(&office.key));
    office.letters_to(SENDER);
    office.wait_filed("renkei.refused", 1);
    assert_eq!(office.requests(), 0);
}

#[test]
fn a_mail_that_is_too_large_is_filed_unread() {
    let mut office = Office::open();
    office.installation = office.installation.env("RENKEI__INTAKE__MAIL_LIMIT", "65536");
    let proxy = crate::support::proxy::Proxy::to(office.dovecot.imap_port());
    let settings = std::fs::read_to_string(office.installation.config()).unwrap();
    let through =
        settings.replace(&format!("port = {}\n", office.dovecot.imap_port()), &format!("port = {}\n", proxy.port()));
    office.installation.configure(&through);
    let _daemon = office.start();
    let padding = "これは長い文章です。".repeat(10_000);
    office.deliver(&FirmMail::new(SENDER, CUSTOMER).message(&padding).signed(&office.key));
    office.deliver(&office.request("good@customer.example"));
    office.letters_to("good@customer.example");
    office.wait_filed("renkei.other", 1);
    office.wait_empty();
    assert!(proxy.told().contains("RFC822.SIZE") && proxy.told().len() < 65_536, "it was downloaded");
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail"), 2);
}
