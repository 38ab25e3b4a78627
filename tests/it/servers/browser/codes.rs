//! The mailed code, by a clock that a test moves: ten minutes, two resends, and what is said when it does not work (S16 to
//! S20).

use std::time::Duration;

use super::customer::Customer;
use super::office::Office;
use super::words;

/// The code lives as long.
const LIFE: Duration = Duration::from_mins(10);
/// A resend can be asked for after.
const BETWEEN: Duration = Duration::from_secs(30);

/// Stands before the page that takes the code, and has the code.
fn asked(office: &Office) -> (Customer<'_>, String) {
    let customer = Customer::new(office);
    customer.open("/login");
    customer.register();
    let code = customer.code(1);
    (customer, code)
}

#[test]
fn a_code_is_good_at_nine_minutes_and_fifty_nine_seconds() {
    let office = Office::by_a_standing_clock();
    let (customer, code) = asked(&office);
    office.pass(LIFE.checked_sub(Duration::from_secs(1)).unwrap());
    customer.enters(&code);
    customer.sees("弥生IDの登録が完了しました");
}

#[test]
fn a_code_is_dead_at_ten_minutes_and_the_next_one_is_good() {
    let office = Office::by_a_standing_clock();
    let (customer, code) = asked(&office);
    office.pass(LIFE);
    customer.enters(&code);
    customer.sees("確認コードの入力");
    customer.reads("確認コードの有効期限（10分）が切れ");
    customer.browser.press(words::RESEND[0]);
    customer.enters(&customer.code(2));
    customer.sees("弥生IDの登録が完了しました");
}

#[test]
fn a_code_is_sent_again_twice_and_not_three_times() {
    let office = Office::by_a_standing_clock();
    let (customer, first) = asked(&office);
    customer.waits_for_the_mail();
    // too soon: the page says from when on it can be
    customer.browser.press(words::RESEND[0]);
    customer.reads("10時30分30秒");
    for count in [2, 3] {
        office.pass(BETWEEN);
        customer.browser.press(words::RESEND[count - 2]);
        customer.code(count);
        customer.waits_for_the_mail();
    }
    let mails = office.letters(&customer.address, words::CODE_MAIL, 3);
    assert!(mails[1].text.contains("再送1回目・") && mails[2].text.contains("再送2回目・"), "{mails:?}");
    let offered = customer.browser.names().into_iter().find(|name| name.starts_with("確認コードを再送する"));
    assert_eq!(offered, None, "no third time is offered");

    // a page that was left open in another window still has the button
    office.pass(BETWEEN);
    customer.browser.script(
        "const form = document.createElement('form'); form.method = 'post'; form.action = '/code/resend'; \
         form.append(document.querySelector('[name=csrf]').cloneNode()); const button = document.createElement('button'); \
         button.textContent = '三回目'; form.append(button); document.body.append(form)",
        &[],
    );
    customer.browser.press("三回目");
    customer.reads("再送できるのは2回までです。最後に届いたメール");

    customer.enters(&first);
    customer.reads("古い確認コード");
    customer.enters(&mails[2].code());
    customer.sees("弥生IDの登録が完了しました");
    assert_eq!(office.letters_so_far(&customer.address, words::CODE_MAIL).len(), 3);
}

#[test]
fn digits_of_a_japanese_keyboard_are_digits() {
    let office = Office::by_a_standing_clock();
    let (customer, code) = asked(&office);
    let wide: String = code.chars().map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap()).collect();
    customer.enters(&wide);
    customer.sees("弥生IDの登録が完了しました");
}

#[test]
fn whoever_has_an_account_sees_the_same_page_and_gets_another_mail() {
    let office = Office::by_a_standing_clock();
    let (customer, code) = asked(&office);
    customer.enters(&code);
    customer.browser.forget();
    customer.open("/login");
    customer.register();
    let letter = office.letter(&customer.address, "登録済み");
    assert!(letter.text.contains("ログイン"), "{}", letter.text);
    assert_eq!(office.letters_so_far(&customer.address, words::CODE_MAIL).len(), 1);
}
