use super::*;
use crate::domain::contract::{Contract, Holder, Standing};
use crate::domain::email_address::EmailAddress;
use crate::domain::product::Product;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn contract(id: &str) -> ContractId {
    ContractId::parse(id).unwrap()
}

fn owned() -> ContractSnapshot {
    let own = |(id, product, standing): (&str, Product, Standing)| Contract {
        id: contract(id),
        product,
        name: product.label().to_owned(),
        standing,
    };
    let holder = Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap());
    let contracts = [
        ("c1", Product::Standard, Standing::Active),
        ("c2", Product::Network, Standing::Active),
        ("cloud", Product::Cloud, Standing::Active),
        ("over", Product::Professional, Standing::Ended),
        ("voucher", Product::SmartVoucher, Standing::Active),
    ];
    ContractSnapshot { holder, contracts: contracts.map(own).to_vec(), fetched_at: T0 }
}

fn choose(ticked: &[&str], links: &[Linkage], firm: &str, exclusivity: Exclusivity) -> Result<Change, NotLinkable> {
    let mut next = 0;
    let id = || {
        next += 1;
        LinkageId::stored(format!("{firm}{next}"))
    };
    let ticked: Vec<_> = ticked.iter().map(|id| contract(id)).collect();
    let (account, firm, owned) = (AccountId::stored("a".into()), FirmId::stored(firm.into()), owned());
    let approval = &Approval::sample();
    Choice { account: &account, firm: &firm, approval, ticked: &ticked, owned: &owned, links, exclusivity }
        .change(id, T0)
}

fn linked(firm: &str, ticked: &[&str]) -> Vec<Linkage> {
    let new = choose(ticked, &[], firm, Exclusivity::OneFirm).unwrap().new;
    new.into_iter().map(|link| link.confirm(T0).unwrap()).collect()
}

#[test]
fn a_tick_is_a_wish_and_no_tick_is_none() {
    let change = choose(&["c1", "c2", "c1"], &[], "f", Exclusivity::OneFirm).unwrap();
    assert_eq!(change.new.iter().map(|link| link.contract.as_str()).collect::<Vec<_>>(), ["c1", "c2"]);
    assert_eq!(change.new[1].product, Product::Network);
    let links = linked("f", &["c1", "c2"]);
    let change = choose(&["c2"], &links, "f", Exclusivity::OneFirm).unwrap();
    assert_eq!(change.unlinked[0].state, State::Unlinking(EndedBy::Customer));
    assert!(change.new.is_empty() && change.again.is_empty() && change.unlinked.len() == 1);
    assert!(choose(&["c1", "c2"], &links, "f", Exclusivity::OneFirm).unwrap().is_empty());
}

#[test]
fn only_an_accounting_product_of_ones_own_can_be_ticked() {
    for id in ["cloud", "over", "voucher", "foreign"] {
        assert_eq!(choose(&["c1", id], &[], "f", Exclusivity::OneFirm), Err(NotLinkable(contract(id))));
    }
}

#[test]
fn a_product_whose_contract_ended_may_stay_ticked() {
    let mut links = linked("f", &["c1"]);
    links[0].contract = contract("over");
    assert!(choose(&["over"], &links, "f", Exclusivity::OneFirm).unwrap().is_empty());
}

#[test]
fn what_was_unticked_or_lost_is_wished_again() {
    let mut links = linked("f", &["c1", "c2"]);
    links[0] = links[0].clone().unlink(EndedBy::Customer, T0).unwrap();
    links[1] = links[1].clone().drift(T0).unwrap().lose(T0).unwrap();
    let change = choose(&["c1", "c2"], &links, "f", Exclusivity::OneFirm).unwrap();
    assert!(change.again.iter().all(|link| link.state == State::Desired) && change.again.len() == 2);
    assert_eq!(change.changed().count(), 2);
}

#[test]
fn a_product_is_shared_with_one_firm_unless_the_operator_says_otherwise() {
    let links = linked("f", &["c1", "c2"]);
    let change = choose(&["c1"], &links, "g", Exclusivity::OneFirm).unwrap();
    let [replaced] = change.replaced.as_slice() else { panic!("{change:?}") };
    assert_eq!((replaced.contract.as_str(), replaced.state), ("c1", State::Unlinking(EndedBy::Replaced)));
    assert!(change.unlinked.is_empty(), "the other firm's other products stay");
    assert!(choose(&["c1"], &links, "g", Exclusivity::ManyFirms).unwrap().replaced.is_empty());
    assert!(choose(&[], &links, "g", Exclusivity::OneFirm).unwrap().is_empty());
}
