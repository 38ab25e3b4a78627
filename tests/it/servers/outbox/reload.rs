use crate::servers::office::{BLUE, GREEN, Office, SOON, relay};
use crate::support::process::Signal;
use crate::support::smtp_script::SmtpScript;

#[test]
fn a_broken_config_is_named_and_the_old_one_stays() {
    let script = SmtpScript::start();
    let office = Office::new(&relay(script.port(), ""));
    let mut daemon = office.house.start();
    office.use_relay(&relay(script.port(), "connections = 99"));
    daemon.signal(Signal::Hup);
    daemon.notify.wait_for("READY=1", 2, SOON);
    assert!(daemon.log().contains("the settings stay as they were: "), "{}", daemon.log());
    assert!(daemon.log().contains("relay.smtp.connections"), "{}", daemon.log());
    office.ask(BLUE, "customer@client.example");
    script.wait_for(1, SOON);
    assert_eq!(daemon.stop().code(), Some(0));
}

#[test]
fn a_good_config_is_taken_over_between_reloading_and_ready() {
    let (old, new) = (SmtpScript::start(), SmtpScript::start());
    let office = Office::new(&relay(old.port(), ""));
    let daemon = office.house.start();
    office.ask(BLUE, "one@client.example");
    old.wait_for(1, SOON);
    office.use_relay(&relay(new.port(), ""));
    daemon.signal(Signal::Hup);
    daemon.notify.wait_for("READY=1", 2, SOON);
    let heard: Vec<String> =
        daemon.notify.heard().into_iter().filter(|line| line == "READY=1" || line == "RELOADING=1").collect();
    assert_eq!(heard, ["READY=1", "RELOADING=1", "READY=1"]);
    assert!(daemon.notify.heard().iter().any(|line| line.starts_with("MONOTONIC_USEC=")));
    office.ask(GREEN, "two@client.example");
    assert_eq!(new.wait_for(1, SOON)[0].to, ["two@client.example"]);
    assert_eq!(old.mails().len(), 1);
}
