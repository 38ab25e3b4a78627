//! What is linked is unlinked in a real browser, after the same confirm: one product by its box, or all that is linked with a
//! firm.

use super::look;
use super::office::{CUSTOMER, Office, SENDER};
use super::owning::{STD, approved, fill};
use super::words;

const UNLINK: &str = "製品・サービスの連携をすべて解除する";

#[test]
fn a_product_without_its_tick_is_unlinked_once_that_is_confirmed() {
    let office = Office::open();
    fill(&office, &["C-STD"]);
    let customer = approved(&office);
    customer.chooses(STD);
    customer.reloads_until("連携済み");

    customer.browser.press("製品・サービスの連携を設定する");
    customer.browser.press("連携する会計製品を選択する");
    look::at(&customer.browser, "27-choice-linked");
    customer.browser.untick(STD);
    customer.browser.press("変更する");
    customer.sees("連携の変更の確認");
    customer.reads("まだ変更していません");
    customer.reads(STD);
    look::at(&customer.browser, "28-choice-confirm");
    customer.browser.press("キャンセル");
    customer.reads("連携済み");
    customer.open("/manage");
    customer.reads("連携済み");

    customer.browser.press("製品・サービスの連携を設定する");
    customer.browser.press("連携する会計製品を選択する");
    customer.browser.untick(STD);
    customer.browser.press("変更する");
    customer.browser.press("変更する");
    customer.sees(words::MANAGE);
    customer.reloads_until("まだ連携していません");
    for reader in [CUSTOMER, SENDER] {
        assert!(office.letter(reader, "解除").text.contains(STD));
    }
}

#[test]
fn all_that_is_linked_with_a_firm_is_unlinked_once_that_is_confirmed() {
    let office = Office::open();
    fill(&office, &["C-STD"]);
    let customer = approved(&office);
    customer.chooses(STD);
    customer.reloads_until("連携済み");
    customer.browser.press(UNLINK);
    customer.sees("製品・サービスの連携を解除する");
    for told in [STD, "スマート証憑管理", "契約情報の提供は続きます"] {
        customer.reads(told);
    }
    look::at(&customer.browser, "29-unlink");
    customer.browser.press("解除せずに戻る");
    customer.reads("連携済み");
    customer.browser.press(UNLINK);
    customer.browser.press("解除する");
    customer.sees(words::MANAGE);
    customer.reloads_until("まだ連携していません");
    customer.reads("契約情報を提供中");
    for reader in [CUSTOMER, SENDER] {
        assert!(office.letter(reader, "解除").text.contains(STD));
    }
    // and linked again
    customer.browser.press("製品・サービスの連携を設定する");
    customer.chooses(STD);
    customer.reloads_until("連携済み");
}
