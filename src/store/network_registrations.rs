//! Network products that were entered by their サービス契約ID.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::linkages::approval;
use super::row::{maybe_text, named, number, text, time};
use crate::domain::contract::{ContractId, Refusal, ServiceContractId};
use crate::domain::ids::{AccountId, NetworkRegistrationId};
use crate::domain::network_registration::{NetworkRegistration, State, StateName};

const INSERT: &str =
    "INSERT INTO network_registration (id, account_id, request_id, request_number, service_contract_id,
    state, contract_id, fault, entered_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "UPDATE network_registration SET state = $1, contract_id = $2, fault = $3, entered_at = $4,
    version = version + 1 WHERE id = $5 AND version = $6";
const OF: &str = "SELECT * FROM network_registration WHERE account_id = $1 ORDER BY id";

/// Writes a new registration.
///
/// # Errors
/// [`StoreError::Taken`] when the customer entered this ID before.
pub async fn insert(connection: &mut AnyConnection, registration: &NetworkRegistration) -> Result<(), StoreError> {
    let (contract, fault) = outcome(registration);
    sqlx::query(INSERT)
        .bind(registration.id.as_str().to_owned())
        .bind(registration.account.as_str().to_owned())
        .bind(registration.approval.request.as_str().to_owned())
        .bind(registration.approval.number)
        .bind(registration.service_contract.as_str().to_owned())
        .bind(registration.state.name().name())
        .bind(contract)
        .bind(fault)
        .bind(registration.entered_at.as_millis())
        .bind(registration.version)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a changed registration; `registration.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn update(connection: &mut AnyConnection, registration: &NetworkRegistration) -> Result<(), StoreError> {
    let (contract, fault) = outcome(registration);
    let done = sqlx::query(UPDATE)
        .bind(registration.state.name().name())
        .bind(contract)
        .bind(fault)
        .bind(registration.entered_at.as_millis())
        .bind(registration.id.as_str().to_owned())
        .bind(registration.version)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// All registrations of a customer, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, account: &AccountId) -> Result<Vec<NetworkRegistration>, StoreError> {
    let rows = sqlx::query(OF).bind(account.as_str().to_owned()).fetch_all(connection).await?;
    rows.iter().map(registration).collect()
}

fn outcome(registration: &NetworkRegistration) -> (Option<String>, Option<&'static str>) {
    match &registration.state {
        State::Entered => (None, None),
        State::Authenticated(contract) => (Some(contract.as_str().to_owned()), None),
        State::Refused(refusal) => (None, Some(refusal.name())),
    }
}

fn registration(row: &AnyRow) -> Result<NetworkRegistration, StoreError> {
    let state = match named(row, "state", StateName::stored)? {
        StateName::Entered => State::Entered,
        StateName::Authenticated => {
            let contract = maybe_text(row, "contract_id")?.and_then(|id| ContractId::parse(&id).ok());
            State::Authenticated(contract.ok_or(StoreError::Corrupt("network_registration.contract_id"))?)
        }
        StateName::Refused => State::Refused(named(row, "fault", Refusal::stored)?),
    };
    let service_contract = ServiceContractId::parse(&text(row, "service_contract_id")?);
    Ok(NetworkRegistration {
        id: NetworkRegistrationId::stored(text(row, "id")?),
        account: AccountId::stored(text(row, "account_id")?),
        approval: approval(row)?,
        service_contract: service_contract.map_err(|_| StoreError::Corrupt("service_contract_id"))?,
        state,
        entered_at: time(row, "entered_at")?,
        version: number(row, "version")?,
    })
}
