//! Who goes away and comes back, by a clock that a test moves: they log in and are where they left off.

use std::time::Duration;

use super::customer::Customer;
use super::office::{CUSTOMER, Office, SENDER};
use super::words;
use crate::support::browser::Browser;

const WEEK: Duration = Duration::from_hours(24 * 7);

#[test]
fn who_comes_back_a_week_later_is_where_they_left_off() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.sees(words::COMPANY);

    office.pass(WEEK);
    // in the window that was left open
    customer.browser.reload();
    customer.sees(words::LOGIN);
    customer.logs_in();
    customer.tells_of_the_company();
    customer.checks_who_asks();

    office.pass(WEEK);
    // at another browser, from the mail
    let again = Customer::at(&office, Browser::start(), CUSTOMER);
    again.follows(&link);
    again.logs_in();
    again.answers(words::APPROVE, "遅くなりました。");
    again.sees("承認しました");
    assert!(office.letter(SENDER, "承認").text.contains("遅くなりました。"));

    office.pass(WEEK);
    // without the mail
    let manager = Customer::at(&office, Browser::start(), CUSTOMER);
    manager.open("/manage");
    manager.logs_in();
    manager.sees(words::MANAGE);
    manager.reads("契約情報を提供中");
}

#[test]
fn who_only_looked_finds_the_request_ended_after_its_days() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.browser.open(&link);
    customer.sees("契約情報提供のお手続き");
    office.pass(Duration::from_hours(24 * 21 + 15));
    // the page that was left open is too old to be answered, and the link tells why
    customer.browser.press("お手続きへ進む");
    customer.sees("もう一度操作してください");
    customer.browser.open(&link);
    customer.sees("お手続きの期限が過ぎています");
}

#[test]
fn a_forgotten_password_is_set_anew_with_a_mailed_code() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.browser.press(words::LOGOUT);
    customer.browser.fill("弥生ID（メールアドレス）", CUSTOMER);
    customer.browser.press(words::NEXT);
    customer.browser.press(words::FORGOT);
    customer.sees(words::RESET);
    customer.browser.press(words::NEXT);
    customer.enters(&customer.code(2));
    customer.sees(words::RESET);
    customer.browser.fill("新しいパスワード", super::customer::PASSWORD);
    customer.browser.fill("新しいパスワード（確認", super::customer::PASSWORD);
    customer.browser.press("設定する");
    customer.browser.fill("パスワード", super::customer::PASSWORD);
    customer.browser.press(words::LOGIN);
    customer.sees(words::COMPANY);
    office.letter(CUSTOMER, "パスワードが変更されました");
}
