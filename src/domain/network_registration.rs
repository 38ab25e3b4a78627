//! A network product is registered by its サービス契約ID and password, beside the migration (S42, S48 to S50).
//!
//! `Entered → Authenticated | Refused`. The password is gone with the call: where its outcome is unknown, the list of
//! contracts shows whether it counted, and the customer may enter it again without harm.

use super::approval::Approval;
use super::contract::{ContractId, Refusal, ServiceContractId};
use super::ids::{AccountId, NetworkRegistrationId};
use super::inbound::state_names;
use super::time::Timestamp;

/// Where a registration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The contract system was asked; what it said is not known.
    Entered,
    /// Final: it stands in the list of contracts.
    Authenticated(ContractId),
    /// It cannot be taken.
    Refused(Refusal),
}

state_names!(State => StateName { Entered = "entered", Authenticated = "authenticated", Refused = "refused" });

/// A registration. There is one for each account and ID, however often it is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkRegistration {
    /// Identity.
    pub id: NetworkRegistrationId,
    /// Whose contract.
    pub account: AccountId,
    /// The approved request that it goes back to.
    pub approval: Approval,
    /// What was entered.
    pub service_contract: ServiceContractId,
    /// Where it stands.
    pub state: State,
    /// When it was last entered.
    pub entered_at: Timestamp,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// It stands in the list already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registration is {}: this can no longer be done", .0.name())]
pub struct Settled(pub StateName);

impl NetworkRegistration {
    /// An ID that is about to be authenticated.
    #[must_use]
    pub const fn new(
        id: NetworkRegistrationId,
        account: AccountId,
        approval: Approval,
        service_contract: ServiceContractId,
        now: Timestamp,
    ) -> Self {
        Self { id, account, approval, service_contract, state: State::Entered, entered_at: now, version: 0 }
    }

    /// It is about to be authenticated once more.
    ///
    /// # Errors
    /// [`Settled`] once it stands in the list.
    pub fn enter_again(self, now: Timestamp) -> Result<Self, Settled> {
        match self.state {
            State::Entered | State::Refused(_) => Ok(Self { state: State::Entered, entered_at: now, ..self }),
            State::Authenticated(_) => Err(Settled(StateName::Authenticated)),
        }
    }

    /// The contract system took it.
    ///
    /// # Errors
    /// [`Settled`] unless it was asked.
    pub fn authenticated(self, contract: ContractId) -> Result<Self, Settled> {
        self.settle(State::Authenticated(contract))
    }

    /// The contract system will not have it.
    ///
    /// # Errors
    /// [`Settled`] unless it was asked.
    pub fn refused(self, refusal: Refusal) -> Result<Self, Settled> {
        self.settle(State::Refused(refusal))
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
        let service_contract = ServiceContractId::parse("AB12CD34").unwrap();
        NetworkRegistration::new(id, AccountId::stored("a".into()), Approval::sample(), service_contract, T0)
    }

    #[test]
    fn what_stands_in_the_list_stays_there() {
        let contract = ContractId::parse("c1").unwrap();
        let listed = entered().authenticated(contract.clone()).unwrap();
        assert_eq!(listed.state, State::Authenticated(contract));
        assert_eq!(listed.clone().refused(Refusal::WrongPassword), Err(Settled(StateName::Authenticated)));
        assert_eq!(listed.enter_again(T0), Err(Settled(StateName::Authenticated)));
    }

    #[test]
    fn what_was_refused_may_be_entered_again() {
        let refused = entered().refused(Refusal::WrongPassword).unwrap();
        assert_eq!(refused.clone().refused(Refusal::NoPassword), Err(Settled(StateName::Refused)));
        assert_eq!(refused.enter_again(T0).unwrap(), entered());
        assert_eq!(entered().enter_again(T0).unwrap(), entered(), "an unknown outcome");
    }
}
