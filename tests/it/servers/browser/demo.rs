//! `renkei demo`, as a newcomer walks it: the link and the code are read in the terminal, the rest happens in the browser.

use std::path::Path;
use std::process::Command;

use super::customer::{NAME, PASSWORD};
use super::office::SOON;
use super::words;
use crate::support::browser::Browser;
use crate::support::process::{Process, Signal};
use crate::support::{folder, poll};

#[test]
fn the_demo_is_walked_to_the_approval_with_what_it_prints() {
    let dir = folder::new();
    let terminal = dir.path().join("terminal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_renkei"));
    command.args(["demo", "--dir", "demo"]);
    let _demo = Process::start(&mut command, dir.path(), &terminal, Signal::Term);
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
}

/// The first line like this that the demo prints.
#[track_caller]
fn printed(terminal: &Path, is_it: impl Fn(&str) -> bool) -> String {
    poll::until("the demo to print it", SOON, || {
        let text = std::fs::read_to_string(terminal).ok()?;
        text.lines().find(|line| is_it(line.trim())).map(|line| line.trim().to_owned())
    })
}
