//! The whole way with the real program: from the firm's mail in Dovecot to the firm's answer at the sink.

use super::customer::{BUSINESS, Customer, PASSWORD};
use super::office::{CUSTOMER, FIRM, Office, SENDER};
use super::words;
use crate::support::browser::Browser;

const THANKS: &str = "いつもお世話になっております。よろしくお願いいたします。";

#[test]
fn who_has_no_id_registers_and_approves_and_the_firm_reads_it() {
    let office = Office::open();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.sees(words::LOGIN);
    customer.registers_and_goes_on();
    customer.tells_of_the_company();
    customer.answers(words::APPROVE, THANKS);
    customer.sees("承認しました");

    let answer = office.letter(SENDER, "承認");
    for told in [BUSINESS, CUSTOMER, THANKS] {
        assert!(answer.text.contains(told), "{told}: {}", answer.text);
    }
    customer.open("/next");
    customer.sees("製品・サービスの連携の設定");
    customer.reads(FIRM);
    let shown = office.cli(&["--json", "request", "show", "1"]);
    assert!(shown.contains("\"approved\""), "{shown}");
    assert!(!shown.contains(PASSWORD));
}

#[test]
fn who_does_not_approve_needs_no_company_and_the_firm_reads_why() {
    let office = Office::open();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.sees(words::COMPANY);
    customer.browser.press("この申請を承認しない");
    customer.checks_who_asks();
    customer.browser.fill("申請元の会計事務所へのメッセージ", "契約している事務所は別にあります。");
    customer.browser.press(words::CHECK);
    customer.commits(words::DECLINE, "契約している事務所は別にあります。");
    customer.sees("「承認しない」で確定しました");
    let answer = office.letter(SENDER, "承認されませんでした");
    assert!(answer.text.contains("契約している事務所は別にあります。"), "{}", answer.text);
    assert!(answer.text.contains(CUSTOMER), "{}", answer.text);
}

#[test]
fn who_has_an_id_and_a_company_logs_in_and_comes_straight_to_the_approval() {
    let office = Office::open();
    let first = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&first);
    customer.registers_and_goes_on();
    customer.tells_of_the_company();
    customer.checks_who_asks();
    customer.browser.press(words::LOGOUT);

    let again = Customer::at(&office, Browser::start(), CUSTOMER);
    again.follows(&first);
    again.logs_in();
    again.answers(words::APPROVE, THANKS);
    again.sees("承認しました");
    office.letter(SENDER, "承認");
}

#[test]
fn who_knows_nothing_of_it_says_so_without_an_id() {
    let office = Office::open();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.browser.open(&link);
    customer.browser.press("この申請に心当たりがない");
    customer.sees("この申請に心当たりがない");
    customer.browser.press("心当たりがないことを知らせる");
    customer.sees("お知らせいただき、ありがとうございます");
    let listed = office.cli(&["request", "show", "1"]);
    assert!(listed.contains("disowned"), "{listed}");
}
