use proptest::prelude::*;

use super::*;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn link(state: State) -> Linkage {
    Linkage {
        id: LinkageId::stored("l".into()),
        account: AccountId::stored("a".into()),
        firm: FirmId::stored("f".into()),
        approval: Approval::sample(),
        contract: ContractId::parse("c1").unwrap(),
        product: Product::Standard,
        product_name: "弥生会計 スタンダード".into(),
        state,
        state_at: T0,
        wished_at: T0,
        linked_at: None,
        repairs: 0,
        calls: 0,
        voucher_calls: 0,
        version: 0,
    }
}

const ENDS: [EndedBy; 5] =
    [EndedBy::Customer, EndedBy::Firm, EndedBy::Operator, EndedBy::Replaced, EndedBy::ContractEnded];

fn states() -> Vec<State> {
    let mut states = vec![State::Desired, State::Applying, State::Linked, State::Drifted, State::Lost];
    states.extend(ENDS.map(State::Unlinking));
    states.extend(ENDS.map(State::Unlinked));
    states
}

#[test]
fn a_state_is_stored_and_read() {
    for state in states() {
        assert_eq!(State::stored(state.name(), state.ended_by()), Some(state));
        assert_eq!(StateName::stored(state.name().name()), Some(state.name()));
    }
    assert_eq!(State::stored(StateName::Unlinked, None), None);
}

#[test]
fn a_link_is_made_and_ended() {
    let linked = link(State::Desired).apply(T0).unwrap().answered().confirm(T0).unwrap();
    assert_eq!((linked.state, linked.linked_at, linked.calls), (State::Linked, Some(T0), 1));
    let gone = linked.unlink(EndedBy::Customer, T0).unwrap().gone(T0).unwrap();
    assert_eq!(gone.state, State::Unlinked(EndedBy::Customer));
    let again = gone.desire(Approval::sample(), T0).unwrap();
    assert_eq!((again.state, again.linked_at, again.repairs), (State::Desired, None, 0));
}

#[test]
fn what_the_state_does_not_allow_is_refused() {
    use StateName::{Applying, Desired, Drifted, Linked, Lost, Unlinked, Unlinking};
    type Step = fn(Linkage) -> Result<Linkage, Impossible>;
    let steps: [(&str, Step, &[StateName]); 8] = [
        ("desire", |link| link.desire(Approval::sample(), T0), &[Lost, Unlinking, Unlinked]),
        ("apply", |link| link.apply(T0), &[Desired, Applying, Drifted]),
        ("confirm", |link| link.confirm(T0), &[Desired, Applying, Drifted, Lost]),
        ("drift", |link| link.drift(T0), &[Linked]),
        ("lose", |link| link.lose(T0), &[Desired, Applying, Drifted]),
        ("unlink", |link| link.unlink(EndedBy::Firm, T0), &[Desired, Applying, Linked, Drifted, Lost]),
        ("gone", |link| link.gone(T0), &[Unlinking]),
        ("came back", |link| link.came_back(T0), &[Unlinked]),
    ];
    for (name, step, allowed) in steps {
        for state in states() {
            let done = step(link(state));
            assert_eq!(done.is_ok(), allowed.contains(&state.name()), "{name} when {state:?}");
            assert!(done.is_ok() || done == Err(Impossible(state.name())));
        }
    }
}

#[test]
fn a_link_that_goes_away_is_made_again_three_times() {
    let mut link = link(State::Linked);
    for repair in 1..=MOST_REPAIRS {
        let drifted = link.drift(T0).unwrap();
        assert_eq!((drifted.state, drifted.repairs), (State::Drifted, repair));
        link = drifted.apply(T0).unwrap().confirm(T0).unwrap();
    }
    assert_eq!(link.clone().drift(T0.after(SOUND_AFTER)).unwrap().repairs, 1, "it held long enough");
    assert_eq!(link.drift(T0.after(SOUND_AFTER).before(Duration::from_millis(1))).unwrap().state, State::Lost);
}

#[test]
fn a_link_that_comes_back_is_taken_away_three_times() {
    let mut link = link(State::Unlinked(EndedBy::Firm));
    for _ in 0..MOST_REPAIRS {
        link = link.came_back(T0).unwrap();
        assert_eq!(link.state, State::Unlinking(EndedBy::Firm), "who ended it stays known");
        link = link.gone(T0).unwrap();
    }
    assert!(link.came_back(T0).is_err());
}

#[test]
fn a_call_keeps_its_key_until_it_is_answered() {
    let asked = link(State::Desired).apply(T0).unwrap();
    assert_eq!(asked.clone().apply(T0.after(days(1))).unwrap(), asked, "asked again under the same key");
    assert_ne!(asked.clone().answered().key(), asked.key());
    assert_ne!(asked.clone().unlink(EndedBy::Customer, T0).unwrap().key(), asked.key(), "another wish");
    assert_ne!(asked.voucher_key(), asked.key());
    assert_ne!(asked.clone().voucher_answered().voucher_key(), asked.voucher_key());
}

#[test]
fn the_customer_sees_four_things() {
    let shown = |state: State| state.shown();
    assert_eq!([State::Desired, State::Applying, State::Drifted].map(shown), [Shown::InHand; 3]);
    assert_eq!(shown(State::Unlinking(EndedBy::Firm)), Shown::InHand);
    assert_eq!([State::Linked, State::Lost].map(shown), [Shown::Linked, Shown::NeedsLook]);
    assert_eq!(shown(State::Unlinked(EndedBy::Firm)), Shown::Nothing);
}

proptest! {
    /// Invariant 6.
    #[test]
    fn smart_voucher_is_linked_exactly_when_an_accounting_product_is(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let links: Vec<_> = picked.iter().map(|index| link(*index.get(&states()))).collect();
        let linked = links.iter().any(|link| link.state == State::Linked);
        prop_assert_eq!(smart_voucher(&links) == Shown::Linked, linked);
        let nothing = links.iter().all(|link| link.state.shown() == Shown::Nothing);
        prop_assert_eq!(smart_voucher(&links) == Shown::Nothing, nothing);
    }
}
