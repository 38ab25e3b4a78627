use std::time::Duration;

use crate::servers::office::{BLUE, Letter, Office, SOON, relay};
use crate::support::smtp_script::{Act, SmtpScript, Stage};

/// Three attempts and what lies between them.
const THREE: Duration = Duration::from_secs(40);

#[test]
fn a_cut_after_the_final_dot_is_tried_again_under_the_same_message_id() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Cut);
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    office.wait_for("sent", 1, SOON);
    let letters = Letter::all(&script.mails());
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0], letters[1]);
    assert_eq!(office.count("SELECT unknowns FROM outbound_mail"), 1);
    assert_eq!(office.state_of(1), "pending");
}

#[test]
fn what_stays_unknown_three_times_has_failed() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Cut);
    script.once(Stage::Dot, Act::Silence);
    script.always(Stage::Dot, Act::Cut);
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    let failed = office.wait_for("failed", 1, THREE);
    assert_eq!((&failed[0]["attempts"], &failed[0]["last_outcome"]), (&3.into(), &"unknown".into()));
    let letters = Letter::all(&script.mails()).into_iter().filter(|letter| letter.to == "customer@client.example");
    let letters: Vec<_> = letters.collect();
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| *letter == letters[0]), "{letters:?}");
    assert_eq!(office.state_of(1), "undeliverable");
}
