use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

#[test]
fn a_failed_letter_leaves_when_the_operator_has_it_tried_again() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Reply("550 5.7.1 no"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    let failed = office.wait_for("failed", 1, SOON);
    office.house.cli_ok(&["outbox", "retry", failed[0]["id"].as_str().unwrap()]);
    // and meanwhile the firm was told that the first try failed
    office.wait_for("sent", 2, SOON);
    let letters = Letter::all(&script.mails()).into_iter().filter(|letter| letter.to == "customer@client.example");
    let letters: Vec<_> = letters.collect();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0], letters[1], "the same letter, under the same Message-ID");
    assert_eq!(office.state_of(1), "pending", "the customer is asked again");
    assert_eq!(office.house.cli_ok(&["audit", "verify"]), "the audit trail holds\n");
}

#[test]
fn a_letter_that_the_operator_drops_does_not_leave() {
    let script = SmtpScript::start();
    script.always(Stage::Rcpt, Act::Reply("450 4.2.0 later"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "one@client.example");
    office.ask(GREEN, "two@client.example");
    let _daemon = office.house.start();
    poll::until_true("both to be deferred", SOON, || script.reached(Stage::Rcpt) >= 2);
    let waiting = office.wait_for("queued", 2, SOON);
    let (dropped, kept) = (&waiting[0], &waiting[1]);
    office.house.cli_ok(&["outbox", "drop", dropped["id"].as_str().unwrap()]);
    script.behave();
    office.wait_for("sent", 1, SOON);
    assert_eq!(Letter::all(&script.mails())[0].to, kept["to"].as_str().unwrap());
    let useless = office.mails("useless");
    assert_eq!((useless.len(), &useless[0]["last_outcome"]), (1, &"dropped".into()));
    assert_eq!(office.house.cli_ok(&["--json", "outbox", "list"]).trim(), "[]", "nothing waits any more");
    assert_eq!(office.house.cli(&["outbox", "drop", "nothing"]).code, Some(2), "a mail that is not there is named");
}
