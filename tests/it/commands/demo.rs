//! `renkei demo`, as a newcomer runs it.

use crate::support::daemon::Installation;

#[test]
fn the_demo_prints_the_customers_letter_and_ends_well_also_a_second_time() {
    let house = Installation::new(|_| String::new());
    let mut links = Vec::new();
    for time in ["first", "second"] {
        let said = house.cli_ok(&["demo", "--once", "--dir", "here"]);
        assert!(said.contains("様より弥生製品の契約情報取得が申請されています"), "{time}: {said}");
        let link = said.split_whitespace().find(|word| word.starts_with("http://localhost:") && word.contains("/r/"));
        links.push(link.unwrap_or_else(|| panic!("{time}: no link in {said}")).to_owned());
    }
    assert_ne!(links[0], links[1], "each asks anew");
}

#[test]
fn what_the_demo_made_is_an_installation() {
    let house = Installation::new(|_| String::new());
    house.cli_ok(&["demo", "--once", "--dir", "."]);
    assert!(house.cli_ok(&["check"]).contains("sound"));
    assert!(house.cli_ok(&["audit", "verify"]).contains("holds"));
    let products = house.cli_ok(&["ledger", "show"]);
    for kind in ["accounting_standard", "other_desktop", "accounting_network", "cloud"] {
        assert!(products.contains(kind), "{kind}: {products}");
    }
    let accepted = house.path().join("inbox/.renkei.accepted/cur");
    assert!(accepted.exists(), "{accepted:?}");
}
