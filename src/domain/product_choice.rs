//! ［変更する］: which products a customer shares with a firm, from what is ticked (S51 to S54).

use super::approval::Approval;
use super::contract::{ContractId, ContractSnapshot};
use super::ids::{AccountId, FirmId, LinkageId};
use super::inbound::stored_names;
use super::linkage::{EndedBy, Linkage, State};
use super::time::Timestamp;

/// With how many firms one accounting product may be shared at a time: the operator's policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exclusivity {
    /// With one: a second firm takes the first one's place.
    #[default]
    OneFirm,
    /// With as many as the customer likes.
    ManyFirms,
}

stored_names!(Exclusivity { OneFirm = "one_firm", ManyFirms = "many_firms" });

/// What a choice comes to. Everything else stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Links that are wished for the first time.
    pub new: Vec<Linkage>,
    /// Links that are wished again.
    pub again: Vec<Linkage>,
    /// Links whose tick was taken away.
    pub unlinked: Vec<Linkage>,
    /// Links of other firms that give way.
    pub replaced: Vec<Linkage>,
}

impl Change {
    /// Whether nothing changes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.new.is_empty() && self.again.is_empty() && self.unlinked.is_empty() && self.replaced.is_empty()
    }

    /// Links that were there before and are changed.
    pub fn changed(&self) -> impl Iterator<Item = &Linkage> {
        self.again.iter().chain(&self.unlinked).chain(&self.replaced)
    }
}

/// What was ticked cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("contract {0} is no accounting product of this customer")]
pub struct NotLinkable(pub ContractId);

/// Who chooses, for whom.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The customer.
    pub account: &'a AccountId,
    /// The firm, whose request is approved.
    pub firm: &'a FirmId,
    /// That request.
    pub approval: &'a Approval,
    /// What is ticked; what is not ticked is unticked.
    pub ticked: &'a [ContractId],
    /// What the customer owns.
    pub owned: &'a ContractSnapshot,
    /// All links of the customer, with every firm.
    pub links: &'a [Linkage],
    /// The operator's policy.
    pub exclusivity: Exclusivity,
}

impl Choice<'_> {
    /// What follows. `id` gives new links their identities.
    ///
    /// # Errors
    /// [`NotLinkable`] for a tick at what the customer does not own or what is no accounting product.
    pub fn change(&self, mut id: impl FnMut() -> LinkageId, now: Timestamp) -> Result<Change, NotLinkable> {
        let mut change = Change::default();
        for (at, contract) in self.ticked.iter().enumerate() {
            let mut before = self.ticked.iter().take(at);
            if before.any(|earlier| earlier == contract) {
                continue;
            }
            let own = self.links.iter().find(|link| link.firm == *self.firm && link.contract == *contract);
            if own.is_some_and(|link| link.state.is_alive()) {
                continue;
            }
            let owned = self.owned.linkable().find(|owned| owned.id == *contract);
            let owned = owned.ok_or_else(|| NotLinkable(contract.clone()))?;
            match own.cloned().map(|link| link.desire(self.approval.clone(), now)) {
                Some(Ok(link)) => change.again.push(link),
                Some(Err(_)) => continue,
                None => change.new.push(Linkage {
                    id: id(),
                    account: self.account.clone(),
                    firm: self.firm.clone(),
                    approval: self.approval.clone(),
                    contract: owned.id.clone(),
                    product: owned.product,
                    product_name: owned.name.clone(),
                    state: State::Desired,
                    state_at: now,
                    wished_at: now,
                    linked_at: None,
                    repairs: 0,
                    calls: 0,
                    voucher_calls: 0,
                    version: 0,
                }),
            }
            change.replaced.extend(self.that_give_way_to(contract, now));
        }
        let unticked =
            self.links.iter().filter(|link| link.firm == *self.firm && !self.ticked.contains(&link.contract));
        change.unlinked.extend(unticked.filter_map(|link| link.clone().unlink(EndedBy::Customer, now).ok()));
        Ok(change)
    }

    fn that_give_way_to(&self, contract: &ContractId, now: Timestamp) -> Vec<Linkage> {
        if self.exclusivity == Exclusivity::ManyFirms {
            return Vec::new();
        }
        let others = self.links.iter().filter(|link| link.firm != *self.firm && link.contract == *contract);
        others.filter_map(|link| link.clone().unlink(EndedBy::Replaced, now).ok()).collect()
    }
}

#[cfg(test)]
mod tests;
