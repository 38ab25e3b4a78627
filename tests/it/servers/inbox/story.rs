use super::{CUSTOMER, Office, SENDER};

#[test]
fn a_signed_mail_becomes_the_customers_letter_and_the_firms_receipt() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));

    let letter = office.letters_to(CUSTOMER).remove(0);
    assert_eq!(letter.subject, "【弥生】あおぞら会計事務所様より弥生製品の契約情報取得が申請されています");
    let links = letter.links();
    assert!(links.len() == 1 && links[0].starts_with("http://127.0.0.1:") && links[0].contains("/r/"), "{links:?}");
    assert!(letter.text.contains("顧問契約している会計事務所に間違いないかご確認ください。"));
    assert!(letter.text.contains("契約情報の取得を申請いたします。"), "the firm's own words");

    let receipt = office.letters_to(SENDER).remove(0);
    assert!(
        receipt.subject.contains("申請を受け付けました") && receipt.subject.contains("申請番号 1"),
        "{}",
        receipt.subject
    );
    assert_eq!(receipt.links(), Vec::<&str>::new());

    office.wait_filed("renkei.accepted", 1);
    assert_eq!(office.dovecot.count("INBOX"), 0);
    assert_eq!((office.requests(), office.letters(2).len()), (1, 2));
}

#[test]
fn mails_that_came_while_nobody_watched_are_taken_up_at_the_start() {
    let office = Office::open();
    office.deliver(&office.request("one@customer.example"));
    office.deliver(&office.request("two@customer.example"));
    let mut daemon = office.start();
    office.letters_to("one@customer.example");
    office.letters_to("two@customer.example");
    office.wait_filed("renkei.accepted", 2);
    assert_eq!(daemon.stop().code(), Some(0));
    let again = office.start();
    again.wait_for_log("the mailbox is watched", super::SOON);
    office.deliver(&office.request("three@customer.example"));
    office.letters_to("three@customer.example");
    office.wait_empty();
    assert_eq!((office.requests(), office.letters(6).len()), (3, 6));
}
