//! The contract-management system goes down in the middle, and a person at a real browser loses nothing: the page says so and
//! keeps the other fields, the password is asked for again, nothing is half done, and once it is back they get through.

use std::time::Duration;

use super::contract_system::ContractSystem;
use super::customer::{BUSINESS, Customer};
use super::data::{DATA, DONE, enters};
use super::office::{CUSTOMER, Office};
use super::owning::{LONG, NET, PAY, SETTING, STD, approved};
use super::{look, words};
use crate::support::poll;

const DOWN: &str = "ただいま契約の情報を確認できないため、登録できませんでした。";

/// Does it again every other second, as people do, until the page says this.
#[track_caller]
fn again_and_again(customer: &Customer<'_>, text: &str, mut deed: impl FnMut(&Customer<'_>)) {
    poll::until_true(text, LONG, || {
        std::thread::sleep(Duration::from_secs(2));
        deed(customer);
        customer.browser.text().contains(text)
    });
}

#[test]
fn two_products_come_over_though_it_goes_down_before_the_numbers_and_before_the_end() {
    let mut system = ContractSystem::start(&["C-MIS"]);
    let office = Office::open_with(&system.settings());
    let customer = approved(&office);
    customer.reads("Misoca");
    system.goes_down();
    customer.browser.press("最新の一覧に更新する");
    customer.sees(SETTING);
    customer.reads("ただいま最新の一覧を取得できません");
    customer.reads("Misoca");
    assert!(customer.browser.url().ends_with("#list"), "it stands where that is said");
    look::at(&customer.browser, "20-link-old");
    customer.goes_to_the_migration();
    // oftener than a wrong password may be tried: none of these counts
    for _ in 0..6 {
        customer.enters_number("10000001", "himitsu-1");
        customer.reads(DOWN);
        customer.reads("パスワードをもう一度入力してください");
        customer.keeps_the_number("10000001");
        customer.reads("まだ登録されていません。");
    }
    look::at(&customer.browser, "22-products-down");
    let kept = office.everything();
    assert!(!kept.iter().any(|row| row.starts_with("migration_item")), "{kept:#?}");
    assert!(!kept.concat().contains("himitsu"));
    customer.open("/manage");
    customer.reads("契約情報を提供中");
    customer.open("/migration/products");

    system.comes_back();
    again_and_again(&customer, "登録しました。", |it| it.enters_number("10000001", "himitsu-1"));
    customer.enters_number("10000002", "himitsu-2");
    for product in [STD, PAY] {
        customer.reads(product);
    }
    customer.browser.press("登録を完了して移行を開始する");
    customer.sees("お手続き中です");
    system.goes_down();
    std::thread::sleep(Duration::from_secs(6));
    customer.browser.reload();
    customer.sees("お手続き中です");
    system.comes_back();
    customer.waits_until("契約の移行が完了しました。");
    customer.sees("契約一覧");
    for product in [STD, PAY, "Misoca"] {
        customer.reads(product);
        assert_eq!(system.shows().matches(product).count(), 1, "{}", system.shows());
    }
    office.letter(CUSTOMER, "契約の移行が完了");
    customer.browser.press("製品・サービスの連携の設定に戻る");
    customer.reads("移行処理は不要です");
    assert_eq!(office.letters_so_far(CUSTOMER, "契約の移行が完了").len(), 1);
}

#[test]
fn a_network_product_is_registered_though_it_is_down_from_the_beginning() {
    let mut system = ContractSystem::start(&[]);
    let office = Office::open_with(&system.settings());
    system.goes_down();
    let customer = approved(&office);
    customer.reads("ただいま契約の一覧を取得できません");
    assert!(!customer.browser.text().contains("登録している製品がありません"), "nobody knows");
    look::at(&customer.browser, "20-link-unknown");
    system.comes_back();
    again_and_again(&customer, "登録している製品がありません", |it| {
        it.browser.press("最新の一覧に更新する");
    });

    customer.browser.press("登録済み製品一覧を表示する");
    customer.browser.press("製品を追加する");
    system.goes_down();
    let authenticates = |it: &Customer<'_>| {
        it.browser.fill("パスワード", "himitsu-4");
        it.browser.press("認証する");
    };
    customer.browser.fill("サービス契約ID", "SC000004");
    authenticates(&customer);
    customer.reads(DOWN);
    assert!(!customer.browser.text().contains("入力内容を"), "nothing was typed wrong");
    assert_eq!(customer.browser.filled("サービス契約ID"), "SC000004");
    assert_eq!(customer.browser.filled("パスワード"), "");
    look::at(&customer.browser, "26-add-down");
    system.comes_back();
    again_and_again(&customer, "登録しました", authenticates);
    customer.reads("SC000004");
    customer.browser.press("製品・サービスの連携の設定に戻る");
    customer.browser.press("最新の一覧に更新する");
    customer.reads(NET);
    assert!(system.shows().contains("SC000004"), "{}", system.shows());
}

#[test]
fn a_product_is_linked_and_data_set_and_released_though_it_is_down_each_time() {
    let mut system = ContractSystem::start(&["C-STD"]);
    let office = Office::open_with(&system.settings());
    let customer = approved(&office);
    customer.browser.press("連携する会計製品を選択する");
    system.goes_down();
    customer.browser.tick(STD);
    customer.browser.press("変更する");
    customer.sees(words::MANAGE);
    customer.reads("設定中");
    look::at(&customer.browser, "13-manage-in-hand");
    system.comes_back();
    customer.reloads_until("連携済み");

    customer.browser.press(DATA);
    enters(&customer, BUSINESS);
    customer.browser.tick("仕訳データの取り込みについて確認しました。");
    system.goes_down();
    customer.browser.press("設定を行う");
    customer.reads("事業所データを設定しています");
    customer.browser.hold();
    look::at(&customer.browser, "33-data-in-hand");
    customer.browser.press("自動で進むのを止める");
    let stopped = customer.browser.url();
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(customer.browser.url(), stopped);
    customer.reads("事業所データを設定しています");
    look::at(&customer.browser, "33-data-stopped");
    system.comes_back();
    customer.browser.press("自動で進むようにする");
    customer.waits_until(DONE);
    assert!(system.shows().contains(BUSINESS), "{}", system.shows());

    customer.browser.press("画面を閉じる");
    customer.browser.press(DATA);
    customer.browser.press("連携を解除する");
    system.goes_down();
    customer.browser.press("連携を解除する");
    customer.reads("連携を解除しています");
    customer.browser.hold();
    look::at(&customer.browser, "34-data-going");
    customer.browser.reload();
    system.comes_back();
    customer.waits_until("に解除されました。");
    customer.sees(DATA);
    assert!(!system.shows().contains(BUSINESS), "{}", system.shows());
    enters(&customer, BUSINESS);
}
