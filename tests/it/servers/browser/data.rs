//! スマート取引取込の設定 in a real browser: the names that differ, the page that waits, release and other data in its place.

use super::customer::{BUSINESS, Customer};
use super::look;
use super::office::{CUSTOMER, Office, SENDER};
use super::owning::{STD, approved, fill};
use super::words;

/// Its title, and the link that leads there.
pub const DATA: &str = "スマート取引取込の設定";
/// What it comes to.
pub const DONE: &str = "スマート取引取込の設定を完了しました。";

/// Enters the data, up to both names side by side.
#[track_caller]
pub fn enters(customer: &Customer<'_>, name: &str) {
    customer.sees(DATA);
    customer.browser.fill("事業所名", name);
    customer.browser.tick("このパソコン");
    customer.browser.press("はい");
    customer.reads("あなたの会社・個人事業者名");
    customer.reads(name);
}

#[test]
fn names_that_differ_are_agreed_to_and_data_is_released_and_other_data_set() {
    let office = Office::open();
    fill(&office, &["C-STD"]);
    let customer = approved(&office);
    customer.chooses(STD);
    customer.reloads_until("連携済み");
    customer.browser.press(DATA);
    look::at(&customer.browser, "30-data");
    enters(&customer, "山田商店");
    look::at(&customer.browser, "31-data-names");
    customer.browser.press("設定を行う");
    customer.reads("チェックを付けてください");
    look::at(&customer.browser, "31-data-rule-fault");
    customer.browser.tick("仕訳データの取り込みについて確認しました。");
    customer.browser.press("設定を行う");
    customer.sees("事業者名が異なります");
    customer.reads(BUSINESS);
    look::at(&customer.browser, "32-data-differ");
    customer.browser.press("戻って修正する");
    assert_eq!(customer.browser.filled("事業所名"), "山田商店");
    customer.browser.press("はい");
    customer.browser.tick("仕訳データの取り込みについて確認しました。");
    customer.browser.press("設定を行う");
    customer.browser.press("はい");
    customer.waits_until(DONE);
    look::at(&customer.browser, "33-data-done");
    customer.browser.press("画面を閉じる");
    customer.sees(words::MANAGE);
    customer.reads("設定済み");
    look::at(&customer.browser, "13-manage-data");
    office.letter(SENDER, "スマート取引取込");

    customer.browser.press(DATA);
    customer.reads("連携できる事業所データは、1つだけです。");
    look::at(&customer.browser, "34-data-present");
    customer.browser.press("連携を解除する");
    customer.reads("山田商店");
    look::at(&customer.browser, "35-data-release");
    customer.browser.press("解除せずに戻る");
    customer.browser.press("連携を解除する");
    customer.browser.press("連携を解除する");
    customer.waits_until("事業所データ「山田商店」の連携は、");
    look::at(&customer.browser, "36-data-released");
    enters(&customer, "㈱山田商店");
    customer.browser.tick("仕訳データの取り込みについて確認しました。");
    customer.browser.press("設定を行う");
    customer.waits_until(DONE);
    customer.reads("㈱山田商店");
    assert_eq!(office.letters(CUSTOMER, "スマート取引取込", 3).len(), 3, "set, released, set");
}
