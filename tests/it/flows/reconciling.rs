//! The run itself: who is due, who holds whom, what a crash leaves, the pages of the night; and what it costs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use renkei::contracts::Trouble;
use renkei::domain::contract::CustomerNumber;
use renkei::domain::time::{Timestamp, days};
use renkei::flows::reconcile::{self, Done, Everything, Pace, Page};
use renkei::flows::{Context, migrate};
use renkei::store::contract_customers;
use secrecy::SecretString;

use super::contract_faults::{Fate, Line};
use super::house::House;

on_both_databases![
    who_is_at_rest_is_not_due,
    a_system_that_is_down_is_asked_later_and_later,
    a_customer_is_in_one_hand_and_a_dead_hand_is_found,
    who_is_woken_in_hand_stays_due,
    a_dry_run_says_what_and_changes_nothing,
    the_night_goes_on_where_it_broke_off,
    the_night_takes_in_hand_only_for_whom_something_is_to_be_done,
    the_night_finds_what_waits_and_is_not_due,
    the_night_waits_for_a_system_that_is_left_alone,
    a_run_that_stops_anywhere_comes_to_the_same_end,
];

async fn due_at(house: &House) -> Option<Timestamp> {
    reconcile::next_due(&house.context).await.unwrap()
}

async fn who_is_at_rest_is_not_due(house: &House) {
    let customer = house.migrated(&[1]).await;
    assert_eq!(due_at(house).await, None);
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    assert_eq!(due_at(house).await, Some(house.now()), "a wish is due at once");
    house.reconcile(&house.context).await;
    assert_eq!(due_at(house).await, None);
    let before = house.everything().await;
    house.pass(1);
    assert_eq!(reconcile::due(&house.context, 10).await.unwrap().customers, 0);
    reconcile::one(&house.context, &customer.account).await.unwrap();
    assert_eq!(house.everything().await, before, "running it again changes nothing");
}

async fn a_system_that_is_down_is_asked_later_and_later(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    let line = Line::new(house);
    let context = line.context(house);
    line.is_down(true);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let done = reconcile::due(&context, 10).await.unwrap();
        assert_eq!((done.customers, done.troubled), (1, 1));
        let due = due_at(house).await.unwrap();
        waits.push(due.since(house.now()).as_secs());
        house.pass_seconds(due.since(house.now()).as_secs());
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    line.is_down(false);
    house.reconcile(&context).await;
    assert_eq!(house.states().await, ["C-STD linked"], "nothing was lost");
}

async fn a_customer_is_in_one_hand_and_a_dead_hand_is_found(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    let claim = async || {
        let (now, mut tx) = (house.now(), house.context.store.begin().await.unwrap());
        let until = now.after(Duration::from_mins(10));
        let dialect = house.context.store.dialect();
        let claimed = contract_customers::claim(&mut tx, dialect, now, until, 10).await.unwrap();
        tx.commit().await.unwrap();
        claimed
    };
    let dead = claim().await;
    assert_eq!(dead.len(), 1);
    assert!(claim().await.is_empty());
    assert_eq!(reconcile::one(&house.context, &customer.account).await.unwrap().customers, 0, "somebody is at it");
    house.pass_seconds(600);
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD linked"]);
    let mut tx = house.context.store.begin().await.unwrap();
    contract_customers::release(&mut tx, &dead[0], 7, Some(house.now())).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due_at(house).await, None, "who comes back from the dead changes nothing");
}

async fn who_is_woken_in_hand_stays_due(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    let now = house.now();
    let mut tx = house.context.store.begin().await.unwrap();
    let known = contract_customers::claim_one(&mut tx, &customer.account, now, now.after(days(1))).await.unwrap();
    contract_customers::wake(&mut tx, &customer.account, now).await.unwrap();
    contract_customers::release(&mut tx, &known.unwrap(), 0, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due_at(house).await, Some(now));
}

async fn a_dry_run_says_what_and_changes_nothing(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    let before = house.everything().await;
    let difference = reconcile::differences(&house.context, &customer.account).await.unwrap();
    let said: Vec<_> = difference.corrections.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("link link ") && said[1].starts_with("link Smart Voucher, firm "), "{said:?}");
    assert_eq!(house.everything().await, before);
}

async fn the_night_goes_on_where_it_broke_off(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    for n in 0..4 {
        // Their ids sort after a UUID's.
        house
            .execute(&format!(
                "INSERT INTO contract_customer (account_id, address, locale, fetched_at, tries, wakes)
                 VALUES ('x{n}', 'x{n}@example.jp', 'ja', 0, 0, 0)"
            ))
            .await;
    }
    house.execute("DELETE FROM ledger_linkage").await;
    let (slot, pace) = (house.now(), Pace { calls_a_second: 6 });
    assert_eq!(reconcile::everything(&house.context).await.unwrap(), Everything::Never);
    let Page::More(first) = Page::next(&house.context, slot, pace).await.unwrap() else { panic!() };
    assert_eq!((first.customers, house.states().await), (2, vec!["C-STD linked".to_owned()]), "drift is repaired");
    assert_eq!(house.ledger_links().await.len(), 2);
    assert_eq!(reconcile::everything(&house.context).await.unwrap(), Everything::Underway(slot));
    let mut seen = first.customers;
    while let Page::More(done) = Page::next(&house.context, slot, pace).await.unwrap() {
        seen += done.customers;
    }
    assert_eq!(seen, 5, "each customer once");
    assert_eq!(reconcile::everything(&house.context).await.unwrap(), Everything::Finished(slot));
    assert_eq!(Page::next(&house.context, slot, pace).await.unwrap(), Page::Last, "done is done");
    assert_eq!(pace.span(5 * 3), Duration::from_millis(2500));
    assert_eq!(customer.address.to_text(), "yamada@example.jp");
}

/// The first page of a night of its own.
async fn first_page(context: &Context) -> Page {
    Page::next(context, context.clock.now(), Pace { calls_a_second: 100 }).await.unwrap()
}

async fn the_night_takes_in_hand_only_for_whom_something_is_to_be_done(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    let line = Line::new(house);
    let context = line.context(house);
    let looked = Done { customers: 1, calls: 2, ..Done::default() };
    // Somebody else is at it all the while.
    let (now, mut tx) = (house.now(), house.context.store.begin().await.unwrap());
    let known = contract_customers::claim_one(&mut tx, &customer.account, now, now.after(days(1))).await.unwrap();
    tx.commit().await.unwrap();
    let state = async || {
        let mut state = house.everything().await;
        state.remove("reconcile_run").map(|_| state).unwrap()
    };
    let before = state().await;
    assert_eq!(first_page(&context).await, Page::More(looked));
    assert_eq!(line.calls.swap(0, Ordering::Relaxed), looked.calls, "the contracts and the links");
    assert_eq!(state().await, before, "a look changes nothing");

    house.execute("DELETE FROM ledger_linkage").await;
    house.pass_seconds(1);
    assert_eq!(first_page(&context).await, Page::More(looked), "who is in another's hand is left there");
    let mut tx = house.context.store.begin().await.unwrap();
    contract_customers::release(&mut tx, &known.unwrap(), 0, None).await.unwrap();
    tx.commit().await.unwrap();
    house.pass_seconds(1);
    line.calls.store(0, Ordering::Relaxed);
    let Page::More(done) = first_page(&context).await else { panic!() };
    assert_eq!((done.customers, done.troubled, house.ledger_links().await.len()), (1, 0, 2), "drift is repaired");
    assert_eq!(done.calls, line.calls.load(Ordering::Relaxed), "each call counts");
    assert!(done.calls > looked.calls * 2, "{done:?}");
}

async fn the_night_finds_what_waits_and_is_not_due(house: &House) {
    let customer = house.approved().await;
    let (number, password) = (CustomerNumber::parse("10000001").unwrap(), SecretString::from("himitsu-1"));
    migrate::add(&house.context, &customer, &number, &password).await.unwrap();
    migrate::submit(&house.context, &customer).await.unwrap();
    house.reconcile(&house.context).await;
    let due = due_at(house).await;
    assert!(due.is_some(), "it is under way");
    house.execute("UPDATE contract_customer SET due_at = NULL").await;
    first_page(&house.context).await;
    assert!(due_at(house).await >= due);
}

async fn the_night_waits_for_a_system_that_is_left_alone(house: &House) {
    house.linked(&[1], &["C-STD"]).await;
    house.execute("DELETE FROM ledger_linkage").await;
    let line = Line::new(house);
    let (context, slot) = (line.context(house), house.now());
    let rest = Duration::from_secs(30);
    line.fails_with(Some(Trouble::LeftAlone(rest)));
    let next = async || Page::next(&context, slot, Pace { calls_a_second: 100 }).await.unwrap();
    for _ in 0..3 {
        assert_eq!(next().await, Page::LeftAlone(rest));
    }
    line.fails_with(None);
    let Page::More(done) = next().await else { panic!("nobody was gone past") };
    assert_eq!((done.customers, house.ledger_links().await.len()), (1, 2));
    assert_eq!(next().await, Page::Last);
    // One answer that cannot be is a matter of one customer: the others are gone on to.
    house.pass_seconds(1);
    line.fails_with(Some(Trouble::Nonsense("it is no JSON")));
    let Page::More(done) = first_page(&context).await else { panic!() };
    assert_eq!((done.customers, done.troubled), (1, 1));
}

/// A process that ends at any call, before it or after it, leaves what the next one brings to the same end.
async fn a_run_that_stops_anywhere_comes_to_the_same_end(house: &House) {
    let customer = house.migrated(&[1]).await;
    let line = Line::new(house);
    let context = line.context(house);
    let mut rounds = 0;
    for ticked in [&["C-STD"][..], &[], &["C-STD"], &[]] {
        for fates in [
            [Fate::Lost, Fate::Done],
            [Fate::Unheard, Fate::Done],
            [Fate::Done, Fate::Lost],
            [Fate::Done, Fate::Unheard],
        ] {
            for wish in [ticked, if ticked.is_empty() { &["C-STD"][..] } else { &[] }] {
                house.pick(&context, &customer, &house.firm, wish).await;
                line.will(&fates);
                for _ in 0..6 {
                    house.reconcile(&context).await;
                    house.pass_seconds(900);
                }
                let linked = !wish.is_empty();
                let expected: &[&str] = if linked { &["1001 ", "1001 C-STD"] } else { &[] };
                assert_eq!(house.ledger_links().await, expected);
                assert_eq!(house.states().await, [if linked { "C-STD linked" } else { "C-STD unlinked" }]);
                rounds += 1;
            }
        }
    }
    let letters = house.letters().await.len();
    assert!(letters <= 2 * rounds, "nobody is told twice: {letters} letters after {rounds} changes");
}
