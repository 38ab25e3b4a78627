//! The store's outbox: who holds which mail, and for how long.

use std::collections::BTreeMap;

use renkei::domain::ids::OutboundId;
use renkei::domain::outbound::{HandOver, Lane, LetterKind, Next, OutboundMail, OutboundState};
use renkei::domain::time::minutes;
use renkei::store::{self, Store};

use super::house::House;
use super::sample;

on_both_databases![
    a_mail_is_read_as_it_was_written,
    four_who_claim_side_by_side_get_each_mail_once,
    a_claim_keeps_to_its_lane_and_takes_what_is_due_longest,
    what_ended_is_noted_once,
    a_lease_that_ran_out_is_claimed_again_twice_and_then_failed,
    a_failed_mail_is_tried_anew_or_dropped_and_a_sent_one_neither,
    the_next_due_mail_is_found_over_all_lanes,
    a_page_shows_what_has_not_left,
    mails_that_ended_are_forgotten_in_time,
    a_nul_becomes_a_replacement_character,
];

async fn insert(house: &House, mails: &[OutboundMail]) {
    let mut tx = house.context.store.begin().await.unwrap();
    store::outbox::insert(&mut tx, mails).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, house: &House, lane: Lane, most: i64) -> Vec<OutboundMail> {
    let mut tx = store.begin().await.unwrap();
    let until = house.now().after(minutes(30));
    let mails = store::outbox::claim(&mut tx, store.dialect(), lane, house.now(), until, most).await.unwrap();
    tx.commit().await.unwrap();
    mails
}

async fn end(house: &House, mails: &[OutboundMail]) {
    let mut tx = house.context.store.begin().await.unwrap();
    store::outbox::sent(&mut tx, &mails.iter().map(|mail| &mail.id).collect::<Vec<_>>(), house.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn by_id(house: &House, id: &OutboundId) -> OutboundMail {
    store::outbox::by_id(&mut house.context.store.read().await.unwrap(), id).await.unwrap().unwrap()
}

fn notices(house: &House, many: usize) -> Vec<OutboundMail> {
    (0..many).map(|_| sample::outbound(&house.context, &house.firm, LetterKind::RequestNotice)).collect()
}

async fn a_mail_is_read_as_it_was_written(house: &House) {
    let mail = OutboundMail {
        in_reply_to: Some("a@b.example".to_owned()),
        about: r#"{"reminder":1}"#.to_owned(),
        attempts: 3,
        unknowns: 1,
        ..sample::outbound(&house.context, &house.firm, LetterKind::Receipt)
    };
    insert(house, std::slice::from_ref(&mail)).await;
    assert_eq!(by_id(house, &mail.id).await, mail);
}

async fn four_who_claim_side_by_side_get_each_mail_once(house: &House) {
    let mails = notices(house, 200);
    insert(house, &mails).await;
    // as four processes would: each with connections of its own
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let store = Store::open(&house.url).await.unwrap();
        let (now, until) = (house.now(), house.now().after(minutes(30)));
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let mut tx = store.begin().await.unwrap();
                let dialect = store.dialect();
                let got = store::outbox::claim(&mut tx, dialect, Lane::Prompt, now, until, 7).await.unwrap();
                tx.commit().await.unwrap();
                assert!(got.len() <= 7);
                if got.is_empty() {
                    store.close().await;
                    return mine;
                }
                mine.extend(got);
                tokio::task::yield_now().await;
            }
        }));
    }
    let mut times = BTreeMap::new();
    for task in tasks {
        for mail in task.await.unwrap() {
            assert_eq!((mail.attempts, mail.state), (1, OutboundState::Leased));
            *times.entry(mail.id).or_insert(0) += 1;
        }
    }
    assert_eq!(times.len(), 200);
    assert!(times.values().all(|times| *times == 1));
    end(house, &mails).await;
}

async fn a_claim_keeps_to_its_lane_and_takes_what_is_due_longest(house: &House) {
    let [early, late, future] = notices(house, 3).try_into().unwrap();
    let early = OutboundMail { due_at: house.now().before(minutes(2)), ..early };
    let future = OutboundMail { due_at: house.now().after(minutes(1)), ..future };
    let receipt = sample::outbound(&house.context, &house.firm, LetterKind::Receipt);
    insert(house, &[late.clone(), receipt.clone(), future, early.clone()]).await;
    let ids = |mails: &[OutboundMail]| mails.iter().map(|mail| mail.id.clone()).collect::<Vec<_>>();
    let store = &house.context.store;
    assert!(claim(store, house, Lane::Waiting, 9).await.is_empty());
    let first = claim(store, house, Lane::Prompt, 1).await;
    let second = claim(store, house, Lane::Prompt, 9).await;
    let third = claim(store, house, Lane::Notice, 9).await;
    assert_eq!([ids(&first), ids(&second), ids(&third)], [[early.id], [late.id], [receipt.id]]);
    end(house, &[first, second, third].concat()).await;
}

async fn what_ended_is_noted_once(house: &House) {
    insert(house, &notices(house, 1)).await;
    let mail = claim(&house.context.store, house, Lane::Prompt, 1).await.pop().unwrap();
    let note = async |outcome: HandOver, next: Next| {
        let mut tx = house.context.store.begin().await.unwrap();
        store::outbox::record(&mut tx, &mail, &outcome, &next, house.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let later = house.now().after(minutes(5));
    note(HandOver::Unknown, Next::Again(later)).await;
    // whoever comes late with another end has lost the mail already
    note(HandOver::Refused { reply: Some(550), status: None }, Next::Failed).await;
    end(house, std::slice::from_ref(&mail)).await;
    let noted = by_id(house, &mail.id).await;
    assert_eq!((noted.state, noted.due_at, noted.unknowns), (OutboundState::Queued, later, 1));
    assert_eq!(noted.last_outcome, "unknown");
}

async fn a_lease_that_ran_out_is_claimed_again_twice_and_then_failed(house: &House) {
    insert(house, &notices(house, 1)).await;
    for time in 1..=3 {
        let mail = claim(&house.context.store, house, Lane::Prompt, 1).await.pop().unwrap();
        assert_eq!((mail.attempts, mail.unknowns), (time, time - 1));
        let mut tx = house.context.store.begin().await.unwrap();
        let too_early = house.now().after(minutes(29));
        assert!(store::outbox::end_leases(&mut tx, too_early, house.now(), house.now(), 3).await.unwrap().is_empty());
        let failed = store::outbox::end_leases(&mut tx, house.now().after(minutes(30)), house.now(), house.now(), 3)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(failed.len(), usize::from(time == 3), "{time}");
        let mail = by_id(house, &mail.id).await;
        assert_eq!((mail.unknowns, mail.last_outcome.as_str()), (time, "unknown"));
        assert_eq!(mail.state, if time == 3 { OutboundState::Failed } else { OutboundState::Queued });
    }
}

async fn a_failed_mail_is_tried_anew_or_dropped_and_a_sent_one_neither(house: &House) {
    let [failed, sent, withheld] = notices(house, 3).try_into().unwrap();
    insert(house, &[failed.clone(), sent.clone(), withheld.clone()]).await;
    for (mail, state) in [(&failed, "failed"), (&sent, "sent"), (&withheld, "withheld")] {
        house
            .execute(&format!("UPDATE outbound_mail SET state = '{state}', attempts = 9 WHERE id = '{}'", mail.id))
            .await;
    }
    let mut tx = house.context.store.begin().await.unwrap();
    let later = house.now().after(minutes(1));
    assert!(store::outbox::retry(&mut tx, &failed.id, later).await.unwrap());
    assert!(!store::outbox::retry(&mut tx, &sent.id, later).await.unwrap());
    assert!(!store::outbox::drop(&mut tx, &sent.id, later).await.unwrap());
    assert!(store::outbox::drop(&mut tx, &withheld.id, later).await.unwrap());
    assert!(!store::outbox::retry(&mut tx, &withheld.id, later).await.unwrap());
    tx.commit().await.unwrap();
    let tried = by_id(house, &failed.id).await;
    assert_eq!((tried.state, tried.attempts, tried.due_at), (OutboundState::Queued, 0, later));
    assert_eq!(by_id(house, &withheld.id).await.state, OutboundState::Useless);
}

async fn the_next_due_mail_is_found_over_all_lanes(house: &House) {
    let next =
        async || store::outbox::next_due(&mut house.context.store.read().await.unwrap(), &Lane::BATCHED).await.unwrap();
    assert_eq!(next().await, None);
    let receipt = sample::outbound(&house.context, &house.firm, LetterKind::Receipt);
    let soon = house.now().after(minutes(1));
    let notice = OutboundMail { due_at: soon.after(minutes(1)), ..notices(house, 1).remove(0) };
    insert(house, &[OutboundMail { due_at: soon, ..receipt }, notice]).await;
    assert_eq!(next().await, Some(soon));
}

async fn a_page_shows_what_has_not_left(house: &House) {
    let mails = notices(house, 3);
    insert(house, &mails).await;
    let mut ids: Vec<_> = mails.into_iter().map(|mail| mail.id).collect();
    ids.sort();
    ids.reverse();
    house.execute(&format!("UPDATE outbound_mail SET state = 'sent' WHERE id = '{}'", ids[0])).await;
    house.execute(&format!("UPDATE outbound_mail SET state = 'failed' WHERE id = '{}'", ids[1])).await;
    let page = async |below: &str, state| {
        let mut connection = house.context.store.read().await.unwrap();
        let page = store::outbox::page(&mut connection, below, state, 9).await.unwrap();
        page.into_iter().map(|mail| mail.id).collect::<Vec<_>>()
    };
    assert_eq!(page("~", None).await, ids[1..]);
    assert_eq!(page(ids[1].as_str(), None).await, ids[2..]);
    assert_eq!(page("~", Some(OutboundState::Sent)).await, ids[..1]);
}

async fn mails_that_ended_are_forgotten_in_time(house: &House) {
    insert(house, &notices(house, 2)).await;
    end(house, &claim(&house.context.store, house, Lane::Prompt, 1).await).await;
    let mut tx = house.context.store.begin().await.unwrap();
    assert_eq!(store::outbox::purge(&mut tx, house.now().before(minutes(1)), 9).await.unwrap(), 0);
    assert_eq!(store::outbox::purge(&mut tx, house.now(), 9).await.unwrap(), 1);
    assert_eq!(store::outbox::purge(&mut tx, house.now(), 9).await.unwrap(), 0, "what waits is kept");
}

async fn a_nul_becomes_a_replacement_character(house: &House) {
    let mail = OutboundMail { in_reply_to: Some("a\0b".to_owned()), ..notices(house, 1).remove(0) };
    insert(house, std::slice::from_ref(&mail)).await;
    assert_eq!(by_id(house, &mail.id).await.in_reply_to.as_deref(), Some("a\u{FFFD}b"));
}
