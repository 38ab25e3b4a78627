use std::collections::HashSet;

use super::{Office, SOON};
use crate::support::line_client::LineClient;
use crate::support::poll;

fn customer(n: usize) -> String {
    format!("customer{n}@client.example")
}

#[test]
fn another_client_may_expunge_and_move_while_the_daemon_reads() {
    const MAILS: usize = 400;
    let mut office = Office::open();
    let mails: Vec<_> = (1..=MAILS).map(|n| office.request(&customer(n))).collect();
    office.dovecot.fill(mails);
    let mut client = LineClient::connect(office.dovecot.imap_port());
    client.line();
    client.imap("LOGIN requests test");
    client.imap("CREATE elsewhere");
    client.imap("SELECT INBOX");

    let mut daemon = office.start();
    poll::until_true("the daemon to read", SOON, || office.requests() > 0);
    // from the far end, where the daemon has not been yet
    let mut taken = HashSet::new();
    for uid in (MAILS / 2..=MAILS).rev().step_by(7) {
        let answer = if uid % 2 == 0 {
            client.imap(&format!("UID MOVE {uid} elsewhere"))
        } else {
            client.imap(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"));
            client.imap(&format!("UID EXPUNGE {uid}"))
        };
        assert!(answer.last().unwrap().starts_with("t OK"), "{answer:?}");
        taken.insert(uid);
    }
    office.deliver(&office.request("last@client.example"));
    office.wait_empty();
    assert!(daemon.ended().is_none());

    // whoever was not taken away has a request; whoever was may have one, if the daemon was quicker
    let requests = office.in_database(async |database| {
        sqlx::query_scalar::<_, String>("SELECT customer_address FROM request").fetch_all(database).await.unwrap()
    });
    let asked: HashSet<&str> = requests.iter().map(String::as_str).collect();
    assert_eq!(asked.len(), requests.len(), "a request twice");
    assert!(asked.contains("last@client.example"));
    for n in (1..=MAILS).filter(|n| !taken.contains(n)) {
        assert!(asked.contains(customer(n).as_str()), "{n} is lost");
    }
}

#[test]
fn a_mail_that_another_client_has_read_is_a_request_all_the_same() {
    let office = Office::open();
    office.deliver(&office.request(&customer(1)));
    office.dovecot.doveadm(&["flags", "add", "-u", "requests", "\\Seen \\Flagged", "mailbox", "INBOX", "all"]);
    let _daemon = office.start();
    office.letters_to(&customer(1));
    office.wait_filed("renkei.accepted", 1);
}
