//! `renkei reconcile`: shown, then done, then nothing is left.

use std::time::{Duration, Instant};

use super::audit::execute;
use super::{assert_wrong, json, with_firm};

#[test]
fn what_differs_is_shown_and_then_put_right() {
    let house = with_firm();
    execute(
        &house,
        "INSERT INTO ledger_contract (id, product, name, place, holder, standing)
         VALUES ('C-STD', 'accounting_standard', '弥生会計', 'listed', 'yamada@example.jp', 'active')",
    );
    execute(
        &house,
        "INSERT INTO contract_customer (account_id, address, locale, fetched_at, tries, wakes)
         VALUES ('a1', 'Yamada@example.jp', 'ja', 0, 0, 0), ('a2', 'sato@example.jp', 'ja', 0, 0, 0)",
    );
    execute(
        &house,
        "INSERT INTO linkage (id, account_id, firm_id, contract_id, request_id, request_number, product, product_name, state,
         state_at, wished_at, repairs, calls, voucher_calls, version) SELECT 'l1', 'a1', id, 'C-STD', 'r', 1,
         'accounting_standard', '弥生会計', 'linked', 0, 0, 0, 0, 0, 0 FROM firm",
    );
    let shown = house.cli_ok(&["reconcile", "--dry-run"]);
    assert!(shown.contains("Yamada@example.jp  note that it is no longer linked: link l1"), "{shown}");
    assert!(shown.contains("link Smart Voucher") && !shown.contains("sato"), "{shown}");
    assert_eq!(house.cli_ok(&["reconcile", "--dry-run", "--customer", "sato@example.jp"]).trim(), "none");
    assert_eq!(json(&house, &["reconcile", "--dry-run"]).as_array().unwrap().len(), 2, "it changed nothing");

    let done = json(&house, &["reconcile", "--now", "--customer", "yamada@example.jp"]);
    assert_eq!((done["customers"].as_i64(), done["troubled"].as_i64()), (Some(1), Some(0)));
    assert_eq!(house.cli_ok(&["reconcile", "--dry-run"]).trim(), "none");
    let settings = std::fs::read_to_string(house.config()).unwrap();
    house.configure(&format!("{settings}\n[reconcile]\ncalls_a_second = 1\n"));
    let begun = Instant::now();
    assert!(house.cli_ok(&["reconcile", "--now"]).contains("2 customers, 0 corrections, 0 not at rest"));
    assert!(begun.elapsed() >= Duration::from_secs(2), "the contracts and the links are two calls");
    assert_wrong(&house.cli(&["reconcile", "--now", "--customer", "nobody@example.jp"]), "no customer with this ID");
}
