//! A firm sets and releases business data and unlinks products by mail.

use renkei::domain::approval::Approval;
use renkei::domain::contract::ContractId;
use renkei::domain::customer::Customer;
use renkei::domain::data_binding::{DataBinding, Party, ReleasedBy, State as DataState};
use renkei::domain::decision::Choice;
use renkei::domain::ids::{AccountId, FirmId, LinkageId};
use renkei::domain::linkage::{EndedBy, Linkage, State as LinkState};
use renkei::domain::locale::Locale;
use renkei::domain::product::{DataPlace, Product};
use renkei::flows::{bind_data, firms, linkages, manage};
use renkei::store;

use super::customers::{CUSTOMER, OTHER, answer};
use super::house::{House, OFFICE, Read};
use super::sample;
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

on_both_databases![
    business_data_is_set_by_its_name,
    names_that_differ_are_shown_and_bound_once_they_were_checked,
    the_latest_data_rule_is_asked_about_where_it_applies,
    of_several_products_one_is_named,
    other_data_is_released_before_and_by_its_own_name,
    products_are_unlinked,
    what_came_of_an_approval_is_told,
    another_firms_links_and_data_are_out_of_reach,
    nothing_is_shared_before_an_approval_nor_after_a_stop,
    a_release_and_a_setting_in_one_window_agree,
    the_contract_system_does_what_a_firm_wished_and_both_are_told,
];

const REGISTERED: &str = "株式会社山田商店";

/// The firm's request 1 was approved, and this product is linked.
async fn shared(house: &House, product: Product) -> AccountId {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.letters().await;
    link(house, &yamada, &house.firm.id, "K1", product).await;
    yamada
}

async fn link(house: &House, account: &AccountId, firm: &FirmId, contract: &str, product: Product) {
    let request = house.request(1).await;
    let now = house.now();
    let link = Linkage {
        id: LinkageId::new(house.context.entropy.uuid(now)),
        account: account.clone(),
        firm: firm.clone(),
        approval: Approval { request: request.id, number: request.number },
        contract: ContractId::parse(contract).unwrap(),
        product,
        product_name: product.label().to_owned(),
        state: LinkState::Linked,
        state_at: now,
        wished_at: now,
        linked_at: Some(now),
        repairs: 0,
        calls: 0,
        voucher_calls: 0,
        version: 0,
    };
    let customer = Customer { account: account.clone(), address: sample::address(CUSTOMER), locale: Locale::Ja };
    let mut tx = house.context.store.begin().await.unwrap();
    store::contract_customers::enter(&mut tx, &customer).await.unwrap();
    store::linkages::insert(&mut tx, &[link]).await.unwrap();
    tx.commit().await.unwrap();
}

fn command(house: &House, procedure: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mail = house.mail("x").command(procedure).field("申請番号", "1");
    fields.iter().fold(mail, |mail, (label, value)| mail.field(label, value)).signed(&house.key)
}

/// The answer to one command.
async fn told(house: &House, procedure: &str, fields: &[(&str, &str)]) -> Read {
    house.receive(&[command(house, procedure, fields)]).await;
    let mut letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter = letters.remove(0);
    assert_eq!(letter.to, OFFICE);
    letter
}

async fn set(house: &House, fields: &[(&str, &str)]) -> Read {
    told(house, "事業所データ設定", fields).await
}

async fn live(house: &House, account: &AccountId) -> Option<DataBinding> {
    bind_data::live(&house.context, account).await.unwrap()
}

async fn links(house: &House, account: &AccountId) -> Vec<Linkage> {
    store::linkages::of(&mut house.context.store.read().await.unwrap(), account).await.unwrap()
}

async fn is_awake(house: &House) -> bool {
    let rows = house.rows("SELECT account_id FROM contract_customer WHERE due_at IS NOT NULL").await;
    !rows.is_empty()
}

async fn business_data_is_set_by_its_name(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    let drive = [("事業所名", "㈱山田商店"), ("データの場所", "弥生ドライブ")];
    let letter = set(house, &drive).await;
    assert!(letter.subject.contains("設定を受け付けました") && letter.text.contains("申請番号：1"), "{}", letter.text);
    let bound = live(house, &yamada).await.unwrap();
    assert_eq!((bound.state, bound.set_by, bound.place), (DataState::Proposed, Party::Firm, DataPlace::Drive));
    assert_eq!((bound.office_name.as_str(), &bound.firm), ("㈱山田商店", &house.firm.id));
    assert!(is_awake(house).await, "the run makes it so");
    let event = house.rows("SELECT * FROM audit_event WHERE event = 'business data changed'").await.remove(0);
    assert_eq!((event["actor"].as_str(), event["to_state"].as_str()), ("firm 1001", "proposed"));
    assert!(event["cause"].starts_with("mail "));
    assert!(set(house, &drive).await.text.contains("設定を受け付けました"), "wished for twice");
    assert_eq!(live(house, &yamada).await.unwrap(), bound);
}

async fn names_that_differ_are_shown_and_bound_once_they_were_checked(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    let mut fields = vec![("事業所名", "山田商店株式会社"), ("データの場所", "弥生ドライブ")];
    let letter = set(house, &fields).await;
    for said in [REGISTERED, "山田商店株式会社", "「事業所名の相違を確認済み: はい」"] {
        assert!(letter.text.contains(said), "{said} in {}", letter.text);
    }
    assert_eq!((live(house, &yamada).await, is_awake(house).await), (None, false));
    fields.push(("事業所名の相違を確認済み", "はい"));
    assert!(set(house, &fields).await.text.contains("設定を受け付けました"));
    let bound = live(house, &yamada).await.unwrap();
    assert_eq!(bound.acknowledged.difference_at, Some(house.now()));
    assert_eq!(bound.acknowledged.latest_data_at, None);
}

async fn the_latest_data_rule_is_asked_about_where_it_applies(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    // Where it lies is not said: the cautious reading.
    let mut fields = vec![("事業所名", REGISTERED)];
    let letter = set(house, &fields).await;
    assert!(letter.text.contains("「最新データへの取り込みを確認済み: はい」"), "{}", letter.text);
    assert_eq!(live(house, &yamada).await, None);
    fields.push(("最新データへの取り込みを確認済み", "はい"));
    set(house, &fields).await;
    let bound = live(house, &yamada).await.unwrap();
    assert_eq!((bound.place, bound.acknowledged.latest_data_at), (DataPlace::Local, Some(house.now())));
}

async fn of_several_products_one_is_named(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    link(house, &yamada, &house.firm.id, "K2", Product::Professional).await;
    let mut fields = vec![("事業所名", REGISTERED), ("データの場所", "弥生ドライブ")];
    let letter = set(house, &fields).await;
    for product in [Product::Standard, Product::Professional] {
        assert!(letter.text.contains(product.label()), "{}", letter.text);
    }
    assert_eq!(live(house, &yamada).await, None);
    fields.push(("製品名", Product::Professional.label()));
    set(house, &fields).await;
    assert_eq!(live(house, &yamada).await.unwrap().contract.as_str(), "K2");
}

async fn other_data_is_released_before_and_by_its_own_name(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    let nothing = told(house, "事業所データ解除", &[("事業所名", REGISTERED)]).await;
    assert!(nothing.text.contains("設定されていないため"), "{}", nothing.text);
    set(house, &[("事業所名", REGISTERED), ("データの場所", "弥生ドライブ")]).await;
    let other = [("事業所名", "山田農園"), ("データの場所", "弥生ドライブ"), ("事業所名の相違を確認済み", "はい")];
    assert!(set(house, &other).await.text.contains("一つだけ"));
    let wrong = told(house, "事業所データ解除", &[("事業所名", "山田農園")]).await;
    assert!(wrong.text.contains("異なります") && !wrong.text.contains(REGISTERED), "{}", wrong.text);
    assert_eq!(live(house, &yamada).await.unwrap().state, DataState::Proposed);
    let right = told(house, "事業所データ解除", &[("事業所名", "（株）山田商店")]).await;
    assert!(right.subject.contains("解除を受け付けました"));
    assert_eq!(live(house, &yamada).await.unwrap().state, DataState::Releasing(ReleasedBy::Firm));
    assert!(set(house, &other).await.text.contains("解除のお手続き中"), "it goes first");
}

async fn products_are_unlinked(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    link(house, &yamada, &house.firm.id, "K2", Product::BlueReturn).await;
    for _ in 0..2 {
        let letter = told(house, "製品連携解除", &[]).await;
        for product in [Product::Standard, Product::BlueReturn] {
            assert!(letter.text.contains(product.label()), "{}", letter.text);
        }
    }
    let states: Vec<_> = links(house, &yamada).await.iter().map(|link| link.state).collect();
    assert_eq!(states, [LinkState::Unlinking(EndedBy::Firm); 2]);
    assert!(is_awake(house).await);
    let events = house.rows("SELECT * FROM audit_event WHERE event = 'link changed'").await;
    assert_eq!(events.len(), 2, "once for each link");
    house.execute("UPDATE linkage SET state = 'unlinked'").await;
    assert!(told(house, "製品連携解除", &[]).await.text.contains("連携している製品がない"));
}

async fn what_came_of_an_approval_is_told(house: &House) {
    let (request, _) = house.asked(CUSTOMER).await;
    let yamada = house.ready(CUSTOMER).await;
    house.confirm(&request, &yamada, &answer(Choice::Approve, "")).await;
    house.letters().await;
    assert!(told(house, "状況", &[]).await.text.contains("　承認済み　"));
    link(house, &yamada, &house.firm.id, "K1", Product::Standard).await;
    assert!(told(house, "状況", &[]).await.text.contains("承認済み（製品は連携済み）"));
    told(house, "製品連携解除", &[]).await;
    assert!(told(house, "状況", &[]).await.text.contains("承認済み（製品の連携は設定中）"));
    manage::stop(&house.context, &yamada, 1).await.unwrap();
    house.letters().await;
    assert!(told(house, "状況", &[]).await.text.contains("契約情報の提供は停止されました"));
}

async fn another_firms_links_and_data_are_out_of_reach(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    set(house, &[("事業所名", REGISTERED), ("データの場所", "弥生ドライブ")]).await;
    let before = (live(house, &yamada).await, links(house, &yamada).await);
    let key = FirmKey::ed25519("midori.example");
    let other = sample::firm(&house.context, "1002", "midori.example", Some(key.pinned()));
    firms::add(&house.context, &other).await.unwrap();
    let orders: [(&str, &[(&str, &str)]); 3] = [
        ("事業所データ設定", &[("事業所名", REGISTERED)]),
        ("事業所データ解除", &[("事業所名", REGISTERED)]),
        ("製品連携解除", &[]),
    ];
    for (procedure, fields) in orders {
        let mail = FirmMail::new("office@midori.example", OTHER).command(procedure).field("申請番号", "1");
        let mail = fields.iter().fold(mail, |mail, (label, value)| mail.field(label, value)).signed(&key);
        house.receive(&[mail]).await;
        let letters = house.letters().await;
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("見つかりませんでした") && !letters[0].text.contains(REGISTERED));
    }
    assert_eq!((live(house, &yamada).await, links(house, &yamada).await), before);
    // The same customer's data, set with the other firm, is as good as none.
    house.execute(&format!("UPDATE data_binding SET firm_id = '{}'", other.id.as_str())).await;
    let letter = told(house, "事業所データ解除", &[("事業所名", REGISTERED)]).await;
    assert!(letter.text.contains("設定されていないため"), "{}", letter.text);
    assert_eq!(live(house, &yamada).await.unwrap().state, DataState::Proposed);
}

async fn nothing_is_shared_before_an_approval_nor_after_a_stop(house: &House) {
    house.ask(CUSTOMER).await;
    house.letters().await;
    assert!(told(house, "製品連携解除", &[]).await.text.contains("承認されていないか"));
    assert!(set(house, &[("事業所名", REGISTERED)]).await.text.contains("承認されていないか"));
    house.execute("UPDATE request SET state = 'approved', stopped_at = 1").await;
    assert!(set(house, &[("事業所名", REGISTERED)]).await.text.contains("承認されていないか"));
}

async fn a_release_and_a_setting_in_one_window_agree(house: &House) {
    let yamada = shared(house, Product::Standard).await;
    let fields = [("事業所名", REGISTERED), ("データの場所", "弥生ドライブ")];
    let mails = [
        command(house, "事業所データ設定", &fields),
        command(house, "事業所データ解除", &fields[..1]),
        command(house, "製品連携解除", &[]),
        command(house, "製品連携解除", &[]),
    ];
    house.receive(&mails).await;
    assert_eq!(house.letters().await.len(), 4);
    assert_eq!(live(house, &yamada).await.unwrap().state, DataState::Releasing(ReleasedBy::Firm));
    assert_eq!(links(house, &yamada).await[0].state, LinkState::Unlinking(EndedBy::Firm));
    let entries = linkages::entries(&house.context, &yamada).await.unwrap();
    assert_eq!(entries.len(), 1, "until the run has made it so");
}

async fn the_contract_system_does_what_a_firm_wished_and_both_are_told(house: &House) {
    house.linked(&[1], &["C-STD"]).await;
    let subjects = async || {
        house.reconcile(&house.context).await;
        let mut told: Vec<_> = house.letters().await.into_iter().map(|letter| (letter.to, letter.subject)).collect();
        told.sort();
        told
    };
    let both = |told: &[(String, String)], words: &str| {
        let to: Vec<_> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(to, [OFFICE, CUSTOMER], "{told:?}");
        assert!(told.iter().all(|(_, subject)| subject.contains(words)), "{told:?}");
    };
    set(house, &[("事業所名", REGISTERED), ("データの場所", "弥生ドライブ")]).await;
    both(&subjects().await, "スマート取引取込の設定を完了しました");
    let bound = house.rows("SELECT office_name FROM ledger_binding").await;
    assert_eq!(bound.iter().map(|row| row["office_name"].as_str()).collect::<Vec<_>>(), [REGISTERED]);
    told(house, "事業所データ解除", &[("事業所名", REGISTERED)]).await;
    both(&subjects().await, "解除");
    assert!(house.rows("SELECT office_name FROM ledger_binding").await.is_empty());
    told(house, "製品連携解除", &[]).await;
    both(&subjects().await, "解除");
    assert_eq!((house.states().await, house.ledger_links().await), (vec!["C-STD unlinked".to_owned()], vec![]));
}
