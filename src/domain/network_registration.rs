//! A network product is registered by its サービス契約ID and password, beside the migration (S42, S48 to S50).
//!
//! `Entered → Authenticated | Refused`. The password is gone with the call: where its outcome is unknown, the list of
//! contracts says later whether it counted.

use std::time::Duration;

use super::contract::{CallKey, ContractId, Refusal, ServiceContractId};
use super::ids::{AccountId, NetworkRegistrationId};
use super::inbound::stored_names;
use super::time::{Timestamp, hours};

/// How long an unknown outcome may stay unknown before the customer is asked to enter it again.
pub const UNSETTLED_FOR: Duration = hours(1);

/// Where a registration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The contract system was asked and has not answered.
    Entered,
    /// Final: it stands in the list of contracts.
    Authenticated(ContractId),
    /// Final: it cannot be taken; it may be entered again.
    Refused(Refusal),
    /// Final: nobody knows what became of it, and it is not in the list.
    Unsettled,
}

/// The name alone, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateName {
    /// See [`State::Entered`].
    Entered,
    /// See [`State::Authenticated`].
    Authenticated,
    /// See [`State::Refused`].
    Refused,
    /// See [`State::Unsettled`].
    Unsettled,
}

stored_names!(StateName {
    Entered = "entered",
    Authenticated = "authenticated",
    Refused = "refused",
    Unsettled = "unsettled",
});

impl State {
    /// The name alone.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::Entered => StateName::Entered,
            Self::Authenticated(_) => StateName::Authenticated,
            Self::Refused(_) => StateName::Refused,
            Self::Unsettled => StateName::Unsettled,
        }
    }
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkRegistration {
    /// Identity.
    pub id: NetworkRegistrationId,
    /// Whose contract.
    pub account: AccountId,
    /// What was entered.
    pub service_contract: ServiceContractId,
    /// Where it stands.
    pub state: State,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// It was answered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registration is {}: this can no longer be done", .0.name())]
pub struct Settled(pub StateName);

impl NetworkRegistration {
    /// An ID that is about to be authenticated.
    #[must_use]
    pub const fn new(
        id: NetworkRegistrationId,
        account: AccountId,
        service_contract: ServiceContractId,
        now: Timestamp,
    ) -> Self {
        Self { id, account, service_contract, state: State::Entered, entered_at: now, version: 0 }
    }

    /// The key of its one call.
    #[must_use]
    pub fn key(&self) -> CallKey {
        CallKey::new(self.id.as_str(), 0)
    }

    /// The contract system took it, or it was found in the list.
    ///
    /// # Errors
    /// [`Settled`]
    pub fn authenticated(self, contract: ContractId) -> Result<Self, Settled> {
        self.settle(State::Authenticated(contract))
    }

    /// The contract system will not have it.
    ///
    /// # Errors
    /// [`Settled`]
    pub fn refused(self, refusal: Refusal) -> Result<Self, Settled> {
        self.settle(State::Refused(refusal))
    }

    /// Its outcome stayed unknown for too long.
    ///
    /// # Errors
    /// [`Settled`], also before its time.
    pub fn give_up(self, now: Timestamp) -> Result<Self, Settled> {
        if now.since(self.entered_at) < UNSETTLED_FOR {
            return Err(Settled(self.state.name()));
        }
        self.settle(State::Unsettled)
    }

    fn settle(self, state: State) -> Result<Self, Settled> {
        match self.state {
            State::Entered => Ok(Self { state, ..self }),
            other => Err(Settled(other.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn entered() -> NetworkRegistration {
        let id = NetworkRegistrationId::stored("n".into());
        NetworkRegistration::new(id, AccountId::stored("a".into()), ServiceContractId::parse("AB12CD34").unwrap(), T0)
    }

    #[test]
    fn an_answer_is_given_once() {
        let contract = ContractId::parse("c1").unwrap();
        let listed = entered().authenticated(contract.clone()).unwrap();
        assert_eq!(listed.state, State::Authenticated(contract));
        assert_eq!(listed.clone().refused(Refusal::WrongPassword), Err(Settled(StateName::Authenticated)));
        assert_eq!(listed.give_up(T0.after(UNSETTLED_FOR)), Err(Settled(StateName::Authenticated)));
    }

    #[test]
    fn nobody_waits_for_an_unknown_outcome_for_ever() {
        assert!(entered().give_up(T0.after(UNSETTLED_FOR).before(Duration::from_millis(1))).is_err());
        assert_eq!(entered().give_up(T0.after(UNSETTLED_FOR)).unwrap().state, State::Unsettled);
    }
}
