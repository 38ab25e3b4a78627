//! The outbox's way out: claim what is due (the attempt is counted before it is made), write the letter, hand it over,
//! note how that ended. Only this sends.
//!
//! The link is derived here, right before it is mailed; what has lost its reason in the meantime does not leave. Codes go a
//! way of their own, one by one ([`codes`]).

pub mod codes;
mod listed;
mod subject;
mod undeliverable;
mod write;

use std::future::Future;
use std::time::Duration;

use tracing::{info, warn};

use crate::domain::outbound::{
    HandOver, LEASE, Lane, Next, OutboundMail, OutboundState, UNKNOWN_LIMIT, UNKNOWN_PAUSE, after_attempt,
};
use crate::domain::time::Timestamp;
use crate::mail::{Addressing, Composer, Letter, Transport};
use crate::store::{self, StoreError};

use super::{Context, FlowError};
use subject::Subjects;

/// What writes letters, and what hands them over.
#[derive(Debug)]
pub struct Post {
    /// Writes and signs.
    pub composer: Composer,
    /// Hands over.
    pub transport: Transport,
}

/// How long a mail may wait in our hands: what it is about may end meanwhile, and something more urgent may come.
const FRESH: Duration = Duration::from_secs(1);

/// A mail in our hands, with what its letter needs.
#[derive(Debug)]
pub struct Claimed {
    mail: OutboundMail,
    letter: Option<Letter>,
    /// What a delivery report must bring back.
    token: Option<String>,
    at: Timestamp,
}

impl Claimed {
    /// Whether it may still be handed over; otherwise it goes back and is looked at anew.
    #[must_use]
    pub fn is_fresh(&self, context: &Context) -> bool {
        context.now().since(self.at) <= FRESH
    }

    /// It goes back without having been tried: it waited too long, the relay would not have it, or the daemon stops.
    #[must_use]
    pub fn untried(self) -> Ended {
        Ended { mail: self.mail, outcome: None }
    }
}

/// How a claimed mail ended.
#[derive(Debug)]
pub struct Ended {
    mail: OutboundMail,
    outcome: Option<HandOver>,
}

impl Ended {
    /// How the hand-over ended; `None` if there was none.
    #[must_use]
    pub const fn outcome(&self) -> Option<&HandOver> {
        self.outcome.as_ref()
    }
}

/// Takes up to `most` due mails of the batched lanes into our hands, the first lanes first.
///
/// # Errors
/// What the store says.
pub async fn claim(context: &Context, most: usize) -> Result<Vec<Claimed>, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let mut mails = Vec::new();
    for lane in Lane::BATCHED {
        let left = i64::try_from(most.saturating_sub(mails.len())).unwrap_or(0);
        if left > 0 {
            let until = now.after(LEASE);
            mails.extend(store::outbox::claim(&mut tx, context.store.dialect(), lane, now, until, left).await?);
        }
    }
    let subjects = Subjects::of(&mut tx, &mails).await?;
    let mut claimed = Vec::with_capacity(mails.len());
    for mail in mails {
        let subject = subjects.of_mail(&mail);
        if let Some(state) = subject.reason_to_stay(&mail, now) {
            store::outbox::put_aside(&mut tx, &mail, state, now).await?;
            if state == OutboundState::Suppressed {
                let status = subject.suppressed.unwrap_or_default().to_owned();
                undeliverable::note(context, &mut tx, &mail, &status, now).await?;
            }
        } else if let Some(day) = waits_for_the_day(context, &mail, now) {
            store::outbox::postpone(&mut tx, &mail, day).await?;
        } else {
            let letter = write::letter(context, &mail, subject);
            let token = context.keys.report_token(&mail.id);
            claimed.push(Claimed { mail, letter, token, at: now });
        }
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(claimed)
}

/// When a mail that keeps quiet hours may leave, if not now: it may have been held until the evening.
fn waits_for_the_day(context: &Context, mail: &OutboundMail, now: Timestamp) -> Option<Timestamp> {
    let day = context.quiet_hours.due_at(now);
    (mail.kind.keeps_quiet_hours() && now < day).then_some(day)
}

impl Post {
    /// Hands one mail over; `cut` cuts an attempt off, which then ended unknown. A letter that cannot be written is refused
    /// by ourselves: trying again would not help.
    pub async fn hand_over(&self, cut: impl Future<Output = ()>, claimed: Claimed) -> Ended {
        let Claimed { mail, letter, token, .. } = claimed;
        let addressing = Addressing {
            to: &mail.recipient,
            message_id: &mail.message_id,
            date: mail.created_at,
            in_reply_to: mail.in_reply_to.as_deref(),
            report_token: token.as_deref(),
        };
        let composed = letter.as_ref().and_then(|letter| self.composer.compose(letter, addressing).ok());
        let outcome = match &composed {
            Some(composed) => tokio::select! {
                biased;
                outcome = self.transport.send(composed) => outcome,
                () = cut => HandOver::Unknown,
            },
            None => HandOver::Refused { reply: None, status: None },
        };
        Ended { mail, outcome: Some(outcome) }
    }

    /// Whether the relay would have us.
    ///
    /// # Errors
    /// Why not, in a few words without personal data.
    pub async fn probe(&self) -> Result<(), String> {
        self.transport.probe().await.map_err(|error| error.to_string())
    }

    /// Says goodbye on the connections that are kept.
    pub async fn rest(&self) {
        self.transport.rest().await;
    }
}

/// Notes how a group of mails ended, and what follows.
///
/// # Errors
/// What the store says.
pub async fn record(context: &Context, ended: &[Ended]) -> Result<(), FlowError> {
    if ended.is_empty() {
        return Ok(());
    }
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let those = |outcome: Option<&HandOver>| -> Vec<_> {
        ended.iter().filter(|end| end.outcome() == outcome).map(|end| &end.mail.id).collect()
    };
    store::outbox::sent(&mut tx, &those(Some(&HandOver::Sent)), now).await?;
    store::outbox::release(&mut tx, &those(None)).await?;
    for (mail, outcome) in ended.iter().filter_map(|end| Some((&end.mail, end.outcome()?))) {
        if *outcome == HandOver::Sent {
            continue;
        }
        let unknowns = mail.unknowns + u32::from(*outcome == HandOver::Unknown);
        let next = after_attempt(outcome, mail.attempts, unknowns, mail.created_at, now);
        store::outbox::record(&mut tx, mail, outcome, &next, now).await?;
        if next == Next::Failed {
            undeliverable::suppress(&mut tx, mail, outcome.status(), now).await?;
            undeliverable::note(context, &mut tx, mail, &outcome.said(), now).await?;
        }
        let (kind, outcome, reply) = (mail.kind.name(), outcome.name(), outcome.reply());
        if next == Next::Failed {
            warn!(mail.id = %mail.id, mail.kind = kind, mail.reply = reply, "a mail failed: {outcome}");
        } else {
            info!(mail.id = %mail.id, mail.kind = kind, mail.reply = reply, "a mail waits: {outcome}");
        }
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// Leases that ran out, or whose daemon is known to be dead (`all`), ended unknown.
///
/// # Errors
/// What the store says.
pub async fn end_leases(context: &Context, all: bool) -> Result<(), FlowError> {
    let now = context.now();
    // All of them, also those of a daemon whose clock ran ahead.
    let until = if all { Timestamp::from_millis(i64::MAX) } else { now };
    let again = now.after(UNKNOWN_PAUSE);
    let mut tx = context.store.begin().await?;
    for mail in store::outbox::end_leases(&mut tx, until, again, now, UNKNOWN_LIMIT).await? {
        undeliverable::note(context, &mut tx, &mail, "", now).await?;
        warn!(mail.id = %mail.id, mail.kind = mail.kind.name(), "a mail failed: unknown too often");
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

/// When the next mail of the batched lanes is due.
///
/// # Errors
/// What the store says.
pub async fn next_due(context: &Context) -> Result<Option<Timestamp>, FlowError> {
    Ok(store::outbox::next_due(&mut *context.store.read().await?, &Lane::BATCHED).await?)
}
