use crate::servers::office::{BLUE, GREEN, Office, SOON, relay};
use crate::support::daemon::Installation;
use crate::support::port;
use crate::support::smtp_script::SmtpScript;

#[test]
fn a_second_daemon_stands_by_and_takes_over_when_the_first_is_killed() {
    let script = SmtpScript::start();
    let office = Office::new(&relay(script.port(), ""));
    let mut first = office.house.start();
    let config = std::fs::read_to_string(office.house.config()).unwrap();
    let listen = config.lines().find(|line| line.starts_with("listen = ")).unwrap();
    let elsewhere = Installation::new(|_| config.replace(listen, &format!("listen = \"127.0.0.1:{}\"", port::free())));
    let second = elsewhere.launch();
    second.wait_for_log("standing by", SOON);
    office.ask(BLUE, "one@client.example");
    office.wait_for("sent", 1, SOON);
    assert!(!second.log().contains("renkei is ready"), "one daemon at a time: {}", second.log());

    first.kill();
    second.wait_for_log("renkei is ready", SOON);
    office.ask(GREEN, "two@client.example");
    assert_eq!(script.wait_for(2, SOON)[1].to, ["two@client.example"]);
    assert_eq!(script.mails().len(), 2);
}
