//! From the approval to the list of contracts in a real browser: the three cases of ［製品・サービスの連携の設定］, 契約の移行 with
//! its wait, a network product, cancel and return.

use std::time::Duration;

use super::customer::Customer;
use super::look;
use super::office::{CUSTOMER, Office};
use super::words;
use crate::support::poll;

const SETTING: &str = "製品・サービスの連携の設定";
const PRODUCTS: &str = "contract,product,name,customer_number,service_contract_id,password\n\
    C-STD,accounting_standard,弥生会計 26 スタンダード,10000001,,himitsu-1\n\
    C-PAY,other_desktop,弥生給与 26,10000002,,himitsu-2\n\
    C-NET,accounting_network,弥生会計 26 ネットワーク,,SC000004,himitsu-4\n\
    C-MIS,cloud,Misoca,,,\n";

/// The ledger is filled; these contracts stand in the customer's list.
fn fill(office: &Office, listed: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let (products, customers) = (folder.path().join("products.csv"), folder.path().join("customers.csv"));
    std::fs::write(&products, PRODUCTS).unwrap();
    let rows: String = listed.iter().map(|id| format!("{CUSTOMER},{id},listed\n")).collect();
    std::fs::write(&customers, format!("account,contract,place\n{rows}")).unwrap();
    office.cli(&["ledger", "import", products.to_str().unwrap(), customers.to_str().unwrap()]);
}

/// A customer who has approved and stands on ［製品・サービスの連携の設定］.
fn approved(office: &Office) -> Customer<'_> {
    let link = office.ask(CUSTOMER);
    let customer = Customer::new(office);
    customer.follows(&link);
    customer.registers_and_goes_on();
    customer.tells_of_the_company();
    customer.answers(words::APPROVE, "");
    customer.sees("承認しました");
    customer.browser.press("製品・サービスの連携の設定へ進む");
    customer.sees(SETTING);
    customer
}

fn enters(customer: &Customer<'_>, number: &str, password: &str) {
    customer.browser.fill("お客様番号", number);
    customer.browser.fill("パスワード", password);
    customer.browser.press("登録");
}

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
    enters(&customer, "10000001", "himitsu-x");
    customer.reads("あと4回まで入力できます");
    assert_eq!(customer.browser.filled("お客様番号"), "10000001");
    assert_eq!(customer.browser.filled("パスワード"), "");
    look::at(&customer.browser, "22-products-fault");
    enters(&customer, "10000001", "himitsu-1");
    enters(&customer, "10000002", "himitsu-2");
    customer.reads("弥生会計 26 スタンダード");
    customer.reads("弥生給与 26");
    look::at(&customer.browser, "22-products");
    customer.browser.press("登録を完了して移行を開始する");
    customer.sees("お手続き中です");
    customer.reads("お手続き中です。しばらくお待ち下さい");
    poll::until_true("the page to move on by itself", Duration::from_secs(90), || {
        customer.browser.heading() == "契約一覧"
    });
    for product in ["弥生会計 26 スタンダード", "弥生給与 26", "Misoca", "契約の移行が完了しました。"]
    {
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
fn a_network_product_is_registered_and_chosen() {
    let office = Office::open();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.reads("登録している製品がありません");
    look::at(&customer.browser, "20-link-nothing");
    customer.browser.press("登録済み製品一覧を表示する");
    customer.sees("登録済み製品一覧");
    look::at(&customer.browser, "25-registered-empty");
    customer.browser.press("製品を追加する");
    customer.sees("製品を追加する");
    look::at(&customer.browser, "26-add");
    customer.browser.fill("サービス契約ID", "SC000004");
    customer.browser.fill("パスワード", "himitsu-4");
    customer.browser.press("認証する");
    customer.sees("登録済み製品一覧");
    customer.reads("SC000004");
    look::at(&customer.browser, "25-registered");
    customer.browser.press("製品・サービスの連携の設定に戻る");
    customer.browser.press("最新の一覧に更新する");
    customer.sees(SETTING);
    customer.reads("弥生会計 26 ネットワーク");
    customer.reads("移行処理は不要です");
}

#[test]
fn the_page_that_waits_stands_still_when_it_is_told_to() {
    let office = Office::by_a_standing_clock();
    fill(&office, &[]);
    let customer = approved(&office);
    customer.browser.press("こちらから契約の移行へ進む");
    customer.browser.press("はい");
    enters(&customer, "10000001", "himitsu-1");
    customer.browser.press("登録を完了して移行を開始する");
    customer.sees("お手続き中です");
    customer.browser.press("自動で進むのを止める");
    customer.sees("お手続き中です");
    let path = customer.browser.url();
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(customer.browser.url(), path);
    look::at(&customer.browser, "23-wait-stopped");
}
