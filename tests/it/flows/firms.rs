//! The store's firms, and the operator's changes to them.

use renkei::domain::email_address::EmailAddress;
use renkei::domain::firm::{Firm, FirmNumber, FirmStatus, ProofRule, Receipts, RequestDays};
use renkei::domain::locale::Locale;
use renkei::domain::outbound::OutboundState;
use renkei::flows::{FlowError, firms, requests};
use renkei::store::{self, StoreError};

use super::house::{House, OFFICE};
use super::sample::{self, address};

on_both_databases![
    a_firm_is_read_as_it_was_written,
    a_number_or_an_address_belongs_to_one_firm,
    an_edit_of_what_another_has_changed_is_refused,
    of_many_firms_all_are_registered_or_none,
    a_removed_firm_leaves_its_number_and_its_addresses_to_another,
    a_firm_with_undecided_requests_stays,
    what_a_suspended_firm_had_waiting_leaves_when_it_may_go_on,
    a_nul_becomes_a_replacement_character,
];

fn number(text: &str) -> FirmNumber {
    FirmNumber::parse(text).unwrap()
}

async fn by_sender(house: &House, sender: &EmailAddress) -> Option<Firm> {
    store::firms::by_sender(&mut house.context.store.read().await.unwrap(), sender).await.unwrap()
}

async fn a_firm_is_read_as_it_was_written(house: &House) {
    let proofs = [
        ProofRule::Dkim { pinned: None },
        ProofRule::Dkim { pinned: Some(house.key.pinned()) },
        ProofRule::AuthenticationResults { authserv_id: "mx.example".to_owned() },
    ];
    for (index, proof) in proofs.into_iter().enumerate() {
        let domain = format!("midori{index}.example");
        let firm = Firm {
            proof,
            receipts: Receipts::None,
            request_days: RequestDays::new(90).unwrap(),
            locale: Locale::En,
            senders: vec![address(&format!("A.b@{domain}")), address(&format!("Office@{domain}"))],
            ..sample::firm(&house.context, &format!("20{index}"), &domain, None)
        };
        firms::add(&house.context, &firm).await.unwrap();
        assert_eq!(by_sender(house, &address(&format!("OFFICE@{domain}"))).await, Some(firm.clone()));
        assert_eq!(firms::find(&house.context, &firm.number).await.unwrap(), firm);
    }
    let numbers: Vec<_> = firms::list(&house.context).await.unwrap().into_iter().map(|firm| firm.number).collect();
    assert_eq!(numbers, ["1001", "200", "201", "202"].map(number));
}

async fn a_number_or_an_address_belongs_to_one_firm(house: &House) {
    let same_number = sample::firm(&house.context, "1001", "midori.example", None);
    let same_address = sample::firm(&house.context, "1002", "aozora.example", None);
    for firm in [same_number, same_address] {
        let refused = firms::add(&house.context, &firm).await;
        assert!(matches!(refused, Err(FlowError::FirmTaken)), "{refused:?}");
    }
    assert_eq!(firms::list(&house.context).await.unwrap().len(), 1);
}

async fn an_edit_of_what_another_has_changed_is_refused(house: &House) {
    let mine = Firm { name: "甲".to_owned(), ..house.firm.clone() };
    let theirs = Firm { name: "乙".to_owned(), ..house.firm.clone() };
    firms::edit(&house.context, &mine).await.unwrap();
    let refused = firms::edit(&house.context, &theirs).await;
    assert!(matches!(refused, Err(FlowError::Store(StoreError::Stale))), "{refused:?}");
    assert_eq!(firms::find(&house.context, &number("1001")).await.unwrap().name, "甲");
}

async fn of_many_firms_all_are_registered_or_none(house: &House) {
    let sound = sample::firm(&house.context, "1002", "midori.example", None);
    let taken = sample::firm(&house.context, "1001", "sakura.example", None);
    assert!(firms::add_all(&house.context, &[sound.clone(), taken]).await.is_err());
    assert_eq!(by_sender(house, &address("office@midori.example")).await, None);
    firms::add_all(&house.context, &[sound]).await.unwrap();
    assert!(by_sender(house, &address("office@midori.example")).await.is_some());
}

async fn a_removed_firm_leaves_its_number_and_its_addresses_to_another(house: &House) {
    firms::remove(&house.context, &number("1001")).await.unwrap();
    assert_eq!(by_sender(house, &address(OFFICE)).await, None);
    let another = sample::firm(&house.context, "1001", "aozora.example", None);
    firms::add(&house.context, &another).await.unwrap();
    assert_eq!(by_sender(house, &address(OFFICE)).await.unwrap().id, another.id);
    // what was asked before still knows who asked
    let mut connection = house.context.store.read().await.unwrap();
    let removed = store::firms::by_ids(&mut connection, &[&house.firm.id]).await.unwrap();
    assert_eq!(removed[0].status, FirmStatus::Removed);
}

async fn a_firm_with_undecided_requests_stays(house: &House) {
    house.ask("yamada@example.jp").await;
    let refused = firms::remove(&house.context, &number("1001")).await;
    assert!(matches!(refused, Err(FlowError::FirmInUse(_, 1))), "{refused:?}");
    assert!(by_sender(house, &address(OFFICE)).await.is_some());
    requests::withdraw(&house.context, 1).await.unwrap();
    firms::remove(&house.context, &number("1001")).await.unwrap();
}

async fn what_a_suspended_firm_had_waiting_leaves_when_it_may_go_on(house: &House) {
    house.ask("yamada@example.jp").await;
    firms::suspend(&house.context, &number("1001")).await.unwrap();
    assert_eq!(house.letters().await, []);
    assert_eq!(house.states_of_mails(1).await, [OutboundState::Withheld; 2]);
    firms::resume(&house.context, &number("1001")).await.unwrap();
    assert_eq!(house.letters().await.len(), 2);
}

async fn a_nul_becomes_a_replacement_character(house: &House) {
    let firm = Firm {
        name: "甲\0乙".to_owned(),
        postal_address: "丙\0".to_owned(),
        telephone: "\u{0}03".to_owned(),
        ..sample::firm(&house.context, "1002", "midori.example", None)
    };
    firms::add(&house.context, &firm).await.unwrap();
    let read = firms::find(&house.context, &number("1002")).await.unwrap();
    assert_eq!((read.name.as_str(), read.postal_address.as_str()), ("甲\u{FFFD}乙", "丙\u{FFFD}"));
    assert_eq!(read.telephone, "\u{FFFD}03");
}
