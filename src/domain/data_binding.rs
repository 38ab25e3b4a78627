//! スマート取引取込の設定: the one business data (事業所データ) of a customer into which journals go (S56 to S66).
//!
//! `Proposed → Bound → Releasing → Unbound`, one at a time for each customer (S58, invariant 7). Who wants other data
//! releases this one first, naming it (S61).

use std::time::Duration;

use super::approval::Approval;
use super::contract::{self, CallKey, ContractId};
use super::ids::{AccountId, BusinessDataId, FirmId};
use super::inbound::{state_names, stored_names};
use super::linkage::{Linkage, State as LinkState};
use super::office_name::{Comparison, OfficeName};
use super::product::DataPlace;
use super::time::{Timestamp, minutes};

/// Data that was set and went away is set again this often; then both sides are told (M16).
pub const MOST_REPAIRS: u32 = 3;
/// Displaced data is looked for again no sooner.
pub const MAY_COME_BACK: Duration = minutes(10);

/// Who acts: either may, after they have talked about it (S6, S57).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The customer, on the page.
    Customer,
    /// The firm, by mail.
    Firm,
}

stored_names!(Party { Customer = "customer", Firm = "firm" });

/// Who or what ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The customer, on the page.
    Customer,
    /// The firm, by mail.
    Firm,
    /// The operator's command.
    Operator,
    /// The product is not linked any more.
    ProductGone,
    /// The contract system would not set it: other data is set there.
    Refused,
    /// It was set and did not stay.
    Lost,
}

stored_names!(ReleasedBy {
    Customer = "customer",
    Firm = "firm",
    Operator = "operator",
    ProductGone = "product_gone",
    Refused = "refused",
    Lost = "lost",
});

impl From<Party> for ReleasedBy {
    fn from(party: Party) -> Self {
        match party {
            Party::Customer => Self::Customer,
            Party::Firm => Self::Firm,
        }
    }
}

/// Where a binding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is to be set.
    Proposed,
    /// It is set.
    Bound,
    /// It is to be released.
    Releasing(ReleasedBy),
    /// Final.
    Unbound(ReleasedBy),
}

state_names!(State => StateName { Proposed = "proposed", Bound = "bound", Releasing = "releasing", Unbound = "unbound" });

impl State {
    /// Who ended it.
    #[must_use]
    pub const fn released_by(self) -> Option<ReleasedBy> {
        match self {
            Self::Releasing(by) | Self::Unbound(by) => Some(by),
            Self::Proposed | Self::Bound => None,
        }
    }

    /// From the database; `None` for an end that nobody caused.
    #[must_use]
    pub const fn stored(name: StateName, by: Option<ReleasedBy>) -> Option<Self> {
        Some(match (name, by) {
            (StateName::Proposed, _) => Self::Proposed,
            (StateName::Bound, _) => Self::Bound,
            (StateName::Releasing, Some(by)) => Self::Releasing(by),
            (StateName::Unbound, Some(by)) => Self::Unbound(by),
            (StateName::Releasing | StateName::Unbound, None) => return None,
        })
    }

    /// Whether the contract system has something to do for it.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Proposed | Self::Releasing(_))
    }

    /// Whether it takes the customer's one place.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Unbound(_))
    }
}

/// What the person said はい to, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// That the two names differ (S65).
    pub difference_at: Option<Timestamp>,
    /// That journals go to the newest data (S4, S60).
    pub latest_data_at: Option<Timestamp>,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataBinding {
    /// The data, by the name we gave it.
    pub id: BusinessDataId,
    /// Whose.
    pub account: AccountId,
    /// The firm that works with it.
    pub firm: FirmId,
    /// The approved request that it goes back to.
    pub approval: Approval,
    /// The linked product that opens it.
    pub contract: ContractId,
    /// 事業所名, as in ［事業所設定］.
    pub office_name: OfficeName,
    /// Where it lies.
    pub place: DataPlace,
    /// Who set it.
    pub set_by: Party,
    /// What was said はい to.
    pub acknowledged: Acknowledged,
    /// Where it stands.
    pub state: State,
    /// When that began.
    pub state_at: Timestamp,
    /// When it was first set.
    pub bound_at: Option<Timestamp>,
    /// How often it was set again.
    pub repairs: u32,
    /// Counts the calls that had a certain answer, and the wishes: it makes the key of the call at hand.
    pub calls: i64,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// What somebody wants to set.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    /// Its identity, if it comes to be.
    pub id: BusinessDataId,
    /// The product that opens it, as linked with the firm.
    pub link: &'a Linkage,
    /// 「現在開いているデータの事業所名」 (S64).
    pub office_name: OfficeName,
    /// 「あなたの会社・個人事業者名」 (S64); none where the customer registered no company.
    pub registered_name: Option<&'a OfficeName>,
    /// Where it lies.
    pub place: DataPlace,
    /// Who wants it.
    pub by: Party,
    /// What was said はい to.
    pub acknowledged: Acknowledged,
}

/// Why it is not set, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// The product is not linked with the firm.
    #[error("the product is not linked with the firm")]
    NotLinked,
    /// There is other data, which must be released first (S58, S61).
    #[error("other business data is set: release it first")]
    Occupied,
    /// The product's data cannot lie there.
    #[error("the product cannot open data that lies there")]
    NotThere,
    /// はい is missing: the names differ (S65).
    #[error("the names differ: somebody must look and agree")]
    NamesDiffer,
    /// はい is missing: journals go to the newest data (S4).
    #[error("the latest-data rule must be acknowledged")]
    RuleNotAcknowledged,
}

impl Proposal<'_> {
    /// How the two names compare. Where no company is registered, somebody must look.
    #[must_use]
    pub fn names(&self) -> Comparison {
        self.registered_name.map_or(Comparison::Differ, |registered| registered.compare(&self.office_name))
    }

    /// The binding, where nothing is in its way; `live` is the customer's present one.
    ///
    /// # Errors
    /// [`Objection`]: the first one, in the order in which a person meets them.
    pub fn accept(self, live: Option<&DataBinding>, now: Timestamp) -> Result<DataBinding, Objection> {
        if self.link.state != LinkState::Linked {
            return Err(Objection::NotLinked);
        }
        if live.is_some_and(|live| live.state.is_live()) {
            return Err(Objection::Occupied);
        }
        if !self.link.product.may_lie_in(self.place) {
            return Err(Objection::NotThere);
        }
        if self.names() == Comparison::Differ && self.acknowledged.difference_at.is_none() {
            return Err(Objection::NamesDiffer);
        }
        if self.link.product.asks_for_latest_data(self.place) && self.acknowledged.latest_data_at.is_none() {
            return Err(Objection::RuleNotAcknowledged);
        }
        Ok(DataBinding {
            id: self.id,
            account: self.link.account.clone(),
            firm: self.link.firm.clone(),
            approval: self.link.approval.clone(),
            contract: self.link.contract.clone(),
            office_name: self.office_name,
            place: self.place,
            set_by: self.by,
            acknowledged: self.acknowledged,
            state: State::Proposed,
            state_at: now,
            bound_at: None,
            repairs: 0,
            calls: 0,
            version: 0,
        })
    }
}

/// A transition that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// The state does not allow it.
    #[error("the business data is {}: this cannot be done", .0.name())]
    State(StateName),
    /// It is released by who names it, and this is not its name (S61).
    #[error("other business data is set than the one that was named")]
    OtherData,
}

impl DataBinding {
    /// The key of the call at hand: the same until the contract system has answered it for certain.
    #[must_use]
    pub fn key(&self) -> CallKey {
        CallKey::new(self.id.as_str(), self.calls)
    }

    /// The contract system took the call: another one would be a new one.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { calls: self.calls + 1, ..self }
    }

    /// Whether this is what the contract system has.
    #[must_use]
    pub fn is(&self, theirs: &contract::Binding) -> bool {
        self.id == theirs.data
    }

    /// It is set.
    ///
    /// # Errors
    /// [`Impossible`] unless it was to be set.
    pub fn confirm(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Proposed => Ok(Self { bound_at: self.bound_at.or(Some(now)), ..self.to(State::Bound, now) }),
            other => Err(Impossible::State(other.name())),
        }
    }

    /// It was set and is not any more: it is set again, three times, and then is lost.
    ///
    /// # Errors
    /// [`Impossible`] unless it is bound.
    pub fn drift(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Bound if self.repairs < MOST_REPAIRS => {
                Ok(Self { repairs: self.repairs + 1, ..self.wish(State::Proposed, now) })
            }
            State::Bound => Ok(self.to(State::Unbound(ReleasedBy::Lost), now)),
            other => Err(Impossible::State(other.name())),
        }
    }

    /// Other data stands in its place. What was set before is given time to come back; then it is lost.
    ///
    /// # Errors
    /// [`Impossible`] unless it is bound or to be set.
    pub fn displaced(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Proposed | State::Bound if self.bound_at.is_some() && self.repairs < MOST_REPAIRS => {
                Ok(Self { repairs: self.repairs + 1, ..self.to(State::Proposed, now) })
            }
            State::Bound => Ok(self.to(State::Unbound(ReleasedBy::Lost), now)),
            State::Proposed => self.refused(now),
            other => Err(Impossible::State(other.name())),
        }
    }

    /// Whether it was displaced too lately to be asked for again: a wrong answer of the contract system may pass.
    #[must_use]
    pub fn may_still_come_back(&self, now: Timestamp) -> bool {
        self.state == State::Proposed && self.bound_at.is_some() && now.since(self.state_at) < MAY_COME_BACK
    }

    /// The contract system will not set it.
    ///
    /// # Errors
    /// [`Impossible`] unless it is to be set.
    pub fn refused(self, now: Timestamp) -> Result<Self, Impossible> {
        let by = if self.bound_at.is_some() { ReleasedBy::Lost } else { ReleasedBy::Refused };
        match self.state {
            State::Proposed => Ok(self.to(State::Unbound(by), now)),
            other => Err(Impossible::State(other.name())),
        }
    }

    /// Somebody releases the data of this name and place (S61).
    ///
    /// # Errors
    /// [`Impossible::OtherData`] when that is not what is set; [`Impossible::State`] when it goes already.
    pub fn release(
        self,
        by: Party,
        office_name: &OfficeName,
        place: DataPlace,
        now: Timestamp,
    ) -> Result<Self, Impossible> {
        let named = self.place == place && self.office_name.compare(office_name) == Comparison::Same;
        if named { self.free(by.into(), now) } else { Err(Impossible::OtherData) }
    }

    /// It is to go, whoever wants it.
    ///
    /// # Errors
    /// [`Impossible::State`] when it goes already or is gone.
    pub fn free(self, by: ReleasedBy, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Proposed | State::Bound => Ok(self.wish(State::Releasing(by), now)),
            other => Err(Impossible::State(other.name())),
        }
    }

    /// It is gone.
    ///
    /// # Errors
    /// [`Impossible::State`] unless it was to go.
    pub fn gone(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Releasing(by) => Ok(self.to(State::Unbound(by), now)),
            other => Err(Impossible::State(other.name())),
        }
    }

    fn wish(self, state: State, now: Timestamp) -> Self {
        Self { calls: self.calls + 1, ..self.to(state, now) }
    }

    fn to(self, state: State, now: Timestamp) -> Self {
        Self { state, state_at: now, ..self }
    }
}

#[cfg(test)]
mod tests;
