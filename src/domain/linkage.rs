//! 製品・サービスの連携: a firm linked with an accounting product of a customer.
//!
//! `Desired → Applying → Linked ⇄ Drifted → Unlinking → Unlinked`. What the customer wants is here; what is so, the contract
//! system says, and `reconcile` brings the two together. スマート証憑管理 has no state of its own: it is linked exactly when
//! an accounting product is ([`smart_voucher`], invariant 6).

use std::time::Duration;

use super::approval::Approval;
use super::contract::{CallKey, ContractId};
use super::ids::{AccountId, FirmId, LinkageId};
use super::inbound::{state_names, stored_names};
use super::product::Product;
use super::time::{Timestamp, days};

/// A link that went away is made again this often; then both sides are told (M16).
pub const MOST_REPAIRS: u32 = 3;
/// A link that has held this long counts as sound: its repairs are forgotten.
pub const SOUND_AFTER: Duration = days(30);
/// A link that could not be made in this time is lost: both sides are told.
pub const PATIENCE: Duration = days(7);

/// Who or what ended a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The customer took the tick away.
    Customer,
    /// The firm asked for it.
    Firm,
    /// The operator's command.
    Operator,
    /// The customer shares the product with another firm now.
    Replaced,
    /// The product's contract ended.
    ContractEnded,
}

stored_names!(EndedBy {
    Customer = "customer",
    Firm = "firm",
    Operator = "operator",
    Replaced = "replaced",
    ContractEnded = "contract_ended",
});

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The customer wants it; nobody was asked yet.
    Desired,
    /// The contract system was asked.
    Applying,
    /// It is there.
    Linked,
    /// It was there and went away: it is made again.
    Drifted,
    /// It cannot be made or does not stay: both sides were told.
    Lost,
    /// It is to go.
    Unlinking(EndedBy),
    /// It is gone.
    Unlinked(EndedBy),
}

state_names!(State => StateName {
    Desired = "desired",
    Applying = "applying",
    Linked = "linked",
    Drifted = "drifted",
    Lost = "lost",
    Unlinking = "unlinking",
    Unlinked = "unlinked",
});

/// What the customer sees beside a product (S53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// 設定中
    InHand,
    /// 連携済み
    Linked,
    /// 要確認
    NeedsLook,
    /// No icon: not linked (S54).
    Nothing,
}

impl State {
    /// Who ended it.
    #[must_use]
    pub const fn ended_by(self) -> Option<EndedBy> {
        match self {
            Self::Unlinking(by) | Self::Unlinked(by) => Some(by),
            _ => None,
        }
    }

    /// From the database; `None` for an end that nobody caused.
    #[must_use]
    pub const fn stored(name: StateName, ended_by: Option<EndedBy>) -> Option<Self> {
        Some(match (name, ended_by) {
            (StateName::Desired, _) => Self::Desired,
            (StateName::Applying, _) => Self::Applying,
            (StateName::Linked, _) => Self::Linked,
            (StateName::Drifted, _) => Self::Drifted,
            (StateName::Lost, _) => Self::Lost,
            (StateName::Unlinking, Some(by)) => Self::Unlinking(by),
            (StateName::Unlinked, Some(by)) => Self::Unlinked(by),
            (StateName::Unlinking | StateName::Unlinked, None) => return None,
        })
    }

    /// Whether the customer wants it, whatever has become of it.
    #[must_use]
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::Desired | Self::Applying | Self::Linked | Self::Drifted | Self::Lost)
    }

    /// Whether it is there or is being made.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Desired | Self::Applying | Self::Linked | Self::Drifted)
    }

    /// What the customer sees.
    #[must_use]
    pub const fn shown(self) -> Shown {
        match self {
            Self::Desired | Self::Applying | Self::Drifted | Self::Unlinking(_) => Shown::InHand,
            Self::Linked => Shown::Linked,
            Self::Lost => Shown::NeedsLook,
            Self::Unlinked(_) => Shown::Nothing,
        }
    }
}

/// A link. There is one for each firm and contract of a customer, however often it comes and goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linkage {
    /// Identity.
    pub id: LinkageId,
    /// Whose product.
    pub account: AccountId,
    /// Which firm.
    pub firm: FirmId,
    /// The approved request that it goes back to.
    pub approval: Approval,
    /// Which product.
    pub contract: ContractId,
    /// What kind of product it is.
    pub product: Product,
    /// Its full name.
    pub product_name: String,
    /// Where it stands.
    pub state: State,
    /// When that began.
    pub state_at: Timestamp,
    /// When it was wished for, or wished away.
    pub wished_at: Timestamp,
    /// When it was first there since it was wished for.
    pub linked_at: Option<Timestamp>,
    /// How often it was made again since it last held for [`SOUND_AFTER`].
    pub repairs: u32,
    /// Counts the calls that had a certain answer, and the wishes: it makes the key of the call at hand.
    pub calls: i64,
    /// The same for the calls about スマート証憑管理 that this link is the reason for.
    pub voucher_calls: i64,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// A transition that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the link is {}: this cannot be done", .0.name())]
pub struct Impossible(pub StateName);

impl Linkage {
    /// The key of the call at hand: the same until the contract system has answered it for certain.
    #[must_use]
    pub fn key(&self) -> CallKey {
        CallKey::new(self.id.as_str(), self.calls)
    }

    /// The key of the call at hand about スマート証憑管理.
    #[must_use]
    pub fn voucher_key(&self) -> CallKey {
        CallKey::new(&format!("{}.voucher", self.id), self.voucher_calls)
    }

    /// The customer wants it again.
    ///
    /// # Errors
    /// [`Impossible`] while it is there or being made.
    pub fn desire(self, approval: Approval, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Lost | State::Unlinking(_) | State::Unlinked(_) => {
                Ok(Self { approval, linked_at: None, repairs: 0, ..self.wish(State::Desired, now) })
            }
            other => Err(Impossible(other.name())),
        }
    }

    /// The contract system is about to be asked for it. One that was asked already stays as it is.
    ///
    /// # Errors
    /// [`Impossible`] unless it is to be made.
    pub fn apply(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Applying => Ok(self),
            State::Desired | State::Drifted => Ok(self.to(State::Applying, now)),
            other => Err(Impossible(other.name())),
        }
    }

    /// The contract system took the call: another one would be a new one.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { calls: self.calls + 1, ..self }
    }

    /// The contract system took the call about スマート証憑管理.
    #[must_use]
    pub fn voucher_answered(self) -> Self {
        Self { voucher_calls: self.voucher_calls + 1, ..self }
    }

    /// It is there.
    ///
    /// # Errors
    /// [`Impossible`] when it is linked already or is to go.
    pub fn confirm(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Desired | State::Applying | State::Drifted | State::Lost => {
                Ok(Self { linked_at: self.linked_at.or(Some(now)), ..self.to(State::Linked, now) })
            }
            other => Err(Impossible(other.name())),
        }
    }

    /// It was there and is not any more: it is made again, or lost where it never stays.
    ///
    /// # Errors
    /// [`Impossible`] unless it is linked.
    pub fn drift(self, now: Timestamp) -> Result<Self, Impossible> {
        let State::Linked = self.state else { return Err(Impossible(self.state.name())) };
        let repairs = if now.since(self.state_at) >= SOUND_AFTER { 0 } else { self.repairs };
        if repairs >= MOST_REPAIRS {
            return Ok(self.to(State::Lost, now));
        }
        Ok(Self { repairs: repairs + 1, ..self.wish(State::Drifted, now) })
    }

    /// It cannot be made: the contract system refuses it, or [`PATIENCE`] is over.
    ///
    /// # Errors
    /// [`Impossible`] unless it is being made.
    pub fn lose(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Desired | State::Applying | State::Drifted => Ok(self.to(State::Lost, now)),
            other => Err(Impossible(other.name())),
        }
    }

    /// It is to go.
    ///
    /// # Errors
    /// [`Impossible`] when it is gone or going already.
    pub fn unlink(self, by: EndedBy, now: Timestamp) -> Result<Self, Impossible> {
        if self.state.is_wanted() {
            Ok(Self { repairs: 0, ..self.wish(State::Unlinking(by), now) })
        } else {
            Err(Impossible(self.state.name()))
        }
    }

    /// It is gone.
    ///
    /// # Errors
    /// [`Impossible`] unless it was to go.
    pub fn gone(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Unlinking(by) => Ok(self.to(State::Unlinked(by), now)),
            other => Err(Impossible(other.name())),
        }
    }

    /// It was gone and is there again, against what the customer wants: it is taken away again, three times.
    ///
    /// # Errors
    /// [`Impossible`] unless it was gone, and after the third time.
    pub fn came_back(self, now: Timestamp) -> Result<Self, Impossible> {
        match self.state {
            State::Unlinked(by) if self.repairs < MOST_REPAIRS => {
                Ok(Self { repairs: self.repairs + 1, ..self.wish(State::Unlinking(by), now) })
            }
            other => Err(Impossible(other.name())),
        }
    }

    /// Whether it is being made for longer than anybody should wait.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Desired | State::Applying | State::Drifted) && now.since(self.wished_at) >= PATIENCE
    }

    fn wish(self, state: State, now: Timestamp) -> Self {
        Self { wished_at: now, calls: self.calls + 1, ..self.to(state, now) }
    }

    fn to(self, state: State, now: Timestamp) -> Self {
        Self { state, state_at: now, ..self }
    }
}

/// スマート証憑管理 of one firm, from the links of that firm: it comes and goes with the accounting product (S52).
#[must_use]
pub fn smart_voucher<'a>(links_of_one_firm: impl IntoIterator<Item = &'a Linkage>) -> Shown {
    let mut shown = Shown::Nothing;
    for link in links_of_one_firm {
        match (link.state.shown(), shown) {
            (Shown::Linked, _) => return Shown::Linked,
            (Shown::InHand, _) => shown = Shown::InHand,
            (Shown::NeedsLook, Shown::Nothing) => shown = Shown::NeedsLook,
            _ => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests;
