//! Crashes: whenever the daemon is killed, after the restart every accepted mail has its request and its letter. So it is,
//! too, when PostgreSQL is.

mod boundaries;
mod fatal_mail;
mod kills;
mod postgres;

use std::collections::HashMap;
use std::time::Duration;

use crate::servers::office::{Letter, Office};
use crate::support::poll;

/// Waits until all of it is done: each customer was asked, each letter has left, each mail lies where it belongs.
#[track_caller]
fn wait_until_done(office: &Office, mails: usize, letters: usize, limit: Duration) {
    office.wait_for_requests(mails, limit);
    let sent = || office.count("SELECT COUNT(*) FROM outbound_mail WHERE state = 'sent'");
    poll::until_true(&format!("{letters} letters"), limit, || sent() == letters);
    poll::until_true(&format!("{mails} filed mails"), limit, || {
        office.lying_in("accepted") == mails && office.lying_in("") == 0
    });
}

/// One request a customer, each letter once, or more often only where the relay left it unknown, and then as the same mail;
/// nothing lies elsewhere, and the audit trail holds.
#[track_caller]
fn nothing_is_lost_or_twice(office: &Office, customers: &[String], mut letters: Vec<Letter>) {
    let requests = office.count("SELECT COUNT(*) FROM request WHERE state = 'pending'");
    let asked = office.count("SELECT COUNT(DISTINCT customer_key) FROM request");
    assert_eq!((requests, asked), (customers.len(), customers.len()));
    for customer in customers {
        let ids: Vec<&str> = letters.iter().filter(|l| l.to == *customer).map(|l| l.message_id.as_str()).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{customer}: {ids:?}");
    }
    let rows = office.count("SELECT COUNT(*) FROM outbound_mail");
    let mut times: HashMap<&str, usize> = HashMap::new();
    letters.sort();
    for letter in &letters {
        *times.entry(letter.message_id.as_str()).or_default() += 1;
    }
    assert_eq!(times.len(), rows, "every letter has left");
    for (id, times) in times {
        let unknowns = office.count(&format!("SELECT unknowns FROM outbound_mail WHERE message_id = '{id}'"));
        assert!(times <= 1 + unknowns, "{id} left {times} times, {unknowns} times unknown");
    }
    assert_eq!(office.lying_in("quarantine") + office.lying_in("other") + office.lying_in("refused"), 0);
    assert_eq!(office.house.cli_ok(&["audit", "verify"]), "the audit trail holds\n");
}
