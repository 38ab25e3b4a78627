//! Kills at no particular moment.

use std::collections::HashSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{nothing_is_lost_or_twice, wait_until_done};
use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

const KILLS: usize = 20;
const MAILS: usize = 10;

/// What a kill left in doubt, until it has left.
const STILL_UNKNOWN: &str = "SELECT COUNT(*) FROM outbound_mail WHERE unknowns > 0 AND state <> 'sent'";

#[test]
fn killed_again_and_again_while_mails_flow_it_loses_nothing_and_says_nothing_twice() {
    let mut random = StdRng::seed_from_u64(20);
    let script = SmtpScript::start();
    script.always(Stage::Dot, Act::Late(Duration::from_millis(5)));
    let office = Office::new(&relay(script.port(), ""));
    let customers = customers(KILLS * MAILS);
    for (round, asked) in customers.chunks(MAILS).enumerate() {
        for (n, customer) in asked.iter().enumerate() {
            office.ask(if n % 2 == 0 { BLUE } else { GREEN }, customer);
        }
        let mut daemon = office.house.launch();
        // A letter in the daemon's hands at one kill after the other would wait a minute, and then fail: what the last kill
        // left unknown must have left before the next.
        let enough = round * MAILS + random.random_range(1..MAILS);
        let asked_so_far = || script.mails().into_iter().map(|mail| mail.to).collect::<HashSet<_>>().len();
        poll::until_true("progress", SOON, || asked_so_far() >= enough && office.count(STILL_UNKNOWN) == 0);
        let at = std::time::Instant::now() + Duration::from_micros(random.random_range(0..60_000));
        poll::until_true("the moment", SOON, || std::time::Instant::now() >= at);
        daemon.kill();
    }
    let mut daemon = office.house.start();
    wait_until_done(&office, customers.len(), customers.len(), SOON);
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
    nothing_is_lost_or_twice(&office, &customers, Letter::all(&script.mails()));
}

#[test]
fn killed_between_the_final_dot_and_its_answer_it_sends_the_same_mail_again() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Late(Duration::from_secs(30)));
    let office = Office::new(&relay(script.port(), ""));
    office.ask(BLUE, "customer@client.example");
    let mut daemon = office.house.start();
    script.wait_for(1, SOON);
    daemon.kill();
    let _again = office.house.start();
    office.wait_for("sent", 1, SOON);
    let letters = Letter::all(&script.mails());
    assert_eq!((letters.len(), &letters[0]), (2, &letters[1]));
    assert_eq!(office.count("SELECT unknowns FROM outbound_mail"), 1);
}
