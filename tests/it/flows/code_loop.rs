//! The loop of codes: rung, it sends at once; stopped, it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use renkei::lifecycle::{Lifecycle, Notifier};
use renkei::loops::codes::Codes;
use tokio_util::sync::CancellationToken;

use super::house::House;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_leaves_as_soon_as_it_was_asked_for() {
    let house = House::on_sqlite().await;
    let lifecycle = Lifecycle::new(Notifier::from_env(std::iter::empty()).unwrap()).unwrap();
    let stop = CancellationToken::new();
    // what a daemon that died held in its hands is in doubt from the start
    house.register("lost@example.jp").await;
    drop(house.claim_code().await.unwrap());
    let codes = Codes {
        context: house.context.clone(),
        post: Arc::clone(&house.post),
        pulses: [lifecycle.pulse("codes", MINUTE), lifecycle.pulse("codes", MINUTE)],
        stop: stop.clone(),
    };
    let running = tokio::spawn(codes.run());
    let ended = async || house.rows("SELECT id FROM outbound_mail WHERE state = 'failed'").await.len();
    let start = Instant::now();
    while ended().await == 0 {
        assert!(start.elapsed() < MINUTE, "the dead daemon's code is still leased");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // both hands are at rest by then, for five seconds
    tokio::time::sleep(Duration::from_millis(300)).await;
    for number in 0..6 {
        house.register(&format!("c{number}@example.jp")).await;
    }
    let rung = Instant::now();
    while house.letters_left_so_far() < 6 {
        assert!(
            rung.elapsed() < Duration::from_secs(4),
            "a bell that nobody hears: {} left",
            house.letters_left_so_far()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!(lifecycle.pulses().stuck().is_empty());
    house.leave().await;
}
