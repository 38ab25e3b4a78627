//! What a firm does by mail about what a customer shares with it: it sets and releases business data and unlinks products
//! (S57, S61). What is wanted is written here; the run that reconciles makes it so, and its letters tell both sides.

use crate::domain::approval::Approval;
use crate::domain::audit::AuditEvent;
use crate::domain::data_binding::{Acknowledged, DataBinding, Impossible, Objection, Party, Proposal};
use crate::domain::firm_command::{Checked, DataWish, SharingAnswer, product_meant};
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, BusinessDataId, InboundId};
use crate::domain::inbound::Verdict;
use crate::domain::linkage::{EndedBy, Linkage, State as LinkState};
use crate::domain::office_name::OfficeName;

use super::super::super::bind_data::{Wish, is_wish};
use super::super::judge::Proven;
use super::super::known::{Known, Sharing};
use super::{Plan, actor};

impl Plan<'_> {
    /// 事業所データ設定
    pub(super) fn bind_data(
        &mut self,
        by: &Proven,
        request: &Request,
        wish: &DataWish,
        cause: &InboundId,
        known: &Known,
    ) -> SharingAnswer {
        let Some(sharing) = known.sharing.get(&request.id) else { return SharingAnswer::NotShared };
        let links = self.links(sharing);
        let link = match product_meant(&links.iter().collect::<Vec<_>>(), wish.product.as_deref(), wish.place) {
            Ok(link) => link,
            Err(answer) => return answer,
        };
        let live = self.live(sharing);
        let acknowledged = self.acknowledged(wish);
        let same = Wish {
            firm: link.firm.clone(),
            contract: link.contract.clone(),
            office_name: wish.office_name.clone(),
            place: wish.place,
            by: Party::Firm,
            acknowledged,
        };
        if live.as_ref().is_some_and(|live| is_wish(live, &same)) {
            return SharingAnswer::DataWished;
        }
        let proposal = Proposal {
            id: BusinessDataId::new(self.context.entropy.uuid(self.now)),
            link,
            office_name: wish.office_name.clone(),
            registered_name: sharing.registered.as_ref(),
            place: wish.place,
            by: Party::Firm,
            acknowledged,
        };
        match proposal.accept(live.as_ref(), self.now) {
            Ok(binding) => {
                self.tell(by, &binding.approval, DATA_CHANGED, ["", binding.state.name().name()], cause);
                self.memory.data.insert(sharing.account.clone(), binding.clone());
                self.bound.insert(sharing.account.clone(), binding);
                SharingAnswer::DataWished
            }
            Err(Objection::NotLinked) => SharingAnswer::NotLinked,
            Err(Objection::Occupied) => SharingAnswer::DataOccupied,
            Err(Objection::NotThere) => SharingAnswer::DataNotThere,
            Err(Objection::NamesDiffer) => SharingAnswer::NamesDiffer {
                office_name: wish.office_name.as_str().to_owned(),
                registered: sharing.registered.as_ref().map(|name| name.as_str().to_owned()),
            },
            Err(Objection::RuleNotAcknowledged) => SharingAnswer::RuleNotAcknowledged,
        }
    }

    /// 事業所データ解除: only of this firm's own, and only of the one that it names. Where it lies need not be said.
    pub(super) fn release_data(
        &mut self,
        by: &Proven,
        request: &Request,
        office_name: &OfficeName,
        cause: &InboundId,
        known: &Known,
    ) -> SharingAnswer {
        let Some(sharing) = known.sharing.get(&request.id) else { return SharingAnswer::NotShared };
        let own = self.live(sharing).filter(|live| live.firm == by.firm.id);
        let Some(before) = own else { return SharingAnswer::NoData };
        let (from, place) = (before.state.name().name(), before.place);
        match before.release(Party::Firm, office_name, place, self.now) {
            Ok(binding) => {
                self.tell(by, &binding.approval, DATA_CHANGED, [from, binding.state.name().name()], cause);
                self.memory.data.insert(sharing.account.clone(), binding.clone());
                self.released.insert(sharing.account.clone(), binding);
                SharingAnswer::DataReleased
            }
            Err(Impossible::OtherData) => SharingAnswer::OtherData,
            Err(Impossible::State(_)) => SharingAnswer::DataReleased,
        }
    }

    /// 製品連携解除: all products of this customer that the firm is linked with.
    pub(super) fn unlink(&mut self, by: &Proven, request: &Request, cause: &InboundId, known: &Known) -> SharingAnswer {
        let Some(sharing) = known.sharing.get(&request.id) else { return SharingAnswer::NotShared };
        let mut products = Vec::new();
        for link in self.links(sharing) {
            let (name, from) = (link.product_name.clone(), link.state);
            match link.unlink(EndedBy::Firm, self.now) {
                Ok(link) => {
                    self.tell(by, &link.approval, LINK_CHANGED, [from.name().name(), link.state.name().name()], cause);
                    self.memory.links.insert(link.id.clone(), link.clone());
                    self.unlinked.insert(link.id.clone(), link);
                    products.push(name);
                }
                Err(_) if matches!(from, LinkState::Unlinking(_)) => products.push(name),
                Err(_) => {}
            }
        }
        if products.is_empty() { SharingAnswer::NotLinked } else { SharingAnswer::Unlinked { products } }
    }

    /// Customers for whom something is to be done at the contract system now.
    pub(in super::super) fn woken(&self) -> Vec<&AccountId> {
        let links = self.unlinked.values().map(|link| &link.account);
        let mut woken: Vec<_> = links.chain(self.bound.keys()).chain(self.released.keys()).collect();
        woken.sort();
        woken.dedup();
        woken
    }

    /// The firm's links as they are by now.
    fn links(&self, sharing: &Sharing) -> Vec<Linkage> {
        sharing.links.iter().map(|link| self.memory.links.get(&link.id).unwrap_or(link).clone()).collect()
    }

    /// The customer's business data as it is by now.
    fn live(&self, sharing: &Sharing) -> Option<DataBinding> {
        let of = &sharing.account;
        self.memory.data.get(of).or(sharing.live.as_ref()).cloned()
    }

    fn acknowledged(&self, wish: &DataWish) -> Acknowledged {
        let at = |checked| (checked == Checked::Yes).then_some(self.now);
        Acknowledged { difference_at: at(wish.names_checked), latest_data_at: at(wish.newest_checked) }
    }

    fn tell(
        &mut self,
        by: &Proven,
        approval: &Approval,
        event: &'static str,
        [from, to]: [&'static str; 2],
        cause: &InboundId,
    ) {
        let (actor, object, cause) = (actor(&by.firm), approval.object(), format!("mail {cause}"));
        self.audit.push(AuditEvent { at: self.now, actor, object, event, from, to, cause });
    }
}

/// Whether something was done, and what.
pub(super) const fn verdict(answer: &SharingAnswer) -> (Verdict, &'static str) {
    match answer {
        SharingAnswer::DataWished => (Verdict::Accepted, "business data is to be set"),
        SharingAnswer::DataReleased => (Verdict::Accepted, "business data is to go"),
        SharingAnswer::Unlinked { .. } => (Verdict::Accepted, "links are to go"),
        SharingAnswer::NamesDiffer { .. } => (Verdict::Refused, "the names differ"),
        SharingAnswer::RuleNotAcknowledged => (Verdict::Refused, "the latest-data rule is not acknowledged"),
        SharingAnswer::DataNotThere => (Verdict::Refused, "the product's data cannot lie there"),
        SharingAnswer::DataOccupied => (Verdict::Refused, "other business data is set"),
        SharingAnswer::WhichProduct { .. } => (Verdict::Refused, "several products are linked"),
        SharingAnswer::OtherData => (Verdict::Refused, "other business data is set than the one that was named"),
        SharingAnswer::NoData => (Verdict::Refused, "no business data of the firm is set"),
        SharingAnswer::NotLinked => (Verdict::Refused, "no product is linked"),
        SharingAnswer::NotShared => (Verdict::Refused, "the customer shares nothing"),
    }
}

const DATA_CHANGED: &str = "business data changed";
const LINK_CHANGED: &str = "link changed";
