//! A contract system in a few lines, which loses answers, refuses and takes its time, and customers in every state that
//! the database could hold.

use proptest::prelude::*;

use super::*;
use crate::domain::approval::Approval;
use crate::domain::contract::{
    self, BoundBy, Contract, ContractId, CustomerNumber, Grant, Granted, Holder, MigratedContract, MoveFault, Refusal,
};
use crate::domain::data_binding::{Acknowledged, Party, State as DataState};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, MigrationId};
use crate::domain::migration::{Checked, State as CaseState};
use crate::domain::office_name::OfficeName;
use crate::domain::product::{DataPlace, Product};
use crate::domain::time::{days, hours};

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const FIRMS: [&str; 2] = ["f", "g"];
const CONTRACTS: [&str; 2] = ["c1", "c2"];

fn firm(name: &str) -> FirmId {
    FirmId::stored(name.into())
}

fn contract_id(name: &str) -> ContractId {
    ContractId::parse(name).unwrap()
}

fn holder() -> Holder {
    Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap())
}

fn new_link(firm_name: &str, contract: &str, state: State) -> Linkage {
    Linkage {
        id: LinkageId::stored(format!("{firm_name}-{contract}")),
        account: AccountId::stored("a".into()),
        firm: firm(firm_name),
        approval: Approval::sample(),
        contract: contract_id(contract),
        product: Product::Standard,
        product_name: String::new(),
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

fn new_binding(state: DataState) -> DataBinding {
    DataBinding {
        id: BusinessDataId::stored("own".into()),
        account: AccountId::stored("a".into()),
        firm: firm("f"),
        approval: Approval::sample(),
        contract: contract_id("c1"),
        office_name: OfficeName::parse("山田商店").unwrap(),
        place: DataPlace::Drive,
        set_by: Party::Customer,
        acknowledged: Acknowledged::default(),
        state,
        state_at: T0,
        bound_at: (state == DataState::Bound).then_some(T0),
        repairs: 0,
        calls: 0,
        version: 0,
    }
}

fn bound(data: &str) -> Binding {
    Binding {
        data: BusinessDataId::stored(data.into()),
        contract: contract_id("c1"),
        office_name: "山田商店".into(),
        place: DataPlace::Drive,
        bound_by: BoundBy::Customer,
    }
}

fn submitted() -> MigrationCase {
    let number = CustomerNumber::parse("12345678").unwrap();
    let grant = Grant::new("g".into()).unwrap();
    let granted = Granted { number: number.clone(), product: Product::Standard, name: String::new(), grant };
    let case = MigrationCase::new(MigrationId::stored("m".into()), AccountId::stored("a".into()), Approval::sample());
    let case = case.enter(number.clone()).unwrap().answered(&number, Checked::Granted(granted)).unwrap();
    case.submit(T0).unwrap()
}

fn status(state: contract::ItemState) -> MigrationStatus {
    let items = vec![MigratedContract { number: CustomerNumber::parse("12345678").unwrap(), state }];
    MigrationStatus { migration: MigrationId::stored("m".into()), holder: holder(), items }
}

/// What happens to one call.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Done,
    DoneLater,
    DoneUnheard,
    NeverArrived,
    Refused,
}

#[derive(Clone, Debug)]
struct World {
    ours: Ours,
    theirs: Theirs,
    starts: u32,
    calls: u32,
}

impl World {
    /// One run: theirs is read, each correction is done.
    fn run(&mut self, now: Timestamp, fates: &mut impl Iterator<Item = Fate>) -> usize {
        let read = self.theirs.clone();
        let corrections = reconcile(&self.ours, &read, now);
        for correction in &corrections {
            for change in at_once(&self.ours, &read, correction, now) {
                self.ours.take(change);
            }
            if correction.is_call() {
                let answer = self.call(correction, fates.next().unwrap_or(Fate::Done));
                let changes = answer.map(|answer| after_call(&self.ours, correction, &answer, now)).unwrap_or_default();
                for change in changes {
                    self.ours.take(change);
                }
            }
        }
        corrections.len()
    }

    /// What was on its way arrives.
    fn time_passes(&mut self, well: bool) {
        for link in &mut self.theirs.links {
            if link.state == LinkageState::Pending {
                link.state = if well { LinkageState::Linked } else { LinkageState::NotLinked };
            }
        }
        for item in self.theirs.migration.iter_mut().flat_map(|migration| &mut migration.items) {
            if item.state == contract::ItemState::Moving && well {
                item.state = contract::ItemState::Moved(contract_id("c1"));
            }
        }
    }

    fn call(&mut self, correction: &Correction, fate: Fate) -> Option<Answer> {
        self.calls += 1;
        if matches!(fate, Fate::NeverArrived) {
            return None;
        }
        let refusal = match correction {
            Correction::Link(id, LinkStep::Apply) => {
                let link = self.ours.link(id).unwrap().clone();
                assert_eq!(link.state, State::Applying, "recorded before the call");
                let subject = LinkSubject::Contract(link.contract.clone());
                assert_ne!(self.theirs.state_of(&link.firm, &subject), LinkageState::Linked, "asked for what is there");
                let runs = self.theirs.contracts.contract(&link.contract);
                let ended = runs.is_none_or(|contract| contract.standing == Standing::Ended);
                if ended || matches!(fate, Fate::Refused) {
                    Some(Refusal::NoContract)
                } else {
                    self.set(&link.firm, subject, later(fate, LinkageState::Linked));
                    None
                }
            }
            Correction::Link(id, _) => {
                let link = self.ours.link(id).unwrap().clone();
                self.set(&link.firm, LinkSubject::Contract(link.contract), LinkageState::NotLinked);
                None
            }
            Correction::SmartVoucher(firm, LinkageWish::Link) if matches!(fate, Fate::Refused) => {
                assert!(self.ours.voucher_reason(firm, LinkageWish::Link).is_some());
                Some(Refusal::NoContract)
            }
            Correction::SmartVoucher(firm, wish) => {
                let state = match wish {
                    LinkageWish::Link => later(fate, LinkageState::Linked),
                    LinkageWish::Unlink => LinkageState::NotLinked,
                };
                self.set(firm, LinkSubject::SmartVoucher, state);
                None
            }
            Correction::Binding(_, BindingStep::Set) => {
                if self.theirs.binding.is_some() || matches!(fate, Fate::Refused) {
                    Some(Refusal::OtherDataBound)
                } else {
                    self.theirs.binding = Some(bound("own"));
                    None
                }
            }
            Correction::Binding(..) => {
                self.theirs.binding = None;
                None
            }
            Correction::Migration(_) => {
                assert!(self.theirs.migration.is_none(), "started what was started");
                if matches!(fate, Fate::Refused) {
                    Some(Refusal::BadGrant)
                } else {
                    self.starts += 1;
                    let started = status(contract::ItemState::Moving);
                    self.theirs.migration = Some(started.clone());
                    return (!matches!(fate, Fate::DoneUnheard)).then_some(Answer::Started(started));
                }
            }
        };
        match (refusal, fate) {
            (_, Fate::DoneUnheard) => None,
            (Some(refusal), _) => Some(Answer::Refused(refusal)),
            (None, _) => Some(Answer::Taken),
        }
    }

    fn set(&mut self, firm: &FirmId, subject: LinkSubject, state: LinkageState) {
        self.theirs.links.retain(|link| link.firm != *firm || link.subject != subject);
        self.theirs.links.push(FirmLink { firm: firm.clone(), subject, state });
    }

    fn there(&self, firm: &FirmId, subject: &LinkSubject) -> LinkageState {
        self.theirs.state_of(firm, subject)
    }
}

const fn later(fate: Fate, state: LinkageState) -> LinkageState {
    if matches!(fate, Fate::DoneLater) { LinkageState::Pending } else { state }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Done),
        Just(Fate::DoneLater),
        Just(Fate::DoneUnheard),
        Just(Fate::NeverArrived),
        Just(Fate::Refused),
    ]
}

fn link_state() -> impl Strategy<Value = Option<State>> {
    let states = [
        State::Desired,
        State::Applying,
        State::Linked,
        State::Drifted,
        State::Lost,
        State::Unlinking(EndedBy::Customer),
        State::Unlinking(EndedBy::Replaced),
        State::Unlinked(EndedBy::Firm),
    ];
    prop::option::weighted(0.8, prop::sample::select(states.to_vec()))
}

fn their_state() -> impl Strategy<Value = LinkageState> {
    prop::sample::select(vec![LinkageState::Linked, LinkageState::Pending, LinkageState::NotLinked])
}

fn ours() -> impl Strategy<Value = Ours> {
    let data = [DataState::Proposed, DataState::Bound, DataState::Releasing(data_binding::ReleasedBy::Customer)];
    let case = prop::sample::select(vec![0, 1, 2, 3, 4]);
    (
        prop::collection::vec((link_state(), 0..=MOST_REPAIRS), 4),
        prop::option::of(prop::sample::select(data.to_vec())),
        case,
    )
        .prop_map(|(states, data, case)| {
            let pairs = FIRMS.iter().flat_map(|firm| CONTRACTS.map(|contract| (*firm, contract)));
            let links = pairs.zip(states).filter_map(|((firm, contract), (state, repairs))| {
                Some(Linkage { repairs, ..new_link(firm, contract, state?) })
            });
            let migration = match case {
                0 => None,
                1 => Some(submitted()),
                2 => Some(submitted().looked_at(&status(contract::ItemState::Moving), T0).unwrap()),
                3 => Some(submitted().give_up(T0.after(days(7))).unwrap()),
                _ => Some(submitted().refused(Refusal::BadGrant, T0).unwrap()),
            };
            Ours { migration, links: links.collect(), binding: data.map(new_binding) }
        })
}

fn theirs() -> impl Strategy<Value = Theirs> {
    let standing = prop::option::of(prop::sample::select(vec![Standing::Active, Standing::Active, Standing::Ended]));
    let states = prop::collection::vec(their_state(), 6);
    let data = prop::option::of(prop::sample::select(vec!["own", "other"]));
    let migration = prop::sample::select(vec![
        None,
        Some(contract::ItemState::Moving),
        Some(contract::ItemState::Moved(contract_id("c1"))),
        Some(contract::ItemState::Failed(MoveFault::NeedsSupport)),
    ]);
    (prop::collection::vec(standing, 2), states, data, migration).prop_map(|(standings, states, data, migration)| {
        let contracts = CONTRACTS.iter().zip(standings).filter_map(|(id, standing)| {
            let (product, name) = (Product::Standard, String::new());
            Some(Contract { id: contract_id(id), product, name, standing: standing? })
        });
        let contracts = ContractSnapshot { holder: holder(), contracts: contracts.collect(), fetched_at: T0 };
        let subjects = FIRMS.iter().flat_map(|name| {
            let links = CONTRACTS.map(|contract| LinkSubject::Contract(contract_id(contract)));
            links.into_iter().chain([LinkSubject::SmartVoucher]).map(|subject| (firm(name), subject))
        });
        let links = subjects.zip(states).map(|((firm, subject), state)| FirmLink { firm, subject, state });
        Theirs { contracts, migration: migration.map(status), links: links.collect(), binding: data.map(bound) }
    })
}

fn world() -> impl Strategy<Value = World> {
    (ours(), theirs()).prop_map(|(ours, theirs)| World { ours, theirs, starts: 0, calls: 0 })
}

/// Most runs, six hours apart, until everything has come to rest: what waits is given up after seven days, and what drifts
/// is repaired three times.
const MOST_RUNS: u32 = 80;

fn come_to_rest(world: &mut World, fates: Vec<Fate>) -> Result<Timestamp, TestCaseError> {
    let mut fates = fates.into_iter();
    let mut now = T0;
    for run in 0..MOST_RUNS {
        let corrected = world.run(now, &mut fates);
        if corrected == 0 && next_run(&world.ours, 1, Heard::Everything, now).is_none() && fates.len() == 0 {
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
    fn who_replaces_waits_for_who_gives_way(mut theirs in theirs(), fates in prop::collection::vec(fate(), 0..12)) {
        theirs.contracts.contracts.retain(|contract| contract.standing == Standing::Active);
        theirs.links.retain(|link| link.firm == firm("f"));
        let links = vec![
            new_link("f", "c1", State::Unlinking(EndedBy::Replaced)),
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
        prop_assert_eq!(shown[0], State::Unlinked(EndedBy::Replaced));
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
