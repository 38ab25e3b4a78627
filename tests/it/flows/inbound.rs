//! The store's notes about mails that were seen, and how far the intake has come.

use renkei::domain::ids::FirmId;
use renkei::domain::inbound::{Digest, InboundMessage, Locator, Verdict, WindowRecord};
use renkei::domain::time::{Timestamp, minutes};
use renkei::store::{self, Connection, StoreError};

use super::house::{House, MAILBOX};
use super::sample;

on_both_databases![
    a_note_is_read_as_it_was_written,
    a_mail_judged_again_in_the_same_place_has_one_note,
    the_same_bytes_act_once,
    held_mails_are_due_in_their_order,
    a_judged_mail_is_to_be_moved_until_it_was_moved,
    a_mail_under_a_new_uid_keeps_its_note,
    a_verdict_changes_once,
    a_quarantined_mail_that_comes_again_leaves_the_quarantine,
    a_quarantined_mail_that_was_never_moved_is_still_moved_when_a_copy_comes,
    a_held_mail_that_vanished_is_forgotten,
    what_did_nothing_is_forgotten_and_what_acted_is_kept,
    the_intake_goes_on_where_it_wrote_that_it_was,
    a_nul_becomes_a_replacement_character,
];

async fn read(house: &House) -> Connection {
    house.context.store.read().await.unwrap()
}

async fn insert(house: &House, messages: &[InboundMessage]) -> Result<(), StoreError> {
    let mut tx = house.context.store.begin().await?;
    store::inbound::insert(&mut tx, messages).await?;
    Ok(tx.commit().await?)
}

async fn by_digest(house: &House, digest: &str) -> Vec<InboundMessage> {
    store::inbound::by_digests(&mut *read(house).await, &[&Digest(digest.to_owned())]).await.unwrap()
}

fn judged(house: &House, uid: &str, verdict: Verdict) -> InboundMessage {
    sample::inbound(&house.context, uid, &format!("digest {uid}"), verdict)
}

async fn a_note_is_read_as_it_was_written(house: &House) {
    let whole = InboundMessage {
        firm: Some(FirmId::stored("f".to_owned())),
        due_at: Some(house.now()),
        tries: 2,
        ..judged(house, "1", Verdict::Held)
    };
    let unread = InboundMessage {
        digest: None,
        message_id: None,
        filed_at: Some(house.now()),
        ..judged(house, "2", Verdict::Quarantined)
    };
    insert(house, &[whole.clone(), unread.clone()]).await.unwrap();
    let mut connection = read(house).await;
    for note in [whole, unread] {
        assert_eq!(store::inbound::by_id(&mut connection, &note.id).await.unwrap(), Some(note));
    }
}

async fn a_mail_judged_again_in_the_same_place_has_one_note(house: &House) {
    let held = InboundMessage { due_at: Some(house.now()), ..judged(house, "1", Verdict::Held) };
    let accepted = judged(house, "1", Verdict::Accepted);
    insert(house, std::slice::from_ref(&held)).await.unwrap();
    insert(house, std::slice::from_ref(&accepted)).await.unwrap();
    // it keeps its identity and when it arrived
    assert_eq!(by_digest(house, "digest 1").await, [InboundMessage { id: held.id, ..accepted }]);
}

async fn the_same_bytes_act_once(house: &House) {
    let first = sample::inbound(&house.context, "1", "same", Verdict::Accepted);
    let second = sample::inbound(&house.context, "2", "same", Verdict::Refused);
    let idle = sample::inbound(&house.context, "3", "same", Verdict::Discarded);
    insert(house, &[first]).await.unwrap();
    let refused = insert(house, &[second]).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    insert(house, &[idle]).await.unwrap();
    assert_eq!(by_digest(house, "same").await.len(), 2);
}

async fn held_mails_are_due_in_their_order(house: &House) {
    let due = |uid, at: Timestamp| InboundMessage { due_at: Some(at), ..judged(house, uid, Verdict::Held) };
    let now = house.now();
    let later = due("3", now.after(minutes(1)));
    let elsewhere = InboundMessage { mailbox: "other".to_owned(), ..due("4", now.before(minutes(9))) };
    insert(house, &[due("1", now), due("2", now.before(minutes(2))), later, elsewhere]).await.unwrap();
    let mut connection = read(house).await;
    let uids = |mails: Vec<InboundMessage>| mails.into_iter().map(|mail| mail.at.uid).collect::<Vec<_>>();
    assert_eq!(uids(store::inbound::held_due(&mut connection, MAILBOX, now, 9).await.unwrap()), ["2", "1"]);
    assert_eq!(uids(store::inbound::held_due(&mut connection, MAILBOX, now, 1).await.unwrap()), ["2"]);
    let next = store::inbound::next_held(&mut connection, MAILBOX).await.unwrap();
    assert_eq!(next, Some(now.before(minutes(2))));
    assert_eq!(store::inbound::next_held(&mut connection, "none").await.unwrap(), None);
}

async fn a_judged_mail_is_to_be_moved_until_it_was_moved(house: &House) {
    let accepted = judged(house, "1", Verdict::Accepted);
    let held = InboundMessage { due_at: Some(house.now()), ..judged(house, "2", Verdict::Held) };
    insert(house, &[accepted.clone(), held]).await.unwrap();
    let to_file = async || {
        let mails = store::inbound::to_file(&mut *read(house).await, MAILBOX, 9).await.unwrap();
        mails.into_iter().map(|mail| mail.at.uid).collect::<Vec<_>>()
    };
    let known = async || {
        let mut known = store::inbound::known_in_inbox(&mut *read(house).await, MAILBOX).await.unwrap();
        known.sort();
        known
    };
    assert_eq!((to_file().await, known().await), (vec!["1".to_owned()], vec!["1".to_owned(), "2".to_owned()]));

    let ids = [accepted.id];
    let mut tx = house.context.store.begin().await.unwrap();
    store::inbound::filed(&mut tx, &ids, house.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((to_file().await, known().await), (vec![], vec!["2".to_owned()]));

    let mut tx = house.context.store.begin().await.unwrap();
    store::inbound::file_again(&mut tx, &ids).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(to_file().await, ["1"]);
}

async fn a_mail_under_a_new_uid_keeps_its_note(house: &House) {
    let note = judged(house, "1", Verdict::Accepted);
    insert(house, std::slice::from_ref(&note)).await.unwrap();
    let at = Locator { uidvalidity: 4_294_967_295, uid: "4294967295".to_owned() };
    let mut tx = house.context.store.begin().await.unwrap();
    store::inbound::moved_to(&mut tx, &note.id, &at).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(by_digest(house, "digest 1").await, [InboundMessage { at, ..note }]);
}

async fn a_verdict_changes_once(house: &House) {
    let note = judged(house, "1", Verdict::Quarantined);
    insert(house, std::slice::from_ref(&note)).await.unwrap();
    let change = async |to| {
        let mut tx = house.context.store.begin().await.unwrap();
        let done = store::inbound::set_verdict(&mut tx, &note.id, Verdict::Quarantined, to).await;
        tx.commit().await.unwrap();
        done
    };
    assert_eq!(
        store::inbound::quarantined(&mut *read(house).await, "~", 9).await.unwrap(),
        std::slice::from_ref(&note)
    );
    change(Verdict::Released).await.unwrap();
    assert!(matches!(change(Verdict::Discarded).await, Err(StoreError::Stale)));
    assert_eq!(by_digest(house, "digest 1").await[0].verdict, Verdict::Released);
    assert!(store::inbound::quarantined(&mut *read(house).await, "~", 9).await.unwrap().is_empty());
}

async fn supersede(house: &House, digest: &str) {
    let mut tx = house.context.store.begin().await.unwrap();
    store::inbound::supersede_quarantined(&mut tx, &[&Digest(digest.to_owned())]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_quarantined_mail_that_comes_again_leaves_the_quarantine(house: &House) {
    let moved = InboundMessage { filed_at: Some(house.now()), ..judged(house, "1", Verdict::Quarantined) };
    let accepted = InboundMessage { filed_at: Some(house.now()), ..judged(house, "2", Verdict::Accepted) };
    insert(house, &[moved, accepted]).await.unwrap();
    supersede(house, "digest 1").await;
    supersede(house, "digest 2").await;
    assert_eq!(by_digest(house, "digest 1").await[0].verdict, Verdict::Released);
    assert_eq!(by_digest(house, "digest 2").await[0].verdict, Verdict::Accepted);
}

async fn a_quarantined_mail_that_was_never_moved_is_still_moved_when_a_copy_comes(house: &House) {
    let mail = house.mail("yamada@example.jp").unsigned();
    house.receive(std::slice::from_ref(&mail)).await;
    house.receive(&[mail]).await;
    let to_file = renkei::flows::file_mail::to_file(&house.context, MAILBOX).await.unwrap();
    let mut uids: Vec<_> = to_file.into_iter().map(|mail| mail.at.uid).collect();
    uids.sort();
    assert_eq!(uids, ["1", "2"]);
}

async fn a_held_mail_that_vanished_is_forgotten(house: &House) {
    let held = InboundMessage { due_at: Some(house.now()), ..judged(house, "1", Verdict::Held) };
    let accepted = judged(house, "2", Verdict::Accepted);
    insert(house, &[held.clone(), accepted.clone()]).await.unwrap();
    let mut tx = house.context.store.begin().await.unwrap();
    store::inbound::forget_held(&mut tx, &held.id).await.unwrap();
    store::inbound::forget_held(&mut tx, &accepted.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(by_digest(house, "digest 1").await.is_empty());
    assert_eq!(by_digest(house, "digest 2").await.len(), 1);
}

async fn what_did_nothing_is_forgotten_and_what_acted_is_kept(house: &House) {
    let moved = |uid, verdict| InboundMessage { filed_at: Some(house.now()), ..judged(house, uid, verdict) };
    let kept = [
        moved("1", Verdict::Accepted),
        moved("2", Verdict::Refused),
        InboundMessage { due_at: Some(house.now()), ..judged(house, "3", Verdict::Held) },
        judged(house, "4", Verdict::Discarded),
        InboundMessage { judged_at: house.now().after(minutes(1)), ..moved("5", Verdict::Discarded) },
    ];
    let gone = [
        moved("6", Verdict::Discarded),
        moved("7", Verdict::Quarantined),
        InboundMessage { filed_at: None, ..judged(house, "8", Verdict::Released) },
    ];
    insert(house, &[kept.as_slice(), &gone].concat()).await.unwrap();
    let mut tx = house.context.store.begin().await.unwrap();
    assert_eq!(store::inbound::purge(&mut tx, house.now(), 2).await.unwrap(), 2);
    assert_eq!(store::inbound::purge(&mut tx, house.now(), 2).await.unwrap(), 1);
    assert_eq!(store::inbound::purge(&mut tx, house.now(), 2).await.unwrap(), 0);
    tx.commit().await.unwrap();
    for note in kept {
        assert_eq!(by_digest(house, &note.digest.unwrap().0).await.len(), 1, "{}", note.at.uid);
    }
}

async fn the_intake_goes_on_where_it_wrote_that_it_was(house: &House) {
    let cursor = async || store::inbound::cursor(&mut *read(house).await, MAILBOX).await.unwrap();
    assert_eq!(cursor().await, None);
    let first = WindowRecord { uidvalidity: 7, uidnext: 1, in_hand: vec!["1".to_owned(), "2".to_owned()], tries: 1 };
    let second = WindowRecord { uidvalidity: u32::MAX, uidnext: u32::MAX, in_hand: vec![], tries: 0 };
    for record in [first, second] {
        let mut tx = house.context.store.begin().await.unwrap();
        store::inbound::set_cursor(&mut tx, MAILBOX, &record).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(cursor().await, Some(record));
    }
}

async fn a_nul_becomes_a_replacement_character(house: &House) {
    let note = InboundMessage { message_id: Some("a\0b@c".to_owned()), ..judged(house, "1", Verdict::Discarded) };
    insert(house, &[note]).await.unwrap();
    assert_eq!(by_digest(house, "digest 1").await[0].message_id.as_deref(), Some("a\u{FFFD}b@c"));
}
