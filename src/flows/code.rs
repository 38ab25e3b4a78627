//! The page that takes the code: what it shows, another code, a try (S16 to S20).

use tracing::warn;

use crate::domain::account::{AcceptedTerms, Account, SecurityEvent};
use crate::domain::email_address::EmailAddress;
use crate::domain::ids::{AccountId, AttemptId};
use crate::domain::outbound::OutboundMail;
use crate::domain::time::Timestamp;
use crate::domain::verification::{
    Aim, Allowance, Asked, Attempt, AttemptState, CodeState, Digits, Draft, NotAsked, NotJudged, Over, PROOF_LIFE,
    Purpose, TRIES_PER_CODE, Try,
};
use crate::store::{self, StoreError, Tx};

use super::{Context, FlowError, accounts, issue, outgoing};

/// All that the page shows about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What the code is for.
    pub purpose: Purpose,
    /// Where the codes go: what this browser's person typed.
    pub address: EmailAddress,
    /// Which code it is: 1, or 2 and 3 for the resends.
    pub sequence: u32,
    /// Where its mail is.
    pub mail: MailState,
    /// Tries left at this code.
    pub tries_left: u32,
    /// Resends left; asking for a code that could not be sent costs none.
    pub resends_left: u32,
    /// From when on another code can be asked for.
    pub next_from: Timestamp,
    /// What can be done now.
    pub stage: Stage,
}

/// Where the mail with the newest code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Asked for then, about to be sent.
    Waiting(Timestamp),
    /// Sent.
    Sent {
        /// When the code was minted.
        at: Timestamp,
        /// The first moment at which it no longer counts.
        until: Timestamp,
    },
    /// It could not be sent; asking for it again is free.
    Unsent(Timestamp),
}

/// What can be done with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A code can be typed.
    Live,
    /// The code's ten minutes are over.
    Expired,
    /// The code died of five wrong tries.
    Killed,
    /// The code was right: a new password can be set until then.
    Proven(Timestamp),
    /// Nothing.
    Over(Over),
}

/// What a request for another code did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resent {
    /// Another code is on its way, the older one is dead.
    OnItsWay(Progress),
    /// None was asked for.
    Not(NotAsked),
    /// There is no such attempt (any more).
    NoAttempt,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It was right: the account was made.
    Account(AccountId),
    /// It was right, but the address was registered in another way meanwhile: log in.
    AlreadyRegistered,
    /// It was right: a new password may be set with [`super::reset_password::set`].
    MayReset,
    /// It was wrong.
    Wrong {
        /// At this code; at 0 it is dead.
        tries_left: u32,
        /// Resends left.
        resends_left: u32,
    },
    /// It is an older code of this attempt; a newer one was mailed. Costs a try.
    Old {
        /// Which code was typed: 1 or 2.
        typed: u32,
        /// Which one counts.
        newest: u32,
        /// At the newest code.
        tries_left: u32,
    },
    /// The newest code has not been sent yet: nothing can be right.
    NotSentYet {
        /// At that code.
        tries_left: u32,
    },
    /// The newest code could not be sent: asking for it again is free.
    Unsent,
    /// The newest code's ten minutes are over.
    Expired {
        /// Resends left.
        resends_left: u32,
    },
    /// The newest code died of five wrong tries.
    Killed {
        /// Resends left.
        resends_left: u32,
    },
    /// The attempt leads nowhere any more.
    Over(Over),
    /// There is no such attempt (any more).
    NoAttempt,
}

/// What the page shows; `None` when there is no such attempt (any more). Changes nothing.
///
/// # Errors
/// What the store says.
pub async fn progress(context: &Context, id: &AttemptId) -> Result<Option<Progress>, FlowError> {
    let attempt = store::attempts::by_id(&mut *context.store.read().await?, id).await?;
    Ok(attempt.and_then(|attempt| Progress::of(&attempt, context.now())))
}

/// Asks for another code (S18 to S20). The older one is dead from now on.
///
/// # Errors
/// [`FlowError::ClockBehind`], or what the store says.
pub async fn resend(context: &Context, id: &AttemptId) -> Result<Resent, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(attempt) = store::attempts::take(&mut tx, id).await? else { return Ok(Resent::NoAttempt) };
    let (attempt, asked) = match attempt.ask_again(now) {
        Ok(asked) => asked,
        Err(not) => return Ok(Resent::Not(not)),
    };
    issue::trusted_clock(&mut tx, now).await?;
    let (Asked::Next(sequence) | Asked::Free(sequence)) = asked;
    store::attempts::save(&mut tx, &attempt).await?;
    store::outbox::insert(&mut tx, &[outgoing::code(context, &attempt, sequence, now)]).await?;
    issue::note(&mut tx, id, "asked for another code", (attempt.state.name(), attempt.state), now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    context.bell.ring();
    Ok(Progress::of(&attempt, now).map_or(Resent::NoAttempt, Resent::OnItsWay))
}

/// Tries a code. The try is committed before anything is compared.
///
/// # Errors
/// What the store says.
pub async fn verify(context: &Context, id: &AttemptId, typed: &Digits) -> Result<Verified, FlowError> {
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(attempt) = store::attempts::take(&mut tx, id).await? else { return Ok(Verified::NoAttempt) };
    let resends_left = attempt.resends_left();
    let (attempt, judged) = match attempt.begin_try(now) {
        Ok(begun) => begun,
        Err(not) => return Ok(not_judged(not, resends_left)),
    };
    store::attempts::save(&mut tx, &attempt).await?;
    let barred = count_guess(context, &mut tx, &attempt, judged, now).await?;
    tx.commit().await.map_err(StoreError::from)?;

    match compare(context, &attempt, judged, typed) {
        Some(sequence) if sequence == judged.sequence && !barred => proven(context, id, judged, now).await,
        Some(sequence) if sequence < judged.sequence => {
            let (newest, tries_left) = (judged.sequence, judged.tries_left);
            wrong(context, id, judged, Verified::Old { typed: sequence, newest, tries_left }).await
        }
        _ if judged.minting.is_none() => {
            wrong(context, id, judged, Verified::NotSentYet { tries_left: judged.tries_left }).await
        }
        _ => wrong(context, id, judged, Verified::Wrong { tries_left: judged.tries_left, resends_left }).await,
    }
}

/// Which of the attempt's codes was typed: the newest minting of the newest one, or an older one. Takes as long whatever
/// was typed, and finds nothing where no code was mailed.
fn compare(context: &Context, attempt: &Attempt, judged: Try, typed: &Digits) -> Option<u32> {
    let equals = |sequence, minting| {
        let code = context.keys.code(&attempt.code_key, &attempt.id, sequence, minting);
        code.is_some_and(|code| code.equals(typed))
    };
    let mut found = None;
    for code in attempt.codes.iter().filter(|code| code.sequence < judged.sequence) {
        for minting in 1..=code.minting {
            found = equals(code.sequence, minting).then_some(code.sequence).or(found);
        }
    }
    if judged.minting.is_some_and(|minting| equals(judged.sequence, minting)) {
        found = Some(judged.sequence);
    }
    found.filter(|_| attempt.aim.has_code())
}

/// Counts a guess at an address over all its attempts. Says whether there were so many that none is right any more. Who
/// began from the link that was mailed to the address neither adds to them nor suffers from them.
async fn count_guess(
    context: &Context,
    tx: &mut Tx,
    attempt: &Attempt,
    judged: Try,
    now: Timestamp,
) -> Result<bool, FlowError> {
    if matches!(attempt.allowance, Allowance::Link(_)) || judged.minting.is_none() {
        return Ok(false);
    }
    let limit = issue::guesses(context, &attempt.address)?;
    let before = store::limits::take(tx, &limit, now).await?.remembered(now);
    store::limits::set(tx, &limit, before.and_one(now)).await?;
    Ok(before.bar_codes())
}

/// A right code: whoever is first with it has proven the address.
async fn proven(context: &Context, id: &AttemptId, judged: Try, now: Timestamp) -> Result<Verified, FlowError> {
    let mut tx = context.store.begin().await?;
    let Some(before) = store::attempts::take(&mut tx, id).await? else { return Ok(Verified::NoAttempt) };
    let Some(attempt) = before.clone().accept(judged, now) else { return Ok(too_late(&before, judged, now)) };
    store::attempts::save(&mut tx, &attempt).await?;
    store::limits::forget(&mut tx, &issue::guesses(context, &attempt.address)?).await?;
    let verified = match &attempt.aim {
        Aim::Register(draft) => made(context, &mut tx, &attempt, draft, now).await?,
        _ => Verified::MayReset,
    };
    issue::note(&mut tx, id, "proved the address", (before.state.name(), attempt.state), now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(verified)
}

/// Somebody else was faster: another try side by side was right, or a newer code was asked for.
fn too_late(attempt: &Attempt, judged: Try, now: Timestamp) -> Verified {
    if let Some(over) = attempt.over(now) {
        return Verified::Over(over);
    }
    let newest = attempt.newest();
    let tries_left = newest.map_or(0, |code| TRIES_PER_CODE.saturating_sub(code.tries));
    Verified::Old { typed: judged.sequence, newest: newest.map_or(0, |code| code.sequence), tries_left }
}

/// Makes the account.
async fn made(
    context: &Context,
    tx: &mut Tx,
    attempt: &Attempt,
    draft: &Draft,
    now: Timestamp,
) -> Result<Verified, FlowError> {
    let account = Account {
        id: AccountId::new(context.entropy.uuid(now)),
        address: attempt.address.clone(),
        name: draft.name.clone(),
        password: draft.password.clone(),
        terms: AcceptedTerms { version: draft.terms_version.clone(), at: attempt.created_at },
        locale: attempt.locale,
        created_at: now,
        failures: 0,
        locked_at: None,
        erased_at: None,
        version: 0,
    };
    if !store::accounts::insert(tx, &account).await? {
        return Ok(Verified::AlreadyRegistered);
    }
    store::outbox::insert(tx, &[outgoing::registered(context, &account, now)]).await?;
    accounts::note(tx, &account.id, "renkei", ("registered", format!("attempt {}", attempt.id)), now).await?;
    Ok(Verified::Account(account.id))
}

/// A wrong code; the last one that may be wrong ends the attempt, and the owner of the address is told.
async fn wrong(context: &Context, id: &AttemptId, judged: Try, said: Verified) -> Result<Verified, FlowError> {
    if !judged.is_last {
        return Ok(said);
    }
    let now = context.now();
    let mut tx = context.store.begin().await?;
    let Some(before) = store::attempts::take(&mut tx, id).await? else { return Ok(Verified::NoAttempt) };
    let Some(attempt) = before.clone().exhaust(now) else { return Ok(too_late(&before, judged, now)) };
    store::attempts::save(&mut tx, &attempt).await?;
    let notice = outgoing::security(context, &attempt.address, attempt.locale, SecurityEvent::CodesExhausted, now);
    store::outbox::insert(&mut tx, &[OutboundMail { attempt: Some(id.clone()), ..notice }]).await?;
    issue::note(&mut tx, id, "exhausted", (before.state.name(), attempt.state), now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    warn!(attempt.id = %id, "an attempt to prove an address is exhausted");
    Ok(attempt.over(now).map_or(said, Verified::Over))
}

const fn not_judged(not: NotJudged, resends_left: u32) -> Verified {
    match not {
        NotJudged::Expired => Verified::Expired { resends_left },
        NotJudged::Killed => Verified::Killed { resends_left },
        NotJudged::Unsent => Verified::Unsent,
        NotJudged::Over(over) => Verified::Over(over),
    }
}

impl Progress {
    fn of(attempt: &Attempt, now: Timestamp) -> Option<Self> {
        let code = attempt.newest()?;
        let mail = match (code.life(), code.state) {
            (Some((at, until)), _) => MailState::Sent { at, until },
            (None, CodeState::Unsent(at)) => MailState::Unsent(at),
            (None, _) => MailState::Waiting(code.asked_at),
        };
        let tries_left = TRIES_PER_CODE.saturating_sub(code.tries);
        let stage = match (attempt.state, attempt.over(now)) {
            (AttemptState::Proven(at), _) if attempt.may_set_password(now) => Stage::Proven(at.after(PROOF_LIFE)),
            (_, Some(over)) => Stage::Over(over),
            _ if tries_left == 0 => Stage::Killed,
            _ if code.life().is_some() && !code.is_live(now) => Stage::Expired,
            _ => Stage::Live,
        };
        Some(Self {
            purpose: attempt.aim.purpose(),
            address: attempt.address.clone(),
            sequence: code.sequence,
            mail,
            tries_left,
            resends_left: attempt.resends_left(),
            next_from: code.next_from(),
            stage,
        })
    }
}
