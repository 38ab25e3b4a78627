//! Answers are believed only as far as they agree with the schema and with what was asked (threat T27, failure F20).

use super::{
    Binder, BindingItem, Bound, ContractItem, Contracts, LinkageApplied, Linkages, Migration, MigrationItem,
    MigrationItemState, NumberGranted, Released, ServiceContract, Subject,
};
use crate::domain::contract::{
    ActualLinkage, Binding, BoundBy, Contract, ContractId, ContractSnapshot, CustomerNumber, Grant, Granted, Holder,
    ItemState, LinkSubject, LinkageState, LinkageWish, MigratedContract, MigrationStatus, MoveFault, ServiceContractId,
    Standing,
};
use crate::domain::firm::FirmNumber;
use crate::domain::ids::{BusinessDataId, MigrationId};
use crate::domain::product::{DataPlace, Product};
use crate::domain::text;
use crate::domain::time::Timestamp;

/// Why an answer cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contracts) struct Nonsense(pub &'static str);

/// Most characters of a name.
const NAME: usize = 100;

fn about(said: &str, asked: &str, what: &'static str) -> Result<(), Nonsense> {
    if said == asked { Ok(()) } else { Err(Nonsense(what)) }
}

fn of(said: &str, holder: &Holder) -> Result<(), Nonsense> {
    about(said, holder.as_str(), "it is about another holder")
}

fn name(said: String, what: &'static str) -> Result<String, Nonsense> {
    let fits = !said.is_empty() && said.chars().count() <= NAME && text::one_line(&said) == said;
    if fits { Ok(said) } else { Err(Nonsense(what)) }
}

/// A text that is as our own type would write it.
fn exact<T>(said: &str, parsed: Option<T>, written: fn(&T) -> &str, what: &'static str) -> Result<T, Nonsense> {
    parsed.filter(|value| written(value) == said).ok_or(Nonsense(what))
}

pub(in crate::contracts) fn contract_id(said: &str) -> Result<ContractId, Nonsense> {
    exact(said, ContractId::parse(said).ok(), ContractId::as_str, "a contract's id is none")
}

pub(in crate::contracts) fn firm(said: &str) -> Result<FirmNumber, Nonsense> {
    exact(said, FirmNumber::parse(said).ok(), FirmNumber::as_str, "a firm's number is none")
}

pub(in crate::contracts) fn number(said: &str) -> Result<CustomerNumber, Nonsense> {
    exact(said, CustomerNumber::parse(said).ok(), CustomerNumber::as_str, "a customer number is none")
}

pub(in crate::contracts) fn service_contract_id(said: &str) -> Result<ServiceContractId, Nonsense> {
    exact(said, ServiceContractId::parse(said).ok(), ServiceContractId::as_str, "a service contract ID is none")
}

/// An id of ours: 1 to 64 printable ASCII characters.
pub(in crate::contracts) fn own_id(said: &str) -> Result<String, Nonsense> {
    let fits = (1..=64).contains(&said.len()) && said.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(said.to_owned()) } else { Err(Nonsense("an id is none")) }
}

fn sorted_apart<T, K: Ord>(mut items: Vec<T>, key: fn(&T) -> K, twice: &'static str) -> Result<Vec<T>, Nonsense> {
    items.sort_by_key(key);
    let apart = items.windows(2).all(|pair| matches!(pair, [a, b] if key(a) != key(b)));
    if apart { Ok(items) } else { Err(Nonsense(twice)) }
}

impl ContractItem {
    pub(in crate::contracts) fn checked(self) -> Result<Contract, Nonsense> {
        Ok(Contract {
            id: contract_id(&self.id)?,
            product: Product::stored(&self.product).ok_or(Nonsense("a product is unknown"))?,
            name: name(self.name, "a product's name is none")?,
            standing: Standing::stored(&self.standing).ok_or(Nonsense("a standing is unknown"))?,
        })
    }
}

impl Contracts {
    pub(in crate::contracts) fn checked(
        self,
        holder: &Holder,
        fetched_at: Timestamp,
    ) -> Result<ContractSnapshot, Nonsense> {
        of(&self.holder, holder)?;
        let contracts = self.contracts.into_iter().map(ContractItem::checked).collect::<Result<_, _>>()?;
        let contracts =
            sorted_apart(contracts, |contract: &Contract| contract.id.clone(), "a contract stands there twice")?;
        Ok(ContractSnapshot { holder: holder.clone(), contracts, fetched_at })
    }
}

impl NumberGranted {
    pub(in crate::contracts) fn checked(self, holder: &Holder, asked: &CustomerNumber) -> Result<Granted, Nonsense> {
        of(&self.holder, holder)?;
        about(&self.customer_number, asked.as_str(), "it is about another customer number")?;
        let product = Product::stored(&self.product).ok_or(Nonsense("a product is unknown"))?;
        if !product.is_migrated() {
            return Err(Nonsense("a product is granted that is outside the migration"));
        }
        Ok(Granted {
            number: asked.clone(),
            product,
            name: name(self.name, "a product's name is none")?,
            grant: Grant::new(self.grant).ok_or(Nonsense("a grant is none"))?,
        })
    }
}

impl MigrationItem {
    fn checked(self) -> Result<MigratedContract, Nonsense> {
        let state = match self.state {
            MigrationItemState::Moving => ItemState::Moving,
            MigrationItemState::Moved { contract } => ItemState::Moved(contract_id(&contract)?),
            MigrationItemState::Failed { fault } => {
                ItemState::Failed(MoveFault::stored(&fault).ok_or(Nonsense("a fault is unknown"))?)
            }
        };
        Ok(MigratedContract { number: number(&self.customer_number)?, state })
    }
}

impl Migration {
    /// `None`: it was never started.
    pub(in crate::contracts) fn checked(
        self,
        holder: &Holder,
        asked: &MigrationId,
    ) -> Result<Option<MigrationStatus>, Nonsense> {
        of(&self.holder, holder)?;
        about(&self.migration, asked.as_str(), "it is about another migration")?;
        if self.items.is_empty() {
            return Ok(None);
        }
        let items = self.items.into_iter().map(MigrationItem::checked).collect::<Result<_, _>>()?;
        let items = sorted_apart(items, |item: &MigratedContract| item.number.clone(), "a number stands there twice")?;
        Ok(Some(MigrationStatus { migration: asked.clone(), holder: holder.clone(), items }))
    }
}

impl ServiceContract {
    pub(in crate::contracts) fn checked(
        self,
        holder: &Holder,
        asked: &ServiceContractId,
    ) -> Result<Contract, Nonsense> {
        of(&self.holder, holder)?;
        about(&self.service_contract_id, asked.as_str(), "it is about another service contract ID")?;
        self.contract.checked()
    }
}

impl Subject {
    pub(in crate::contracts) fn checked(self) -> Result<LinkSubject, Nonsense> {
        match self {
            Self::Contract { contract } => Ok(LinkSubject::Contract(contract_id(&contract)?)),
            Self::SmartVoucher => Ok(LinkSubject::SmartVoucher),
        }
    }
}

fn link_state(said: &str) -> Result<LinkageState, Nonsense> {
    LinkageState::stored(said).ok_or(Nonsense("a link's state is unknown"))
}

impl LinkageApplied {
    pub(in crate::contracts) fn checked(
        self,
        holder: &Holder,
        asked_firm: &FirmNumber,
        subject: &LinkSubject,
        wish: LinkageWish,
    ) -> Result<LinkageState, Nonsense> {
        of(&self.holder, holder)?;
        about(&self.firm, asked_firm.as_str(), "it is about another firm")?;
        if self.subject != Subject::from(subject) {
            return Err(Nonsense("it is about another product"));
        }
        match (link_state(&self.state)?, wish) {
            (LinkageState::NotLinked, LinkageWish::Link) | (LinkageState::Linked, LinkageWish::Unlink) => {
                Err(Nonsense("it says the contrary of what was asked"))
            }
            (state, _) => Ok(state),
        }
    }
}

impl Linkages {
    pub(in crate::contracts) fn checked(self, holder: &Holder) -> Result<Vec<ActualLinkage>, Nonsense> {
        of(&self.holder, holder)?;
        let mut linkages = Vec::with_capacity(self.linkages.len());
        for item in self.linkages {
            let (firm, state) = (firm(&item.firm)?, link_state(&item.state)?);
            linkages.push(ActualLinkage { firm, subject: item.subject.checked()?, state });
        }
        let key = |linkage: &ActualLinkage| (linkage.firm.as_str().to_owned(), linkage.subject.clone());
        sorted_apart(linkages, key, "a link stands there twice")
    }
}

impl BindingItem {
    pub(in crate::contracts) fn checked(self) -> Result<Binding, Nonsense> {
        Ok(Binding {
            data: BusinessDataId::stored(own_id(&self.data)?),
            contract: contract_id(&self.contract)?,
            office_name: name(self.office_name, "an office's name is none")?,
            place: DataPlace::stored(&self.place).ok_or(Nonsense("a place is unknown"))?,
            bound_by: match self.bound_by {
                Binder::Customer => BoundBy::Customer,
                Binder::Firm { firm: said } => BoundBy::Firm(firm(&said)?),
            },
        })
    }
}

impl Bound {
    pub(in crate::contracts) fn checked(self, holder: &Holder) -> Result<Option<Binding>, Nonsense> {
        of(&self.holder, holder)?;
        self.binding.map(BindingItem::checked).transpose()
    }
}

impl Released {
    pub(in crate::contracts) fn checked(self, holder: &Holder, asked: &BusinessDataId) -> Result<(), Nonsense> {
        of(&self.holder, holder)?;
        about(&self.data, asked.as_str(), "it is about other data")
    }
}
