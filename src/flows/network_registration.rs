//! 製品を追加する: a network product by its サービス契約ID and password (S48 to S50). The password passes through and is kept
//! nowhere.

use secrecy::SecretString;

use crate::contracts::DirectoryError;
use crate::domain::contract::{Contract, Refusal, ServiceContractId};
use crate::domain::customer::Customer;
use crate::domain::ids::{AccountId, NetworkRegistrationId};
use crate::domain::network_registration::{NetworkRegistration, State};
use crate::domain::time::{Timestamp, hours};
use crate::store;

use super::at_hand::account_actor;
use super::contract_customer::{Event, approval, begin, commit, retried};
use super::migrate::GUESSES;
use super::{Context, FlowError};

/// What became of an ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It stands in the list of contracts (S49).
    Listed(Contract),
    /// It stands there already.
    Already,
    /// ID or password is wrong.
    Wrong {
        /// Tries that are left within the hour.
        left: u32,
    },
    /// Too many wrong passwords: no try before this moment.
    TooMany(Timestamp),
    /// No password was ever set for it (S50).
    NoPassword,
    /// It belongs to another 弥生ID.
    OtherHolder,
    /// Its contract ended, or there is none.
    NoContract,
    /// The contract system does not answer: the password must be entered again later.
    Unavailable,
}

/// What the customer registered this way, the oldest first. Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context, account: &AccountId) -> Result<Vec<NetworkRegistration>, FlowError> {
    Ok(store::network_registrations::of(&mut *context.store.read().await?, account).await?)
}

/// ［認証する］. The try is counted before it is made.
///
/// # Errors
/// [`FlowError::NothingApproved`]
pub async fn register(
    context: &Context,
    customer: &Customer,
    id: &ServiceContractId,
    password: &SecretString,
) -> Result<Registered, FlowError> {
    if let Some(refused) = retried!(enter(context, customer, id))? {
        return Ok(refused);
    }
    let answer = context.contracts.auth_service_contract(&customer.holder(), id, password).await;
    retried!(answered(context, customer, id, &answer))
}

async fn enter(
    context: &Context,
    customer: &Customer,
    id: &ServiceContractId,
) -> Result<Option<Registered>, FlowError> {
    let now = context.now();
    let mut tx = begin(context, customer).await?;
    let before = find(&mut tx, customer, id).await?;
    let registration = if let Some(before) = before.clone() {
        let Ok(registration) = before.enter_again(now) else { return Ok(Some(Registered::Already)) };
        registration
    } else {
        let approval = approval(&mut tx, &customer.account, None).await?;
        let new = NetworkRegistrationId::new(context.entropy.uuid(now));
        NetworkRegistration::new(new, customer.account.clone(), approval, id.clone(), now)
    };
    let (account, hour_ago) = (&customer.account, now.before(hours(1)));
    let (guesses, since) = store::contract_guesses::count_one(&mut tx, account, id.as_str(), now, hour_ago).await?;
    if guesses > GUESSES {
        return Ok(Some(Registered::TooMany(since.after(hours(1)))));
    }
    match before {
        Some(_) => store::network_registrations::update(&mut tx, &registration).await?,
        None => store::network_registrations::insert(&mut tx, &registration).await?,
    }
    commit(tx).await?;
    Ok(None)
}

async fn answered(
    context: &Context,
    customer: &Customer,
    id: &ServiceContractId,
    answer: &Result<Contract, DirectoryError>,
) -> Result<Registered, FlowError> {
    let (account, subject, now) = (&customer.account, id.as_str(), context.now());
    let mut tx = begin(context, customer).await?;
    let registration = find(&mut tx, customer, id).await?.filter(|it| it.state == State::Entered);
    let (changed, outcome) = match answer {
        Ok(contract) => {
            store::contract_guesses::forget(&mut tx, account, subject).await?;
            // It adds to the list at once (S47).
            store::contract_customers::stale(&mut tx, account).await?;
            let changed = registration.clone().map(|it| it.authenticated(contract.id.clone()));
            (changed, Registered::Listed(contract.clone()))
        }
        Err(DirectoryError::Refused(refusal)) => {
            let outcome = match refusal {
                Refusal::WrongPassword => {
                    let hour_ago = now.before(hours(1));
                    let guesses = store::contract_guesses::of(&mut tx, account, subject, hour_ago).await?;
                    Registered::Wrong { left: GUESSES.saturating_sub(guesses) }
                }
                Refusal::NoPassword => Registered::NoPassword,
                Refusal::OtherHolder => Registered::OtherHolder,
                _ => Registered::NoContract,
            };
            if *refusal != Refusal::WrongPassword {
                store::contract_guesses::take_back(&mut tx, account, subject).await?;
            }
            (registration.clone().map(|it| it.refused(*refusal)), outcome)
        }
        Err(DirectoryError::Retry(_) | DirectoryError::Unknown(_)) => {
            store::contract_guesses::take_back(&mut tx, account, subject).await?;
            (None, Registered::Unavailable)
        }
    };
    if let (Some(before), Some(Ok(after))) = (registration, changed) {
        store::network_registrations::update(&mut tx, &after).await?;
        if let State::Authenticated(_) = after.state {
            let event = Event {
                actor: account_actor(account),
                event: "network product registered",
                from: before.state.name().name(),
                to: after.state.name().name(),
                cause: format!("page; {}", after.id),
            };
            store::audit::append(&mut tx, &[event.of(&after.approval, now)]).await?;
        }
    }
    commit(tx).await?;
    Ok(outcome)
}

async fn find(
    connection: &mut store::AnyConnection,
    customer: &Customer,
    id: &ServiceContractId,
) -> Result<Option<NetworkRegistration>, FlowError> {
    let all = store::network_registrations::of(connection, &customer.account).await?;
    Ok(all.into_iter().find(|registration| registration.service_contract == *id))
}
