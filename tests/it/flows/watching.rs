//! A customer waits before the page: their migration is looked at sooner, and not oftener, however many pages wait.

use std::time::Duration;

use renkei::domain::contract::CustomerNumber;
use renkei::domain::migration::State;
use renkei::flows::migrate::{self, EAGER};
use secrecy::SecretString;

use super::house::House;

on_both_databases![who_waits_is_looked_at_sooner_and_nobody_else];

async fn due(house: &House) -> Option<i64> {
    let rows = house.rows("SELECT due_at FROM contract_customer").await;
    rows.first().and_then(|row| row["due_at"].parse().ok())
}

async fn who_waits_is_looked_at_sooner_and_nobody_else(house: &House) {
    let customer = house.approved().await;
    let watched = async || migrate::watched(&house.context, &customer.account).await.unwrap();
    assert_eq!(watched().await, None, "nothing was begun");
    let number = CustomerNumber::parse("10000001").unwrap();
    migrate::add(&house.context, &customer, &number, &SecretString::from("himitsu-1")).await.unwrap();
    assert_eq!(watched().await.map(|case| case.state), Some(State::Collecting));
    assert_eq!(due(house).await, None, "there is nothing to wait for");

    migrate::submit(&house.context, &customer).await.unwrap();
    assert!(watched().await.unwrap().is_under_way());
    assert_eq!(due(house).await, Some(house.now().as_millis()), "it is due already");
    let rung = tokio::time::timeout(Duration::from_secs(5), house.context.contract_bell.rung());
    rung.await.expect("who does it is woken");

    house.reconcile(&house.context).await;
    assert!(due(house).await.unwrap() >= house.now().after(Duration::from_secs(30)).as_millis(), "its own rhythm");
    let soon = house.now().after(EAGER).as_millis();
    watched().await;
    assert_eq!(due(house).await, Some(soon));
    house.pass_seconds(1);
    for _ in 0..3 {
        watched().await;
        assert_eq!(due(house).await, Some(soon), "many pages are one wait");
    }
    for _ in 0..4 {
        house.pass_seconds(EAGER.as_secs());
        house.reconcile(&house.context).await;
        watched().await;
    }
    assert!(matches!(watched().await.map(|case| case.state), Some(State::Completed(_))), "long before 30 s");
    assert_eq!(due(house).await, None, "at rest, and nobody wakes it");
    house.letters().await;
}
