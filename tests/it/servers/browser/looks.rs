//! Every page in every state, with the guide's own words and looked at with other eyes (see [`super::look`]).

use std::time::Duration;

use super::customer::{Customer, PASSWORD};
use super::office::{CUSTOMER, Office};
use super::{look, words};
use crate::support::browser::Browser;

/// The page has this heading, which is its title too, offers these to be pressed, and is sound on all screens.
#[track_caller]
fn page(customer: &Customer<'_>, name: &str, heading: &str, offered: &[&str]) {
    customer.sees(heading);
    let title = customer.browser.title();
    assert!(title.trim_start_matches("エラー：").starts_with(heading) && title.ends_with("｜マイポータル"), "{title}");
    let names = customer.browser.names();
    for wanted in offered {
        assert!(names.iter().any(|name| name == wanted), "{name} offers no {wanted}: {names:?}");
    }
    customer.reads(words::CONTACT);
    look::at(&customer.browser, name);
}

/// A page that came back with faults: they are summed up, and the summary has the focus.
#[track_caller]
fn faulty(customer: &Customer<'_>, name: &str, heading: &str, faults: &[&str]) {
    assert!(customer.browser.title().starts_with("エラー："), "{}", customer.browser.title());
    for fault in faults {
        customer.reads(fault);
    }
    assert_eq!(customer.browser.script("return document.activeElement.getAttribute('role')", &[]), "alert");
    page(customer, name, heading, &[]);
}

#[test]
fn from_the_link_to_the_registered_id() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.browser.open(&link);
    page(&customer, "01-landing", "契約情報提供のお手続き", &["お手続きへ進む", "この申請に心当たりがない"]);
    customer.browser.press("お手続きへ進む");
    page(&customer, "02-login", words::LOGIN, &[words::NEXT, words::REGISTER]);
    customer.browser.press(words::NEXT);
    faulty(&customer, "02-login-fault", words::LOGIN, &["弥生ID（メールアドレス）を入力してください。"]);
    customer.browser.press(words::REGISTER);
    page(&customer, "03-register", words::REGISTER, &[words::DO_REGISTER, words::LOGIN]);
    customer.reads("「弥生ID」として、今後も利用します");
    customer.reads("忘れないように十分ご注意ください");
    customer.browser.press(words::DO_REGISTER);
    let faults = ["お名前を入力してください", "パスワードを入力してください", "チェックを付けてください"];
    faulty(&customer, "03-register-fault", words::REGISTER, &faults);
    customer.fill_in_registration();
    customer.browser.press(words::DO_REGISTER);
    let code = customer.code(1);
    customer.waits_for_the_mail();
    page(&customer, "04-code", "確認コードの入力", &[words::CHECK, words::RESEND[0]]);
    customer.enters(if code == "000000" { "000001" } else { "000000" });
    faulty(&customer, "04-code-wrong", "確認コードの入力", &["確認コードが正しくありません", "あと4回"]);
    customer.enters(&code);
    page(&customer, "05-registered", "弥生IDの登録が完了しました", &[words::GO_ON, words::LOGOUT]);
    customer.reads(words::LOGIN_NAME);
}

#[test]
fn codes_that_ended() {
    let office = Office::by_a_standing_clock();
    let customer = Customer::new(&office);
    customer.open("/login");
    customer.register();
    let first = customer.code(1);
    customer.waits_for_the_mail();
    office.pass(Duration::from_mins(10));
    customer.browser.reload();
    page(&customer, "04-code-expired", "確認コードの入力", &[words::RESEND[0]]);
    customer.browser.press(words::RESEND[0]);
    customer.code(2);
    customer.waits_for_the_mail();
    customer.enters(&first);
    faulty(&customer, "04-code-old", "確認コードの入力", &["古い確認コード"]);
    for _ in 0..4 {
        customer.enters(&first);
    }
    page(&customer, "04-code-killed", "確認コードの入力", &[words::RESEND[1]]);
    office.pass(Duration::from_mins(1));
    customer.browser.press(words::RESEND[1]);
    customer.code(3);
    customer.waits_for_the_mail();
    for _ in 0..5 {
        customer.enters(&first);
    }
    page(&customer, "04-code-exhausted", "確認コードの入力", &["はじめからやり直す"]);
}

#[test]
fn logging_in_and_a_new_password_and_new_terms() {
    let office = Office::by_a_standing_clock();
    let customer = Customer::new(&office);
    customer.open("/login");
    customer.registers_and_goes_on();
    customer.browser.press(words::LOGOUT);
    page(&customer, "06-logged-out", words::LOGIN, &[words::NEXT]);
    customer.browser.fill("弥生ID（メールアドレス）", CUSTOMER);
    customer.browser.press(words::NEXT);
    page(&customer, "06-password", words::LOGIN, &[words::LOGIN, words::FORGOT]);
    customer.browser.fill("パスワード", "not the one at all");
    customer.browser.press(words::LOGIN);
    faulty(&customer, "06-password-fault", words::LOGIN, &["正しくありません"]);
    customer.browser.press(words::FORGOT);
    page(&customer, "07-forgot", words::RESET, &[words::NEXT]);
    customer.browser.press(words::NEXT);
    customer.waits_for_the_mail();
    page(&customer, "07-reset-code", "確認コードの入力", &[words::CHECK]);
    customer.enters(&customer.code(2));
    page(&customer, "07-reset", words::RESET, &["設定する"]);
    customer.browser.fill("新しいパスワード", "short");
    customer.browser.press("設定する");
    faulty(&customer, "07-reset-fault", words::RESET, &["15文字以上"]);
    customer.browser.fill("新しいパスワード", PASSWORD);
    customer.browser.fill("新しいパスワード（確認", PASSWORD);
    customer.browser.press("設定する");
    page(&customer, "07-reset-done", words::LOGIN, &[words::LOGIN]);
    office.change("UPDATE account SET terms_version = 'of old'");
    customer.browser.fill("パスワード", PASSWORD);
    customer.browser.press(words::LOGIN);
    page(&customer, "08-terms", "利用規約の確認", &[words::NEXT]);
    customer.browser.press(words::NEXT);
    faulty(&customer, "08-terms-fault", "利用規約の確認", &["チェックを付けてください"]);
    customer.browser.tick(words::CONSENT);
    customer.browser.press(words::NEXT);
    page(&customer, "13-manage-empty", words::MANAGE, &[words::LOGOUT]);
    office.pass(Duration::from_mins(16));
    customer.browser.reload();
    page(&customer, "06-ended", words::LOGIN, &[words::NEXT]);
}

#[test]
fn from_the_company_to_the_end_of_sharing() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    page(&customer, "09-company", words::COMPANY, &[words::DO_REGISTER, "この申請を承認しない"]);
    customer.browser.press(words::DO_REGISTER);
    faulty(&customer, "09-company-fault", words::COMPANY, &["法人か個人事業者かをお選びください。"]);
    customer.tells_of_the_company();
    customer.checks_who_asks();
    page(&customer, "10-request", words::APPROVAL, &[words::CHECK]);
    customer.browser.press(words::CHECK);
    faulty(&customer, "10-request-fault", words::APPROVAL, &["「承認する」か「承認しない」をお選びください。"]);
    customer.browser.tick(words::APPROVE);
    customer
        .browser
        .fill("申請元の会計事務所へのメッセージ", "いつもお世話になっております。\nよろしくお願いいたします。");
    customer.browser.press(words::CHECK);
    customer.reads(words::APPROVE);
    page(&customer, "11-confirm", "お返事の確認", &[words::COMMIT, "戻って修正する"]);
    customer.browser.press(words::COMMIT);
    page(&customer, "12-approved", "承認しました", &["会計事務所等管理へ進む"]);
    customer.browser.press("会計事務所等管理へ進む");
    page(&customer, "13-manage", words::MANAGE, &[words::STOP]);
    customer.browser.press(words::STOP);
    page(&customer, "14-stop", words::STOP, &["停止する", "停止せずに戻る"]);
    customer.browser.press("停止する");
    customer.reads("提供を停止");
    page(&customer, "14-stopped", words::MANAGE, &[]);
    let stranger = Customer::new(&office);
    stranger.browser.open(&link);
    look::at(&stranger.browser, "15-answered");
}

#[test]
fn declined_and_decided_by_another() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let other = Customer::at(&office, Browser::start(), "keiri@customer.example");
    other.follows(&link);
    other.registers_and_goes_on();
    other.browser.press("この申請を承認しない");
    page(&other, "10-request-decline-other", words::APPROVAL, &[words::CHECK]);
    other.browser.press(words::CHECK);
    page(&other, "11-confirm-decline-other", "お返事の確認", &[words::COMMIT]);
    other.browser.press(words::COMMIT);
    page(&other, "12-decline-told", "「承認しない」とお伝えしました", &[]);

    let customer = Customer::new(&office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.browser.press("この申請を承認しない");
    customer.browser.press(words::CHECK);
    customer.browser.press(words::COMMIT);
    page(&customer, "12-declined", "「承認しない」で確定しました", &[]);
    other.open("/next");
    page(&other, "15-another", "別のIDでお手続きが済んでいます", &[]);
}

#[test]
fn nothing_to_answer() {
    let office = Office::by_a_standing_clock();
    let customer = Customer::new(&office);
    let link = office.ask(CUSTOMER);
    customer.browser.open(&link);
    customer.browser.press("この申請に心当たりがない");
    page(&customer, "16-disown", "この申請に心当たりがない", &["心当たりがないことを知らせる"]);
    customer.browser.press("心当たりがないことを知らせる");
    page(&customer, "16-disowned", "お知らせいただき、ありがとうございます", &["お手続きへ進む"]);
    customer.browser.open(&link);
    page(&customer, "01-landing-disowned", "契約情報提供のお手続き", &["お手続きへ進む"]);
    office.cli(&["firm", "suspend", "1001"]);
    customer.browser.reload();
    page(&customer, "15-suspended", "この申請は、現在お手続きいただけません", &[]);
    office.cli(&["firm", "resume", "1001"]);
    office.cli(&["request", "withdraw", "1"]);
    customer.browser.reload();
    page(&customer, "15-cancelled", "この申請は取り下げられました", &[]);
    let second = office.ask("sato@customer.example");
    office.pass(Duration::from_hours(24 * 22));
    customer.browser.open(&second);
    page(&customer, "15-expired", "お手続きの期限が過ぎています", &[]);
    customer.open("/r/AaAaAaAaAaAaAaAa");
    page(&customer, "15-unknown", "このURLはご利用いただけません", &[]);
    customer.open("/nowhere");
    page(&customer, "17-nowhere", "ページが見つかりません", &["手続きの画面へ進む"]);
    customer.open("/login");
    customer.browser.script("document.querySelector('[name=csrf]').value = 'forged'", &[]);
    customer.browser.press(words::NEXT);
    page(&customer, "17-refused", "もう一度操作してください", &["手続きの画面へ進む"]);
}

/// `cargo nextest run --profile full --run-ignored only -E 'test(pictures_for_the_readme)'` makes them anew.
#[test]
#[ignore = "writes into docs/screenshots"]
fn pictures_for_the_readme() {
    let office = Office::by_a_standing_clock();
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(&office);
    customer.browser.open(&link);
    look::picture(&customer.browser, "landing");
    customer.browser.press("お手続きへ進む");
    customer.register();
    let code = customer.code(1);
    customer.waits_for_the_mail();
    look::picture(&customer.browser, "code");
    customer.enters(&code);
    customer.browser.press(words::GO_ON);
    customer.tells_of_the_company();
    look::picture(&customer.browser, "approval");
    customer.answers(words::APPROVE, "いつもお世話になっております。よろしくお願いいたします。");
    customer.open("/manage");
    look::picture(&customer.browser, "manage");
}
