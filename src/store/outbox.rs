//! The outbox: what is to be said, who holds it, how it ended.

mod rows;

use sqlx::{AnyConnection, AssertSqlSafe};

use super::Dialect;
use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{clean, maybe_time};
use crate::domain::ids::{AccountId, FirmId, OutboundId, RequestId};
use crate::domain::outbound::{HandOver, Lane, Next, OutboundMail, OutboundState};
use crate::domain::time::Timestamp;
use rows::{columns, mail};

const INSERT: &str =
    "INSERT INTO outbound_mail (id, kind, request_id, firm_id, account_id, attempt_id, recipient, locale,
    about, message_id, in_reply_to, lane, state, attempts, unknowns, created_at, due_at, last_outcome)";
const CLAIM: &str = "UPDATE outbound_mail SET state = 'leased', attempts = attempts + 1, lease_until = $1 WHERE id IN
    (SELECT id FROM outbound_mail WHERE state = 'queued' AND lane = $2 AND due_at <= $3 ORDER BY due_at, id LIMIT $4";
const SENT: &str = "UPDATE outbound_mail SET state = 'sent', lease_until = NULL, ended_at = $1, last_outcome = 'sent',
    last_reply = NULL WHERE state = 'leased' AND id IN";
const RECORD: &str = "UPDATE outbound_mail SET state = $1, due_at = $2, ended_at = $3, attempts = $4, unknowns = $5,
    last_outcome = $6, last_reply = $7, lease_until = NULL WHERE id = $8 AND state = 'leased'";
const RELEASE: &str = "UPDATE outbound_mail SET state = 'queued', attempts = attempts - 1, lease_until = NULL
    WHERE state = 'leased' AND id IN";
const POSTPONE: &str =
    "UPDATE outbound_mail SET state = 'queued', attempts = attempts - 1, lease_until = NULL, due_at = $1
    WHERE state = 'leased' AND id = $2";
const RELEASE_LEASES: &str =
    "UPDATE outbound_mail SET state = 'queued', unknowns = unknowns + 1, last_outcome = 'unknown',
    lease_until = NULL, due_at = CASE WHEN unknowns > 0 THEN $1 ELSE due_at END
    WHERE state = 'leased' AND lease_until <= $2 AND unknowns < $3 AND lane > 0";
const FAIL_LEASES: &str =
    "UPDATE outbound_mail SET state = 'failed', unknowns = unknowns + 1, last_outcome = 'unknown',
    lease_until = NULL, ended_at = $1 WHERE state = 'leased' AND lease_until <= $2 AND lane > 0 RETURNING *";
const END_WAITING_LEASES: &str =
    "UPDATE outbound_mail SET state = 'failed', unknowns = unknowns + 1, last_outcome = 'unknown',
    lease_until = NULL, ended_at = $1 WHERE state = 'leased' AND lease_until <= $2 AND lane = 0";
const NEXT_DUE: &str = "SELECT MIN(due_at) AS due_at FROM outbound_mail WHERE state = 'queued' AND lane = $1";
const WITHHOLD: &str = "UPDATE outbound_mail SET state = 'withheld' WHERE firm_id = $1 AND state = 'queued'";
const HAND_BACK: &str = "UPDATE outbound_mail SET state = 'queued' WHERE firm_id = $1 AND state = 'withheld'";
const USELESS: &str = "UPDATE outbound_mail SET state = 'useless', ended_at = $1 WHERE request_id = $2
    AND kind IN ('request_notice', 'request_copy', 'request_reminder') AND state IN ('queued', 'withheld')";
const RETRY: &str =
    "UPDATE outbound_mail SET state = 'queued', attempts = 0, unknowns = 0, created_at = $1, due_at = $2,
    ended_at = NULL WHERE id = $3 AND state IN ('failed', 'queued', 'suppressed', 'bounced')";
const DROP: &str = "UPDATE outbound_mail SET state = 'useless', ended_at = $1, last_outcome = 'dropped'
    WHERE id = $2 AND state IN ('failed', 'queued', 'withheld', 'suppressed')";
const PAGE: &str = "SELECT * FROM outbound_mail WHERE id < $1 AND state = $2 ORDER BY id DESC LIMIT $3";
const UNSENT: &str = "SELECT * FROM outbound_mail WHERE id < $1 AND state IN ('queued', 'withheld', 'leased', 'failed')
    ORDER BY id DESC LIMIT $2";
const OF_ACCOUNT: &str = "SELECT * FROM outbound_mail WHERE account_id = $1 ORDER BY id";
const FORGET_ACCOUNT: &str = "DELETE FROM outbound_mail WHERE account_id = $1";
const OF_REQUEST: &str = "SELECT * FROM outbound_mail WHERE request_id = $1 ORDER BY id";
const BY_ID: &str = "SELECT * FROM outbound_mail WHERE id = $1";
const BY_MESSAGE_IDS: &str = "SELECT * FROM outbound_mail WHERE message_id IN";
const BY_IDS: &str = "SELECT * FROM outbound_mail WHERE id IN";
const REPORTED: &str =
    "UPDATE outbound_mail SET state = $1, last_outcome = $2, lease_until = NULL, ended_at = COALESCE(ended_at, $3)
    WHERE id = $4 AND state IN ('leased', 'sent', 'delayed')";
const PURGE: &str = "DELETE FROM outbound_mail WHERE id IN
    (SELECT id FROM outbound_mail WHERE ended_at IS NOT NULL AND ended_at <= $1 ORDER BY ended_at LIMIT $2)";

/// Puts mails into the outbox.
///
/// # Errors
/// What the database says.
pub async fn insert(connection: &mut AnyConnection, mails: &[OutboundMail]) -> Result<(), StoreError> {
    let rows: Vec<_> = mails.iter().map(columns).collect();
    batch::insert(connection, INSERT, "", &rows).await?;
    Ok(())
}

/// Takes up to `most` due mails of a lane into our hands until `lease_until`; their attempt is counted.
///
/// # Errors
/// What the database says.
pub async fn claim(
    connection: &mut AnyConnection,
    dialect: Dialect,
    lane: Lane,
    now: Timestamp,
    lease_until: Timestamp,
    most: i64,
) -> Result<Vec<OutboundMail>, StoreError> {
    // Safe: both parts are literals.
    let sql = format!("{CLAIM}{}) RETURNING *", dialect.skip_locked());
    let query = sqlx::query(AssertSqlSafe(sql)).bind(lease_until.as_millis()).bind(lane.rank()).bind(now.as_millis());
    let rows = query.bind(most).fetch_all(connection).await?;
    let mut mails = rows.iter().map(mail).collect::<Result<Vec<_>, _>>()?;
    mails.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
    Ok(mails)
}

/// Notes that the relay took these.
///
/// # Errors
/// What the database says.
pub async fn sent(connection: &mut AnyConnection, ids: &[&OutboundId], now: Timestamp) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = batch::in_list(SENT, 2, ids.len(), "");
    let ids = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    batch::run(connection, sql, std::iter::once(Value::Number(now.as_millis())).chain(ids)).await?;
    Ok(())
}

/// Notes how an attempt ended, and what follows. One that ended at the relay's door is not counted.
///
/// # Errors
/// What the database says.
pub async fn record(
    connection: &mut AnyConnection,
    mail: &OutboundMail,
    outcome: &HandOver,
    next: &Next,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, due, ended) = match next {
        Next::Sent => (OutboundState::Sent, mail.due_at, Some(now)),
        Next::Failed => (OutboundState::Failed, mail.due_at, Some(now)),
        Next::Again(at) => (OutboundState::Queued, *at, None),
    };
    let unknowns = mail.unknowns + u32::from(*outcome == HandOver::Unknown);
    let attempts = if outcome.is_about_the_mail() { mail.attempts } else { mail.attempts.saturating_sub(1) };
    sqlx::query(RECORD)
        .bind(state.name())
        .bind(due.as_millis())
        .bind(ended.map(Timestamp::as_millis))
        .bind(i64::from(attempts))
        .bind(i64::from(unknowns))
        .bind(outcome.name())
        .bind(outcome.reply().map(i64::from))
        .bind(mail.id.as_str().to_owned())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives mails in our hands back as they were: nobody tried them.
///
/// # Errors
/// What the database says.
pub async fn release(connection: &mut AnyConnection, ids: &[&OutboundId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let values = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    batch::run(connection, batch::in_list(RELEASE, 1, ids.len(), ""), values).await?;
    Ok(())
}

/// Ends a mail in our hands as useless, or withholds it because its firm is suspended.
///
/// # Errors
/// What the database says.
pub async fn put_aside(
    connection: &mut AnyConnection,
    mail: &OutboundMail,
    state: OutboundState,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = matches!(state, OutboundState::Useless | OutboundState::Suppressed).then(|| now.as_millis());
    sqlx::query(RECORD)
        .bind(state.name())
        .bind(mail.due_at.as_millis())
        .bind(ended)
        .bind(i64::from(mail.attempts.saturating_sub(1)))
        .bind(i64::from(mail.unknowns))
        .bind(state.name())
        .bind(None::<i64>)
        .bind(mail.id.as_str().to_owned())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives a mail in our hands back untried: it is due again later.
///
/// # Errors
/// What the database says.
pub async fn postpone(connection: &mut AnyConnection, mail: &OutboundMail, until: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query(POSTPONE).bind(until.as_millis()).bind(mail.id.as_str().to_owned());
    query.execute(connection).await?;
    Ok(())
}

/// Leases of the batched lanes that ran out by `until` ended unknown: queued again, from the second time on not before
/// `again`, or failed after `limit` unknowns, which are given back.
///
/// # Errors
/// What the database says.
pub async fn end_leases(
    connection: &mut AnyConnection,
    until: Timestamp,
    again: Timestamp,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<OutboundMail>, StoreError> {
    let below = i64::from(limit) - 1;
    sqlx::query(RELEASE_LEASES)
        .bind(again.as_millis())
        .bind(until.as_millis())
        .bind(below)
        .execute(&mut *connection)
        .await?;
    let query = sqlx::query(FAIL_LEASES).bind(now.as_millis()).bind(until.as_millis());
    query.fetch_all(connection).await?.iter().map(mail).collect()
}

/// The same for the lane of those who wait, whose mails never leave twice: they have failed at once. Says how many.
///
/// # Errors
/// What the database says.
pub async fn end_waiting_leases(
    connection: &mut AnyConnection,
    until: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let query = sqlx::query(END_WAITING_LEASES).bind(now.as_millis()).bind(until.as_millis());
    Ok(query.execute(connection).await?.rows_affected())
}

/// When the next queued mail of these lanes is due.
///
/// # Errors
/// What the database says.
pub async fn next_due(connection: &mut AnyConnection, lanes: &[Lane]) -> Result<Option<Timestamp>, StoreError> {
    let mut next = None;
    for lane in lanes {
        let row = sqlx::query(NEXT_DUE).bind(lane.rank()).fetch_one(&mut *connection).await?;
        next = [next, maybe_time(&row, "due_at")?].into_iter().flatten().min();
    }
    Ok(next)
}

/// Keeps what waits for a suspended firm from leaving.
///
/// # Errors
/// What the database says.
pub async fn withhold(connection: &mut AnyConnection, firm: &FirmId) -> Result<(), StoreError> {
    sqlx::query(WITHHOLD).bind(firm.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Lets it leave again.
///
/// # Errors
/// What the database says.
pub async fn hand_back(connection: &mut AnyConnection, firm: &FirmId) -> Result<(), StoreError> {
    sqlx::query(HAND_BACK).bind(firm.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// What waits to ask about an ended request has become useless.
///
/// # Errors
/// What the database says.
pub async fn useless(connection: &mut AnyConnection, request: &RequestId, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(USELESS).bind(now.as_millis()).bind(request.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Queues a failed or waiting mail anew, with all its attempts before it. False when it is neither.
///
/// # Errors
/// What the database says.
pub async fn retry(connection: &mut AnyConnection, id: &OutboundId, now: Timestamp) -> Result<bool, StoreError> {
    let query = sqlx::query(RETRY).bind(now.as_millis()).bind(now.as_millis()).bind(id.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Gives a failed or waiting mail up. False when it is neither.
///
/// # Errors
/// What the database says.
pub async fn drop(connection: &mut AnyConnection, id: &OutboundId, now: Timestamp) -> Result<bool, StoreError> {
    let query = sqlx::query(DROP).bind(now.as_millis()).bind(id.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// The newest mails below an id: in one state, or all that have not left.
///
/// # Errors
/// What the database says.
pub async fn page(
    connection: &mut AnyConnection,
    below: &str,
    state: Option<OutboundState>,
    most: i64,
) -> Result<Vec<OutboundMail>, StoreError> {
    let query = match state {
        Some(state) => sqlx::query(PAGE).bind(below.to_owned()).bind(state.name()).bind(most),
        None => sqlx::query(UNSENT).bind(below.to_owned()).bind(most),
    };
    query.fetch_all(connection).await?.iter().map(mail).collect()
}

/// The mails about a request, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_request(connection: &mut AnyConnection, id: &RequestId) -> Result<Vec<OutboundMail>, StoreError> {
    sqlx::query(OF_REQUEST).bind(id.as_str().to_owned()).fetch_all(connection).await?.iter().map(mail).collect()
}

/// All mails about an account, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_account(connection: &mut AnyConnection, account: &AccountId) -> Result<Vec<OutboundMail>, StoreError> {
    sqlx::query(OF_ACCOUNT).bind(account.as_str().to_owned()).fetch_all(connection).await?.iter().map(mail).collect()
}

/// Forgets all mails about an account.
///
/// # Errors
/// What the database says.
pub async fn forget_account(connection: &mut AnyConnection, account: &AccountId) -> Result<(), StoreError> {
    sqlx::query(FORGET_ACCOUNT).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// The mail with this id.
///
/// # Errors
/// What the database says.
pub async fn by_id(connection: &mut AnyConnection, id: &OutboundId) -> Result<Option<OutboundMail>, StoreError> {
    sqlx::query(BY_ID).bind(id.as_str().to_owned()).fetch_optional(connection).await?.as_ref().map(mail).transpose()
}

/// The mails with these ids or Message-IDs, each once.
///
/// # Errors
/// What the database says.
pub async fn by_names(
    connection: &mut AnyConnection,
    ids: &[OutboundId],
    message_ids: &[&String],
) -> Result<Vec<OutboundMail>, StoreError> {
    let mut found: Vec<OutboundMail> = Vec::new();
    let ids = ids.iter().map(|id| Value::Text(id.as_str().to_owned())).collect::<Vec<_>>();
    let message_ids = message_ids.iter().map(|id| Value::Text(clean(id))).collect::<Vec<_>>();
    for (head, values) in [(BY_IDS, ids), (BY_MESSAGE_IDS, message_ids)] {
        if values.is_empty() {
            continue;
        }
        let sql = batch::in_list(head, 1, values.len(), "");
        for row in batch::rows(connection, sql, values.into_iter()).await? {
            let mail = mail(&row)?;
            if !found.iter().any(|known| known.id == mail.id) {
                found.push(mail);
            }
        }
    }
    Ok(found)
}

/// Notes what a delivery report says of a mail that the relay took; `status` is the report's. A report may come before our own
/// note that the mail was sent: then that one finds nothing to write.
///
/// # Errors
/// What the database says.
pub async fn reported(
    connection: &mut AnyConnection,
    id: &OutboundId,
    state: OutboundState,
    status: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let query =
        sqlx::query(REPORTED).bind(state.name()).bind(format!("{} {status}", state.name()).trim_end().to_owned());
    query.bind(now.as_millis()).bind(id.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Forgets mails that ended before; says how many.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, ended_before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let query = sqlx::query(PURGE).bind(ended_before.as_millis()).bind(most);
    Ok(query.execute(connection).await?.rows_affected())
}
