//! `renkei demo`, as a newcomer walks it: the link and the code are read in the terminal, the rest happens in the browser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::customer::{NAME, PASSWORD};
use super::office::SOON;
use super::{look, words};
use crate::support::browser::Browser;
use crate::support::process::{Process, Signal};
use crate::support::{folder, poll};

/// The accounting product that is linked.
const PRODUCT: &str = "弥生会計 26 スタンダード";
/// Longest for a migration of two products, on a busy machine.
const LONG: Duration = Duration::from_secs(90);

#[test]
fn the_demo_is_walked_to_the_bound_data_with_what_it_prints() {
    let dir = folder::new();
    let terminal = dir.path().join("terminal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_renkei"));
    command.args(["demo", "--dir", "demo"]);
    let demo = Process::start(&mut command, dir.path(), &terminal, Signal::Term);
    let browser = Browser::start();
    browser.open(&printed(&terminal, |line| line.contains("http://localhost:") && line.contains("/r/")));
    browser.press("お手続きへ進む");
    browser.press(words::REGISTER);
    browser.fill("メールアドレス", "yamada@yamada-shouten.example");
    browser.fill("お名前", NAME);
    browser.fill("パスワード", PASSWORD);
    browser.fill("パスワード（確認", PASSWORD);
    browser.tick(words::CONSENT);
    browser.press(words::DO_REGISTER);
    browser.fill("確認コード", &printed(&terminal, |line| line.len() == 6 && line.parse::<u32>().is_ok()));
    browser.press(words::CHECK);
    browser.press(words::GO_ON);
    super::customer::fill_in_company(&browser);
    browser.press(words::DO_REGISTER);
    assert_eq!(browser.heading(), words::APPROVAL);
    browser.tick(words::APPROVE);
    browser.press(words::CHECK);
    browser.press(words::COMMIT);
    assert_eq!(browser.heading(), "承認しました");
    printed(&terminal, |line| line.contains("Subject:") && line.contains("契約情報の提供が承認されました"));
    migrates_two_products(&browser, &terminal);
    chooses_and_sees_the_icons(&browser);
    binds_releases_and_binds_again(&browser);

    let mut show = Command::new(env!("CARGO_BIN_EXE_renkei"));
    show.args(["--config", "demo/renkei.toml", "request", "show", "1"]).current_dir(dir.path());
    let told = String::from_utf8(show.output().unwrap().stdout).unwrap();
    let mut from = 0;
    for next in ["approved by", "migration submitted", "link changed", "business data changed", "releasing"] {
        from += told[from..].find(next).unwrap_or_else(|| panic!("{next} does not come next in {told}"));
    }
    drop(demo);
}

/// From the approval to 契約一覧 (the guide's 25 to 34).
#[track_caller]
fn migrates_two_products(browser: &Browser, terminal: &Path) {
    browser.press("製品・サービスの連携の設定へ進む");
    browser.press("こちらから契約の移行へ進む");
    browser.press("はい");
    for product in [PRODUCT, "弥生販売 26"] {
        let [number, password] = paper(terminal, product);
        browser.fill("お客様番号", &number);
        browser.fill("パスワード", &password);
        browser.press("登録");
    }
    browser.press("登録を完了して移行を開始する");
    poll::until_true("the migration to end", LONG, || browser.path() == "/contracts");
    for product in [PRODUCT, "弥生販売 26"] {
        assert!(browser.text().contains(product), "{}", browser.text());
    }
}

/// ［変更する］ and the icons (the guide's 35 to 37, and S53).
#[track_caller]
fn chooses_and_sees_the_icons(browser: &Browser) {
    browser.open(&browser.url().replace("/contracts", "/link/1"));
    browser.press("連携する会計製品を選択する");
    look::at(browser, "choice");
    browser.tick(PRODUCT);
    browser.press("変更する");
    assert_eq!(browser.heading(), words::MANAGE);
    until_it_says(browser, "連携済み");
    let loaded = browser.script("return [...document.images].map(it => it.complete && it.naturalWidth > 0)", &[]);
    assert_eq!(loaded, serde_json::json!([true, true]), "the product's icon, and that of スマート証憑管理");
    look::at(browser, "icons");
}

/// スマート取引取込の設定, with a name that differs; then other data in its place.
#[track_caller]
fn binds_releases_and_binds_again(browser: &Browser) {
    browser.press("スマート取引取込の設定");
    look::at(browser, "data");
    browser.fill("事業所名", "山田商店");
    browser.tick("このパソコン");
    browser.press("はい");
    look::at(browser, "data-names");
    browser.tick("仕訳データの取り込みについて確認しました。");
    browser.press("設定を行う");
    assert_eq!(browser.heading(), "事業者名が異なります");
    look::at(browser, "data-differ");
    browser.press("はい");
    until_it_says(browser, "スマート取引取込の設定を完了しました。");
    look::at(browser, "data-done");
    browser.press("画面を閉じる");
    assert!(browser.text().contains("設定済み"), "{}", browser.text());

    browser.press("スマート取引取込の設定");
    browser.press("連携を解除する");
    look::at(browser, "data-release");
    browser.press("連携を解除する");
    until_it_says(browser, "間違いありませんか");
    browser.fill("事業所名", "㈱山田商店");
    browser.tick("弥生ドライブ（データ共有サービス）");
    browser.press("はい");
    browser.press("設定を行う");
    until_it_says(browser, "スマート取引取込の設定を完了しました。");
}

#[track_caller]
fn until_it_says(browser: &Browser, text: &str) {
    poll::until_true(text, SOON, || {
        browser.reload();
        browser.text().contains(text)
    });
}

/// お客様番号 or サービス契約ID, and password, as the demo prints them for this product.
#[track_caller]
fn paper(terminal: &Path, product: &str) -> [String; 2] {
    let line = printed(terminal, |line| line.starts_with(product) && line.contains(": number "));
    let (_, rest) = line.split_once(": number ").unwrap();
    let (number, password) = rest.split_once(", password ").unwrap();
    [number.to_owned(), password.to_owned()]
}

/// The first line like this that the demo prints.
#[track_caller]
fn printed(terminal: &Path, is_it: impl Fn(&str) -> bool) -> String {
    poll::until("the demo to print it", SOON, || {
        let text = std::fs::read_to_string(terminal).ok()?;
        text.lines().find(|line| is_it(line.trim())).map(|line| line.trim().to_owned())
    })
}
