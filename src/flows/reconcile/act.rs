//! Corrections done: what changes on our side is one transaction with its events and letters; calls are made outside.

use crate::contracts::DirectoryError;
use crate::domain::contract::{Binding, BoundBy, Grant, LinkSubject, LinkageWish};
use crate::domain::customer::Customer;
use crate::domain::data_binding::{DataBinding, Party};
use crate::domain::reconcile::{self, Answer, BindingStep, Change, Correction, LinkStep, Ours, Pair, Theirs};
use crate::store::contract_customers::Known;
use crate::store::{self, Tx};

use super::super::contract_customer::{Event, commit};
use super::super::contract_news::{self, News};
use super::super::{Context, FlowError};
use super::asking::Asking;
use super::read::Firms;

const ACTOR: &str = "renkei";

/// Writes all that needs no call, and keeps what the contract system said of the contracts.
pub(super) async fn at_once(
    context: &Context,
    known: &Known,
    ours: &mut Ours,
    theirs: &Theirs,
    corrections: &[Correction],
) -> Result<(), FlowError> {
    let now = context.now();
    let before = ours.clone();
    let mut changes = Vec::new();
    for correction in corrections {
        changes.extend(reconcile::at_once(&before, theirs, correction, now));
    }
    let fetched = lists_others(known, theirs);
    if changes.is_empty() && !fetched {
        return Ok(());
    }
    let mut tx = context.store.begin().await?;
    if fetched {
        store::contract_customers::fetched(&mut tx, &known.customer.account, &theirs.contracts).await?;
    }
    write(context, &mut tx, &known.customer, ours, changes, Some(theirs), "reconcile").await?;
    commit(tx).await
}

/// Whether the contract system lists other contracts than it did.
pub(super) fn lists_others(known: &Known, theirs: &Theirs) -> bool {
    let fetched = theirs.contracts.fetched_at.as_millis() > 0;
    fetched && known.contracts.as_ref().is_none_or(|known| known.contracts != theirs.contracts.contracts)
}

/// Writes what a certain answer changes.
pub(super) async fn after_call(
    context: &Context,
    known: &Known,
    ours: &mut Ours,
    correction: &Correction,
    answer: &Answer,
) -> Result<(), FlowError> {
    let changes = reconcile::after_call(ours, correction, answer, context.now());
    if changes.is_empty() {
        return Ok(());
    }
    let mut tx = context.store.begin().await?;
    write(context, &mut tx, &known.customer, ours, changes, None, "contract system").await?;
    commit(tx).await
}

/// Writes changes, their events and their letters; `ours` is then as the database has it.
async fn write(
    context: &Context,
    tx: &mut Tx,
    customer: &Customer,
    ours: &mut Ours,
    changes: Vec<Change>,
    theirs: Option<&Theirs>,
    cause: &str,
) -> Result<(), FlowError> {
    let now = context.now();
    let mut events = Vec::new();
    for change in &changes {
        events.extend(event(change, cause).map(|(event, approval)| event.of(&approval, now)));
        match change {
            Change::Migration(pair) => store::migration_cases::update(tx, &pair.after).await?,
            Change::Link(pair) => {
                store::linkages::update(tx, &pair.after).await?;
                if pair.before.linked_at.is_none() && pair.after.linked_at.is_some() {
                    store::requests::linked(tx, &pair.after.approval.request, now).await?;
                }
            }
            Change::Binding(pair) => store::data_bindings::update(tx, &pair.after).await?,
        }
    }
    store::audit::append(tx, &events).await?;
    for change in &changes {
        ours.take(change.clone().as_written());
    }
    let contracts = theirs.map(|theirs| &theirs.contracts);
    let news = News { customer, changes: &changes, links: &ours.links, contracts };
    let mails = contract_news::mails(context, tx, &news).await?;
    store::outbox::insert(tx, &mails).await?;
    Ok(())
}

/// The event of a change of state; what only counts calls or looks is none.
fn event(change: &Change, cause: &str) -> Option<(Event, crate::domain::approval::Approval)> {
    let (object, from, to, id, approval) = match change {
        Change::Migration(pair) => {
            let Pair { before, after } = &**pair;
            (
                Object::Migration,
                before.state.name().name(),
                after.state.name().name(),
                after.id.as_str(),
                &after.approval,
            )
        }
        Change::Link(pair) => {
            let Pair { before, after } = &**pair;
            (Object::Link, before.state.name().name(), after.state.name().name(), after.id.as_str(), &after.approval)
        }
        Change::Binding(pair) => {
            let Pair { before, after } = &**pair;
            (Object::Data, before.state.name().name(), after.state.name().name(), after.id.as_str(), &after.approval)
        }
    };
    let event = match object {
        Object::Migration => "migration changed",
        Object::Link => "link changed",
        Object::Data => "business data changed",
    };
    let cause = format!("{cause}; {id}");
    (from != to).then(|| (Event { actor: ACTOR.to_owned(), event, from, to, cause }, approval.clone()))
}

enum Object {
    Migration,
    Link,
    Data,
}

/// Asks the contract system. An unknown outcome is an error like any other: the next run looks.
pub(super) async fn call(
    asking: &Asking<'_>,
    customer: &Customer,
    ours: &Ours,
    firms: &Firms,
    correction: &Correction,
) -> Result<Answer, DirectoryError> {
    let Some(answer) = ask(asking, customer, ours, firms, correction).await else {
        // What it was about changed under our hands: the next round sees it as it is.
        return Ok(Answer::Taken);
    };
    match answer {
        Err(DirectoryError::Refused(refusal)) => Ok(Answer::Refused(refusal)),
        other => other,
    }
}

async fn ask(
    asking: &Asking<'_>,
    customer: &Customer,
    ours: &Ours,
    firms: &Firms,
    correction: &Correction,
) -> Option<Result<Answer, DirectoryError>> {
    let holder = customer.holder();
    Some(match correction {
        Correction::Migration(_) => {
            let case = ours.migration.as_ref()?;
            let grants: Vec<Grant> = case.grants().map(|(_, grant)| grant.clone()).collect();
            asking.call().start_migration(&holder, &case.id, &grants).await.map(Answer::Started)
        }
        Correction::Link(id, step) => {
            let link = ours.link(id)?;
            let wish = if *step == LinkStep::Apply { LinkageWish::Link } else { LinkageWish::Unlink };
            let subject = LinkSubject::Contract(link.contract.clone());
            let firm = firms.get(&link.firm)?;
            asking.call().apply_linkage(&link.key(), &holder, firm, &subject, wish).await.map(|_| Answer::Taken)
        }
        Correction::SmartVoucher(firm, wish) => {
            let reason = ours.voucher_reason(firm, *wish)?;
            let (key, firm) = (reason.voucher_key(), firms.get(firm)?);
            let contracts = asking.call();
            contracts.apply_linkage(&key, &holder, firm, &LinkSubject::SmartVoucher, *wish).await.map(|_| Answer::Taken)
        }
        Correction::Binding(_, step) => {
            let binding = ours.binding.as_ref()?;
            match step {
                BindingStep::Set => {
                    let theirs = theirs_of(binding, firms)?;
                    asking.call().set_binding(&binding.key(), &holder, &theirs).await.map(|()| Answer::Taken)
                }
                _ => {
                    let (key, contracts) = (binding.key(), asking.call());
                    contracts.release_binding(&key, &holder, &binding.id).await.map(|()| Answer::Taken)
                }
            }
        }
    })
}

fn theirs_of(binding: &DataBinding, firms: &Firms) -> Option<Binding> {
    Some(Binding {
        data: binding.id.clone(),
        contract: binding.contract.clone(),
        office_name: binding.office_name.as_str().to_owned(),
        place: binding.place,
        bound_by: match binding.set_by {
            Party::Customer => BoundBy::Customer,
            Party::Firm => BoundBy::Firm(firms.get(&binding.firm)?.clone()),
        },
    })
}
