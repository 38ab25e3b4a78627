//! 契約の移行 on the customer's page: numbers and passwords one by one, then the start (S38 to S46). Passwords pass through and
//! are kept nowhere; the run that reconciles does the rest.

use secrecy::SecretString;

use crate::contracts::DirectoryError;
use crate::domain::contract::{CustomerNumber, Granted, Refusal};
use crate::domain::customer::Customer;
use crate::domain::ids::{AccountId, MigrationId};
use crate::domain::migration::{Checked, EnterError, MigrationCase, State, SubmitError};
use crate::domain::time::{Timestamp, hours};
use crate::store::{self, StoreError, Tx};

use super::at_hand::account_actor;
use super::contract_customer::{Event, approval, begin, commit, commit_and_wake, hasten, retried};
use super::{Context, FlowError, contract_news};

pub use super::contract_customer::EAGER;

/// Wrong passwords within an hour for one account and number; the next try must wait.
pub const GUESSES: u32 = 5;

/// What became of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in the list.
    Registered(Box<Granted>),
    /// It was there, or it was migrated before (S35).
    Already,
    /// It is a network product's: it goes by its サービス契約ID (S42).
    Network,
    /// Number or password is wrong.
    Wrong {
        /// Tries that are left within the hour.
        left: u32,
    },
    /// Too many wrong passwords: no try before this moment.
    TooMany(Timestamp),
    /// No password was ever set for it (S41).
    NoPassword,
    /// It belongs to another 弥生ID.
    OtherHolder,
    /// Its contract ended, or there is none.
    NoContract,
    /// The list is full.
    Full,
    /// A migration is under way: nothing can be added.
    Underway,
    /// The contract system does not answer: the password must be entered again later.
    Unavailable,
}

/// What became of the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It begins, now or when the form was sent before.
    Begun,
    /// No number is registered (S43).
    Empty,
}

/// The customer's last migration, whatever its state. Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn last(context: &Context, account: &AccountId) -> Result<Option<MigrationCase>, FlowError> {
    Ok(store::migration_cases::last(&mut *context.store.read().await?, account).await?)
}

/// The same, for a customer who waits: what is under way is hastened.
///
/// # Errors
/// What the store says.
pub async fn watched(context: &Context, account: &AccountId) -> Result<Option<MigrationCase>, FlowError> {
    let case = last(context, account).await?;
    if case.as_ref().is_some_and(MigrationCase::is_under_way) {
        hasten(context, account).await?;
    }
    Ok(case)
}

/// ［登録］: a number with its password. The try is counted before it is made.
///
/// # Errors
/// [`FlowError::NothingApproved`]
pub async fn add(
    context: &Context,
    customer: &Customer,
    number: &CustomerNumber,
    password: &SecretString,
) -> Result<Added, FlowError> {
    if let Some(refused) = retried!(enter(context, customer, number))? {
        return Ok(refused);
    }
    let answer = context.contracts.check_customer_number(&customer.holder(), number, password).await;
    retried!(answered(context, customer, number, &answer))
}

/// A number is taken out of the list again.
///
/// # Errors
/// What the store says.
pub async fn leave_out(context: &Context, customer: &Customer, number: &CustomerNumber) -> Result<(), FlowError> {
    retried!(async {
        let mut tx = begin(context, customer).await?;
        if let Some(case) = store::migration_cases::last(&mut tx, &customer.account).await?
            && let Ok(case) = case.leave_out(number)
        {
            store::migration_cases::update(&mut tx, &case).await?;
        }
        commit(tx).await
    })
}

/// ［登録を完了して移行を開始する］. Pressed twice, it begins once.
///
/// # Errors
/// What the store says.
pub async fn submit(context: &Context, customer: &Customer) -> Result<Submitted, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = begin(context, customer).await?;
        let Some(before) = store::migration_cases::last(&mut tx, &customer.account).await? else {
            return Ok(Submitted::Empty);
        };
        let case = match before.clone().submit(now) {
            Ok(case) => case,
            Err(SubmitError::Closed(_)) => return Ok(Submitted::Begun),
            Err(SubmitError::Empty) => return Ok(Submitted::Empty),
        };
        begins(context, tx, customer, &before, case, "migration submitted", now).await?;
        Ok(Submitted::Begun)
    })
}

/// A migration that was given up goes on, under its own name, so that nothing moves twice. False when there is none.
///
/// # Errors
/// What the store says.
pub async fn resume(context: &Context, customer: &Customer) -> Result<bool, FlowError> {
    retried!(async {
        let now = context.now();
        let mut tx = begin(context, customer).await?;
        let before = store::migration_cases::last(&mut tx, &customer.account).await?;
        let Some(before) = before else { return Ok(false) };
        let Ok(case) = before.clone().resume(now) else { return Ok(before.is_under_way()) };
        begins(context, tx, customer, &before, case, "migration resumed", now).await?;
        Ok(true)
    })
}

async fn begins(
    context: &Context,
    mut tx: Tx,
    customer: &Customer,
    before: &MigrationCase,
    case: MigrationCase,
    event: &'static str,
    now: Timestamp,
) -> Result<(), FlowError> {
    store::migration_cases::update(&mut tx, &case).await?;
    let event = Event {
        actor: account_actor(&customer.account),
        event,
        from: before.state.name().name(),
        to: case.state.name().name(),
        cause: format!("page; {}", case.id),
    };
    store::audit::append(&mut tx, &[event.of(&case.approval, now)]).await?;
    let mail = contract_news::started(context, &mut tx, customer, &case).await?;
    store::outbox::insert(&mut tx, &[mail]).await?;
    commit_and_wake(context, tx, &customer.account, now).await
}

/// Writes the number down and counts the try; says why it is not made, if it is not.
async fn enter(context: &Context, customer: &Customer, number: &CustomerNumber) -> Result<Option<Added>, FlowError> {
    let now = context.now();
    let mut tx = begin(context, customer).await?;
    let (case, is_new) = open_case(context, &mut tx, customer, now).await?;
    let case = match case.enter(number.clone()) {
        Ok(case) => case,
        Err(EnterError::Closed(_)) => return Ok(Some(Added::Underway)),
        Err(EnterError::Twice) => return Ok(Some(Added::Already)),
        Err(EnterError::TooMany) => return Ok(Some(Added::Full)),
    };
    let hour_ago = now.before(hours(1));
    let (account, subject) = (&customer.account, number.as_str());
    let (guesses, since) = store::contract_guesses::count_one(&mut tx, account, subject, now, hour_ago).await?;
    if guesses > GUESSES {
        return Ok(Some(Added::TooMany(since.after(hours(1)))));
    }
    if is_new {
        store::migration_cases::insert(&mut tx, &case).await?;
    } else {
        store::migration_cases::update(&mut tx, &case).await?;
    }
    commit(tx).await?;
    Ok(None)
}

/// The migration that takes numbers: the open one, or a new one after the last has ended.
async fn open_case(
    context: &Context,
    tx: &mut Tx,
    customer: &Customer,
    now: Timestamp,
) -> Result<(MigrationCase, bool), FlowError> {
    let last = store::migration_cases::last(tx, &customer.account).await?;
    // One that was given up stays: its numbers may still move, and ［もう一度進める］ goes on with it.
    let over = |case: &MigrationCase| matches!(case.state, State::Completed(_) | State::Partial(_));
    if let Some(case) = last.filter(|case| !over(case)) {
        return Ok((case, false));
    }
    let approval = approval(tx, &customer.account, None).await?;
    let id = MigrationId::new(context.entropy.uuid(now));
    Ok((MigrationCase::new(id, customer.account.clone(), approval), true))
}

/// Writes what the contract system said, whatever happened to the list meanwhile.
async fn answered(
    context: &Context,
    customer: &Customer,
    number: &CustomerNumber,
    answer: &Result<Granted, DirectoryError>,
) -> Result<Added, FlowError> {
    let (account, subject) = (&customer.account, number.as_str());
    let mut tx = begin(context, customer).await?;
    let (checked, added) = match answer {
        Ok(granted) if granted.product.is_migrated() => {
            store::contract_guesses::forget(&mut tx, account, subject).await?;
            (Some(Checked::Granted(granted.clone())), Added::Registered(Box::new(granted.clone())))
        }
        Ok(granted) => (Some(Checked::Granted(granted.clone())), Added::Network),
        Err(DirectoryError::Refused(Refusal::WrongPassword)) => (
            Some(Checked::Refused(Refusal::WrongPassword)),
            Added::Wrong { left: left(context, &mut tx, customer, number).await? },
        ),
        Err(DirectoryError::Refused(refusal)) => {
            store::contract_guesses::take_back(&mut tx, account, subject).await?;
            let added = match refusal {
                Refusal::NoPassword => Added::NoPassword,
                Refusal::OtherHolder => Added::OtherHolder,
                Refusal::NetworkProduct => Added::Network,
                Refusal::AlreadyMigrated => Added::Already,
                _ => Added::NoContract,
            };
            (Some(Checked::Refused(*refusal)), added)
        }
        Err(DirectoryError::Retry(_) | DirectoryError::Unknown(_)) => {
            // Nobody judged the password: the try does not count.
            store::contract_guesses::take_back(&mut tx, account, subject).await?;
            (None, Added::Unavailable)
        }
    };
    let case = store::migration_cases::last(&mut tx, account).await?;
    let case = case.and_then(|case| match checked {
        Some(checked) => case.answered(number, checked).ok(),
        None => case.unheard(number).ok(),
    });
    if let Some(case) = case {
        match store::migration_cases::update(&mut tx, &case).await {
            // Authenticated in another migration already: a contract is migrated once. The password was right all the same.
            Err(StoreError::Taken) => {
                drop(tx);
                return already(context, customer, number).await;
            }
            other => other?,
        }
    }
    commit(tx).await?;
    Ok(added)
}

/// The number is another migration's: it leaves this list, and the try was no guess.
async fn already(context: &Context, customer: &Customer, number: &CustomerNumber) -> Result<Added, FlowError> {
    let mut tx = begin(context, customer).await?;
    store::contract_guesses::forget(&mut tx, &customer.account, number.as_str()).await?;
    let case = store::migration_cases::last(&mut tx, &customer.account).await?;
    if let Some(case) = case.and_then(|case| case.unheard(number).ok()) {
        store::migration_cases::update(&mut tx, &case).await?;
    }
    commit(tx).await?;
    Ok(Added::Already)
}

async fn left(context: &Context, tx: &mut Tx, customer: &Customer, number: &CustomerNumber) -> Result<u32, FlowError> {
    let guesses =
        store::contract_guesses::of(tx, &customer.account, number.as_str(), context.now().before(hours(1))).await?;
    Ok(GUESSES.saturating_sub(guesses))
}
