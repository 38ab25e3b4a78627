use std::time::Duration;

use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

#[test]
fn a_letter_about_a_withdrawn_request_does_not_leave() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::ReplyAndCut("554 5.3.2 not today"));
    let office = Office::new(&relay(script.port(), ""));
    let customers = customers(2);
    for customer in &customers {
        office.ask(BLUE, customer);
    }
    let _daemon = office.house.start();
    office.wait_for_requests(2, SOON);
    office.house.cli_ok(&["request", "withdraw", "1"]);
    script.behave();
    office.wait_for("sent", 1, SOON);
    office.wait_for("useless", 1, SOON);
    let kept = office.request(2)["customer"].as_str().unwrap().to_owned();
    let to: Vec<String> = Letter::all(&script.mails()).into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, [kept]);
    assert_eq!(office.state_of(1), "cancelled");
}

#[test]
fn a_letter_that_waits_behind_a_slow_relay_still_heeds_a_withdrawal() {
    let script = SmtpScript::start();
    script.always(Stage::Dot, Act::Late(Duration::from_millis(1800)));
    let office = Office::new(&relay(script.port(), "connections = 1"));
    for customer in customers(3) {
        office.ask(BLUE, &customer);
    }
    let _daemon = office.house.start();
    let first = Letter::all(&script.wait_for(1, SOON)).remove(0).to;
    for number in 1..=3 {
        if office.request(number)["customer"] != *first {
            office.house.cli_ok(&["request", "withdraw", &number.to_string()]);
        }
    }
    office.wait_for("useless", 2, SOON);
    poll::until_true("the one that was on its way to be sent", SOON, || {
        office.count("SELECT COUNT(*) FROM outbound_mail WHERE state = 'sent' AND kind = 'request_notice'") == 1
    });
    let notices = Letter::all(&script.mails()).into_iter().filter(|letter| letter.link.is_some());
    assert_eq!(notices.count(), 1, "only the one that was on its way has left");
}

#[test]
fn letters_of_a_suspended_firm_leave_when_it_goes_on() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::ReplyAndCut("554 5.3.2 not today"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "one@client.example");
    office.ask(GREEN, "two@client.example");
    let _daemon = office.house.start();
    office.wait_for_requests(2, SOON);
    office.wait_for("queued", 2, SOON);
    office.house.cli_ok(&["firm", "suspend", "1001"]);
    script.behave();
    office.wait_for("sent", 1, SOON);
    assert_eq!(office.mails("withheld")[0]["to"], "one@client.example");
    assert_eq!(Letter::all(&script.mails())[0].to, "two@client.example");

    office.house.cli_ok(&["firm", "resume", "1001"]);
    office.wait_for("sent", 2, SOON);
    assert_eq!(Letter::all(&script.mails())[1].to, "one@client.example");
}
