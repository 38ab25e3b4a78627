//! The main job on PostgreSQL, and PostgreSQL gone in the middle of it.

use std::time::Duration;

use super::{nothing_is_lost_or_twice, wait_until_done};
use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::postgres::Postgres;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

/// Connections come back by and by.
const RECOVERY: Duration = Duration::from_mins(1);

#[test]
fn on_postgresql_a_firms_mail_becomes_the_customers_mail() {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    let script = SmtpScript::start();
    let office = Office::on(&|_| url.clone(), &relay(script.port(), ""), "each");
    let mut daemon = office.house.start();
    office.ask(BLUE, "customer@client.example");
    wait_until_done(&office, 1, 2, SOON);
    let letters = Letter::all(&script.mails());
    let notice = letters.iter().find(|letter| letter.to == "customer@client.example").unwrap();
    assert!(notice.link.is_some(), "{letters:?}");
    assert!(letters.iter().any(|letter| letter.to == BLUE && letter.link.is_none()), "the receipt: {letters:?}");
    assert_eq!(office.state_of(1), "pending");
    daemon.wait_for_log("mails were judged", SOON);
    nothing_is_lost_or_twice(&office, &["customer@client.example".to_owned()], letters);
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
}

#[test]
fn it_goes_on_by_itself_after_postgresql_was_killed_and_comes_back() {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    let script = SmtpScript::start();
    script.always(Stage::Dot, Act::Late(Duration::from_millis(100)));
    let office = Office::on(&|_| url.clone(), &relay(script.port(), ""), "none");
    let customers = customers(60);
    let (first, second) = customers.split_at(30);
    let ask = |customers: &[String]| {
        for (n, customer) in customers.iter().enumerate() {
            office.ask(if n % 2 == 0 { BLUE } else { GREEN }, customer);
        }
    };
    ask(first);
    let mut daemon = office.house.start();
    script.wait_for(5, SOON);
    postgres.kill();
    ask(second);
    poll::until_true("the daemon to notice", RECOVERY, || daemon.log().contains(" WARN "));
    postgres.restart();
    wait_until_done(&office, customers.len(), customers.len(), RECOVERY);
    assert!(daemon.ended().is_none(), "{}", daemon.log());
    daemon.wait_for_log("told it again", RECOVERY);
    nothing_is_lost_or_twice(&office, &customers, Letter::all(&script.mails()));
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
}
