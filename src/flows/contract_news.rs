//! The letters about migrations, links and business data (M12 to M18): from what changed to what is put into the outbox.

use crate::domain::contract::{ContractSnapshot, MoveFault, Refusal, Standing};
use crate::domain::customer::Customer;
use crate::domain::data_binding::{self, DataBinding, Party, ReleasedBy};
use crate::domain::firm::Firm;
use crate::domain::ids::{FirmId, RequestId};
use crate::domain::linkage::{EndedBy, Linkage, Shown, State, smart_voucher};
use crate::domain::migration::{self, ItemState, MigrationCase};
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::product::{LatestDataRule, Product};
use crate::domain::reconcile::{Change, Pair};
use crate::domain::time::Timestamp;
use crate::mail::letters::{
    AboutData, AboutLinks, AboutMigration, DataActor, DataEvent, GoneProduct, ItemFate, LinkEnd, LinkEvent, LinkRule,
    LinkStanding, LinkedProduct, MigrationOutcome, NewsItem, Reader,
};
use crate::store::{self, Tx};

use super::outgoing::{json, queued};
use super::{Context, FlowError};

/// What changed for one customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct News<'a> {
    /// Who.
    pub customer: &'a Customer,
    /// What changed, in one transaction.
    pub changes: &'a [Change],
    /// All links of the customer, as they are now.
    pub links: &'a [Linkage],
    /// The list of contracts, where it was just read.
    pub contracts: Option<&'a ContractSnapshot>,
}

/// All letters that the changes call for.
pub(super) async fn mails(context: &Context, tx: &mut Tx, news: &News<'_>) -> Result<Vec<OutboundMail>, FlowError> {
    if news.changes.is_empty() {
        return Ok(Vec::new());
    }
    let business = store::companies::of(tx, &news.customer.account).await?.map(|company| company.name.name);
    let mut firms: Vec<&FirmId> = news.links.iter().map(|link| &link.firm).collect();
    firms.extend(news.changes.iter().filter_map(|change| match change {
        Change::Binding(pair) => Some(&pair.after.firm),
        _ => None,
    }));
    firms.sort();
    firms.dedup();
    let firms = store::firms::by_ids(tx, &firms).await?;
    let writer = Writer { context, now: context.now(), news, business };
    let mut mails = Vec::new();
    for change in news.changes {
        match change {
            Change::Migration(pair) => mails.extend(writer.migration(&pair.before, &pair.after)),
            Change::Binding(pair) => {
                let firm = firms.iter().find(|firm| firm.id == pair.after.firm);
                mails.extend(firm.and_then(|firm| writer.data(firm, &pair.before, &pair.after)).into_iter().flatten());
            }
            Change::Link(_) => {}
        }
    }
    for firm in &firms {
        mails.extend(writer.links(firm));
    }
    Ok(mails)
}

/// M12.
pub(super) async fn started(
    context: &Context,
    tx: &mut Tx,
    customer: &Customer,
    case: &MigrationCase,
) -> Result<OutboundMail, FlowError> {
    let business = store::companies::of(tx, &customer.account).await?.map(|company| company.name.name);
    let news = News { customer, changes: &[], links: &[], contracts: None };
    let writer = Writer { context, now: context.now(), news: &news, business };
    Ok(writer.about_migration(LetterKind::MigrationStarted, MigrationOutcome::Started, case))
}

struct Writer<'a> {
    context: &'a Context,
    now: Timestamp,
    news: &'a News<'a>,
    business: Option<String>,
}

impl Writer<'_> {
    fn migration(&self, before: &MigrationCase, after: &MigrationCase) -> Option<OutboundMail> {
        if before.state.name() == after.state.name() {
            return None;
        }
        let refused = after.items.iter().any(|item| matches!(item.state, ItemState::Refused(_)));
        let (kind, outcome) = match after.state {
            migration::State::Completed(_) => (LetterKind::MigrationCompleted, MigrationOutcome::Completed),
            migration::State::Partial(_) if refused => (LetterKind::MigrationUnfinished, MigrationOutcome::Refused),
            migration::State::Partial(_) => (LetterKind::MigrationUnfinished, MigrationOutcome::Partial),
            migration::State::Abandoned(_) => (LetterKind::MigrationUnfinished, MigrationOutcome::Abandoned),
            _ => return None,
        };
        Some(self.about_migration(kind, outcome, after))
    }

    fn about_migration(&self, kind: LetterKind, outcome: MigrationOutcome, case: &MigrationCase) -> OutboundMail {
        let owned = self.news.contracts.filter(|_| outcome == MigrationOutcome::Completed);
        let active = owned.into_iter().flat_map(|owned| &owned.contracts).filter(|it| it.standing == Standing::Active);
        let about = AboutMigration {
            outcome,
            business: self.business.clone(),
            items: case.items.iter().map(item).collect(),
            contracts: active.map(|contract| contract.name.clone()).collect(),
        };
        self.to_customer(kind, &case.approval.request, json(&about))
    }

    /// M15, M16 and M17 of one firm: one of each, however many products it is about.
    fn links(&self, firm: &Firm) -> Vec<OutboundMail> {
        let changed = self.news.changes.iter().filter_map(|change| match change {
            Change::Link(pair) if pair.after.firm == firm.id && pair.before.state != pair.after.state => Some(&**pair),
            _ => None,
        });
        let changed: Vec<&Pair<Linkage>> = changed.collect();
        let those = |wanted: fn(&Pair<Linkage>) -> bool| -> Vec<&Pair<Linkage>> {
            changed.iter().filter(|pair| wanted(pair)).copied().collect()
        };
        let completed = those(|Pair { before, after }| {
            after.state == State::Linked && (before.linked_at.is_none() || before.state == State::Lost)
        });
        let lost = those(|Pair { after, .. }| after.state == State::Lost);
        // What came back and was taken away again was told of the first time.
        let ended = those(|Pair { after, .. }| {
            matches!(after.state, State::Unlinked(_)) && after.linked_at.is_some() && after.repairs == 0
        });
        let events = [
            (LetterKind::ProductsLinked, LinkEvent::Completed, completed),
            (LetterKind::LinkLost, LinkEvent::Lost, lost),
            (LetterKind::ProductsUnlinked, LinkEvent::Ended, ended),
        ];
        let mut mails = Vec::new();
        for (kind, event, pairs) in events {
            let Some(Pair { after: first, .. }) = pairs.first() else { continue };
            let gone = if event == LinkEvent::Completed {
                Vec::new()
            } else {
                pairs.iter().map(|pair| gone(&pair.after)).collect()
            };
            let about = |reader| json(&self.about_links(firm, event, reader, &gone));
            mails.push(self.to_customer(kind, &first.approval.request, about(Reader::Customer)));
            mails.push(self.to_firm(kind, firm, &first.approval.request, about(Reader::Firm)));
        }
        mails
    }

    fn about_links(&self, firm: &Firm, event: LinkEvent, reader: Reader, gone: &[GoneProduct]) -> AboutLinks {
        let of_firm: Vec<_> = self.news.links.iter().filter(|link| link.firm == firm.id).collect();
        let line = |name: &str, shown| Some(LinkedProduct { name: name.to_owned(), standing: standing(shown)? });
        let mut products: Vec<_> =
            of_firm.iter().filter_map(|link| line(&link.product_name, link.state.shown())).collect();
        products.extend(line(Product::SmartVoucher.label(), smart_voucher(of_firm.iter().copied())));
        let linked = of_firm.iter().filter(|link| link.state == State::Linked && event == LinkEvent::Completed);
        let rules: Vec<_> = linked.map(|link| link.product.rules().latest_data).collect();
        let rule = if rules.contains(&LatestDataRule::Always) {
            LinkRule::Always
        } else if rules.contains(&LatestDataRule::WhenLocal) {
            LinkRule::WhenLocal
        } else {
            LinkRule::None
        };
        AboutLinks { event, reader, business: self.called(), products, gone: gone.to_vec(), rule }
    }

    /// M18, or M16 for data that did not stay.
    fn data(&self, firm: &Firm, before: &DataBinding, after: &DataBinding) -> Option<[OutboundMail; 2]> {
        let event = match after.state {
            data_binding::State::Bound if before.bound_at.is_none() => match after.acknowledged.difference_at {
                None => DataEvent::Set,
                Some(_) => DataEvent::SetDespiteNames,
            },
            data_binding::State::Unbound(ReleasedBy::Refused) => DataEvent::Refused,
            data_binding::State::Unbound(ReleasedBy::Lost) => DataEvent::Lost,
            data_binding::State::Unbound(_) if after.bound_at.is_some() => DataEvent::Released,
            _ => return None,
        };
        let kind =
            if event == DataEvent::Lost { LetterKind::BusinessDataLost } else { LetterKind::BusinessDataChanged };
        let link = self.news.links.iter().find(|link| link.firm == after.firm && link.contract == after.contract);
        let product = link.map(|link| link.product_name.clone()).unwrap_or_default();
        let rule = matches!(event, DataEvent::Set | DataEvent::SetDespiteNames)
            && link.is_some_and(|link| link.product.asks_for_latest_data(after.place));
        let about = |reader| {
            json(&AboutData {
                event,
                reader,
                business: self.called(),
                office_name: after.office_name.as_str().to_owned(),
                place: after.place.name().to_owned(),
                product: product.clone(),
                by: actor(after),
                rule,
            })
        };
        let request = &after.approval.request;
        let firms = self.to_firm(kind, firm, request, about(Reader::Firm));
        Some([self.to_customer(kind, request, about(Reader::Customer)), firms])
    }

    fn called(&self) -> String {
        self.business.clone().unwrap_or_else(|| self.news.customer.address.to_text())
    }

    /// Our own word to the customer: it names no firm, so that it also leaves while the firm is suspended.
    fn to_customer(&self, kind: LetterKind, request: &RequestId, about: String) -> OutboundMail {
        let customer = self.news.customer;
        let mail = queued(self.context, kind, &customer.address, about, self.now);
        let (request, account) = (Some(request.clone()), Some(customer.account.clone()));
        OutboundMail { request, account, locale: customer.locale, ..mail }
    }

    fn to_firm(&self, kind: LetterKind, firm: &Firm, request: &RequestId, about: String) -> OutboundMail {
        let mail = queued(self.context, kind, &firm.notify_address, about, self.now);
        OutboundMail { request: Some(request.clone()), firm: Some(firm.id.clone()), locale: firm.locale, ..mail }
    }
}

fn item(item: &migration::MigrationItem) -> NewsItem {
    let (product, fate) = match &item.state {
        ItemState::Authenticated(owned, _) => (Some(owned), ItemFate::Waiting),
        ItemState::Refused(Refusal::OtherHolder) => (None, ItemFate::OtherHolder),
        ItemState::Refused(_) | ItemState::Entered | ItemState::Network => (None, ItemFate::Stayed),
        ItemState::Moved(owned, _) => (Some(owned), ItemFate::Moved),
        ItemState::Stayed(owned, MoveFault::ContractEnded) => (Some(owned), ItemFate::Ended),
        ItemState::Stayed(owned, MoveFault::OtherHolder) => (Some(owned), ItemFate::OtherHolder),
        ItemState::Stayed(owned, MoveFault::NeedsSupport) => (Some(owned), ItemFate::Stayed),
    };
    let product = product.map(|owned| owned.name.clone()).unwrap_or_default();
    NewsItem { number: item.number.to_string(), product, fate }
}

const fn standing(shown: Shown) -> Option<LinkStanding> {
    match shown {
        Shown::Linked => Some(LinkStanding::Linked),
        Shown::InHand => Some(LinkStanding::InHand),
        Shown::NeedsLook => Some(LinkStanding::NeedsLook),
        Shown::Nothing => None,
    }
}

fn gone(link: &Linkage) -> GoneProduct {
    let why = link.state.ended_by().map(|by| match by {
        EndedBy::Customer => LinkEnd::Customer,
        EndedBy::Firm => LinkEnd::Firm,
        EndedBy::Operator => LinkEnd::Operator,
        EndedBy::Replaced => LinkEnd::Replaced,
        EndedBy::ContractEnded => LinkEnd::ContractEnded,
    });
    GoneProduct { name: link.product_name.clone(), why }
}

const fn actor(binding: &DataBinding) -> DataActor {
    match binding.state.released_by() {
        None | Some(ReleasedBy::Refused) => match binding.set_by {
            Party::Customer => DataActor::Customer,
            Party::Firm => DataActor::Firm,
        },
        Some(ReleasedBy::Customer) => DataActor::Customer,
        Some(ReleasedBy::Firm) => DataActor::Firm,
        Some(ReleasedBy::Operator | ReleasedBy::Lost) => DataActor::Us,
        Some(ReleasedBy::ProductGone) => DataActor::ProductGone,
    }
}
