//! A customer who has approved the firm's request and owns products, for the pages about links and business data.

use renkei::contracts::ledger::import::OnRefusal;
use renkei::domain::decision::Choice;
use renkei::domain::firm::Firm;
use renkei::domain::ids::AccountId;
use renkei::flows::{firms, reconcile};
use renkei::store;

use super::browser::{Browser, Seen};
use crate::flows::contract_suite::CHEAP;
use crate::flows::customers::{CUSTOMER, answer};
use crate::flows::house::House;
use crate::flows::sample;

const PRODUCTS: &str = "contract,product,name,customer_number,service_contract_id,password,standing\n\
    C-STD,accounting_standard,弥生会計 26 スタンダード,10000001,,,\n\
    C-BLU,blue_return,やよいの青色申告 26,10000002,,,\n\
    C-TWO,accounting_two_user,弥生会計 26 プロフェッショナル 2ユーザー,10000003,,,\n\
    C-OLD,accounting_professional,弥生会計 20 プロフェッショナル,10000004,,,ended\n\
    C-PAY,other_desktop,弥生給与 26,10000005,,,\n\
    C-SUZ,accounting_standard,弥生会計 26 スタンダード,10000006,,,\n";
const CUSTOMERS: &str = "account,contract,place\n\
    yamada@example.jp,C-STD,listed\n\
    yamada@example.jp,C-BLU,listed\n\
    yamada@example.jp,C-TWO,listed\n\
    yamada@example.jp,C-OLD,listed\n\
    yamada@example.jp,C-PAY,listed\n\
    suzuki@example.jp,C-SUZ,listed\n";

/// The ledger is filled, the customer has approved, and is logged in.
pub async fn approved(house: &House) -> (AccountId, Browser) {
    fill(house).await;
    let (request, _) = house.asked(CUSTOMER).await;
    let account = house.ready(CUSTOMER).await;
    house.confirm(&request, &account, &answer(Choice::Approve, "")).await;
    house.letters().await;
    let person = Browser::logged_in(house, &account).await;
    (account, person)
}

/// The same, with these products linked with the firm.
pub async fn linked(house: &House, products: &[&str]) -> (AccountId, Browser) {
    let (account, mut person) = approved(house).await;
    tick(&mut person, 1, products, &[]).await;
    settle(house).await;
    house.letters().await;
    (account, person)
}

/// Another firm, whose request number 2 the customer has approved too.
pub async fn second_firm(house: &House, account: &AccountId) -> Firm {
    let midori = sample::firm(&house.context, "1002", "midori.example", None);
    let midori = Firm { name: "みどり税理士法人".to_owned(), ..midori };
    firms::add(&house.context, &midori).await.unwrap();
    let second = sample::request(&house.context, &midori, 2, CUSTOMER);
    let mut tx = house.context.store.begin().await.unwrap();
    store::requests::insert(&mut tx, &[&second]).await.unwrap();
    tx.commit().await.unwrap();
    house.confirm(&second.id, account, &answer(Choice::Approve, "")).await;
    house.letters().await;
    midori
}

/// ［変更する］, for the request with this number.
pub async fn tick(person: &mut Browser, number: i64, products: &[&str], confirmed: &[&str]) -> Seen {
    let path = format!("/link/{number}/products");
    person.get(&path).await;
    let products = products.iter().map(|id| ("product", *id));
    let fields: Vec<_> = products.chain(confirmed.iter().map(|id| ("confirmed", *id))).collect();
    person.post(&path, &fields).await
}

/// The run that reconciles, until it has nothing left to do.
pub async fn settle(house: &House) {
    for _ in 0..8 {
        if reconcile::due(&house.context, 100).await.unwrap().customers == 0 {
            return;
        }
    }
    panic!("it does not come to rest");
}

/// The ids in the hidden fields of this name.
pub fn hidden(page: &Seen, name: &str) -> Vec<String> {
    let before = format!("name=\"{name}\" value=\"");
    page.body.split(&before).skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

async fn fill(house: &House) {
    let done =
        house.ledger.import(PRODUCTS.as_bytes(), CUSTOMERS.as_bytes(), OnRefusal::TakeNone, CHEAP).await.unwrap();
    assert_eq!(done.refused, vec![]);
}
