//! スマート取引取込の設定: set, acknowledged, released, lost.

use renkei::domain::customer::Customer;
use renkei::domain::data_binding::{Acknowledged, Objection, Party};
use renkei::domain::office_name::OfficeName;
use renkei::domain::product::DataPlace;
use renkei::flows::bind_data::{self, Released, Set, Wish};

use super::contract_faults::{Fate, Line, contract};
use super::house::House;

on_both_databases![
    data_is_set_and_both_are_told,
    names_that_differ_ask_and_the_yes_is_kept,
    there_is_one_data_and_only_its_name_releases_it,
    data_goes_with_its_product,
    data_that_does_not_stay_is_told,
    other_data_in_its_place_refuses_it,
    two_who_set_at_once_set_one,
];

fn name(text: &str) -> OfficeName {
    OfficeName::parse(text).unwrap()
}

fn wish(house: &House, office: &str, acknowledged: Acknowledged) -> Wish {
    let (contract, by) = (contract("C-STD"), Party::Customer);
    let (office_name, place) = (name(office), DataPlace::Drive);
    Wish { firm: house.firm.id.clone(), contract, office_name, place, by, acknowledged }
}

async fn set(house: &House, customer: &Customer, office: &str) -> Set {
    let wish = wish(house, office, Acknowledged::default());
    bind_data::set(&house.context, &customer.account, &wish).await.unwrap()
}

async fn state(house: &House) -> Vec<String> {
    let rows = house.rows("SELECT state, released_by FROM data_binding ORDER BY id").await;
    rows.iter().map(|row| format!("{} {}", row["state"], row["released_by"])).collect()
}

async fn ledger_data(house: &House) -> Vec<String> {
    let rows = house.rows("SELECT office_name FROM ledger_binding").await;
    rows.iter().map(|row| row["office_name"].clone()).collect()
}

async fn data_is_set_and_both_are_told(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    for _ in 0..2 {
        assert!(matches!(set(house, &customer, "㈱山田商店").await, Set::Wished(_)), "twice is once");
    }
    house.reconcile(&house.context).await;
    assert_eq!(state(house).await, ["bound NULL"]);
    assert_eq!(ledger_data(house).await, ["㈱山田商店"]);
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert!(letter.subject.contains("スマート取引取込の設定を完了しました"), "{}", letter.subject);
        assert!(letter.text.contains("事業所名：㈱山田商店") && letter.text.contains("弥生ドライブ"));
    }
    assert!(house.story(1).await.contains(&"business data changed proposed>bound".to_owned()));
}

async fn names_that_differ_ask_and_the_yes_is_kept(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    assert_eq!(set(house, &customer, "山田商店株式会社").await, Set::Not(Objection::NamesDiffer));
    let yes = Acknowledged { difference_at: Some(house.now()), latest_data_at: None };
    let wished = wish(house, "山田商店株式会社", yes);
    let Set::Wished(binding) = bind_data::set(&house.context, &customer.account, &wished).await.unwrap() else {
        panic!()
    };
    assert_eq!(binding.acknowledged, yes);
    house.reconcile(&house.context).await;
    assert!(house.letters().await[0].text.contains("異なることをご確認いただいたうえで"));
    assert_eq!(bind_data::live(&house.context, &customer.account).await.unwrap().unwrap().acknowledged, yes);
}

async fn there_is_one_data_and_only_its_name_releases_it(house: &House) {
    let customer = house.linked(&[1, 3], &["C-STD", "C-PRO"]).await;
    set(house, &customer, "株式会社山田商店").await;
    house.reconcile(&house.context).await;
    let other =
        Wish { contract: contract("C-PRO"), ..wish(house, "株式会社山田商店", Acknowledged::default()) };
    let refused = bind_data::set(&house.context, &customer.account, &other).await.unwrap();
    assert_eq!(refused, Set::Not(Objection::Occupied));
    let release = async |office: &str, place| {
        bind_data::release(&house.context, &customer.account, Party::Customer, &name(office), place).await.unwrap()
    };
    assert_eq!(release("鈴木商店", DataPlace::Drive).await, Released::OtherData);
    assert_eq!(release("株式会社山田商店", DataPlace::Local).await, Released::OtherData);
    house.letters().await;
    assert_eq!(release("株式会社山田商店", DataPlace::Drive).await, Released::Done);
    house.reconcile(&house.context).await;
    assert_eq!(state(house).await, ["unbound customer"]);
    assert!(ledger_data(house).await.is_empty());
    assert!(house.letters().await.iter().all(|letter| letter.subject.contains("解除しました")));
    assert_eq!(release("株式会社山田商店", DataPlace::Drive).await, Released::Nothing);
    assert!(matches!(bind_data::set(&house.context, &customer.account, &other).await.unwrap(), Set::Wished(_)));
}

async fn data_goes_with_its_product(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    set(house, &customer, "株式会社山田商店").await;
    house.reconcile(&house.context).await;
    house.pick(&house.context, &customer, &house.firm, &[]).await;
    house.reconcile(&house.context).await;
    assert_eq!(state(house).await, ["unbound product_gone"]);
    assert!(ledger_data(house).await.is_empty() && house.ledger_links().await.is_empty());
}

async fn data_that_does_not_stay_is_told(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    set(house, &customer, "株式会社山田商店").await;
    house.reconcile(&house.context).await;
    house.letters().await;
    for repair in 1..=4 {
        house.execute("DELETE FROM ledger_binding").await;
        renkei::flows::reconcile::one(&house.context, &customer.account).await.unwrap();
        let lost = state(house).await == ["unbound lost"];
        assert_eq!(lost, repair == 4, "repair {repair}: {:?}", state(house).await);
    }
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);
    assert!(letters[0].subject.contains("スマート取引取込の設定をご確認ください"));
}

async fn other_data_in_its_place_refuses_it(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    house
        .execute(
            "INSERT INTO ledger_binding (holder, data, contract_id, office_name, place)
             VALUES ('yamada@example.jp', 'elsewhere', 'C-STD', '別のデータ', 'local')",
        )
        .await;
    set(house, &customer, "株式会社山田商店").await;
    house.reconcile(&house.context).await;
    assert_eq!(state(house).await, ["unbound refused"]);
    assert_eq!(ledger_data(house).await, ["別のデータ"], "what somebody set elsewhere stays");
    assert!(house.letters().await[0].text.contains("ほかの事業所データがすでに設定されています"));
}

async fn two_who_set_at_once_set_one(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    let by = |by| Wish { by, ..wish(house, "株式会社山田商店", Acknowledged::default()) };
    let (one, two) = (by(Party::Customer), by(Party::Firm));
    let set = |wish| bind_data::set(&house.context, &customer.account, wish);
    let (one, two) = tokio::join!(set(&one), set(&two));
    let wished = [one.unwrap(), two.unwrap()].iter().filter(|set| matches!(set, Set::Wished(_))).count();
    assert_eq!(wished, 1);
    let line = Line::new(house);
    let context = line.context(house);
    line.will(&[Fate::Unheard]);
    house.reconcile(&context).await;
    house.pass_seconds(60);
    house.reconcile(&context).await;
    assert_eq!(line.keys.lock().unwrap().len(), 1, "an unheard answer is looked up");
    assert_eq!(state(house).await, ["bound NULL"]);
}
