use super::{CUSTOMER, Office, SOON};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;
use crate::support::poll;

#[test]
fn a_suspended_firms_mail_is_quarantined_and_what_it_had_waiting_stays() {
    let mut office = Office::open();
    let key = FirmKey::ed25519("midori.example");
    office.dns.txt(&key.dns_name(), key.record());
    office.register("1002", "みどり会計事務所", "sato@midori.example");
    office.sink.kill();
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    poll::until_true("letters to wait", SOON, || {
        office.number("SELECT COUNT(*) FROM outbound_mail WHERE state = 'queued'") == 2
    });

    office.installation.cli_ok(&["firm", "suspend", "1001"]);
    office.sink.restart();
    office.deliver(&office.request("late@customer.example"));
    let others = |reader: &str| FirmMail::new("sato@midori.example", reader).signed(&key);
    office.deliver(&others("other@customer.example"));
    office.wait_filed("renkei.quarantine", 1);
    office.change("UPDATE outbound_mail SET due_at = 1");
    office.letters_to("other@customer.example");
    assert_eq!(office.letters_so_far(CUSTOMER), []);
    let waiting = "SELECT COUNT(*) FROM outbound_mail WHERE state = 'withheld'";
    assert_eq!(office.number(waiting), 2, "{}", office.installation.cli_ok(&["outbox", "list"]));

    office.installation.cli_ok(&["firm", "resume", "1001"]);
    // the outbox looks once a minute by itself, and whenever something was put into it
    office.deliver(&others("another@customer.example"));
    office.letters_to(CUSTOMER);
    assert_eq!((office.number(waiting), office.requests()), (0, 3));
}
