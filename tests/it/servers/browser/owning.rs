//! What customers own, and a customer who has approved and stands on ［製品・サービスの連携の設定］.

use std::path::Path;
use std::time::Duration;

use super::customer::Customer;
use super::office::{CUSTOMER, Office};
use super::words;
use crate::support::poll;

/// Longest for what the contract system does in its own time, or after it was left alone for a while.
pub const LONG: Duration = Duration::from_mins(2);

/// ［製品・サービスの連携の設定］
pub const SETTING: &str = "製品・サービスの連携の設定";
/// The accounting product behind お客様番号 10000001.
pub const STD: &str = "弥生会計 26 スタンダード";
/// The other product behind お客様番号 10000002.
pub const PAY: &str = "弥生給与 26";
/// The network product, whose サービス契約ID is SC000004 and whose お客様番号 does not help.
pub const NET: &str = "弥生会計 26 ネットワーク";

const PRODUCTS: &str = "contract,product,name,customer_number,service_contract_id,password\n\
    C-STD,accounting_standard,弥生会計 26 スタンダード,10000001,,himitsu-1\n\
    C-PAY,other_desktop,弥生給与 26,10000002,,himitsu-2\n\
    C-NET,accounting_network,弥生会計 26 ネットワーク,10000004,SC000004,himitsu-4\n\
    C-MIS,cloud,Misoca,,,\n";

/// Writes the files of `renkei ledger import` into a folder, where these contracts stand in the customer's list.
pub fn files(folder: &Path, listed: &[&str]) -> [String; 2] {
    let head = "account,contract,place".to_owned();
    let rows: Vec<_> = std::iter::once(head).chain(listed.iter().map(|id| format!("{CUSTOMER},{id},listed"))).collect();
    [("products.csv", PRODUCTS), ("customers.csv", &rows.join("\n"))].map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    })
}

/// The built-in ledger is filled.
pub fn fill(office: &Office, listed: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let [products, customers] = files(folder.path(), listed);
    office.cli(&["ledger", "import", &products, &customers]);
}

/// See above.
pub fn approved(office: &Office) -> Customer<'_> {
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

impl Customer<'_> {
    /// ［登録］ of 「契約の移行」 (the guide's 28 and 29).
    #[track_caller]
    pub fn enters_number(&self, number: &str, password: &str) {
        self.browser.fill("お客様番号", number);
        self.browser.fill("パスワード", password);
        self.browser.press("登録");
    }

    /// The page of 「契約の移行」 came back with the number that was typed, and not with the password.
    #[track_caller]
    pub fn keeps_the_number(&self, number: &str) {
        assert_eq!(self.browser.filled("お客様番号"), number);
        assert_eq!(self.browser.filled("パスワード"), "");
    }

    /// From ［製品・サービスの連携の設定］ to 「契約の移行」 (the guide's 26 and 27).
    #[track_caller]
    pub fn goes_to_the_migration(&self) {
        self.browser.press("こちらから契約の移行へ進む");
        self.sees("お客様番号の確認");
        self.browser.press("はい");
        self.sees("契約の移行");
    }

    /// ［変更する］ with this product ticked, from ［製品・サービスの連携の設定］ to 会計事務所等管理 (the guide's 36 and 37).
    #[track_caller]
    pub fn chooses(&self, product: &str) {
        self.browser.press("連携する会計製品を選択する");
        self.browser.tick(product);
        self.browser.press("変更する");
        self.sees(words::MANAGE);
    }

    /// Looks at the page again and again until it says this.
    #[track_caller]
    pub fn reloads_until(&self, text: &str) {
        poll::until_true(text, LONG, || {
            self.browser.reload();
            self.browser.text().contains(text)
        });
    }

    /// Waits until the page itself has become one that says this.
    #[track_caller]
    pub fn waits_until(&self, text: &str) {
        poll::until_true(text, LONG, || self.browser.text().contains(text));
    }
}
