//! Invariant 12 and threat T9: GET and HEAD change no row but last-seen, whoever asks and however often; and nobody who is
//! not logged in is told anything about anybody.

use std::collections::BTreeMap;

use axum::http::Method;
use renkei::domain::time::minutes;
use renkei::web;

use super::browser::Browser;
use super::forgery::filled;
use super::{owning, register};
use crate::flows::house::House;
use crate::flows::people::member;

#[tokio::test]
async fn looking_changes_nothing() {
    let house = House::on_sqlite().await;
    let (_, mut owner) = owning::linked(&house, &["C-STD"]).await;
    house.ask("tanaka@example.jp").await;
    let token = house.letters().await.iter().find_map(crate::flows::house::Read::token).unwrap();
    let account = member(&house, "tanaka@example.jp", "田中 花子").await;
    let mut registering = Browser::new(&house);
    register::send(&mut registering, "sato@example.jp", &[]).await;
    house.deliver().await;
    let mut logged_in = Browser::logged_in(&house, &account).await;
    let mut stranger = Browser::new(&house);
    // lists that are older than a minute are fetched anew: that is all that looking may bring
    let kept = |mut all: BTreeMap<String, Vec<BTreeMap<String, String>>>| {
        all.remove("session");
        for row in all.get_mut("contract_customer").into_iter().flatten() {
            row.retain(|column, _| !["contracts", "fetched_at", "due_at"].contains(&column.as_str()));
        }
        all
    };
    let before = kept(house.everything().await);
    house.context.clock.advance(minutes(2));
    let table = web::table();
    for path in table.shown().iter().chain(table.taken()) {
        let path = filled(&path.replace("{token}", &token));
        for browser in [&mut registering, &mut logged_in, &mut owner, &mut stranger] {
            for method in [Method::GET, Method::HEAD, Method::GET, Method::OPTIONS] {
                let seen = browser.ask(method.clone(), &path, &[], String::new()).await;
                assert!(seen.status.as_u16() < 500, "{method} {path}: {}", seen.status);
            }
            assert_eq!(kept(house.everything().await), before, "{path}");
        }
    }
    assert_eq!(house.rows("SELECT digest FROM session").await.len(), 2);
    house.leave().await;
}

#[tokio::test]
async fn a_stranger_learns_of_nobody() {
    let house = House::on_sqlite().await;
    house.ask("igarashi@example.jp").await;
    let token = house.letters().await.iter().find_map(crate::flows::house::Read::token).unwrap();
    member(&house, "igarashi@example.jp", "五十嵐 佐久良").await;
    let firm = &house.firm;
    let table = web::table();
    for path in table.shown().iter().chain(table.taken()) {
        let path = filled(&path.replace("{token}", &token));
        let mut stranger = Browser::new(&house);
        stranger.go("/login").await;
        for seen in [stranger.get(&path).await, stranger.post(&path, &[]).await] {
            for secret in ["igarashi", "五十嵐", "佐久良", &firm.name, &firm.telephone, &firm.notify_address.to_text()]
            {
                assert!(!seen.body.contains(secret), "{path} tells {secret}");
            }
            let headers = format!("{:?}", seen.headers);
            assert!(!headers.contains(&token) && !headers.contains("igarashi"), "{path}: {headers}");
        }
    }
    house.leave().await;
}
