//! From every pair of states, over a line that loses calls: it comes to rest, and both sides then agree.

mod world;

use proptest::prelude::*;

use super::*;
use crate::domain::contract::Contract;
use crate::domain::data_binding::State as DataState;
use crate::domain::linkage::EndedBy;
use crate::domain::migration::State as CaseState;
use crate::domain::product::Product;
use crate::domain::time::{days, hours};
use world::*;

/// Most runs, six hours apart, until everything has come to rest: what waits is given up after seven days, and what drifts
/// is repaired three times.
const MOST_RUNS: u32 = 80;

fn come_to_rest(world: &mut World, fates: Vec<Fate>) -> Result<Timestamp, TestCaseError> {
    let mut fates = fates.into_iter();
    let mut now = T0;
    for run in 0..MOST_RUNS {
        let corrected = world.run(now, &mut fates);
        let waits = next_run(&world.ours, 1, Heard::Everything, now).is_some() || world.is_moving();
        if corrected == 0 && !waits && fates.len() == 0 {
            return Ok(now);
        }
        if corrected == 0 {
            fates.next();
        }
        now = now.after(hours(6));
        world.time_passes(run % 3 != 2);
    }
    Err(TestCaseError::fail(format!("no rest: {world:?} wants {:?}", reconcile(&world.ours, &world.theirs, now))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// From any pair of states, whatever calls get lost, it comes to rest in a bounded number of runs, and running it again
    /// changes nothing, however late.
    #[test]
    fn it_comes_to_rest(mut world in world(), fates in prop::collection::vec(fate(), 0..12)) {
        let now = come_to_rest(&mut world, fates)?;
        let rested = world.clone();
        for later in [0, 1, 8, 400] {
            prop_assert_eq!(world.run(now.after(days(later)), &mut std::iter::empty()), 0);
        }
        prop_assert_eq!(world.ours, rested.ours);
        prop_assert_eq!(world.theirs, rested.theirs);
        prop_assert_eq!(world.calls, rested.calls);
    }

    /// At rest both sides agree, but for what was given up: the links, スマート証憑管理 (invariant 6), the one data (invariant 7)
    /// and the migration, which was started once at most (invariant 8).
    #[test]
    fn at_rest_both_sides_agree(mut world in world(), fates in prop::collection::vec(fate(), 0..12)) {
        let live = world.ours.binding.is_some();
        come_to_rest(&mut world, fates)?;
        for link in &world.ours.links {
            let there = world.there(&link.firm, &LinkSubject::Contract(link.contract.clone()));
            match link.state {
                State::Linked => prop_assert_eq!(there, LinkageState::Linked),
                State::Unlinked(_) if link.repairs < MOST_REPAIRS => prop_assert_eq!(there, LinkageState::NotLinked),
                State::Unlinked(_) | State::Lost => {}
                other => prop_assert!(false, "{other:?} is no rest"),
            }
        }
        for name in FIRMS {
            let of_firm: Vec<_> = world.ours.links.iter().filter(|link| link.firm == firm(name)).collect();
            let linked = of_firm.iter().any(|link| link.state == State::Linked);
            let lost = of_firm.iter().any(|link| link.state == State::Lost);
            if !of_firm.is_empty() && !lost {
                let voucher = world.there(&firm(name), &LinkSubject::SmartVoucher) == LinkageState::Linked;
                prop_assert_eq!(voucher, linked, "スマート証憑管理 of {}", name);
            }
        }
        match &world.ours.binding {
            Some(binding) => {
                prop_assert!(live && binding.state == DataState::Bound);
                prop_assert!(world.theirs.binding.as_ref().is_some_and(|theirs| binding.is(theirs)));
                let product = world.ours.links.iter().find(|link| link.firm == binding.firm && link.contract == binding.contract);
                prop_assert!(product.is_some_and(|link| link.state.is_wanted()));
            }
            None => prop_assert!(!live || world.theirs.binding.as_ref().is_none_or(|theirs| theirs.data.as_str() != "own")),
        }
        prop_assert!(world.starts <= 1);
        prop_assert!(world.ours.migration.as_ref().is_none_or(|case| !case.is_under_way()));
    }

    /// A product that goes from one firm to another is never with both.
    #[test]
    fn who_comes_waits_for_who_goes(
        by in prop::sample::select(&[EndedBy::Replaced, EndedBy::Customer, EndedBy::Firm, EndedBy::Operator][..]),
        mut theirs in theirs(),
        fates in prop::collection::vec(fate(), 0..12),
    ) {
        theirs.contracts.contracts.retain(|contract| contract.standing == Standing::Active);
        theirs.links.retain(|link| link.firm == firm("f"));
        let links = vec![
            new_link("f", "c1", State::Unlinking(by)),
            new_link("g", "c1", State::Desired),
        ];
        let mut world = World { ours: Ours { links, ..Ours::default() }, theirs, starts: 0, calls: 0 };
        let (mut fates, mut now) = (fates.into_iter(), T0);
        for _ in 0..MOST_RUNS {
            world.run(now, &mut fates);
            world.time_passes(true);
            now = now.after(hours(1));
            let there = |name| world.there(&firm(name), &LinkSubject::Contract(contract_id("c1")));
            prop_assert!(FIRMS.map(there) != [LinkageState::Linked; 2]);
        }
        let shown: Vec<_> = world.ours.links.iter().map(|link| link.state).collect();
        prop_assert_eq!(shown[0], State::Unlinked(by));
    }
}

fn with_link(state: State, there: &[(LinkSubject, LinkageState)]) -> World {
    let links =
        there.iter().map(|(subject, state)| FirmLink { firm: firm("f"), subject: subject.clone(), state: *state });
    let contract =
        Contract { id: contract_id("c1"), product: Product::Standard, name: String::new(), standing: Standing::Active };
    let contracts = ContractSnapshot { holder: holder(), contracts: vec![contract], fetched_at: T0 };
    let theirs = Theirs { contracts, migration: None, links: links.collect(), binding: None };
    let ours = Ours { links: vec![new_link("f", "c1", state)], ..Ours::default() };
    World { ours, theirs, starts: 0, calls: 0 }
}

fn both(state: LinkageState) -> [(LinkSubject, LinkageState); 2] {
    [(LinkSubject::Contract(contract_id("c1")), state), (LinkSubject::SmartVoucher, state)]
}

fn id() -> LinkageId {
    new_link("f", "c1", State::Desired).id
}

#[test]
fn a_wished_link_is_applied_with_smart_voucher_and_then_confirmed() {
    let mut world = with_link(State::Desired, &[]);
    let wanted = [Correction::Link(id(), LinkStep::Apply), Correction::SmartVoucher(firm("f"), LinkageWish::Link)];
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), wanted);
    world.run(T0, &mut std::iter::empty());
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), [Correction::Link(id(), LinkStep::Confirm)]);
    world.run(T0, &mut std::iter::empty());
    assert_eq!(world.ours.links[0].state, State::Linked);
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), []);
}

#[test]
fn a_lost_answer_is_looked_up_and_not_repeated() {
    let mut world = with_link(State::Desired, &[]);
    let key = world.ours.links[0].key();
    world.run(T0, &mut [Fate::NeverArrived, Fate::DoneUnheard].into_iter());
    assert_eq!(world.ours.links[0].key(), key, "the same call goes again under the same key");
    world.run(T0, &mut [Fate::DoneUnheard].into_iter());
    assert_eq!(world.calls, 3, "スマート証憑管理 was there and was not asked for again");
    world.run(T0, &mut std::iter::empty());
    assert_eq!((world.ours.links[0].state, world.calls), (State::Linked, 3));
}

#[test]
fn a_link_without_smart_voucher_has_drifted() {
    let mut world = with_link(State::Linked, &both(LinkageState::Linked)[..1]);
    world.run(T0, &mut std::iter::empty());
    assert_eq!((world.ours.links[0].state, world.ours.links[0].repairs), (State::Drifted, 1));
    world.run(T0, &mut std::iter::empty());
    assert_eq!(world.ours.links[0].state, State::Linked);
}

#[test]
fn a_refused_smart_voucher_loses_the_link() {
    let mut world = with_link(State::Desired, &[]);
    world.run(T0, &mut [Fate::Done, Fate::Refused].into_iter());
    assert_eq!(world.ours.links[0].state, State::Lost);
}

#[test]
fn a_contract_that_ended_ends_its_link_and_one_that_is_missing_does_not() {
    let mut world = with_link(State::Linked, &both(LinkageState::Linked));
    world.theirs.contracts.contracts.clear();
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), []);
    let mut world = with_link(State::Linked, &both(LinkageState::Linked));
    world.theirs.contracts.contracts[0].standing = Standing::Ended;
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), [Correction::Link(id(), LinkStep::End)]);
    for _ in 0..3 {
        world.run(T0, &mut std::iter::empty());
    }
    assert_eq!(world.ours.links[0].state, State::Unlinked(EndedBy::ContractEnded));
    assert_eq!(world.there(&firm("f"), &LinkSubject::SmartVoucher), LinkageState::NotLinked);
}

#[test]
fn data_goes_with_its_product() {
    let mut world = with_link(State::Unlinking(EndedBy::Customer), &both(LinkageState::Linked));
    world.ours.binding = Some(new_binding(DataState::Bound));
    world.theirs.binding = Some(bound("own"));
    let own = BusinessDataId::stored("own".into());
    assert_eq!(reconcile(&world.ours, &world.theirs, T0)[0], Correction::Binding(own, BindingStep::Free));
    for _ in 0..3 {
        world.run(T0, &mut std::iter::empty());
    }
    assert_eq!((world.ours.binding, world.theirs.binding), (None, None));
}

#[test]
fn a_migration_that_was_never_heard_of_is_started_and_one_that_was_is_looked_at() {
    let mut world = with_link(State::Linked, &both(LinkageState::Linked));
    world.ours.migration = Some(submitted());
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), [Correction::Migration(MigrationStep::Start)]);
    world.run(T0, &mut [Fate::DoneUnheard].into_iter());
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), [Correction::Migration(MigrationStep::TakeOver)]);
    world.run(T0, &mut std::iter::empty());
    assert_eq!(world.ours.migration.as_ref().unwrap().state, CaseState::InProgress(T0));
    assert_eq!(reconcile(&world.ours, &world.theirs, T0), []);
    let end = T0.after(days(7));
    assert_eq!(reconcile(&world.ours, &world.theirs, end), [Correction::Migration(MigrationStep::GiveUp)]);
    world.run(end, &mut std::iter::empty());
    world.time_passes(true);
    assert_eq!(reconcile(&world.ours, &world.theirs, end), [Correction::Migration(MigrationStep::TakeOver)]);
    assert_eq!(world.starts, 1);
}

#[test]
fn who_is_at_rest_is_not_due_and_who_waits_is_due_later_and_later() {
    let due = |state, tries| {
        next_run(&with_link(state, &[]).ours, tries, Heard::Everything, T0).map(|due| due.since(T0).as_secs())
    };
    for state in [State::Linked, State::Lost, State::Unlinked(EndedBy::Firm)] {
        assert_eq!(due(state, 1), None, "{state:?}");
    }
    assert_eq!([1, 2, 9].map(|tries| due(State::Applying, tries)), [Some(30), Some(60), Some(3600)]);
    let ours = Ours { migration: Some(submitted()), ..Ours::default() };
    for tries in [1, 9] {
        let due = next_run(&ours, tries, Heard::Everything, T0);
        assert_eq!(due, Some(T0.after(std::time::Duration::from_secs(30))), "it has a rhythm of its own");
    }
    assert_eq!(next_run(&ours, 9, Heard::Trouble, T0), Some(T0.after(hours(1))), "nobody answers");
    assert_eq!(next_run(&Ours::default(), 1, Heard::Trouble, T0), None);
}
