//! A contract system in a few lines, which loses answers, refuses and takes its time, and customers in every state that
//! the database could hold.

use proptest::prelude::*;

use super::super::*;
use crate::domain::approval::Approval;
use crate::domain::contract::{
    self, BoundBy, Contract, ContractId, CustomerNumber, Grant, Granted, Holder, MigratedContract, MoveFault, Refusal,
};
use crate::domain::data_binding::{Acknowledged, Party, State as DataState};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, MigrationId};
use crate::domain::linkage::EndedBy;
use crate::domain::migration::Checked;
use crate::domain::office_name::OfficeName;
use crate::domain::product::{DataPlace, Product};
use crate::domain::time::days;

pub(super) const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);
pub(super) const FIRMS: [&str; 2] = ["f", "g"];
pub(super) const CONTRACTS: [&str; 2] = ["c1", "c2"];

pub(super) fn firm(name: &str) -> FirmId {
    FirmId::stored(name.into())
}

pub(super) fn contract_id(name: &str) -> ContractId {
    ContractId::parse(name).unwrap()
}

pub(super) fn holder() -> Holder {
    Holder::of(&EmailAddress::parse("yamada@example.jp").unwrap())
}

pub(super) fn new_link(firm_name: &str, contract: &str, state: State) -> Linkage {
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

pub(super) fn new_binding(state: DataState) -> DataBinding {
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

pub(super) fn bound(data: &str) -> Binding {
    Binding {
        data: BusinessDataId::stored(data.into()),
        contract: contract_id("c1"),
        office_name: "山田商店".into(),
        place: DataPlace::Drive,
        bound_by: BoundBy::Customer,
    }
}

pub(super) fn submitted() -> MigrationCase {
    let number = CustomerNumber::parse("12345678").unwrap();
    let grant = Grant::new("g".into()).unwrap();
    let granted = Granted { number: number.clone(), product: Product::Standard, name: String::new(), grant };
    let case = MigrationCase::new(MigrationId::stored("m".into()), AccountId::stored("a".into()), Approval::sample());
    let case = case.enter(number.clone()).unwrap().answered(&number, Checked::Granted(granted)).unwrap();
    case.submit(T0).unwrap()
}

pub(super) fn status(state: contract::ItemState) -> MigrationStatus {
    let items = vec![MigratedContract { number: CustomerNumber::parse("12345678").unwrap(), state }];
    MigrationStatus { migration: MigrationId::stored("m".into()), holder: holder(), items }
}

/// What happens to one call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Done,
    DoneLater,
    DoneUnheard,
    NeverArrived,
    Refused,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub ours: Ours,
    pub theirs: Theirs,
    pub starts: u32,
    pub calls: u32,
}

impl World {
    /// One run: theirs is read, each correction is done.
    pub fn run(&mut self, now: Timestamp, fates: &mut impl Iterator<Item = Fate>) -> usize {
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

    /// Whether the contract system is still at something: what it comes to is seen by a later run, the nightly one at the
    /// latest.
    pub fn is_moving(&self) -> bool {
        self.theirs.links.iter().any(|link| link.state == LinkageState::Pending)
    }

    /// What was on its way arrives.
    pub fn time_passes(&mut self, well: bool) {
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

    pub fn there(&self, firm: &FirmId, subject: &LinkSubject) -> LinkageState {
        self.theirs.state_of(firm, subject)
    }
}

const fn later(fate: Fate, state: LinkageState) -> LinkageState {
    if matches!(fate, Fate::DoneLater) { LinkageState::Pending } else { state }
}

pub(super) fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Done),
        Just(Fate::DoneLater),
        Just(Fate::DoneUnheard),
        Just(Fate::NeverArrived),
        Just(Fate::Refused),
    ]
}

pub(super) fn link_state() -> impl Strategy<Value = Option<State>> {
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

pub(super) fn their_state() -> impl Strategy<Value = LinkageState> {
    prop::sample::select(vec![LinkageState::Linked, LinkageState::Pending, LinkageState::NotLinked])
}

pub(super) fn ours() -> impl Strategy<Value = Ours> {
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

pub(super) fn theirs() -> impl Strategy<Value = Theirs> {
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

pub(super) fn world() -> impl Strategy<Value = World> {
    (ours(), theirs()).prop_map(|(ours, theirs)| World { ours, theirs, starts: 0, calls: 0 })
}
