//! A mail that ends the program: no such mail is known, so its traces are laid as its crashes would have left them.

use crate::servers::office::{BLUE, GREEN, Office, SOON, relay};
use crate::support::poll;
use crate::support::smtp_script::SmtpScript;

/// What the intake writes down before it reads a mail: that it is in its hands, for the `tries`-th time.
fn in_hand(office: &Office, uid: &str, tries: u32) {
    office.rows(&format!(
        "INSERT INTO mailbox_cursor (mailbox, uidvalidity, uidnext, window_uids, window_tries)
         VALUES ('maildir', 0, 1, '{uid}', {tries})"
    ));
}

#[test]
fn a_mail_that_ended_the_program_twice_is_quarantined_unread_and_the_next_one_goes_on() {
    let script = SmtpScript::start();
    let office = Office::new(&relay(script.port(), ""));
    let fatal = office.ask(BLUE, "fatal@client.example");
    office.ask(GREEN, "next@client.example");
    in_hand(&office, &fatal, 2);
    let mut daemon = office.house.start();
    assert_eq!(script.wait_for(1, SOON)[0].to, ["next@client.example"]);
    poll::until_true("both to be filed", SOON, || {
        office.lying_in("quarantine") == 1 && office.lying_in("accepted") == 1 && office.lying_in("") == 0
    });
    let listed = office.house.cli_ok(&["quarantine", "list"]);
    assert!(listed.contains("reading it ended the program twice"), "{listed}");
    assert_eq!(office.count("SELECT COUNT(*) FROM request"), 1);
    assert_eq!(daemon.stop().code(), Some(0));

    let _again = office.house.start();
    office.ask(GREEN, "third@client.example");
    script.wait_for(2, SOON);
    assert_eq!((office.lying_in("quarantine"), office.count("SELECT COUNT(*) FROM request")), (1, 2));
}

#[test]
fn a_mail_that_was_in_hand_at_one_crash_is_judged_alone_and_accepted() {
    let script = SmtpScript::start();
    let office = Office::new(&relay(script.port(), ""));
    let suspect = office.ask(BLUE, "suspect@client.example");
    for n in 0..3 {
        office.ask(GREEN, &format!("other{n}@client.example"));
    }
    in_hand(&office, &suspect, 1);
    let daemon = office.house.start();
    script.wait_for(4, SOON);
    poll::until_true("all to be filed", SOON, || office.lying_in("accepted") == 4 && office.lying_in("") == 0);
    assert_eq!(office.lying_in("quarantine"), 0);
    assert!(daemon.log().contains("mails were judged inbox.mails=1 "), "one by one: {}", daemon.log());
}

#[test]
fn a_suspect_that_somebody_took_away_stops_nothing() {
    let script = SmtpScript::start();
    let office = Office::new(&relay(script.port(), ""));
    in_hand(&office, "1.gone.test", 2);
    office.ask(BLUE, "next@client.example");
    let mut daemon = office.house.start();
    script.wait_for(1, SOON);
    assert_eq!(daemon.stop().code(), Some(0));
    assert_eq!(office.count("SELECT COUNT(*) FROM inbound_message WHERE verdict = 'quarantined'"), 0);
    assert_eq!(office.count("SELECT COUNT(*) FROM mailbox_cursor WHERE window_uids = ''"), 1);
}
