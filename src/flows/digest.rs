//! What firms and the operator are told once a day (M9, M20). A request is named once for each reason. A row of the outbox
//! holds the ids alone: the letter says what is so when it leaves, and one with nothing left to say does not leave.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::email_address::EmailAddress;
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::firm_request::Request;
use crate::domain::ids::{FirmId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::time::Timestamp;
use crate::store::reminders::WentWrong;
use crate::store::{self, StoreError, Tx};

use super::jobs::{self, Job};
use super::outgoing::{json, queued};
use super::{Context, FlowError};

/// Most requests in one transaction.
const MOST: i64 = 500;
/// Most requests that a digest lists for one reason; more of them wait for the next day's.
const LISTED: usize = 50;
/// Who the operator is in the table of digests: no firm's id.
const OPERATOR: &str = "operator";

/// Who runs this renkei, for M20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Where to write.
    pub address: EmailAddress,
    /// In which language.
    pub locale: Locale,
}

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digested {
    /// Firms that are told something.
    pub firms: usize,
    /// Whether the operator is.
    pub operator: bool,
}

/// What a firm's digest names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutDigest {
    /// Ids of undecided requests that end soon.
    pub ending: Vec<String>,
    /// Ids of approved requests without a linked product.
    pub unlinked: Vec<String>,
    /// How many more there were of both: the next one names them.
    pub more: usize,
}

/// What the operator's digest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutOperation {
    /// What is wrong with the world around, by name, and since when.
    pub troubles: Vec<(String, Timestamp)>,
    /// Mails that were quarantined since the last digest.
    pub quarantined: i64,
    /// Letters that failed since then.
    pub failed: i64,
    /// Requests that a customer disowned since then.
    pub disowned: i64,
    /// Migrations that were given up since then.
    #[serde(default)]
    pub given_up: i64,
}

/// Writes the digests that are due, then notes that the slot ran.
///
/// # Errors
/// What the store says; [`StoreError::Stale`] when two run side by side, and nothing is lost.
pub async fn digest(context: &Context, operator: Option<&Operator>, slot: Timestamp) -> Result<Digested, FlowError> {
    let firms = to_firms(context).await?;
    let operator = match operator {
        Some(operator) => to_operator(context, operator).await?,
        None => false,
    };
    jobs::ran(context, Job::Digest, slot).await?;
    Ok(Digested { firms, operator })
}

async fn to_firms(context: &Context) -> Result<usize, FlowError> {
    let mut told = 0;
    loop {
        let now = context.now();
        // The day on which it leaves is the day that it counts for.
        let day = context.quiet_hours.day(context.quiet_hours.due_at(now));
        let mut tx = context.store.begin().await?;
        let ending = store::reminders::end_untold(&mut tx, now, day, MOST).await?;
        let unlinked = store::reminders::unlinked_untold(&mut tx, now, day, MOST).await?;
        if ending.is_empty() && unlinked.is_empty() {
            return Ok(told);
        }
        let named = named(&ending, &unlinked);
        let firms = store::firms::by_ids(&mut tx, &named.keys().copied().collect::<Vec<_>>()).await?;
        let mut mails = Vec::new();
        for firm in &firms {
            if !store::reminders::take_day(&mut tx, firm.id.as_str(), day, now).await? {
                return Err(StoreError::Stale.into());
            }
            if let Some(about) = named.get(&firm.id).filter(|_| firm.status != FirmStatus::Removed) {
                mails.push(to_firm(context, firm, about, now));
            }
        }
        note_told(&mut tx, named.values(), now).await?;
        store::outbox::insert(&mut tx, &mails).await?;
        tx.commit().await.map_err(StoreError::from)?;
        told += mails.len();
    }
}

fn named<'a>(ending: &'a [Request], unlinked: &'a [Request]) -> BTreeMap<&'a FirmId, AboutDigest> {
    let mut named: BTreeMap<_, AboutDigest> = BTreeMap::new();
    let add = |list: &mut Vec<String>, more: &mut usize, id: &RequestId| {
        if list.len() < LISTED { list.push(id.to_string()) } else { *more += 1 }
    };
    for request in ending {
        let about = named.entry(&request.firm).or_default();
        add(&mut about.ending, &mut about.more, &request.id);
    }
    for request in unlinked {
        let about = named.entry(&request.firm).or_default();
        add(&mut about.unlinked, &mut about.more, &request.id);
    }
    named
}

async fn note_told(tx: &mut Tx, named: impl Iterator<Item = &AboutDigest>, now: Timestamp) -> Result<(), FlowError> {
    for about in named {
        for id in &about.ending {
            store::reminders::end_told(tx, &RequestId::stored(id.clone()), now).await?;
        }
        for id in &about.unlinked {
            store::reminders::unlinked_told(tx, &RequestId::stored(id.clone()), now).await?;
        }
    }
    Ok(())
}

fn to_firm(context: &Context, firm: &Firm, about: &AboutDigest, now: Timestamp) -> OutboundMail {
    OutboundMail {
        firm: Some(firm.id.clone()),
        locale: firm.locale,
        due_at: context.quiet_hours.due_at(now),
        ..queued(context, LetterKind::FirmDigest, &firm.notify_address, json(about), now)
    }
}

/// Tells the operator, if there is anything to tell.
async fn to_operator(context: &Context, operator: &Operator) -> Result<bool, FlowError> {
    let now = context.now();
    let due_at = context.quiet_hours.due_at(now);
    let mut tx = context.store.begin().await?;
    let since = store::reminders::last_digest(&mut tx, OPERATOR).await?.unwrap_or(Timestamp::from_millis(0));
    let troubles = store::troubles::all(&mut tx).await?;
    let wrong = store::reminders::went_wrong(&mut tx, since, now).await?;
    if troubles.is_empty() && wrong == WentWrong::default() {
        return Ok(false);
    }
    if !store::reminders::take_day(&mut tx, OPERATOR, context.quiet_hours.day(due_at), now).await? {
        return Ok(false);
    }
    let troubles = troubles.into_iter().map(|trouble| (trouble.name, trouble.since)).collect();
    let WentWrong { quarantined, failed, disowned, given_up } = wrong;
    let about = json(&AboutOperation { troubles, quarantined, failed, disowned, given_up });
    let mail = queued(context, LetterKind::OperatorDigest, &operator.address, about, now);
    store::outbox::insert(&mut tx, &[OutboundMail { locale: operator.locale, due_at, ..mail }]).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(true)
}
