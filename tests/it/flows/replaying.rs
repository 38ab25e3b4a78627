//! The same mail, however often and by whatever way it comes, acts once.

use renkei::domain::inbound::Locator;
use renkei::flows::receive_request::Seen;

use super::house::House;

on_both_databases![
    the_same_bytes_twice_in_one_window_make_one_request,
    the_same_bytes_in_two_windows_make_one_request,
    the_same_bytes_with_other_line_ends_make_one_request,
    the_whole_mailbox_read_twice_leaves_everything_as_it_was,
    a_mailbox_that_was_numbered_anew_is_read_again_without_effect,
    every_transition_has_one_event,
];

const CUSTOMER: &str = "yamada@example.jp";

async fn the_same_bytes_twice_in_one_window_make_one_request(house: &House) {
    let mail = house.mail(CUSTOMER).signed(&house.key);
    let received = house.receive(&[mail.clone(), mail]).await;
    assert_eq!((received.requests, received.letters, received.to_file), (1, 2, 2));
}

async fn the_same_bytes_in_two_windows_make_one_request(house: &House) {
    let mail = house.mail(CUSTOMER).signed(&house.key);
    house.receive(std::slice::from_ref(&mail)).await;
    house.pass(2);
    let received = house.receive(&[mail]).await;
    assert_eq!((received.requests, received.letters, received.to_file), (0, 0, 1), "no reminder either");
}

async fn the_same_bytes_with_other_line_ends_make_one_request(house: &House) {
    let mail = house.mail(CUSTOMER).signed(&house.key);
    let bare = String::from_utf8(mail.clone()).unwrap().replace("\r\n", "\n").into_bytes();
    assert_ne!(mail, bare);
    house.receive(&[bare]).await;
    assert_eq!(house.receive(&[mail]).await.letters, 0);
    assert_eq!(house.rows("SELECT * FROM request").await.len(), 1);
}

/// A mailbox with something of everything.
fn mailbox(house: &House) -> Vec<(u32, Vec<u8>)> {
    let first = house.mail(CUSTOMER).signed(&house.key);
    let mails = [
        first.clone(),
        house.mail(CUSTOMER).signed(&house.key),
        house.mail("no address").signed(&house.key),
        house.mail("sato@example.jp").unsigned(),
        first,
        house.mail("sato@example.jp").header("Auto-Submitted", "auto-replied").signed(&house.key),
        b"\0\xff\r\n\r\n".to_vec(),
    ];
    (1..).zip(mails).collect()
}

async fn the_whole_mailbox_read_twice_leaves_everything_as_it_was(house: &House) {
    let mailbox = mailbox(house);
    for window in mailbox.chunks(3) {
        house.receive_at(window).await.unwrap();
    }
    let once = house.everything().await;
    house.pass(1);
    for size in [7, 1, 2] {
        for window in mailbox.chunks(size) {
            house.receive_at(window).await.unwrap();
        }
        let mut again = house.everything().await;
        // that a mail was looked at again may be noted
        let mut before = once.clone();
        for notes in [&mut again, &mut before].map(|tables| tables.get_mut("inbound_message").unwrap()) {
            for note in notes.iter_mut() {
                note.insert("judged_at".to_owned(), "-".to_owned());
            }
        }
        assert_eq!(again, before, "in windows of {size}");
    }
}

async fn a_mailbox_that_was_numbered_anew_is_read_again_without_effect(house: &House) {
    let mailbox = mailbox(house);
    house.receive_at(&mailbox).await.unwrap();
    let tables = ["request", "outbound_mail", "audit_event", "counter"];
    let before = house.everything().await;
    let renumbered = mailbox.iter().map(|(uid, raw)| Seen {
        at: Locator { uidvalidity: 2, uid: (uid + 10).to_string() },
        size: raw.len() as u64,
        arrived_at: house.now(),
        raw: Some(raw.clone()),
    });
    house.receive_seen(renumbered.collect()).await.unwrap();
    let after = house.everything().await;
    for table in tables {
        assert_eq!(after[table], before[table], "{table}");
    }
}

async fn every_transition_has_one_event(house: &House) {
    house.ask(CUSTOMER).await;
    house.pass(1);
    house.ask(CUSTOMER).await;
    house.outbox.arrange([renkei::domain::outbound::HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver().await;
    renkei::flows::requests::retry(&house.context, 1).await.unwrap();
    renkei::flows::requests::withdraw(&house.context, 1).await.unwrap();
    assert!(renkei::flows::requests::withdraw(&house.context, 1).await.is_err());
    house.ask(CUSTOMER).await;
    house.pass(21);
    renkei::flows::expire::expire(&house.context).await.unwrap();
    assert_eq!(renkei::flows::expire::expire(&house.context).await.unwrap(), 0);

    let story = house.rows("SELECT * FROM audit_event WHERE object LIKE 'request %' ORDER BY seq").await;
    let told: Vec<_> = story
        .iter()
        .map(|row| format!("{} {}: {}>{}", row["object"], row["event"], row["from_state"], row["to_state"]))
        .collect();
    assert_eq!(
        told,
        [
            "request 1 received: >pending",
            "request 1 reminded: pending>pending",
            "request 1 undeliverable: pending>undeliverable",
            "request 1 notified again: undeliverable>pending",
            "request 1 withdrawn: pending>cancelled",
            "request 2 received: >pending",
            "request 2 expired: pending>expired",
        ]
    );
    let versions = house.rows("SELECT version FROM request ORDER BY number").await;
    assert_eq!([versions[0]["version"].as_str(), &versions[1]["version"]], ["4", "1"], "a write without an event");
}
