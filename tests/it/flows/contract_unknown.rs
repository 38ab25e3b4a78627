//! A thousand migrations over a line that cuts, delays, repeats and spoils what it carries: each happens, and none twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use renkei::config::contracts::Http as Settings;
use renkei::contracts::ContractDirectory;
use renkei::contracts::DirectoryError::{Refused, Retry, Unknown};
use renkei::contracts::ledger::import::OnRefusal;

use super::contract_served::{Served, TOKEN, ledger_router, settings, with};
use super::contract_suite::{CHEAP, holder, migration, number};
use super::house::House;
use crate::support::proxy::{Fault, Proxy, Way};

const MIGRATIONS: usize = 1000;
const AT_ONCE: usize = 8;

/// Which requests were told that a migration was started, by its name. A copy that the line made is the same request.
type Started = Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>;

async fn count(State(started): State<Started>, request: Request, next: Next) -> Response {
    let (name, id) = (header(&request, "idempotency-key"), header(&request, "request-id"));
    let starts = request.uri().path().ends_with("/migrations/start");
    let answer = next.run(request).await;
    if let (Some(name), Some(id)) = (name, id)
        && starts
        && answer.status().is_success()
    {
        started.lock().unwrap().entry(name).or_default().insert(id);
    }
    answer
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Faults in a fixed disorder, for connections of one call each: a question has some 500 bytes, an answer some 350.
fn faults() -> impl Iterator<Item = Fault> {
    let mut state: u64 = 4;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (kind, after) = ((state >> 33) % 40, usize::try_from((state >> 40) % 350).unwrap());
        match kind {
            0..=9 => Fault::Cut { way: Way::Down, after },
            10..=15 => Fault::Reset { way: Way::Down, after },
            16..=21 => Fault::Cut { way: Way::Up, after: after * 2 },
            22..=25 => Fault::Reset { way: Way::Up, after: after * 2 },
            26 => Fault::Stall { way: Way::Down, after },
            27..=31 => Fault::Corrupt { way: Way::Down, at: after },
            32..=36 => Fault::Repeat { after },
            _ => Fault::Delay(Duration::from_millis(2)),
        }
    })
}

/// Starts a customer's migration as a flow should: after an unknown outcome it looks before it asks again.
async fn migrate(house: &House, settings: &Settings, nth: usize) {
    let (who, id) = (holder(&format!("c{nth}")), migration(&format!("m-{nth}")));
    let password = format!("p-{nth}").into();
    let checked = house.ledger.check_customer_number(&who, &number(&format!("{nth:08}")), &password).await;
    let grants = [checked.unwrap().grant];
    loop {
        match with(house, settings).start_migration(&who, &id, &grants).await {
            Ok(status) => return assert_eq!(status.items.len(), 1),
            Err(Refused(refusal)) => panic!("{nth}: {refusal:?}"),
            Err(Retry(_)) => {}
            Err(Unknown(_)) => {
                // what is under way arrives, or never will
                tokio::time::sleep(Duration::from_millis(100)).await;
                let found = loop {
                    if let Ok(found) = with(house, settings).migration_status(&who, &id).await {
                        break found;
                    }
                };
                if found.is_some() {
                    return;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_migrations_with_unknown_outcomes_happen_once_each() {
    let house = House::on_sqlite().await;
    let (mut products, mut customers) =
        ("contract,product,customer_number,password\n".to_owned(), "account,contract\n".to_owned());
    for nth in 0..MIGRATIONS {
        writeln!(products, "C-{nth},blue_return,{nth:08},p-{nth}").unwrap();
        writeln!(customers, "c{nth}@example.jp,C-{nth}").unwrap();
    }
    let filled =
        house.ledger.import(products.as_bytes(), customers.as_bytes(), OnRefusal::TakeNone, CHEAP).await.unwrap();
    assert_eq!((filled.products, filled.refused), (MIGRATIONS as u64, vec![]));

    let started = Started::default();
    let router = ledger_router(&house).layer(from_fn_with_state(Arc::clone(&started), count));
    let served = Served::router(router).await;
    let proxy = Proxy::to(served.port);
    proxy.next(faults().take(50_000));
    let settings = Settings { timeout_seconds: 1, ..settings(house.folder(), proxy.port(), TOKEN) };
    let next = AtomicUsize::new(0);
    let askers = (0..AT_ONCE).map(|_| async {
        loop {
            let nth = next.fetch_add(1, Ordering::SeqCst);
            if nth >= MIGRATIONS {
                break;
            }
            migrate(&house, &settings, nth).await;
        }
    });
    futures_util::future::join_all(askers).await;

    house.pass_seconds(10);
    for nth in 0..MIGRATIONS {
        let snapshot = house.ledger.snapshot(&holder(&format!("c{nth}"))).await.unwrap();
        assert_eq!(snapshot.contracts.len(), 1, "{nth}");
    }
    let moved = house.rows("SELECT contract_id FROM ledger_migration_item WHERE state = 'moved'").await;
    let contracts: BTreeSet<_> = moved.iter().map(|row| &row["contract_id"]).collect();
    assert_eq!((moved.len(), contracts.len()), (MIGRATIONS, MIGRATIONS));
    assert_eq!(house.rows("SELECT id FROM ledger_migration").await.len(), MIGRATIONS);
    let blind = started.lock().unwrap().values().filter(|requests| requests.len() > 1).count();
    assert_eq!(blind, 0, "migrations that were started and asked for again without a look");
    let heard = proxy.heard();
    let (starts, looks) = (heard.matches("/migrations/start").count(), heard.matches("/migrations/query").count());
    println!("{starts} starts and {looks} looks on {} connections", proxy.connections());
    assert!(
        starts > MIGRATIONS + 100 && looks > MIGRATIONS / 2,
        "the line was too good: {starts} starts, {looks} looks"
    );
    house.leave().await;
}
