use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

/// What the daemon promises.
const STOP: Duration = Duration::from_secs(25);

fn ask_all(office: &Office, customers: &[String]) {
    for (n, customer) in customers.iter().enumerate() {
        office.ask(if n % 2 == 0 { BLUE } else { GREEN }, customer);
    }
}

#[test]
fn told_to_stop_under_load_it_loses_nothing_and_says_nothing_twice() {
    let script = SmtpScript::start();
    script.always(Stage::Dot, Act::Late(Duration::from_millis(400)));
    let office = Office::new(&relay(script.port(), ""));
    let customers = customers(150);
    ask_all(&office, &customers);
    let mut daemon = office.house.start();
    script.wait_for(8, SOON);
    let begun = Instant::now();
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
    assert!(begun.elapsed() < STOP, "{:?}", begun.elapsed());
    assert_eq!(daemon.notify.count("STOPPING=1"), 1);
    assert!(office.mails("leased").is_empty(), "nothing stays in the hands of a daemon that is gone");
    let waiting = office.mails("queued");
    assert!(!waiting.is_empty() && waiting.iter().all(|mail| mail["attempts"] == 0), "what was not tried cost nothing");

    script.behave();
    let _again = office.house.start();
    office.wait_for("sent", customers.len(), SOON);
    let mut to: Vec<String> = Letter::all(&script.mails()).into_iter().map(|letter| letter.to).collect();
    to.sort();
    let mut expected = customers;
    expected.sort();
    assert_eq!(to, expected, "each once");
    assert_eq!(office.count("SELECT COUNT(*) FROM outbound_mail WHERE unknowns > 0"), 0);
}

#[test]
fn told_to_stop_while_the_relay_is_silent_it_cuts_off_what_is_on_its_way() {
    let script = SmtpScript::start();
    script.always(Stage::Dot, Act::Silence);
    let office = Office::new(&relay(script.port(), "").replace("data_end = 2", "data_end = 600"));
    let customers = customers(10);
    ask_all(&office, &customers);
    let mut daemon = office.house.start();
    script.wait_for(4, SOON);
    let begun = Instant::now();
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
    assert!(begun.elapsed() < STOP, "{:?}", begun.elapsed());
    assert_eq!(office.count("SELECT COUNT(*) FROM outbound_mail WHERE unknowns = 1"), 4);
    assert_eq!(office.count("SELECT COUNT(*) FROM outbound_mail WHERE attempts = 0"), 6);

    script.behave();
    let _again = office.house.start();
    office.wait_for("sent", 10, SOON);
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    for letter in Letter::all(&script.mails()) {
        ids.entry(letter.to).or_default().push(letter.message_id);
    }
    assert_eq!(ids.values().filter(|ids| ids.len() == 2).count(), 4, "what was unknown came again");
    assert!(ids.values().all(|ids| ids.iter().all(|id| *id == ids[0])), "under the same Message-ID: {ids:?}");
}

#[test]
fn told_to_stop_while_it_waits_for_the_relay_it_stops_at_once() {
    let script = SmtpScript::start();
    script.always(Stage::Greeting, Act::Silence);
    let office = Office::new(&relay(script.port(), "").replace("greeting = 2", "greeting = 300"));
    office.ask(BLUE, "customer@client.example");
    let mut daemon = office.house.start();
    poll::until_true("a connection", SOON, || script.reached(Stage::Greeting) > 0);
    let begun = Instant::now();
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
    assert!(begun.elapsed() < STOP, "{:?}", begun.elapsed());
    assert_eq!(office.mails("queued").len(), 1);
}
