use std::time::Duration;

use crate::servers::office::{BLUE, Office, SOON, relay};
use crate::support::poll;
use crate::support::smtp_script::{Act, SmtpScript, Stage};

#[test]
fn the_watchdog_is_fed_while_nothing_is_to_be_done_and_while_the_relay_is_waited_for() {
    let script = SmtpScript::start();
    let mut office = Office::new(&relay(script.port(), ""));
    office.house = office.house.env("WATCHDOG_USEC", "1000000");
    let daemon = office.house.start();
    daemon.notify.wait_for("WATCHDOG=1", 4, SOON);

    script.always(Stage::Greeting, Act::Silence);
    office.ask(BLUE, "customer@client.example");
    poll::until_true("a relay that is silent", SOON, || script.reached(Stage::Greeting) >= 2);
    let before = daemon.notify.count("WATCHDOG=1");
    daemon.notify.wait_for("WATCHDOG=1", before + 4, Duration::from_secs(5));
}
