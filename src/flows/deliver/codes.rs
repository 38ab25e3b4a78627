//! The way of codes: claimed alone and minted in the claim's transaction, right before the hand-over; noted at once.
//!
//! The digits count from the claim on. A hand-over that failed before the mail's end kills them, and they are minted anew;
//! one that was lost after it leaves them alive and is not repeated. A process that dies in between is taken for lost.

use std::time::Duration;

use tracing::{info, warn};

use super::super::outgoing::AboutCode;
use super::super::{Context, FlowError, issue};
use super::{Claimed, Ended};
use crate::domain::ids::AttemptId;
use crate::domain::outbound::{HandOver, Lane, LetterKind, Next, OutboundMail, OutboundState};
use crate::domain::time::{Timestamp, minutes};
use crate::domain::verification::{AfterHandOver, Attempt};
use crate::mail::Letter;
use crate::mail::letters::{AlreadyRegistered, NotRegistered, VerificationCode};
use crate::store::{self, StoreError, Tx};

/// How long a code's mail may be in our hands; its hand-over is cut off long before.
const LEASE: Duration = minutes(5);

/// A code's mail in our hands.
#[derive(Debug)]
pub struct ClaimedCode {
    /// To be handed over at once.
    pub claimed: Claimed,
    /// To be kept until [`record`].
    pub minted: Minted,
}

/// Which minting a mail carries.
#[derive(Clone, Debug)]
pub struct Minted {
    attempt: AttemptId,
    sequence: u32,
    minting: u32,
}

/// Takes the code that has waited longest and mints it.
///
/// # Errors
/// What the store says.
pub async fn claim(context: &Context) -> Result<Option<ClaimedCode>, FlowError> {
    loop {
        let now = context.now();
        let mut tx = context.store.begin().await?;
        let dialect = context.store.dialect();
        let mut mails = store::outbox::claim(&mut tx, dialect, Lane::Waiting, now, now.after(LEASE), 1).await?;
        let Some(mail) = mails.pop() else { return Ok(None) };
        let claimed = mint(context, &mut tx, mail, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        if claimed.is_some() {
            return Ok(claimed);
        }
    }
}

async fn mint(
    context: &Context,
    tx: &mut Tx,
    mail: OutboundMail,
    now: Timestamp,
) -> Result<Option<ClaimedCode>, FlowError> {
    let (attempt, about) = (mail.attempt.clone(), serde_json::from_str::<AboutCode>(&mail.about));
    let attempt = match &attempt {
        Some(id) => store::attempts::take(tx, id).await?,
        None => None,
    };
    let (Some(attempt), Ok(AboutCode { sequence })) = (attempt, about) else {
        store::outbox::put_aside(tx, &mail, OutboundState::Useless, now).await?;
        return Ok(None);
    };
    if let Some(behind) = issue::clock_behind(tx, now).await? {
        warn!(clock.behind_s = behind, "the clock is behind what was last written: no code is minted");
        let (attempt, next) = attempt.after_no_minting(sequence, mail.attempts, now);
        return note(tx, &mail, &attempt, &HandOver::Deferred { reply: None }, next, now).await.map(|()| None);
    }
    let Some(attempt) = attempt.mint(sequence, now) else {
        store::outbox::put_aside(tx, &mail, OutboundState::Useless, now).await?;
        return Ok(None);
    };
    store::attempts::save(tx, &attempt).await?;
    let minting = attempt.newest().map_or(0, |code| code.minting);
    let letter = letter(context, &attempt, mail.kind, sequence, minting, now);
    let minted = Minted { attempt: attempt.id, sequence, minting };
    let token = context.keys.report_token(&mail.id);
    Ok(Some(ClaimedCode { claimed: Claimed { mail, letter, token, at: now }, minted }))
}

fn letter(
    context: &Context,
    attempt: &Attempt,
    kind: LetterKind,
    sequence: u32,
    minting: u32,
    minted_at: Timestamp,
) -> Option<Letter> {
    let locale = attempt.locale;
    match kind {
        LetterKind::VerificationCode => {
            let code = context.keys.code(&attempt.code_key, &attempt.id, sequence, minting)?;
            let purpose = attempt.aim.purpose();
            Some(Letter::VerificationCode(VerificationCode { locale, purpose, code, sequence, minted_at }))
        }
        LetterKind::AlreadyRegistered => Some(Letter::AlreadyRegistered(AlreadyRegistered { locale })),
        LetterKind::NotRegistered => Some(Letter::NotRegistered(NotRegistered { locale })),
        _ => None,
    }
}

/// Notes how the hand-over of a code ended, and what follows.
///
/// # Errors
/// What the store says.
pub async fn record(context: &Context, minted: &Minted, ended: &Ended) -> Result<(), FlowError> {
    let now = context.now();
    let Ended { mail, outcome } = ended;
    let mut tx = context.store.begin().await?;
    let attempt = store::attempts::take(&mut tx, &minted.attempt).await?;
    let after = attempt
        .map(|attempt| attempt.after_hand_over(minted.sequence, minted.minting, outcome.as_ref(), mail.attempts, now));
    match (after, outcome) {
        (Some((attempt, _)), None) => {
            store::attempts::save(&mut tx, &attempt).await?;
            store::outbox::release(&mut tx, &[&mail.id]).await?;
        }
        (None, None) => store::outbox::put_aside(&mut tx, mail, OutboundState::Useless, now).await?,
        (Some((attempt, next)), Some(outcome)) => note(&mut tx, mail, &attempt, outcome, next, now).await?,
        (None, Some(outcome)) => end(&mut tx, mail, outcome, AfterHandOver::Moot, now).await?,
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Writes down what became of the attempt and of its mail.
async fn note(
    tx: &mut Tx,
    mail: &OutboundMail,
    attempt: &Attempt,
    outcome: &HandOver,
    next: AfterHandOver,
    now: Timestamp,
) -> Result<(), FlowError> {
    store::attempts::save(tx, attempt).await?;
    end(tx, mail, outcome, next, now).await?;
    if next == AfterHandOver::Unsent {
        issue::note(tx, &attempt.id, "code could not be sent", (attempt.state.name(), attempt.state), now).await?;
    }
    Ok(())
}

async fn end(
    tx: &mut Tx,
    mail: &OutboundMail,
    outcome: &HandOver,
    next: AfterHandOver,
    now: Timestamp,
) -> Result<(), FlowError> {
    // A code does not wait for a relay that will not have us: that is one more failed attempt at it.
    let outcome = match outcome {
        HandOver::RelayFault { reply } => &HandOver::Deferred { reply: *reply },
        other => other,
    };
    let next = match (next, outcome) {
        (_, HandOver::Sent) => Next::Sent,
        (AfterHandOver::Again(at), _) => Next::Again(at),
        _ => Next::Failed,
    };
    store::outbox::record(tx, mail, outcome, &next, now).await?;
    let (kind, name, reply) = (mail.kind.name(), outcome.name(), outcome.reply());
    match next {
        Next::Sent => {}
        Next::Again(_) => info!(mail.id = %mail.id, mail.kind = kind, mail.reply = reply, "a code waits: {name}"),
        Next::Failed => warn!(mail.id = %mail.id, mail.kind = kind, mail.reply = reply, "a code failed: {name}"),
    }
    Ok(())
}

/// The operator gave a code's mail up: it could not be sent, and the person may ask for it again.
pub(in crate::flows) async fn given_up(context: &Context, tx: &mut Tx, mail: &OutboundMail) -> Result<(), FlowError> {
    let (Some(id), Ok(about)) = (&mail.attempt, serde_json::from_str::<AboutCode>(&mail.about)) else { return Ok(()) };
    let Some(attempt) = store::attempts::take(tx, id).await? else { return Ok(()) };
    let (attempt, _) = attempt.after_no_minting(about.sequence, u32::MAX, context.now());
    Ok(store::attempts::save(tx, &attempt).await?)
}

/// Leases that ran out, or whose daemon is known to be dead (`all`): those codes may have left, and leave no more.
///
/// # Errors
/// What the store says.
pub async fn end_leases(context: &Context, all: bool) -> Result<(), FlowError> {
    let now = context.now();
    let until = if all { Timestamp::from_millis(i64::MAX) } else { now };
    let mut tx = context.store.begin().await?;
    let ended = store::outbox::end_waiting_leases(&mut tx, until, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    if ended > 0 {
        warn!(codes = ended, "codes may or may not have left: they are not sent again");
    }
    Ok(())
}

/// When the next code is due.
///
/// # Errors
/// What the store says.
pub async fn next_due(context: &Context) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::outbox::next_due(&mut *context.store.read().await?, &[Lane::Waiting]).await?)
}
