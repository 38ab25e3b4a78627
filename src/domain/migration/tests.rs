use proptest::prelude::*;

use super::*;
use crate::domain::contract::{Holder, MigratedContract};
use crate::domain::email_address::EmailAddress;
use crate::domain::time::minutes;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn number(n: usize) -> CustomerNumber {
    CustomerNumber::parse(&format!("{:08}", n + 1)).unwrap()
}

fn granted(n: usize, product: Product) -> Checked {
    let grant = Grant::new(format!("grant-{n}")).unwrap();
    Checked::Granted(Granted { number: number(n), product, name: product.label().to_owned(), grant })
}

fn empty() -> MigrationCase {
    MigrationCase::new(MigrationId::stored("m".into()), AccountId::stored("a".into()), Approval::sample())
}

fn with(items: usize) -> MigrationCase {
    (0..items).fold(empty(), |case, n| {
        case.enter(number(n)).unwrap().answered(&number(n), granted(n, Product::Standard)).unwrap()
    })
}

fn says(states: &[contract::ItemState]) -> MigrationStatus {
    let item = |(n, state): (usize, &contract::ItemState)| MigratedContract { number: number(n), state: state.clone() };
    MigrationStatus {
        migration: empty().id,
        holder: Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap()),
        items: states.iter().enumerate().map(item).collect(),
    }
}

fn moved(n: usize) -> contract::ItemState {
    contract::ItemState::Moved(ContractId::parse(&format!("c{n}")).unwrap())
}

const MOVING: contract::ItemState = contract::ItemState::Moving;
const FAILED: contract::ItemState = contract::ItemState::Failed(MoveFault::NeedsSupport);

#[test]
fn a_number_stands_in_the_list_once() {
    let case = with(1);
    assert_eq!(case.clone().enter(number(0)), Err(EnterError::Twice));
    let wrong = case.enter(number(1)).unwrap().answered(&number(1), Checked::Refused(Refusal::WrongPassword)).unwrap();
    let again = wrong.enter(number(1)).unwrap().answered(&number(1), granted(1, Product::OtherDesktop)).unwrap();
    assert_eq!(again.grants().count(), 2);
    assert_eq!(with(MOST_ITEMS).enter(number(MOST_ITEMS)), Err(EnterError::TooMany));
    assert_eq!(with(2).leave_out(&number(0)).unwrap().items.len(), 1);
}

#[test]
fn a_network_product_is_told_to_go_the_other_way() {
    for answer in [granted(0, Product::Network), Checked::Refused(Refusal::NetworkProduct)] {
        let case = empty().enter(number(0)).unwrap().answered(&number(0), answer).unwrap();
        assert_eq!(case.items[0].state, ItemState::Network);
        assert_eq!(case.submit(T0), Err(SubmitError::Empty));
    }
}

#[test]
fn an_answer_about_another_number_changes_nothing() {
    let case = empty().enter(number(0)).unwrap();
    assert_eq!(case.clone().answered(&number(0), granted(1, Product::Standard)).unwrap(), case);
    assert_eq!(with(1).answered(&number(0), Checked::Refused(Refusal::WrongPassword)).unwrap(), with(1));
}

#[test]
fn it_begins_with_what_was_authenticated() {
    assert_eq!(empty().submit(T0), Err(SubmitError::Empty));
    let case = with(2).enter(number(2)).unwrap().answered(&number(2), Checked::Refused(Refusal::NoPassword)).unwrap();
    let begun = case.submit(T0).unwrap();
    assert_eq!((begun.items.len(), begun.state), (2, State::Submitted(T0)));
    let closed = Closed(StateName::Submitted);
    assert_eq!(begun.clone().submit(T0), Err(closed.into()));
    assert_eq!(begun.clone().enter(number(5)), Err(closed.into()));
    assert_eq!(begun.leave_out(&number(0)), Err(closed));
}

#[test]
fn it_ends_when_nothing_moves() {
    let begun = with(2).submit(T0).unwrap();
    let late = T0.after(minutes(5));
    for (said, state) in [
        ([MOVING, MOVING], State::InProgress(T0)),
        ([moved(0), MOVING], State::InProgress(T0)),
        ([moved(0), FAILED], State::Partial(late)),
        ([moved(0), moved(1)], State::Completed(late)),
    ] {
        assert_eq!(begun.clone().looked_at(&says(&said), late).unwrap().state, state);
    }
    let refused = begun.refused(Refusal::BadGrant, late).unwrap();
    assert_eq!(refused.state, State::Partial(late));
    assert!(refused.items.iter().all(|item| item.state == ItemState::Refused(Refusal::BadGrant)));
}

#[test]
fn it_is_given_up_after_seven_days_and_may_still_end_well() {
    let begun = with(1).submit(T0).unwrap();
    let end = T0.after(GIVEN_UP_AFTER);
    assert!(begun.clone().give_up(end.before(Duration::from_millis(1))).is_err());
    let over = begun.give_up(end).unwrap();
    assert_eq!((over.state, over.next_look(end)), (State::Abandoned(end), None));
    assert_eq!(over.clone().looked_at(&says(&[moved(0)]), end).unwrap().state, State::Completed(end));
    let resumed = over.resume(end).unwrap();
    assert_eq!((resumed.id, resumed.state), (empty().id, State::Submitted(end)));
}

#[test]
fn it_is_looked_at_after_half_a_minute_up_to_five() {
    let mut case = with(1).submit(T0).unwrap();
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(case.next_look(T0).unwrap().since(T0).as_secs());
        case = case.looked_at(&says(&[MOVING]), T0).unwrap().looked();
    }
    assert_eq!(waits, [30, 60, 120, 240, 300, 300]);
    let nearly = T0.after(GIVEN_UP_AFTER).before(Duration::from_secs(1));
    assert_eq!(case.next_look(nearly), Some(T0.after(GIVEN_UP_AFTER)));
}

#[derive(Clone, Debug)]
enum Event {
    Enter(usize),
    Answer(usize, bool),
    Submit,
    Say(Vec<u8>),
    Refuse,
    GiveUp,
    Resume,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0..3usize).prop_map(Event::Enter),
        (0..3usize, any::<bool>()).prop_map(|(n, right)| Event::Answer(n, right)),
        Just(Event::Submit),
        prop::collection::vec(0..3u8, 3).prop_map(Event::Say),
        Just(Event::Refuse),
        Just(Event::GiveUp),
        Just(Event::Resume),
    ]
}

fn after(case: MigrationCase, event: &Event, now: Timestamp) -> Option<MigrationCase> {
    match event {
        Event::Enter(n) => case.enter(number(*n)).ok(),
        Event::Answer(n, true) => case.answered(&number(*n), granted(*n, Product::Standard)).ok(),
        Event::Answer(n, false) => case.answered(&number(*n), Checked::Refused(Refusal::WrongPassword)).ok(),
        Event::Submit => case.submit(now).ok(),
        Event::Say(said) => {
            let state = |(n, said): (usize, &u8)| [MOVING, moved(n), FAILED][usize::from(*said)].clone();
            case.looked_at(&says(&said.iter().enumerate().map(state).collect::<Vec<_>>()), now).ok()
        }
        Event::Refuse => case.refused(Refusal::BadGrant, now).ok(),
        Event::GiveUp => case.give_up(now).ok(),
        Event::Resume => case.resume(now).ok(),
    }
}

proptest! {
    /// F20, invariant 8: what ended stays ended, what moved stays moved, and no grant outlives the end.
    #[test]
    fn an_end_is_an_end(events in prop::collection::vec(event(), 1..40)) {
        let mut case = empty();
        for (day, event) in (0u32..).zip(&events) {
            let now = T0.after(days(day * 3));
            let Some(next) = after(case.clone(), event, now) else { continue };
            let over = |case: &MigrationCase| matches!(case.state, State::Completed(_) | State::Partial(_));
            prop_assert!(!over(&case), "{event:?} changed what was over");
            let moved = |case: &MigrationCase| {
                let moved = case.items.iter().filter(|item| matches!(item.state, ItemState::Moved(..)));
                moved.map(|item| item.number.clone()).collect::<Vec<_>>()
            };
            prop_assert!(moved(&case).iter().all(|number| moved(&next).contains(number)));
            prop_assert!(!over(&next) || next.grants().next().is_none());
            prop_assert!(!matches!(next.state, State::Completed(_)) || next.items.len() == moved(&next).len());
            let mut numbers: Vec<_> = next.items.iter().map(|item| item.number.clone()).collect();
            numbers.sort();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), next.items.len(), "a number stands there twice");
            case = next;
        }
    }
}

#[test]
fn a_migration_is_offered_until_everything_came_over() {
    use Holding::{Accounting, NoAccounting, Nothing};
    let offered = |state, holding| MigrationCase::is_offered(Some(&MigrationCase { state, ..with(1) }), holding);
    assert!(!MigrationCase::is_offered(None, Accounting), "S31: not needed");
    for holding in [Nothing, NoAccounting] {
        assert!(MigrationCase::is_offered(None, holding), "S32, S33");
        assert!(offered(State::Completed(T0), holding), "still nothing to link");
    }
    assert!(!offered(State::Completed(T0), Accounting), "S35: never again");
    for holding in [Accounting, Nothing, NoAccounting] {
        for state in [State::Collecting, State::Partial(T0), State::Abandoned(T0)] {
            assert!(offered(state, holding), "{state:?} {holding:?}");
        }
        for state in [State::Submitted(T0), State::InProgress(T0)] {
            assert!(!offered(state, holding), "{state:?}: it is under way");
        }
    }
}
