use std::time::Duration;

use super::{Office, SOON, imap, plain};
use crate::support::dovecot::Dovecot;
use crate::support::poll;
use crate::support::proxy::{Fault, Proxy, Way};

const LEFT: &str = "the mailbox is left";

/// An office whose mailbox is reached through a proxy.
fn through_a_proxy() -> (Office, Proxy) {
    let dovecot = Dovecot::start();
    let proxy = Proxy::to(dovecot.imap_port());
    (Office::with(dovecot, |_, _| plain(proxy.port())), proxy)
}

fn customer(n: usize) -> String {
    format!("customer{n}@client.example")
}

/// The folders are made and the conversation from now on is the same each time, but for a digit here and there.
fn settle(office: &Office, proxy: &Proxy) {
    let mut daemon = office.start();
    daemon.wait_for_log("the mailbox is watched", SOON);
    daemon.stop();
    proxy.forget();
}

fn wait_until_idle(proxy: &Proxy) {
    poll::until_true("the daemon to idle", SOON, || {
        proxy.heard().contains(" IDLE\r\n") && proxy.told().ends_with("+ idling\r\n")
    });
}

#[test]
fn a_connection_cut_or_reset_in_idle_is_made_again() {
    let (office, proxy) = through_a_proxy();
    let _daemon = office.start();
    for (n, cut) in [Proxy::cut, Proxy::reset].into_iter().enumerate() {
        wait_until_idle(&proxy);
        proxy.forget();
        cut(&proxy);
        office.deliver(&office.request(&customer(n)));
        office.letters_to(&customer(n));
        office.wait_empty();
    }
    assert_eq!((proxy.connections(), office.requests()), (3, 2));
}

#[test]
fn a_connection_cut_in_the_middle_of_a_mail_yields_the_whole_mail_once() {
    let (office, proxy) = through_a_proxy();
    settle(&office, &proxy);
    // a clean pass tells where in the conversation the mail's bytes begin, and how many they are
    office.deliver(&office.request(&customer(0)));
    let mut daemon = office.start();
    office.wait_filed("renkei.accepted", 1);
    let told = proxy.told();
    let start = told.find("BODY[] {").unwrap();
    let end = start + told[start..].find("OK Fetch").unwrap();
    daemon.stop();

    // Dovecot says how long each command took, so a position is exact to a few dozen bytes
    let positions = (0..9).map(|ninth| start + 40 + ninth * (end - start - 140) / 8);
    for (n, after) in (1..).zip(positions.clone()) {
        office.deliver(&office.request(&customer(n)));
        let way = Way::Down;
        proxy.next([if n % 2 == 0 { Fault::Reset { way, after } } else { Fault::Cut { way, after } }]);
        let mut daemon = office.start();
        office.letters_to(&customer(n));
        assert!(daemon.log().contains("lost in FETCH"), "no cut in the mail at {after}: {}", daemon.log());
        daemon.stop();
    }
    office.wait_empty();
    let count = i64::try_from(positions.len() + 1).unwrap();
    assert_eq!((office.requests(), office.number("SELECT COUNT(*) FROM inbound_message")), (count, count));
    assert_eq!(office.number("SELECT COUNT(*) FROM outbound_mail WHERE kind = 'request_notice'"), count);
}

#[test]
fn a_cut_before_a_move_was_answered_files_each_mail_once() {
    let (office, proxy) = through_a_proxy();
    settle(&office, &proxy);
    office.deliver(&office.request(&customer(0)));
    let mut daemon = office.start();
    office.wait_filed("renkei.accepted", 1);
    daemon.stop();
    let heard = proxy.heard();
    let end = heard.find(" UID MOVE ").unwrap();
    for (n, after) in (1..).zip([end, end + 20, end + 60]) {
        office.deliver(&office.request(&customer(n)));
        proxy.next([Fault::Cut { way: Way::Up, after }]);
        let mut daemon = office.start();
        office.letters_to(&customer(n));
        office.wait_filed("renkei.accepted", n + 1);
        daemon.stop();
    }
    assert_eq!((office.requests(), office.dovecot.count("INBOX"), office.dovecot.count("renkei.other")), (4, 0, 0));
}

#[test]
fn a_server_that_falls_silent_in_the_middle_of_a_mail_is_left() {
    let dovecot = Dovecot::start();
    let proxy = Proxy::to(dovecot.imap_port());
    let office = Office::with(dovecot, |_, _| imap(proxy.port(), "tls = \"none\"\ncommand_timeout_s = 2"));
    settle(&office, &proxy);
    office.deliver(&office.request(&customer(0)));
    let mut daemon = office.start();
    office.letters_to(&customer(0));
    daemon.stop();
    let begin = proxy.told().find("BODY[] {").unwrap();
    office.deliver(&office.request(&customer(1)));
    proxy.next([Fault::Stall { way: Way::Down, after: begin + 500 }, Fault::Stall { way: Way::Down, after: 0 }]);
    let daemon = office.start();
    office.letters_to(&customer(1));
    office.wait_empty();
    assert_eq!((daemon.log().matches(LEFT).count(), office.requests()), (2, 2), "{}", daemon.log());
}

#[test]
fn a_folder_that_somebody_deleted_is_made_again() {
    let office = Office::open();
    let _daemon = office.start();
    office.deliver(&office.request(&customer(0)));
    office.wait_filed("renkei.accepted", 1);
    office.dovecot.doveadm(&["mailbox", "delete", "-u", "requests", "renkei.accepted"]);
    office.deliver(&office.request(&customer(1)));
    office.letters_to(&customer(1));
    office.wait_filed("renkei.accepted", 1);
    assert_eq!((office.requests(), office.dovecot.count("INBOX")), (2, 0));
}

#[test]
fn sessions_that_end_with_a_bye_or_without_a_word_are_opened_again() {
    let office = Office::open();
    let daemon = office.start();
    daemon.wait_for_log("the mailbox is watched", SOON);
    for (n, end) in [Dovecot::kick, Dovecot::kill_sessions].into_iter().enumerate() {
        end(&office.dovecot);
        poll::until_true("the daemon to notice", SOON, || daemon.log().matches(LEFT).count() > n);
        office.deliver(&office.request(&customer(n)));
        office.letters_to(&customer(n));
    }
    office.wait_empty();
    assert_eq!(office.requests(), 2);
}

#[test]
fn a_server_that_was_down_for_a_while_loses_nothing() {
    let mut office = Office::open();
    let mut daemon = office.start();
    office.deliver(&office.request(&customer(0)));
    office.letters_to(&customer(0));
    office.wait_empty();
    office.dovecot.stop();
    poll::until_true("the daemon to try in vain", SOON, || daemon.log().matches(LEFT).count() >= 3);
    assert!(daemon.ended().is_none());
    office.dovecot.restart();
    office.deliver(&office.request(&customer(1)));
    office.letters_to(&customer(1));
    office.wait_empty();
    assert_eq!(office.requests(), 2);
}

#[test]
fn a_daemon_that_starts_before_its_mailbox_is_ready_and_waits() {
    let mut office = Office::open();
    office.dovecot.stop();
    let daemon = office.start();
    daemon.wait_for_log(LEFT, Duration::from_secs(10));
    office.dovecot.restart();
    office.deliver(&office.request(&customer(0)));
    office.letters_to(&customer(0));
}
