//! Whatever happens in whatever order: mails, withdrawals, time, deliveries that end in any way.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use renkei::domain::outbound::HandOver;
use renkei::flows::{audit, expire, requests};

use super::house::House;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A mail about this customer.
    Ask(u8),
    /// The bytes of an earlier mail again.
    Again(u8),
    /// The operator withdraws this request, if there is one.
    Withdraw(i64),
    /// The operator has this customer mailed again.
    Retry(i64),
    /// Hours pass.
    Pass(u64),
    /// The schedule comes round.
    Expire,
    /// The outbox does a round, and the attempts end so.
    Deliver(Vec<u8>),
    /// The customer decides this request.
    Decide(i64, bool),
}

const CUSTOMERS: u8 = 3;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..CUSTOMERS).prop_map(Step::Ask),
        1 => any::<u8>().prop_map(Step::Again),
        1 => (1..6_i64).prop_map(Step::Withdraw),
        1 => (1..6_i64).prop_map(Step::Retry),
        2 => prop_oneof![Just(1), Just(24), Just(25), Just(21 * 24)].prop_map(Step::Pass),
        1 => Just(Step::Expire),
        2 => proptest::collection::vec(0..5_u8, 0..5).prop_map(Step::Deliver),
        1 => (1..6_i64, any::<bool>()).prop_map(|(number, yes)| Step::Decide(number, yes)),
    ]
}

fn outcome(number: u8) -> HandOver {
    match number {
        0 => HandOver::Sent,
        1 => HandOver::Deferred { reply: Some(451) },
        2 => HandOver::Refused { reply: Some(550), status: None },
        3 => HandOver::RelayFault { reply: None },
        _ => HandOver::Unknown,
    }
}

async fn take(house: &House, step: &Step, mails: &mut Vec<Vec<u8>>) {
    match step {
        Step::Ask(customer) => {
            let mail = house.mail(&format!("c{customer}@example.jp")).signed(&house.key);
            house.receive(std::slice::from_ref(&mail)).await;
            mails.push(mail);
        }
        Step::Again(which) if !mails.is_empty() => {
            let received = house.receive(&[mails[usize::from(*which) % mails.len()].clone()]).await;
            assert_eq!((received.requests, received.letters), (0, 0), "a copy acts");
        }
        Step::Again(_) => {}
        // what the state does not allow is refused, and changes nothing
        Step::Withdraw(number) => drop(requests::withdraw(&house.context, *number).await),
        Step::Retry(number) => drop(requests::retry(&house.context, *number).await),
        Step::Pass(hours) => house.pass_seconds(hours * 3_600),
        Step::Expire => drop(expire::expire(&house.context).await.unwrap()),
        Step::Deliver(outcomes) => {
            house.outbox.arrange(outcomes.iter().copied().map(outcome));
            house.deliver_once().await;
        }
        Step::Decide(number, yes) => {
            let (state, now) = (if *yes { "approved" } else { "declined" }, house.now().as_millis());
            let undecided = "state IN ('pending', 'undeliverable', 'opened')";
            let set = format!("state = '{state}', state_at = {now}, linked_at = {now}, version = version + 1");
            house.execute(&format!("UPDATE request SET {set} WHERE number = {number} AND {undecided}")).await;
        }
    }
}

const FINAL: [&str; 4] = ["approved", "declined", "expired", "cancelled"];

/// What holds at any moment; `ended` remembers the final states that were seen.
async fn holds(house: &House, mails: usize, ended: &mut BTreeMap<String, String>) {
    let mut undecided = BTreeMap::new();
    let requests = house.rows("SELECT * FROM request").await;
    for request in &requests {
        let (number, state) = (request["number"].clone(), request["state"].clone());
        if FINAL.contains(&state.as_str()) {
            assert_eq!(ended.entry(number).or_insert_with(|| state.clone()), &state, "a final state was left");
        } else {
            assert!(!ended.contains_key(&number), "request {number} came back from its end");
            *undecided.entry(request["customer_key"].clone()).or_insert(0) += 1;
        }
    }
    assert!(undecided.values().all(|many| *many == 1), "two undecided requests of one pair: {undecided:?}");

    let accepted = house.rows("SELECT request_id FROM inbound_message WHERE verdict = 'accepted'").await;
    assert_eq!(accepted.len(), mails, "each mail was accepted once");
    for mail in accepted {
        assert!(requests.iter().any(|request| request["id"] == mail["request_id"]), "a mail without its request");
    }
    let received = house.rows("SELECT object FROM audit_event WHERE event = 'received'").await;
    assert_eq!(received.len(), requests.len());
    assert_eq!(audit::first_break(&house.context).await.unwrap(), None);
}

#[test]
fn in_any_order_no_mail_is_lost_and_no_end_is_undone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let steps = proptest::collection::vec(step(), 1..25);
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let house = House::on_sqlite().await;
                let (mut mails, mut ended) = (Vec::new(), BTreeMap::new());
                for step in &steps {
                    take(&house, step, &mut mails).await;
                    holds(&house, mails.len(), &mut ended).await;
                }
                house.leave().await;
            });
            Ok(())
        })
        .unwrap();
}
