//! Invariant 5: whatever people, firms, operators and time do in whatever order, each change of a request is one audit event,
//! written together with it, and the trail tells its whole life without a gap.

use renkei::domain::decision::Choice;
use renkei::domain::firm_request::{Request, StateName};
use renkei::domain::ids::{AccountId, RequestId};
use renkei::domain::outbound::LetterKind;
use renkei::entropy::Entropy;
use renkei::flows::disown::disown;
use renkei::flows::{company, decide, expire, landing, manage, requests};

use super::customers::{CUSTOMER, OTHER, answer, sound_company};
use super::house::House;
use super::people::TERMS;

on_both_databases![the_trail_tells_each_life_without_a_gap];

/// Deeds of one run.
const DEEDS: usize = 14;
/// Runs, a request each.
const RUNS: i64 = 16;

struct People {
    mailed: AccountId,
    other: AccountId,
}

async fn the_trail_tells_each_life_without_a_gap(house: &House) {
    let dice = Entropy::seeded(7);
    let mut seen = std::collections::BTreeSet::new();
    for run in 1..=RUNS {
        let (customer, other) = (format!("{run}{CUSTOMER}"), format!("{run}{OTHER}"));
        let (request, _) = house.asked(&customer).await;
        let people = People { mailed: house.ready(&customer).await, other: house.ready(&other).await };
        for _ in 0..DEEDS {
            let before = house.request(run).await;
            do_something(house, &dice, &request, run, &people).await;
            let after = house.request(run).await;
            assert!(
                before.state.is_undecided() || before.state == after.state,
                "an end is an end: {before:?} {after:?}"
            );
        }
        let end = house.request(run).await;
        seen.insert(end.state.name().name());
        told(house, &end).await;
        house.letters().await;
    }
    assert!(seen.len() >= 4, "the dice saw too little: {seen:?}");
    assert_eq!(renkei::flows::audit::first_break(&house.context).await.unwrap(), None);
}

async fn do_something(house: &House, dice: &Entropy, request: &RequestId, number: i64, people: &People) {
    let context = &house.context;
    let [deed, who, choice, hours] = dice.bytes::<4>();
    let who = if who % 2 == 0 { &people.mailed } else { &people.other };
    let choice = if choice % 2 == 0 { Choice::Approve } else { Choice::Decline };
    house.context.clock.advance(renkei::domain::time::hours(u32::from(hours % 48)));
    match deed % 12 {
        0 | 1 => drop(disown(context, request).await.unwrap()),
        2 => drop(requests::withdraw(context, number).await),
        3 => drop(requests::retry(context, number).await),
        4 => drop(expire::expire(context).await.unwrap()),
        5 => landing::enter(context, request, who).await.unwrap(),
        6 => drop(decide::consider(context, Some(request), who, TERMS).await.unwrap()),
        7 => company::save(context, Some(request), who, &sound_company()).await.unwrap(),
        8 | 9 => drop(decide::decide(context, request, who, TERMS, &answer(choice, "")).await.unwrap()),
        10 => drop(manage::stop(context, who, number).await.unwrap()),
        _ => house.deliver().await,
    }
}

/// What the trail says of a request is what became of it.
async fn told(house: &House, end: &Request) {
    let story = requests::show(&house.context, end.number).await.unwrap();
    let mut state = String::new();
    for event in &story.events {
        assert_eq!(event.from, state, "{:?}", story.events);
        state.clone_from(&event.to);
    }
    assert_eq!(state, end.state.name().name(), "{:?}", story.events);
    let events = |name: &str| story.events.iter().filter(|event| event.event == name).count();
    let mails = |kind| story.mails.iter().filter(|mail| mail.kind == kind).count();
    let version = usize::try_from(end.version).unwrap();
    assert_eq!(story.events.len(), version + 1, "an event a change: {:?}", story.events);
    assert_eq!(mails(LetterKind::RequestApproved), events("approved"));
    assert_eq!(mails(LetterKind::RequestDeclined), events("declined") + events("declined by another id"));
    assert_eq!(mails(LetterKind::SharingEnded), events("stopped"));
    assert_eq!(mails(LetterKind::SharingStopped), events("stopped"));
    assert!(mails(LetterKind::RequestCancelled) <= events("withdrawn"));
    assert_eq!(mails(LetterKind::RequestNotice), 1 + events("notified again"));
    assert_eq!(events("stopped") > 0, end.stopped_at.is_some());
    assert!(events("approved") + events("declined") <= 1 && events("opened") <= 1);
    assert_eq!(end.state.name() == StateName::Approved, events("approved") == 1);
}
