use super::look;
use super::office::{CUSTOMER, Office};
use crate::support::browser::Browser;

#[test]
fn the_first_step_of_the_login_looks_well() {
    let office = Office::by_a_standing_clock();
    println!("{}", office.ask(CUSTOMER));
    let browser = Browser::start();
    browser.open(&office.url("/login"));
    look::at(&browser, "login");
    browser.press("次へ");
    look::at(&browser, "login-fault");
    println!("{:?}", office.everything());
}
