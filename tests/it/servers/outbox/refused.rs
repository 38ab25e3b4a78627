use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

#[test]
fn a_5xx_to_the_recipient_makes_the_request_undeliverable_until_it_is_tried_again() {
    let script = SmtpScript::start();
    script.always(Stage::Rcpt, Act::Reply("550 5.1.1 nobody here"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    // the firm is told, at an address that is refused likewise
    let failed = office.wait_for("failed", 2, SOON);
    assert_eq!((&failed[0]["attempts"], &failed[0]["last_outcome"]), (&1.into(), &"refused".into()));
    let shown = office.house.cli_ok(&["request", "show", "1"]);
    assert!(shown.starts_with("request 1: undeliverable"), "{shown}");
    assert!(shown.contains("undeliverable by renkei (pending → undeliverable; outbox "), "{shown}");
    assert_eq!(script.reached(Stage::Rcpt), 2, "nothing is tried again by itself");

    script.behave();
    office.house.cli_ok(&["request", "retry", "1"]);
    let letter = Letter::all(&script.wait_for(1, SOON)).remove(0);
    assert_eq!(letter.to, "customer@client.example");
    assert!(letter.link.is_some(), "the link comes with it");
    assert_eq!(office.state_of(1), "pending");
    assert_eq!(office.house.cli_ok(&["audit", "verify"]), "the audit trail holds\n");
}

#[test]
fn a_refused_recipient_is_nobody_elses_trouble() {
    let script = SmtpScript::start();
    script.once(Stage::Rcpt, Act::Reply("550 5.1.1 nobody here"));
    // one connection, one letter after another: the first is refused, whichever it is
    let office = Office::new(&relay(script.port(), "connections = 1"));
    office.ask(BLUE, "one@client.example");
    office.ask(GREEN, "two@client.example");
    let _daemon = office.house.start();
    // the other letter, and to the firm that the first cannot be delivered
    office.wait_for("sent", 2, SOON);
    office.wait_for("failed", 1, SOON);
    let states = [office.state_of(1), office.state_of(2)];
    assert!(states.contains(&"pending".to_owned()) && states.contains(&"undeliverable".to_owned()), "{states:?}");
    assert_eq!(script.reached(Stage::Greeting), 1, "the connection is used again");
}

#[test]
fn a_letter_that_the_relay_refuses_at_its_end_fails() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Reply("554 5.7.1 not this"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    poll::until_true("the request to be undeliverable", SOON, || {
        office.count("SELECT COUNT(*) FROM request WHERE state = 'undeliverable'") == 1
    });
    let tried = Letter::all(&script.mails()).into_iter().filter(|letter| letter.to == "customer@client.example");
    assert_eq!(tried.count(), 1);
}
