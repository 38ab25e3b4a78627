//! Who may have codes mailed, and how often: limits that no stranger can turn against a customer.

use renkei::domain::ids::{AttemptId, RequestId};
use renkei::domain::time::days;
use renkei::domain::verification::{Digits, Over};
use renkei::flows::accounts;
use renkei::flows::code::{self, Resent, Verified};
use renkei::flows::register::{self, Begun, Registration};
use renkei::flows::reset_password::{self, Forgotten};

use super::house::House;
use super::sample;

on_both_databases![
    five_attempts_a_day_from_one_source,
    the_mailed_link_has_an_allowance_of_its_own,
    eight_who_begin_side_by_side_get_five,
    a_hundred_wrong_codes_bar_strangers_and_not_the_customer,
];

const ADDRESS: &str = "yamada@example.jp";

fn registration(house: &House, source: &str, invited_by: Option<&RequestId>) -> Registration {
    let source = sample::source(source);
    Registration { source, invited_by: invited_by.cloned(), ..sample::registration(&house.context, ADDRESS) }
}

async fn begin(house: &House, source: &str, invited_by: Option<&RequestId>) -> Begun {
    register::register(&house.context, registration(house, source, invited_by)).await.unwrap()
}

async fn begun(house: &House, source: &str, invited_by: Option<&RequestId>) -> AttemptId {
    let Begun::Attempt(id) = begin(house, source, invited_by).await else { panic!("no attempt from {source}") };
    id
}

async fn five_attempts_a_day_from_one_source(house: &House) {
    let first = house.now();
    for _ in 0..5 {
        begun(house, "192.0.2.1", None).await;
        house.pass_seconds(60);
    }
    let later = Begun::Later(first.after(days(1)));
    assert_eq!(begin(house, "192.0.2.77", None).await, later, "a neighbour is the same source");
    let forgotten = Forgotten {
        address: sample::address(ADDRESS),
        locale: renkei::domain::locale::Locale::Ja,
        source: sample::source("192.0.2.1"),
        invited_by: None,
    };
    assert_eq!(reset_password::ask(&house.context, forgotten).await.unwrap(), later, "for whatever purpose");
    begun(house, "198.51.100.1", None).await;
    house.register("sato@example.jp").await;
    house.pass(1);
    begun(house, "192.0.2.1", None).await;
}

/// The request that was mailed to ADDRESS, and one that was mailed to somebody else.
async fn requests(house: &House) -> [RequestId; 2] {
    house.ask(ADDRESS).await;
    house.ask("sato@example.jp").await;
    house.letters().await;
    [house.request(1).await.id, house.request(2).await.id]
}

async fn the_mailed_link_has_an_allowance_of_its_own(house: &House) {
    let [mailed, other] = requests(house).await;
    for _ in 0..5 {
        begun(house, "192.0.2.1", None).await;
    }
    for stranger in [None, Some(&other)] {
        assert!(
            matches!(begin(house, "192.0.2.1", stranger).await, Begun::Later(_)),
            "another's link is no invitation"
        );
    }
    for _ in 0..5 {
        begun(house, "192.0.2.1", Some(&mailed)).await;
    }
    assert!(matches!(begin(house, "203.0.113.9", Some(&mailed)).await, Begun::Later(_)), "from wherever it is opened");
}

async fn eight_who_begin_side_by_side_get_five(house: &House) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (context, registration) = (house.context.clone(), registration(house, "192.0.2.1", None));
            tokio::spawn(async move { register::register(&context, registration).await.unwrap() })
        })
        .collect();
    let mut begun = 0;
    for task in tasks {
        match task.await.unwrap() {
            Begun::Attempt(_) => begun += 1,
            Begun::Later(_) => {}
            Begun::Busy => panic!("eight are not many"),
        }
    }
    assert_eq!(begun, 5);
    assert_eq!(house.letters().await.len(), 5);
}

fn other_than(code: &Digits) -> Digits {
    Digits::of((code.to_text().parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Uses up an attempt; says how many guesses were compared.
async fn guess_all(house: &House, id: &AttemptId) -> u32 {
    let mut guesses = 0;
    loop {
        let wrong = other_than(&house.code().await);
        for _ in 0..5 {
            guesses += 1;
            if let Verified::Over(Over::Exhausted(_)) = code::verify(&house.context, id, &wrong).await.unwrap() {
                return guesses;
            }
        }
        house.pass_seconds(30);
        assert!(matches!(code::resend(&house.context, id).await.unwrap(), Resent::OnItsWay(_)));
    }
}

async fn a_hundred_wrong_codes_bar_strangers_and_not_the_customer(house: &House) {
    let [mailed, _] = requests(house).await;
    let mut guesses = 0;
    for network in 0..7 {
        let id = begun(house, &format!("198.51.{network}.1"), None).await;
        guesses += guess_all(house, &id).await;
    }
    assert_eq!(guesses, 105);
    let stranger = begun(house, "203.0.113.1", None).await;
    let code = house.code().await;
    let said = code::verify(&house.context, &stranger, &code).await.unwrap();
    assert_eq!(said, Verified::Wrong { tries_left: 4, resends_left: 2 }, "the right one is as wrong as any");

    let customer = begun(house, "203.0.113.1", Some(&mailed)).await;
    let code = house.code().await;
    let said = code::verify(&house.context, &customer, &code).await.unwrap();
    assert!(matches!(said, Verified::Account(_)), "{said:?}");

    // a success, like the operator, forgets them
    let address = sample::address("takahashi@example.jp");
    house.execute("UPDATE throttle SET failures = 100 WHERE kind = 'guess'").await;
    assert!(accounts::unlock(&house.context, &address).await.is_err(), "nothing is known of that address");
    accounts::unlock(&house.context, &sample::address(ADDRESS)).await.unwrap();
    assert_eq!(house.rows("SELECT kind FROM throttle WHERE kind = 'guess'").await, []);
}
