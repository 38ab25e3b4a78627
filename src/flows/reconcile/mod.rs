//! Ours and theirs brought together, customer by customer: what is due, everything by night, one by hand, or only shown.
//!
//! Customers are taken in hand under a lease. Ours is read, for all of them at once, then theirs for each, `domain::reconcile` says what differs. What needs
//! no call is written at once, with its events and letters; each call is made with no transaction open and its certain
//! answer written after it. Whatever breaks off in between is found as it is by the next run. The run over all customers
//! looks first, and takes in hand only for whom something is to be done.

mod act;
mod asking;
mod everything;
mod read;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tracing::{info, warn};

use crate::contracts::DirectoryError;
use crate::domain::customer::Customer;
use crate::domain::ids::AccountId;
use crate::domain::migration::MigrationCase;
use crate::domain::reconcile::{Correction, Heard, Ours, Theirs, next_run, reconcile};
use crate::domain::time::Timestamp;
use crate::store::contract_customers::Known;
use crate::store::{self, StoreError};

use super::contract_customer::{lost_a_race, retried};
use super::{Context, FlowError};
use asking::Asking;
use read::Wanted;

pub use everything::{Everything, Pace, Page, everything};

/// How long a customer may be in hand: past it, whoever had them is taken for dead.
const LEASE: Duration = Duration::from_mins(10);
/// Customers in hand at once: as many as the contract system is asked at once.
const SIDE_BY_SIDE: usize = 8;
/// Most customers that are let go in one transaction.
const TOGETHER: usize = 64;
/// Most rounds in one run: more than any customer needs, so that one who never rests holds nobody up.
const ROUNDS: u32 = 8;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Customers that were looked at.
    pub customers: usize,
    /// Corrections that were made or tried.
    pub corrections: usize,
    /// Customers for whom the contract system did not answer as it should.
    pub troubled: usize,
    /// How often the contract system was asked.
    pub calls: usize,
    /// How long the contract system is left alone, as it failed again and again.
    pub left_alone: Option<Duration>,
}

impl Done {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            customers: self.customers + other.customers,
            corrections: self.corrections + other.corrections,
            troubled: self.troubled + other.troubled,
            calls: self.calls + other.calls,
            left_alone: self.left_alone.max(other.left_alone),
        }
    }
}

/// What differs for one customer.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Who.
    pub customer: Customer,
    /// What would be done, in order; or why it cannot be known.
    pub corrections: Result<Vec<Correction>, DirectoryError>,
}

/// Takes up to `most` due customers in hand and brings them to rest, as far as that goes now.
///
/// # Errors
/// What the store says.
pub async fn due(context: &Context, most: usize) -> Result<Done, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let dialect = context.store.dialect();
    let claimed = store::contract_customers::claim(&mut tx, dialect, now, now.after(LEASE), most).await?;
    tx.commit().await.map_err(StoreError::from)?;
    bring_to_rest(context, claimed).await
}

/// When the next customer is due.
///
/// # Errors
/// What the store says.
pub async fn next_due(context: &Context) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::contract_customers::next_due(&mut *context.store.read().await?).await?)
}

/// Brings one customer to rest, due or not. Nothing is done where somebody is at it already.
///
/// # Errors
/// [`FlowError::NoCustomer`]
pub async fn one(context: &Context, account: &AccountId) -> Result<Done, FlowError> {
    if store::contract_customers::by_account(&mut *context.store.read().await?, account).await?.is_none() {
        return Err(FlowError::NoCustomer);
    }
    take_in_hand(context, account).await
}

/// The customer with this 弥生ID.
///
/// # Errors
/// [`FlowError::NoCustomer`]
pub async fn find(context: &Context, key: &str) -> Result<AccountId, FlowError> {
    let known = store::contract_customers::by_address(&mut *context.store.read().await?, key).await?;
    known.map(|known| known.customer.account).ok_or(FlowError::NoCustomer)
}

/// What a run would do for this customer; changes nothing on either side.
///
/// # Errors
/// [`FlowError::NoCustomer`]
pub async fn differences(context: &Context, account: &AccountId) -> Result<Difference, FlowError> {
    let known = store::contract_customers::by_account(&mut *context.store.read().await?, account).await?;
    let customer = known.ok_or(FlowError::NoCustomer)?.customer;
    let seen = see(context, &Asking::of(context), &customer, fresh(context, account).await?).await;
    Ok(Difference { customer, corrections: seen.map(|seen| seen.corrections) })
}

/// The accounts after one, in order: for a dry run over all.
///
/// # Errors
/// What the store says.
pub async fn accounts_after(context: &Context, after: &str, most: u32) -> Result<Vec<AccountId>, FlowError> {
    let page = store::contract_customers::page(&mut *context.store.read().await?, after, i64::from(most)).await?;
    Ok(page.into_iter().map(|known| known.customer.account).collect())
}

/// Takes one in hand, unless somebody else has them.
async fn take_in_hand(context: &Context, account: &AccountId) -> Result<Done, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let claimed = store::contract_customers::claim_one(&mut tx, account, now, now.after(LEASE)).await?;
    tx.commit().await.map_err(StoreError::from)?;
    bring_to_rest(context, claimed.into_iter().collect()).await
}

/// Looks at one customer, and takes them in hand where something is to be done: a night in which all agree writes nothing.
async fn look(context: &Context, known: Known, wanted: Wanted) -> Result<Done, FlowError> {
    let asking = Asking::of(context);
    let seen = see(context, &asking, &known.customer, wanted).await;
    let looked = Done { customers: 1, calls: asking.calls(), ..Done::default() };
    match seen {
        Ok(seen) if seen.agrees(&known, context.now()) => Ok(looked),
        Ok(_) => {
            let done = take_in_hand(context, &known.customer.account).await?;
            Ok(Done { customers: 1, ..looked.and(done) })
        }
        Err(error) => {
            let left_alone = error.left_alone();
            // That it is left alone was said once, for all.
            if left_alone.is_none() {
                warn!(account.id = %known.customer.account, "a customer is not at rest: {error}");
            }
            Ok(Done { troubled: 1, left_alone, ..looked })
        }
    }
}

/// Looks at these, as many side by side as the contract system is asked at once.
async fn look_at(context: &Context, page: Vec<Known>) -> Result<Done, FlowError> {
    let looks = with_wishes(context, page).await?.into_iter().map(|(known, wanted)| look(context, known, wanted));
    let mut running = stream::iter(looks).buffer_unordered(SIDE_BY_SIDE);
    let (mut done, mut failed) = (Done::default(), None);
    while let Some(one) = running.next().await {
        match one {
            Ok(one) => done = done.and(one),
            // The others are brought to their end all the same.
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(done), Err)
}

/// What these want is read at once, and who has come to an end is let go together with those who have, too.
async fn bring_to_rest(context: &Context, claimed: Vec<Known>) -> Result<Done, FlowError> {
    let customers = with_wishes(context, claimed).await?.into_iter();
    let customers = customers.map(|(known, wanted)| customer(context, known, wanted));
    let mut running = stream::iter(customers).buffer_unordered(SIDE_BY_SIDE).ready_chunks(TOGETHER);
    let (mut done, mut failed) = (Done::default(), None);
    while let Some(some) = running.next().await {
        let mut ended = Vec::with_capacity(some.len());
        for one in some {
            match one {
                Ok(one) => ended.push(one),
                // The others are brought to their end all the same.
                Err(error) => failed = Some(error),
            }
        }
        if let Err(error) = retried!(release(context, &ended)) {
            failed = Some(error);
        }
        done = ended.iter().fold(done, |done, one| done.and(one.done));
    }
    failed.map_or(Ok(done), Err)
}

async fn with_wishes(context: &Context, known: Vec<Known>) -> Result<Vec<(Known, Wanted)>, FlowError> {
    let accounts: Vec<_> = known.iter().map(|known| &known.customer.account).collect();
    let mut wanted = read::wanted(&mut *context.store.read().await?, &accounts).await?;
    let mut with = |known: Known| {
        let wanted = wanted.remove(&known.customer.account).unwrap_or_default();
        (known, wanted)
    };
    Ok(known.into_iter().map(&mut with).collect())
}

async fn fresh(context: &Context, account: &AccountId) -> Result<Wanted, FlowError> {
    let mut wanted = read::wanted(&mut *context.store.read().await?, &[account]).await?;
    Ok(wanted.remove(account).unwrap_or_default())
}

/// A customer whose run is over, and who is still in hand.
struct Ended {
    known: Known,
    trouble: Option<DirectoryError>,
    done: Done,
}

/// One customer, from what they want to the end of the run.
async fn customer(context: &Context, known: Known, wanted: Wanted) -> Result<Ended, FlowError> {
    let (mut corrections, mut trouble, asking, mut first) = (0, None, Asking::of(context), Some(wanted));
    for _ in 0..ROUNDS {
        let wanted = match first.take() {
            Some(wanted) => wanted,
            None => fresh(context, &known.customer.account).await?,
        };
        match round(context, &asking, &known, wanted).await {
            Ok(Round::Rest) => break,
            Ok(Round::Corrected(number)) => corrections += number,
            Ok(Round::Trouble(error)) => {
                trouble = Some(error);
                break;
            }
            Err(error) if lost_a_race(&error) => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = trouble {
        warn!(account.id = %known.customer.account, "a customer is not at rest: {error}");
    } else if corrections > 0 {
        info!(account.id = %known.customer.account, corrections, "a customer was reconciled");
    }
    let left_alone = trouble.and_then(DirectoryError::left_alone);
    let troubled = usize::from(trouble.is_some());
    let done = Done { customers: 1, corrections, troubled, calls: asking.calls(), left_alone };
    Ok(Ended { known, trouble, done })
}

/// A customer as both sides have them, and what differs.
struct Seen {
    ours: Ours,
    firms: read::Firms,
    theirs: Theirs,
    corrections: Vec<Correction>,
}

impl Seen {
    /// Whether nothing is to be done, and nothing waits that is not due.
    fn agrees(&self, known: &Known, now: Timestamp) -> bool {
        let waits = next_run(&self.ours, 1, Heard::Everything, now).is_some();
        let is_forgotten = waits && known.due_at.is_none();
        self.corrections.is_empty() && !act::lists_others(known, &self.theirs) && !is_forgotten
    }
}

/// Reads their side, or says why it cannot be read.
async fn see(
    context: &Context,
    asking: &Asking<'_>,
    customer: &Customer,
    Wanted { ours, firms }: Wanted,
) -> Result<Seen, DirectoryError> {
    let theirs = read::theirs(asking, customer, &ours, &firms).await?;
    let corrections = reconcile(&ours, &theirs, context.now());
    Ok(Seen { ours, firms, theirs, corrections })
}

/// What a round came to.
enum Round {
    Rest,
    Corrected(usize),
    Trouble(DirectoryError),
}

async fn round(context: &Context, asking: &Asking<'_>, known: &Known, wanted: Wanted) -> Result<Round, FlowError> {
    let Seen { mut ours, firms, theirs, corrections } = match see(context, asking, &known.customer, wanted).await {
        Ok(seen) => seen,
        Err(error) => return Ok(Round::Trouble(error)),
    };
    act::at_once(context, known, &mut ours, &theirs, &corrections).await?;
    if corrections.is_empty() {
        return Ok(Round::Rest);
    }
    for correction in corrections.iter().filter(|correction| correction.is_call()) {
        match act::call(asking, &known.customer, &ours, &firms, correction).await {
            Ok(answer) => act::after_call(context, known, &mut ours, correction, &answer).await?,
            Err(error) => return Ok(Round::Trouble(error)),
        }
    }
    // What differs after its calls is looked at once more, and then when it is due.
    Ok(Round::Corrected(corrections.len()))
}

/// Lets these go: at rest, or due again later.
async fn release(context: &Context, ended: &[Ended]) -> Result<(), FlowError> {
    let now = context.now();
    // In one order everywhere, so that no two such transactions wait for each other.
    let mut ended: Vec<_> = ended.iter().map(|one| (&one.known.customer.account, one)).collect();
    ended.sort_by_key(|(account, _)| *account);
    let accounts: Vec<_> = ended.iter().map(|(account, _)| *account).collect();
    let mut tx = context.store.begin().await?;
    let mut wanted = read::ours(&mut tx, &accounts).await?;
    for (account, Ended { known, trouble, .. }) in ended {
        let ours = wanted.remove(account).unwrap_or_default();
        let tries = known.tries + 1;
        let heard = if trouble.is_none() { Heard::Everything } else { Heard::Trouble };
        // Where nothing waits, and theirs could not be read, the next run over all looks again.
        let asked_to_wait = now.after(trouble.and_then(DirectoryError::wait).unwrap_or_default());
        let due = next_run(&ours, tries, heard, now).map(|due| due.max(asked_to_wait));
        store::contract_customers::release(&mut tx, known, if due.is_none() { 0 } else { tries }, due).await?;
        if let (Heard::Everything, Some(case)) = (heard, ours.migration.filter(MigrationCase::is_under_way)) {
            store::migration_cases::looked(&mut tx, &case.looked()).await?;
        }
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
