//! The interface of `docs/contract-system.openapi.yaml`, as both its sides write and read it. Texts come as they are:
//! [`check`] makes values of ours out of an answer, or says why it cannot be one.

pub(super) mod check;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::domain::contract::{
    ActualLinkage, Binding, BoundBy, Contract, ContractSnapshot, Granted, ItemState, LinkSubject, MigrationStatus,
};

/// The header that names a call that changes something; see [`crate::domain::contract::CallKey`].
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header that names one request. Its answer carries the same: so nobody is told what was answered to another.
pub(super) const REQUEST_ID: &str = "request-id";

/// The paths, below the configured URL.
pub(super) mod path {
    pub(in crate::contracts) const CONTRACTS: &str = "/v1/contracts/query";
    pub(in crate::contracts) const CUSTOMER_NUMBER: &str = "/v1/customer-numbers/check";
    pub(in crate::contracts) const START_MIGRATION: &str = "/v1/migrations/start";
    pub(in crate::contracts) const MIGRATION: &str = "/v1/migrations/query";
    pub(in crate::contracts) const SERVICE_CONTRACT: &str = "/v1/service-contracts/authenticate";
    pub(in crate::contracts) const APPLY_LINKAGE: &str = "/v1/linkages/apply";
    pub(in crate::contracts) const LINKAGES: &str = "/v1/linkages/query";
    pub(in crate::contracts) const SET_BINDING: &str = "/v1/bindings/set";
    pub(in crate::contracts) const BINDING: &str = "/v1/bindings/query";
    pub(in crate::contracts) const RELEASE_BINDING: &str = "/v1/bindings/release";
}

/// Asks about a holder: contracts, linkages, binding.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HolderQuery {
    pub holder: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Contracts {
    pub holder: String,
    pub contracts: Vec<ContractItem>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ContractItem {
    pub id: String,
    pub product: String,
    pub name: String,
    pub standing: String,
}

/// Asks with a password, as the client writes it.
#[derive(Serialize)]
pub(super) struct NumberCheck<'a> {
    pub holder: &'a str,
    pub customer_number: &'a str,
    pub password: &'a str,
}

/// The same, as the server reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberChecked {
    pub holder: String,
    pub customer_number: String,
    pub password: SecretString,
}

#[derive(Serialize, Deserialize)]
pub(super) struct NumberGranted {
    pub holder: String,
    pub customer_number: String,
    pub product: String,
    pub name: String,
    pub grant: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MigrationStart {
    pub holder: String,
    pub migration: String,
    pub grants: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MigrationQuery {
    pub holder: String,
    pub migration: String,
}

/// No items: it was never started.
#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the interface's own names")]
pub(super) struct Migration {
    pub holder: String,
    pub migration: String,
    pub items: Vec<MigrationItem>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct MigrationItem {
    pub customer_number: String,
    #[serde(flatten)]
    pub state: MigrationItemState,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum MigrationItemState {
    Moving,
    Moved { contract: String },
    Failed { fault: String },
}

/// Asks with a password, as the client writes it.
#[derive(Serialize)]
pub(super) struct ServiceContractAuth<'a> {
    pub holder: &'a str,
    pub service_contract_id: &'a str,
    pub password: &'a str,
}

/// The same, as the server reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceContractAuthed {
    pub holder: String,
    pub service_contract_id: String,
    pub password: SecretString,
}

#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the interface's own names")]
pub(super) struct ServiceContract {
    pub holder: String,
    pub service_contract_id: String,
    pub contract: ContractItem,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Subject {
    Contract { contract: String },
    SmartVoucher,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkageApply {
    pub holder: String,
    pub firm: String,
    pub subject: Subject,
    pub wish: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LinkageApplied {
    pub holder: String,
    pub firm: String,
    pub subject: Subject,
    pub state: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Linkages {
    pub holder: String,
    pub linkages: Vec<LinkageItem>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LinkageItem {
    pub firm: String,
    pub subject: Subject,
    pub state: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BindingSet {
    pub holder: String,
    pub binding: BindingItem,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BindingItem {
    pub data: String,
    pub contract: String,
    pub office_name: String,
    pub place: String,
    pub bound_by: Binder,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Binder {
    Customer,
    Firm { firm: String },
}

/// What is bound; also the answer to setting it.
#[derive(Serialize, Deserialize)]
pub(super) struct Bound {
    pub holder: String,
    /// `null`: nothing. The field itself must be there.
    #[serde(deserialize_with = "Option::deserialize")]
    pub binding: Option<BindingItem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BindingRelease {
    pub holder: String,
    pub data: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Released {
    pub holder: String,
    pub data: String,
}

/// The answer of status 409.
#[derive(Serialize, Deserialize)]
pub(super) struct Refused {
    pub refused: String,
}

/// The answer of every other status that is not 200: for people who read logs.
#[derive(Serialize, Deserialize)]
pub(super) struct Problem {
    pub problem: String,
}

impl From<&Contract> for ContractItem {
    fn from(contract: &Contract) -> Self {
        Self {
            id: contract.id.as_str().to_owned(),
            product: contract.product.name().to_owned(),
            name: contract.name.clone(),
            standing: contract.standing.name().to_owned(),
        }
    }
}

impl From<&ContractSnapshot> for Contracts {
    fn from(snapshot: &ContractSnapshot) -> Self {
        let contracts = snapshot.contracts.iter().map(ContractItem::from).collect();
        Self { holder: snapshot.holder.as_str().to_owned(), contracts }
    }
}

impl NumberGranted {
    pub(super) fn new(holder: String, granted: &Granted) -> Self {
        Self {
            holder,
            customer_number: granted.number.as_str().to_owned(),
            product: granted.product.name().to_owned(),
            name: granted.name.clone(),
            grant: granted.grant.expose().to_owned(),
        }
    }
}

impl From<&MigrationStatus> for Migration {
    fn from(status: &MigrationStatus) -> Self {
        let item = |item: &crate::domain::contract::MigratedContract| MigrationItem {
            customer_number: item.number.as_str().to_owned(),
            state: match &item.state {
                ItemState::Moving => MigrationItemState::Moving,
                ItemState::Moved(contract) => MigrationItemState::Moved { contract: contract.as_str().to_owned() },
                ItemState::Failed(fault) => MigrationItemState::Failed { fault: fault.name().to_owned() },
            },
        };
        Self {
            holder: status.holder.as_str().to_owned(),
            migration: status.migration.as_str().to_owned(),
            items: status.items.iter().map(item).collect(),
        }
    }
}

impl From<&LinkSubject> for Subject {
    fn from(subject: &LinkSubject) -> Self {
        match subject {
            LinkSubject::Contract(contract) => Self::Contract { contract: contract.as_str().to_owned() },
            LinkSubject::SmartVoucher => Self::SmartVoucher,
        }
    }
}

impl From<&ActualLinkage> for LinkageItem {
    fn from(linkage: &ActualLinkage) -> Self {
        Self {
            firm: linkage.firm.as_str().to_owned(),
            subject: Subject::from(&linkage.subject),
            state: linkage.state.name().to_owned(),
        }
    }
}

impl From<&Binding> for BindingItem {
    fn from(binding: &Binding) -> Self {
        Self {
            data: binding.data.as_str().to_owned(),
            contract: binding.contract.as_str().to_owned(),
            office_name: binding.office_name.clone(),
            place: binding.place.name().to_owned(),
            bound_by: match &binding.bound_by {
                BoundBy::Customer => Binder::Customer,
                BoundBy::Firm(firm) => Binder::Firm { firm: firm.as_str().to_owned() },
            },
        }
    }
}

#[cfg(test)]
mod tests;
