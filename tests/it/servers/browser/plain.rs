//! The whole way where no script runs and no style sheet is loaded.

use super::customer::Customer;
use super::office::{CUSTOMER, Office, SENDER};
use super::words;
use crate::support::browser::Browser;

#[test]
fn a_browser_without_scripts_and_styles_comes_to_the_approval() {
    let office = Office::open();
    let link = office.ask(CUSTOMER);
    let customer = Customer::at(&office, Browser::plain(), CUSTOMER);
    customer.follows(&link);
    customer.registers_and_goes_on();
    // what is wrong is read there, too
    customer.browser.press(words::DO_REGISTER);
    customer.reads("入力内容をご確認ください");
    customer.tells_of_the_company();
    customer.answers(words::APPROVE, "よろしくお願いいたします。");
    customer.sees("承認しました");
    office.letter(SENDER, "承認");
}
