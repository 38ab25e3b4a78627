//! The operator registers firms and changes what is registered. Nothing else does, and no mail can (T25).

use crate::domain::audit::AuditEvent;
use crate::domain::firm::{Firm, FirmNumber, FirmStatus};
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError};

/// Registers a firm.
///
/// # Errors
/// [`FlowError::FirmTaken`]
pub async fn add(context: &Context, firm: &Firm) -> Result<(), FlowError> {
    add_all(context, std::slice::from_ref(firm)).await
}

/// Registers many firms, all of them or none.
///
/// # Errors
/// [`FlowError::FirmTaken`]
pub async fn add_all(context: &Context, firms: &[Firm]) -> Result<(), FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    for firm in firms {
        store::firms::insert(&mut tx, firm, now).await.map_err(taken)?;
        note(context, &mut tx, firm, "registered", "").await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Writes a changed registration. The version that was read is in `firm`.
///
/// # Errors
/// [`FlowError::FirmTaken`], [`StoreError::Stale`]
pub async fn edit(context: &Context, firm: &Firm) -> Result<(), FlowError> {
    let mut tx = context.store.begin().await?;
    store::firms::update(&mut tx, firm).await.map_err(taken)?;
    note(context, &mut tx, firm, "edited", firm.status.name()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// The firm with this number.
///
/// # Errors
/// [`FlowError::NoFirm`]
pub async fn find(context: &Context, number: &FirmNumber) -> Result<Firm, FlowError> {
    let firm = store::firms::by_number(&mut *context.store.read().await?, number).await?;
    firm.ok_or_else(|| FlowError::NoFirm(number.clone()))
}

/// All firms, by number.
///
/// # Errors
/// What the store says.
pub async fn list(context: &Context) -> Result<Vec<Firm>, FlowError> {
    Ok(store::firms::list(&mut *context.store.read().await?).await?)
}

/// Stops a firm: its mails are quarantined, and what it had waiting in the outbox stays there.
///
/// # Errors
/// [`FlowError::NoFirm`]
pub async fn suspend(context: &Context, number: &FirmNumber) -> Result<(), FlowError> {
    let (mut tx, firm) = set_status(context, number, FirmStatus::Suspended, "suspended").await?;
    store::outbox::withhold(&mut tx, &firm.id).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Lets a suspended firm go on, and what it had waiting leave.
///
/// # Errors
/// [`FlowError::NoFirm`]
pub async fn resume(context: &Context, number: &FirmNumber) -> Result<(), FlowError> {
    let (mut tx, firm) = set_status(context, number, FirmStatus::Active, "resumed").await?;
    store::outbox::hand_back(&mut tx, &firm.id).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Ends a registration. The number and the addresses are free again; past requests keep the firm's name.
///
/// # Errors
/// [`FlowError::NoFirm`], [`FlowError::FirmInUse`] while requests are undecided.
pub async fn remove(context: &Context, number: &FirmNumber) -> Result<(), FlowError> {
    let (mut tx, firm) = set_status(context, number, FirmStatus::Removed, "removed").await?;
    let undecided = store::requests::undecided_of(&mut tx, &firm.id).await?;
    if undecided > 0 {
        return Err(FlowError::FirmInUse(number.clone(), undecided));
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

async fn set_status(
    context: &Context,
    number: &FirmNumber,
    status: FirmStatus,
    event: &'static str,
) -> Result<(Tx, Firm), FlowError> {
    let mut tx = context.store.begin().await?;
    let firm = store::firms::by_number(&mut tx, number).await?.ok_or_else(|| FlowError::NoFirm(number.clone()))?;
    let before = firm.status.name();
    let firm = Firm { status, ..firm };
    store::firms::update(&mut tx, &firm).await?;
    note(context, &mut tx, &firm, event, before).await?;
    Ok((tx, firm))
}

async fn note(
    context: &Context,
    tx: &mut Tx,
    firm: &Firm,
    event: &'static str,
    from: &'static str,
) -> Result<(), FlowError> {
    let event = AuditEvent {
        at: context.now(),
        actor: "operator".to_owned(),
        object: format!("firm {}", firm.number),
        event,
        from,
        to: firm.status.name(),
        cause: "command".to_owned(),
    };
    Ok(store::audit::append(tx, &[event]).await?)
}

fn taken(error: StoreError) -> FlowError {
    match error {
        StoreError::Taken => FlowError::FirmTaken,
        other => FlowError::Store(other),
    }
}
