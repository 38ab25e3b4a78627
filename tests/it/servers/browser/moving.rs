//! From the approval to the list of contracts in a real browser: the three cases of ［製品・サービスの連携の設定］, 契約の移行 with
//! its wait, a network product, cancel and return, wrong passwords.

use std::time::Duration;

use super::customer::Customer;
use super::look;
use super::office::{CUSTOMER, Office, RECOVERY, SOON};
use super::owning::{NET, PAY, SETTING, STD, approved, fill};
use super::words;
use crate::support::browser::Browser;
use crate::support::poll;

#[test]
fn two_products_come_over_while_the_customer_waits() {
    let office = Office::open();
    fill(&office, &["C-MIS"]);
    let customer = approved(&office);
    customer.reads("Misoca");
    look::at(&customer.browser, "20-link-cloud");
    customer.browser.press("キャンセル");
    customer.sees(words::MANAGE);
    customer.browser.press("製品・サービスの連携を設定する");
    customer.sees(SETTING);
    customer.browser.press("こちらから契約の移行へ進む");
    customer.sees("お客様番号の確認");
    look::at(&customer.browser, "21-migration");
    customer.browser.press("はい");
    customer.sees("契約の移行");
    customer.enters_number("10000001", "himitsu-x");
    customer.reads("あと4回まで入力できます");
    customer.keeps_the_number("10000001");
    look::at(&customer.browser, "22-products-fault");
    customer.enters_number("10000001", "himitsu-1");
    customer.enters_number("10000002", "himitsu-2");
    customer.reads(STD);
    customer.reads(PAY);
    look::at(&customer.browser, "22-products");
    customer.browser.press("登録を完了して移行を開始する");
    customer.sees("お手続き中です");
    customer.reads("お手続き中です。しばらくお待ち下さい");
    poll::until_true("the page to move on by itself", Duration::from_secs(90), || {
        customer.browser.heading() == "契約一覧"
    });
    for product in [STD, PAY, "Misoca", "契約の移行が完了しました。"] {
        customer.reads(product);
    }
    look::at(&customer.browser, "24-contracts");
    customer.browser.press("製品・サービスの連携の設定に戻る");
    customer.sees(SETTING);
    customer.reads("移行処理は不要です");
    look::at(&customer.browser, "20-link-accounting");
    office.letter(CUSTOMER, "契約の移行が完了");
}

#[test]
fn a_network_product_goes_the_other_way_and_is_chosen() {
    let office = Office::open();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.reads("登録している製品がありません");
    look::at(&customer.browser, "20-link-nothing");
    customer.goes_to_the_migration();
    customer.enters_number("10000004", "himitsu-4");
    customer.reads("ネットワーク製品は移行の対象外です");
    look::at(&customer.browser, "22-products-network");
    customer.browser.press("製品を追加する");
    customer.sees("製品を追加する");
    look::at(&customer.browser, "26-add");
    customer.browser.press("キャンセル");
    customer.sees("登録済み製品一覧");
    look::at(&customer.browser, "25-registered-empty");
    customer.browser.press("製品を追加する");
    customer.browser.fill("サービス契約ID", "SC000004");
    customer.browser.fill("パスワード", "himitsu-4");
    customer.browser.press("認証する");
    customer.sees("登録済み製品一覧");
    customer.reads("SC000004");
    look::at(&customer.browser, "25-registered");
    customer.browser.press("製品・サービスの連携の設定に戻る");
    customer.browser.press("最新の一覧に更新する");
    customer.sees(SETTING);
    customer.reads("移行処理は不要です");
    customer.chooses(NET);
    customer.reloads_until("連携済み");
    customer.reads(NET);
    customer.reads("スマート証憑管理");
}

#[test]
fn the_page_that_waits_stands_still_when_it_is_told_to() {
    let office = Office::by_a_standing_clock();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.goes_to_the_migration();
    customer.enters_number("10000001", "himitsu-1");
    customer.browser.press("登録を完了して移行を開始する");
    customer.sees("お手続き中です");
    customer.browser.hold();
    look::at(&customer.browser, "23-wait");
    customer.browser.press("自動で進むのを止める");
    customer.sees("お手続き中です");
    let path = customer.browser.url();
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(customer.browser.url(), path);
    look::at(&customer.browser, "23-wait-stopped");
    // a migration that takes long: what was begun is to be done in an hour
    poll::until_true("the contract system to begin", SOON, || {
        office.everything().iter().any(|row| row.starts_with("ledger_migration_item"))
    });
    office.change("UPDATE ledger_migration_item SET due_at = due_at + 3600000");
    office.pass(Duration::from_mins(14));
    customer.browser.reload();
    office.pass(Duration::from_mins(1));
    customer.browser.reload();
    customer.reads("お時間がかかっています");
    look::at(&customer.browser, "23-wait-long");
}

#[test]
fn who_cancels_in_the_middle_takes_it_up_a_week_later_by_the_page_of_the_firms() {
    let office = Office::by_a_standing_clock();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.goes_to_the_migration();
    customer.enters_number("10000001", "himitsu-1");
    customer.reads(STD);
    customer.browser.press("キャンセル");
    customer.sees(SETTING);
    customer.reads("［キャンセル］を押しても、ここまでの内容は失われません");
    customer.browser.press("キャンセル");
    customer.sees(words::MANAGE);
    customer.reads("まだ連携していません");
    look::at(&customer.browser, "13-manage-unlinked");
    customer.browser.press(words::LOGOUT);

    office.pass(Duration::from_hours(24 * 7));
    let again = Customer::at(&office, Browser::start(), CUSTOMER);
    again.open("/manage");
    again.logs_in();
    again.sees(words::MANAGE);
    again.browser.press("製品・サービスの連携を設定する");
    again.goes_to_the_migration();
    again.reads(STD);
    again.browser.press("登録を完了して移行を開始する");
    again.sees("お手続き中です");
}

#[test]
fn five_wrong_passwords_are_enough_for_an_hour_and_the_way_out_is_shown() {
    let office = Office::by_a_standing_clock();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.goes_to_the_migration();
    for left in [4, 3, 2, 1] {
        customer.enters_number("10000001", "himitsu-x");
        customer.reads(&format!("あと{left}回まで入力できます"));
    }
    customer.enters_number("10000001", "himitsu-x");
    customer.reads("続けて間違えられたため、このお客様番号は1時間ほど登録できません。");
    customer.keeps_the_number("10000001");
    look::at(&customer.browser, "22-products-fifth");
    customer.enters_number("10000001", "himitsu-1");
    customer.reads("11時30分から、もう一度お試しください。");
    customer.keeps_the_number("10000001");
    customer.reads("お客様番号やパスワードが不明な場合");
    let way_out = "return [...document.querySelectorAll('main a')].find(a => a.textContent.startsWith('こちら')).href";
    assert_eq!(customer.browser.script(way_out, &[]), RECOVERY);
    look::at(&customer.browser, "22-products-too-many");
    // another number is another matter
    customer.enters_number("10000002", "himitsu-2");
    customer.reads(PAY);

    office.pass(Duration::from_hours(1));
    customer.browser.reload();
    customer.logs_in();
    customer.goes_to_the_migration();
    customer.enters_number("10000001", "himitsu-1");
    customer.reads("登録しました。");
    customer.reads(STD);
}
