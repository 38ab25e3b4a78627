//! Codes, whatever happens in whatever order: resends, tries, crashes, a relay that fails in every way, a clock that jumps.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use renkei::clock::Clock;
use renkei::domain::ids::AttemptId;
use renkei::domain::outbound::HandOver;
use renkei::domain::time::Timestamp;
use renkei::domain::verification::Digits;
use renkei::flows::code::{self, Verified};
use renkei::flows::deliver::codes;
use renkei::flows::{Context, FlowError, audit};

use super::house::House;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Resend,
    /// The outbox does a round, and its attempts end so.
    Deliver(Vec<u8>),
    /// A daemon claims a code and dies; the next one starts.
    Crash,
    /// Somebody types a code that was mailed, counted from the newest, or a wrong one.
    Type(usize),
    Guess,
    /// The clock moves, by seconds.
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Resend),
        4 => prop::collection::vec(0..5_u8, 0..3).prop_map(Step::Deliver),
        1 => Just(Step::Crash),
        2 => (0..3_usize).prop_map(Step::Type),
        2 => Just(Step::Guess),
        4 => prop_oneof![Just(5), Just(30), Just(31), Just(120), Just(599), Just(601), Just(-60), Just(-900)].prop_map(Step::Clock),
    ]
}

fn outcome(number: u8) -> HandOver {
    match number {
        0 | 1 => HandOver::Sent,
        2 => HandOver::Deferred { reply: Some(451) },
        3 => HandOver::RelayFault { reply: None },
        _ => HandOver::Unknown,
    }
}

/// What was seen from outside.
#[derive(Default)]
struct Seen {
    /// Each code that was mailed, and when.
    mailed: Vec<(Digits, Timestamp)>,
    /// Codes whose mail may have left with a daemon that died.
    lost: usize,
    accepted: usize,
}

async fn typed(house: &House, id: &AttemptId, digits: &Digits, seen: &mut Seen) {
    let now = house.now();
    let said = code::verify(&house.context, id, digits).await.unwrap();
    if matches!(said, Verified::Account(_)) {
        seen.accepted += 1;
        let (newest, minted) = seen.mailed.last().expect("a code was accepted that nobody was mailed");
        assert!(newest.equals(digits), "an older code was accepted");
        assert!(*minted <= now && now < minted.after(Duration::from_mins(10)), "a dead code was accepted");
    }
}

async fn take(house: &mut House, id: &AttemptId, step: &Step, seen: &mut Seen) {
    match step {
        Step::Resend => match code::resend(&house.context, id).await {
            Ok(_) | Err(FlowError::ClockBehind(_)) => {}
            Err(other) => panic!("{other}"),
        },
        Step::Deliver(outcomes) => {
            house.outbox.arrange(outcomes.iter().copied().map(outcome));
            let now = house.now();
            house.deliver_once().await;
            let letters = house.letters_left();
            seen.mailed.extend(letters.iter().filter_map(super::house::Read::code).map(|code| (code, now)));
        }
        Step::Crash => {
            if house.claim_code().await.is_some() {
                seen.lost += 1;
            }
            codes::end_leases(&house.context, true).await.unwrap();
        }
        Step::Type(back) => {
            let index = seen.mailed.len().checked_sub(back + 1);
            if let Some(digits) = index.map(|index| seen.mailed[index].0.clone()) {
                typed(house, id, &digits, seen).await;
            }
        }
        Step::Guess => typed(house, id, &Digits::of(7), seen).await,
        Step::Clock(seconds) => {
            let span = Duration::from_secs(seconds.unsigned_abs());
            let now = if *seconds < 0 { house.now().before(span) } else { house.now().after(span) };
            house.context = Context { clock: Clock::fixed(now), ..house.context.clone() };
        }
    }
}

async fn holds(house: &House, seen: &Seen) {
    assert!(seen.mailed.len() + seen.lost <= 3, "a fourth mail");
    assert!(seen.accepted <= 1, "accepted twice");
    assert_eq!(house.rows("SELECT id FROM account").await.len(), seen.accepted);
    let codes = house.rows("SELECT * FROM verification_code").await;
    let live = codes.iter().filter(|code| ["waiting", "out"].contains(&code["state"].as_str())).count();
    assert!(live <= 1 && codes.len() <= 3, "{codes:?}");
    assert!(codes.iter().all(|code| code["tries"].parse::<u32>().unwrap() <= 5));
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
}

#[test]
fn in_any_order_no_dead_code_is_right_and_no_fourth_one_leaves() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step(), 1..30);
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let mut house = House::on_sqlite().await;
                let id = house.register("yamada@example.jp").await;
                let mut seen = Seen::default();
                for step in &steps {
                    take(&mut house, &id, step, &mut seen).await;
                    holds(&house, &seen).await;
                }
                house.leave().await;
            });
            Ok(())
        })
        .unwrap();
}
