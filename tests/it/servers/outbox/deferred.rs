use crate::servers::office::{BLUE, Letter, Office, SOON, relay};
use crate::support::smtp_script::{Act, SmtpScript, Stage};

fn leaves_later_after(stage: Stage, act: Act, attempts_seen: usize) {
    let script = SmtpScript::start();
    script.once(stage, act);
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let _daemon = office.house.start();
    let sent = office.wait_for("sent", 1, SOON);
    assert_eq!(sent[0]["attempts"], 2);
    assert_eq!(script.reached(stage), 2);
    let letters = Letter::all(&script.mails());
    assert_eq!(letters.len(), attempts_seen);
    assert!(letters.iter().all(|letter| *letter == letters[0]), "the same mail each time: {letters:?}");
    assert_eq!(office.count("SELECT unknowns FROM outbound_mail"), 0);
    assert_eq!(office.state_of(1), "pending");
}

#[test]
fn a_4xx_to_the_recipient_lets_the_letter_leave_later() {
    leaves_later_after(Stage::Rcpt, Act::Reply("450 4.2.0 later"), 1);
}

#[test]
fn a_4xx_to_the_final_dot_lets_the_same_letter_leave_later() {
    leaves_later_after(Stage::Dot, Act::Reply("451 4.3.0 later"), 2);
}

#[test]
fn a_cut_before_the_final_dot_lets_the_letter_leave_later() {
    leaves_later_after(Stage::Data, Act::Cut, 1);
}

#[test]
fn silence_before_the_final_dot_ends_at_its_time_limit() {
    leaves_later_after(Stage::Rcpt, Act::Silence, 1);
}
