//! 製品・サービスの連携: ticked, linked, drifted, lost, unlinked; with スマート証憑管理 all the way.

use renkei::domain::customer::Customer;
use renkei::domain::decision::Choice;
use renkei::domain::linkage::{EndedBy, Shown};
use renkei::domain::product_choice::Exclusivity;
use renkei::flows::pick_products::{self, Pick, Picked};
use renkei::flows::snapshot::Wanted;
use renkei::flows::{FlowError, accounts, firms, linkages, manage};

use super::contract_faults::{Fate, Line, contract};
use super::customers::answer;
use super::house::{House, OFFICE};
use super::sample;

on_both_databases![
    what_is_ticked_is_linked_and_both_are_told,
    a_lost_answer_is_looked_up_and_no_call_is_made_twice,
    an_untick_is_confirmed_and_then_unlinks,
    a_product_is_replaced_only_after_a_yes,
    what_drifts_is_repaired_three_times_and_then_told,
    a_lost_link_is_wished_again,
    a_contract_that_ended_ends_its_link,
    stopping_the_sharing_ends_the_links,
    who_was_erased_comes_back_as_somebody_new,
    what_the_system_refuses_is_told,
    the_latest_data_rule_stands_in_the_letter_where_it_counts,
    only_owned_products_of_an_approved_firm_can_be_ticked,
    two_tabs_wish_once,
];

async fn what_is_ticked_is_linked_and_both_are_told(house: &House) {
    let customer = house.migrated(&[1, 2]).await;
    let offer = pick_products::offer(&house.context, &customer, &house.firm.id, Wanted::Newest).await.unwrap();
    let boxes: Vec<_> = offer.boxes.iter().map(|it| (it.contract.id.as_str(), it.is_ticked())).collect();
    assert_eq!(boxes, [("C-STD", false)], "other products have no box");
    assert_eq!(house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await, Picked::Done);
    assert_eq!(house.states().await, ["C-STD desired"]);
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD linked"]);
    assert_eq!(house.ledger_links().await, ["1001 ", "1001 C-STD"], "スマート証憑管理 came with it");
    let letters = house.letters().await;
    let mut to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, [OFFICE, super::customers::CUSTOMER]);
    for letter in &letters {
        assert!(letter.subject.contains("製品・サービスの連携が完了しました"), "{}", letter.subject);
        for line in ["・弥生会計 26 スタンダード：連携済み", "・スマート証憑管理：連携済み"]
        {
            assert!(letter.text.contains(line), "{}", letter.text);
        }
    }
    let [entry] = &linkages::entries(&house.context, &customer.account).await.unwrap()[..] else { panic!() };
    assert_eq!((entry.links.len(), entry.smart_voucher), (1, Shown::Linked));
    assert!(house.request(1).await.linked_at.is_some(), "nobody is reminded to link");
    let story = house.story(1).await;
    let steps: Vec<_> = story.iter().filter(|it| it.starts_with("link")).collect();
    assert_eq!(steps, ["link changed >desired", "link changed desired>applying", "link changed applying>linked"]);
}

async fn a_lost_answer_is_looked_up_and_no_call_is_made_twice(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    let line = Line::new(house);
    let context = line.context(house);
    line.will(&[Fate::Lost, Fate::Unheard, Fate::Unheard]);
    for _ in 0..5 {
        house.reconcile(&context).await;
        house.pass_seconds(600);
    }
    assert_eq!(house.states().await, ["C-STD linked"]);
    let keys = line.keys.lock().unwrap().clone();
    assert_eq!(keys.len(), 3, "the product twice, as the first call never arrived; スマート証憑管理 once: {keys:?}");
    assert_eq!(keys[0], keys[1]);
    assert_eq!(house.letters().await.len(), 2, "both are told once");
}

async fn an_untick_is_confirmed_and_then_unlinks(house: &House) {
    let customer = house.linked(&[1, 3], &["C-STD", "C-PRO"]).await;
    let ticked = [contract("C-PRO")];
    let pick = Pick { firm: &house.firm.id, ticked: &ticked, confirmed: &[], exclusivity: Exclusivity::OneFirm };
    let asked = pick_products::pick(&house.context, &customer, pick).await.unwrap();
    let Picked::Confirm { unlinked, replaced } = asked else { panic!("{asked:?}") };
    assert_eq!((unlinked[0].contract.as_str(), unlinked.len(), replaced.len()), ("C-STD", 1, 0));
    assert_eq!(house.states().await, ["C-STD linked", "C-PRO linked"], "nothing happens before the yes");
    house.pick(&house.context, &customer, &house.firm, &["C-PRO"]).await;
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD unlinked", "C-PRO linked"]);
    assert_eq!(house.ledger_links().await, ["1001 ", "1001 C-PRO"], "スマート証憑管理 stays with the other product");
    assert!(house.letters().await.iter().all(|letter| letter.text.contains("連携を解除した製品")));
    house.pick(&house.context, &customer, &house.firm, &[]).await;
    house.reconcile(&house.context).await;
    assert!(house.ledger_links().await.is_empty(), "and goes with the last one");
    assert!(linkages::entries(&house.context, &customer.account).await.unwrap().is_empty());
}

async fn a_product_is_replaced_only_after_a_yes(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    let other = sample::firm(&house.context, "1002", "midori.example", None);
    firms::add(&house.context, &other).await.unwrap();
    house.execute(&format!("UPDATE request SET firm_id = '{}', number = 2 WHERE number = 1", other.id)).await;
    let ticked = [contract("C-STD")];
    let pick = Pick { firm: &other.id, ticked: &ticked, confirmed: &[], exclusivity: Exclusivity::OneFirm };
    let asked = pick_products::pick(&house.context, &customer, pick).await.unwrap();
    let Picked::Confirm { unlinked, replaced } = asked else { panic!("{asked:?}") };
    assert_eq!((unlinked.len(), replaced[0].firm.clone()), (0, house.firm.id.clone()));
    assert_eq!(house.pick(&house.context, &customer, &other, &["C-STD"]).await, Picked::Done);
    house.reconcile(&house.context).await;
    house.pass_seconds(60);
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD unlinked", "C-STD linked"]);
    assert_eq!(house.ledger_links().await, ["1002 ", "1002 C-STD"]);
}

async fn what_drifts_is_repaired_three_times_and_then_told(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    for repair in 1..=4 {
        house.execute("DELETE FROM ledger_linkage WHERE subject <> ''").await;
        renkei::flows::reconcile::one(&house.context, &customer.account).await.unwrap();
        let letters = house.letters().await;
        if repair <= 3 {
            assert_eq!(house.states().await, ["C-STD linked"], "repair {repair}");
            assert!(letters.is_empty(), "a repair is no news");
        } else {
            assert_eq!(house.states().await, ["C-STD lost"]);
            assert_eq!(letters.len(), 2);
            assert!(letters.iter().all(|letter| letter.subject.contains("連携をご確認ください")));
        }
    }
    assert!(house.ledger_links().await.is_empty(), "スマート証憑管理 does not stay alone");
    let rows = house.rows("SELECT due_at FROM contract_customer").await;
    assert_eq!(rows[0]["due_at"], "NULL", "at rest until somebody does something");
}

async fn a_lost_link_is_wished_again(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    house.execute("UPDATE linkage SET state = 'lost'").await;
    house.execute("DELETE FROM ledger_linkage").await;
    assert_eq!(house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await, Picked::Done);
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD linked"]);
    assert_eq!(house.letters().await.len(), 2, "both are told that it is linked");
}

async fn a_contract_that_ended_ends_its_link(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    house.execute("UPDATE ledger_contract SET standing = 'ended' WHERE id = 'C-STD'").await;
    renkei::flows::reconcile::one(&house.context, &customer.account).await.unwrap();
    assert_eq!(house.states().await, ["C-STD unlinked"]);
    assert!(house.ledger_links().await.is_empty());
    assert!(house.letters().await.iter().all(|letter| letter.text.contains("製品の契約が終了したため")));
}

async fn stopping_the_sharing_ends_the_links(house: &House) {
    let customer = house.linked(&[1], &["C-STD"]).await;
    manage::stop(&house.context, &customer.account, 1).await.unwrap();
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD unlinked"]);
    assert!(house.ledger_links().await.is_empty());
}

async fn who_was_erased_comes_back_as_somebody_new(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    house.reconcile(&house.context).await;
    manage::stop(&house.context, &customer.account, 1).await.unwrap();
    let refused = accounts::erase(&house.context, &customer.address).await;
    assert!(matches!(refused, Err(FlowError::AccountAtWork)), "{refused:?}");
    house.reconcile(&house.context).await;
    house.letters().await;
    accounts::erase(&house.context, &customer.address).await.unwrap();
    let address = customer.address.to_text();
    for table in ["contract_customer", "linkage", "migration_case", "migration_item"] {
        assert_eq!(house.rows(&format!("SELECT * FROM {table}")).await, [], "{table}");
    }
    let mails = house.rows("SELECT recipient, about, kind FROM outbound_mail").await;
    let kept = mails.iter().filter(|mail| mail["about"].contains(&address)).count();
    assert_eq!(kept, 0, "{mails:?}");

    house.pass(1);
    let (request, _) = house.asked(&address).await;
    let anew = house.ready(&address).await;
    house.confirm(&request, &anew, &answer(Choice::Approve, "")).await;
    house.letters().await;
    let anew = Customer { account: anew, ..customer };
    assert_eq!(house.pick(&house.context, &anew, &house.firm, &["C-STD"]).await, Picked::Done);
    for _ in 0..3 {
        house.pass_seconds(600);
        house.reconcile(&house.context).await;
    }
    assert_eq!(house.states().await, ["C-STD linked"], "nothing of the old account takes it away");
}

async fn what_the_system_refuses_is_told(house: &House) {
    let customer = house.migrated(&[1]).await;
    house.pick(&house.context, &customer, &house.firm, &["C-STD"]).await;
    // The ledger says that it owns it, and refuses to link it all the same.
    house
        .execute(
            "INSERT INTO ledger_call (key, asked, answer, at) SELECT id || '.0', 'another', 'linked', 0 FROM linkage",
        )
        .await;
    house.reconcile(&house.context).await;
    house.pass_seconds(60);
    house.reconcile(&house.context).await;
    assert_eq!(house.states().await, ["C-STD linked"], "a spent key is followed by another one");
    let id = linkages::entries(&house.context, &customer.account).await.unwrap()[0].links[0].id.clone();
    assert!(linkages::unlink(&house.context, &customer.account, &id, EndedBy::Operator).await.unwrap());
    assert!(
        linkages::unlink(&house.context, &customer.account, &id, EndedBy::Operator).await.unwrap(),
        "twice is once"
    );
    house.letters().await;
    house.reconcile(&house.context).await;
    assert!(house.letters().await[0].text.contains("弊社で解除しました"));
}

async fn the_latest_data_rule_stands_in_the_letter_where_it_counts(house: &House) {
    let customer = house.approved().await;
    let id = renkei::domain::contract::ServiceContractId::parse("SC000004").unwrap();
    let password = secrecy::SecretString::from("himitsu-4");
    renkei::flows::network_registration::register(&house.context, &customer, &id, &password).await.unwrap();
    house.pick(&house.context, &customer, &house.firm, &["C-NET"]).await;
    house.reconcile(&house.context).await;
    for letter in house.letters().await {
        assert!(letter.text.contains("事業所データの共有はできませんが"), "{}", letter.text);
        assert!(letter.text.contains("必ず最新のデータへ取り込むように、運用ルールなどを決めてご利用ください。"));
    }
}

async fn only_owned_products_of_an_approved_firm_can_be_ticked(house: &House) {
    let customer = house.migrated(&[1, 2]).await;
    for id in ["C-PAY", "C-PRO", "C-OTHER", "unknown"] {
        assert_eq!(house.pick(&house.context, &customer, &house.firm, &[id]).await, Picked::NotLinkable, "{id}");
    }
    let other = sample::firm(&house.context, "1002", "midori.example", None);
    firms::add(&house.context, &other).await.unwrap();
    let ticked = [contract("C-STD")];
    let pick = Pick { firm: &other.id, ticked: &ticked, confirmed: &[], exclusivity: Exclusivity::OneFirm };
    assert!(pick_products::pick(&house.context, &customer, pick).await.is_err());
    assert!(house.states().await.is_empty());
}

async fn two_tabs_wish_once(house: &House) {
    let customer = house.migrated(&[1]).await;
    let pick = || house.pick(&house.context, &customer, &house.firm, &["C-STD"]);
    let (one, two, three) = tokio::join!(pick(), pick(), pick());
    assert_eq!([one, two, three], [Picked::Done, Picked::Done, Picked::Done]);
    assert_eq!(house.states().await, ["C-STD desired"]);
    let (one, two) = tokio::join!(house.reconcile(&house.context), house.reconcile(&house.context));
    assert_eq!(((), ()), (one, two));
    house.pass_seconds(60);
    house.reconcile(&house.context).await;
    assert_eq!(house.letters().await.len(), 2, "two runs at once tell once");
}
