use crate::servers::office::{BLUE, GREEN, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, Setup, SmtpScript, Stage, Tls};
use crate::support::smtp_sink::SmtpSink;

/// Three letters wait while the relay will not have us; they cost nothing, and leave once it is well.
fn holds_the_queue(office: &Office, be_well: impl FnOnce(), arrived: impl Fn() -> usize) {
    for (customer, firm) in customers(3).iter().zip([BLUE, GREEN, BLUE]) {
        office.ask(firm, customer);
    }
    let daemon = office.house.start();
    let listed = poll::until("the trouble with the relay", SOON, || {
        Some(office.house.cli_ok(&["outbox", "list"])).filter(|listed| listed.starts_with("relay: "))
    });
    assert!(listed.contains("since ") && listed.contains("again "), "{listed}");
    // it goes on being tried, and the letters are not the worse for it
    poll::until_true("three probes", SOON, || daemon.log().matches("the outbox waits").count() >= 3);
    let waiting = office.wait_for("queued", 3, SOON);
    assert!(waiting.iter().all(|mail| mail["attempts"] == 0), "{waiting:?}");
    assert_eq!((office.mails("failed").len(), arrived()), (0, 0));

    be_well();
    let sent = office.wait_for("sent", 3, SOON);
    assert!(sent.iter().all(|mail| mail["attempts"] == 1), "{sent:?}");
    assert_eq!(arrived(), 3);
    poll::until_true("the trouble to be over", SOON, || !office.house.cli_ok(&["outbox", "list"]).contains("relay: "));
}

#[test]
fn a_5xx_greeting_holds_the_queue() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::ReplyAndCut("554 5.3.2 not today"));
    let office = Office::new(&relay(script.port(), ""));
    holds_the_queue(&office, || script.behave(), || script.mails().len());
}

#[test]
fn a_refused_login_holds_the_queue() {
    let script = SmtpScript::with(Setup { login: Some(("renkei", "secret")), ..Setup::default() });
    script.always(Stage::Auth, Act::Reply("535 5.7.8 no"));
    let office = Office::new(&relay(script.port(), ""));
    let password = office.house.secret("smtp", "secret");
    office.use_relay(&relay(script.port(), &format!("user = \"renkei\"\npassword_file = \"{}\"", password.display())));
    holds_the_queue(&office, || script.behave(), || script.mails().len());
}

#[test]
fn a_failing_tls_handshake_holds_the_queue() {
    let script = SmtpScript::with(Setup { tls: Tls::StartTls, ..Setup::default() });
    script.always(Stage::StartTls, Act::ReplyAndCut("220 2.0.0 go ahead"));
    let more = format!("tls = \"starttls\"\nca_file = \"{}\"", script.ca_file().display());
    let office = Office::new(&relay(script.port(), &more));
    holds_the_queue(&office, || script.behave(), || script.mails().iter().filter(|mail| mail.encrypted).count());
}

#[test]
fn a_relay_that_is_not_there_holds_the_queue() {
    let sink = std::cell::RefCell::new(SmtpSink::start());
    sink.borrow_mut().kill();
    let office = Office::new(&relay(sink.borrow().port(), ""));
    holds_the_queue(&office, || sink.borrow_mut().restart(), || sink.borrow().mails().len());
}

#[test]
fn a_relay_that_greets_nobody_holds_the_queue() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::Silence);
    let office = Office::new(&relay(script.port(), ""));
    holds_the_queue(&office, || script.behave(), || script.mails().len());
}

#[test]
fn a_trouble_does_not_outlive_the_daemon_that_had_it() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::ReplyAndCut("554 5.3.2 not today"));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let mut daemon = office.house.start();
    let listed = || office.house.cli_ok(&["outbox", "list"]);
    poll::until_true("the trouble with the relay", SOON, || listed().starts_with("relay: "));
    daemon.kill();
    script.behave();
    let _again = office.house.start();
    office.wait_for("sent", 1, SOON);
    assert!(!listed().contains("relay: "), "{}", listed());
}
