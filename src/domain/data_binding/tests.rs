use proptest::prelude::*;

use super::*;
use crate::domain::contract::BoundBy;
use crate::domain::ids::LinkageId;
use crate::domain::product::Product;
use crate::domain::time::days;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn name(text: &str) -> OfficeName {
    OfficeName::parse(text).unwrap()
}

fn linked(product: Product) -> Linkage {
    Linkage {
        id: LinkageId::stored("l".into()),
        account: AccountId::stored("a".into()),
        firm: FirmId::stored("f".into()),
        approval: Approval::sample(),
        contract: ContractId::parse("c1").unwrap(),
        product,
        product_name: product.label().into(),
        state: LinkState::Linked,
        state_at: T0,
        wished_at: T0,
        linked_at: Some(T0),
        repairs: 0,
        calls: 0,
        voucher_calls: 0,
        version: 0,
    }
}

fn propose(link: &Linkage, place: DataPlace, acknowledged: Acknowledged) -> Result<DataBinding, Objection> {
    let registered = name("株式会社山田商店");
    let id = BusinessDataId::stored("d".into());
    let office_name = name("㈱山田商店");
    let registered_name = Some(&registered);
    Proposal { id, link, office_name, registered_name, place, by: Party::Customer, acknowledged }.accept(None, T0)
}

fn proposed() -> DataBinding {
    propose(&linked(Product::Standard), DataPlace::Drive, Acknowledged::default()).unwrap()
}

const RULE: Acknowledged = Acknowledged { difference_at: None, latest_data_at: Some(T0) };

#[test]
fn data_needs_a_linked_product_that_can_open_it() {
    let link = linked(Product::Standard);
    for state in [LinkState::Desired, LinkState::Applying, LinkState::Drifted, LinkState::Lost] {
        let unready = Linkage { state, ..link.clone() };
        assert_eq!(propose(&unready, DataPlace::Drive, RULE), Err(Objection::NotLinked), "{state:?}");
    }
    for product in [Product::TwoUser, Product::Network] {
        assert_eq!(propose(&linked(product), DataPlace::Drive, RULE), Err(Objection::NotThere), "{product:?}");
    }
}

#[test]
fn the_latest_data_rule_is_acknowledged_where_the_matrix_asks() {
    let none = Acknowledged::default();
    assert!(propose(&linked(Product::Standard), DataPlace::Drive, none).is_ok());
    for product in [Product::Standard, Product::TwoUser, Product::Network] {
        let link = linked(product);
        assert_eq!(propose(&link, DataPlace::Local, none), Err(Objection::RuleNotAcknowledged), "{product:?}");
        assert_eq!(propose(&link, DataPlace::Local, RULE).unwrap().acknowledged, RULE);
    }
}

#[test]
fn where_the_names_differ_somebody_says_yes_and_it_is_kept() {
    let link = linked(Product::Standard);
    let with = |registered: Option<&OfficeName>, acknowledged| {
        let id = BusinessDataId::stored("d".into());
        let (office_name, place) = (name("山田商店株式会社"), DataPlace::Drive);
        Proposal { id, link: &link, office_name, registered_name: registered, place, by: Party::Firm, acknowledged }
            .accept(None, T0)
    };
    let registered = name("株式会社山田商店");
    assert_eq!(with(Some(&registered), Acknowledged::default()), Err(Objection::NamesDiffer));
    assert_eq!(with(None, Acknowledged::default()), Err(Objection::NamesDiffer), "nothing to compare with");
    let yes = Acknowledged { difference_at: Some(T0), latest_data_at: None };
    let kept = with(Some(&registered), yes).unwrap();
    assert_eq!((kept.acknowledged, kept.set_by), (yes, Party::Firm));
}

#[test]
fn there_is_one_data_and_another_one_waits_for_its_release() {
    let link = linked(Product::Standard);
    let again = |live: &DataBinding| {
        let id = BusinessDataId::stored("e".into());
        let (office_name, registered) = (name("山田商店"), name("山田商店"));
        let registered_name = Some(&registered);
        let (place, by, acknowledged) = (DataPlace::Drive, Party::Customer, Acknowledged::default());
        Proposal { id, link: &link, office_name, registered_name, place, by, acknowledged }.accept(Some(live), T0)
    };
    let bound = proposed().confirm(T0).unwrap();
    let releasing = bound.clone().free(ReleasedBy::Operator, T0).unwrap();
    for live in [&proposed(), &bound, &releasing] {
        assert_eq!(again(live), Err(Objection::Occupied), "{:?}", live.state);
    }
    assert!(again(&releasing.gone(T0).unwrap()).is_ok());
}

#[test]
fn only_the_data_that_is_named_is_released() {
    let bound = proposed().confirm(T0).unwrap();
    let release = |named: &str, place| bound.clone().release(Party::Customer, &name(named), place, T0);
    assert_eq!(release("山田商店", DataPlace::Drive), Err(Impossible::OtherData));
    assert_eq!(release("株式会社山田商店", DataPlace::Local), Err(Impossible::OtherData));
    let releasing = release("株式会社 山田商店", DataPlace::Drive).unwrap();
    assert_eq!(releasing.state, State::Releasing(ReleasedBy::Customer));
    assert_eq!(releasing.confirm(T0), Err(Impossible::State(StateName::Releasing)));
}

#[test]
fn what_went_away_is_set_again_three_times() {
    let mut binding = proposed().confirm(T0).unwrap();
    for _ in 0..MOST_REPAIRS {
        binding = binding.drift(T0).unwrap().confirm(T0).unwrap();
    }
    assert_eq!(binding.drift(T0).unwrap().state, State::Unbound(ReleasedBy::Lost));
    assert_eq!(proposed().refused(T0).unwrap().state, State::Unbound(ReleasedBy::Refused));
    assert_eq!(proposed().displaced(T0).unwrap().state, State::Unbound(ReleasedBy::Refused));
    let was_bound = proposed().confirm(T0).unwrap().drift(T0).unwrap();
    assert_eq!(was_bound.refused(T0).unwrap().state, State::Unbound(ReleasedBy::Lost));
}

#[test]
fn displaced_data_is_given_time_to_come_back() {
    let mut binding = proposed().confirm(T0).unwrap();
    for round in 0..MOST_REPAIRS {
        let at = T0.after(days(round));
        binding = binding.displaced(at).unwrap();
        assert_eq!(binding.state, State::Proposed);
        assert!(binding.may_still_come_back(at) && !binding.may_still_come_back(at.after(MAY_COME_BACK)));
    }
    assert_eq!(binding.clone().confirm(T0).unwrap().state, State::Bound);
    assert_eq!(binding.displaced(T0).unwrap().state, State::Unbound(ReleasedBy::Lost));
}

#[test]
fn a_binding_knows_itself() {
    let theirs = |data: &str| contract::Binding {
        data: BusinessDataId::stored(data.to_owned()),
        contract: ContractId::parse("c1").unwrap(),
        office_name: "株式会社山田商店".to_owned(),
        place: DataPlace::Drive,
        bound_by: BoundBy::Customer,
    };
    assert!(proposed().is(&theirs("d")) && !proposed().is(&theirs("e")));
}

proptest! {
    /// Invariant 7: whatever happens in whatever order, a customer has one live data at most, and what ended has ended.
    #[test]
    fn a_customer_has_one_data_at_most(events in prop::collection::vec(0..7u8, 1..30)) {
        let link = linked(Product::Standard);
        let mut all: Vec<DataBinding> = Vec::new();
        for (n, event) in events.into_iter().enumerate() {
            let live = all.iter().position(|binding| binding.state.is_live());
            let before = all.clone();
            if event == 0 {
                let (office_name, registered) = (name("山田商店"), name("山田商店"));
                let (id, registered_name) = (BusinessDataId::stored(format!("d{n}")), Some(&registered));
                let (place, by, acknowledged) = (DataPlace::Drive, Party::Firm, Acknowledged::default());
                let proposal = Proposal { id, link: &link, office_name, registered_name, place, by, acknowledged };
                all.extend(proposal.accept(live.map(|at| &before[at]), T0));
            } else if let Some(at) = live {
                let own = all[at].clone();
                let next = match event {
                    1 => own.confirm(T0),
                    2 => own.drift(T0),
                    3 => own.displaced(T0),
                    4 => own.free(ReleasedBy::ProductGone, T0),
                    5 => own.refused(T0),
                    _ => own.gone(T0),
                };
                if let Ok(next) = next {
                    all[at] = next;
                }
            }
            prop_assert!(all.iter().filter(|binding| binding.state.is_live()).count() <= 1);
            for (before, after) in before.iter().zip(&all) {
                prop_assert!(before.state.is_live() || before == after);
            }
        }
    }
}
