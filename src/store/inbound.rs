//! What was seen in the mailbox, how far the intake has come, and what is still to be moved.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{clean, count, maybe_text, maybe_time, named, number, text, time};
use crate::domain::ids::{FirmId, InboundId, RequestId};
use crate::domain::inbound::{Class, Digest, Folder, InboundMessage, Locator, Verdict, WindowRecord};
use crate::domain::time::Timestamp;

const INSERT: &str =
    "INSERT INTO inbound_message (id, mailbox, uidvalidity, uid, digest, size, message_id, class, verdict,
    reasons, firm_id, request_id, arrived_at, judged_at, due_at, tries, folder, filed_at)";
const JUDGED_ANEW: &str = "ON CONFLICT (mailbox, uidvalidity, uid) DO UPDATE SET digest = excluded.digest,
    size = excluded.size, message_id = excluded.message_id, class = excluded.class, verdict = excluded.verdict,
    reasons = excluded.reasons, firm_id = excluded.firm_id, request_id = excluded.request_id,
    judged_at = excluded.judged_at, due_at = excluded.due_at, tries = excluded.tries, folder = excluded.folder,
    filed_at = excluded.filed_at";
const BY_DIGESTS: &str = "SELECT * FROM inbound_message WHERE digest IN";
const BY_ID: &str = "SELECT * FROM inbound_message WHERE id = $1";
const HELD_DUE: &str = "SELECT * FROM inbound_message WHERE mailbox = $1 AND verdict = 'held' AND due_at <= $2
    ORDER BY due_at, id LIMIT $3";
const NEXT_HELD: &str = "SELECT MIN(due_at) AS due_at FROM inbound_message WHERE mailbox = $1 AND verdict = 'held'";
const IN_INBOX: &str = "SELECT uid FROM inbound_message WHERE mailbox = $1 AND verdict = 'held'
    UNION SELECT uid FROM inbound_message WHERE mailbox = $2 AND folder IS NOT NULL AND filed_at IS NULL";
const TO_FILE: &str = "SELECT * FROM inbound_message WHERE mailbox = $1 AND folder IS NOT NULL AND filed_at IS NULL
    ORDER BY id LIMIT $2";
const FILED: &str = "UPDATE inbound_message SET filed_at = $1 WHERE id IN";
const FILE_AGAIN: &str = "UPDATE inbound_message SET filed_at = NULL WHERE id IN";
const MOVED_TO: &str = "UPDATE inbound_message SET uidvalidity = $1, uid = $2 WHERE id = $3";
const SET_VERDICT: &str = "UPDATE inbound_message SET verdict = $1, folder = $2 WHERE id = $3 AND verdict = $4";
const QUARANTINED: &str =
    "SELECT * FROM inbound_message WHERE verdict = 'quarantined' AND id < $1 ORDER BY id DESC LIMIT $2";
const SUPERSEDE: &str = "UPDATE inbound_message SET verdict = 'released', folder = NULL WHERE verdict = 'quarantined'
    AND filed_at IS NOT NULL AND digest IN";
const FORGET_UNSEEN: &str = "DELETE FROM inbound_message WHERE id = $1 AND verdict = 'held'";
const PURGE: &str = "DELETE FROM inbound_message WHERE id IN (SELECT id FROM inbound_message WHERE judged_at <= $1
    AND verdict NOT IN ('accepted', 'refused', 'held') AND (folder IS NULL OR filed_at IS NOT NULL) ORDER BY judged_at LIMIT $2)";
const CURSOR: &str = "SELECT uidvalidity, uidnext, window_uids, window_tries FROM mailbox_cursor WHERE mailbox = $1";
const SET_CURSOR: &str = "INSERT INTO mailbox_cursor (mailbox, uidvalidity, uidnext, window_uids, window_tries)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mailbox) DO UPDATE SET uidvalidity = excluded.uidvalidity,
    uidnext = excluded.uidnext, window_uids = excluded.window_uids, window_tries = excluded.window_tries";

/// Writes what was judged; a mail judged before in the same place is judged anew.
///
/// # Errors
/// [`StoreError::Taken`] when a copy has acted in the meantime.
pub async fn insert(connection: &mut AnyConnection, messages: &[InboundMessage]) -> Result<(), StoreError> {
    let rows: Vec<_> = messages.iter().map(columns).collect();
    batch::insert(connection, INSERT, JUDGED_ANEW, &rows).await?;
    Ok(())
}

/// All mails with one of these digests.
///
/// # Errors
/// What the database says.
pub async fn by_digests(
    connection: &mut AnyConnection,
    digests: &[&Digest],
) -> Result<Vec<InboundMessage>, StoreError> {
    if digests.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(BY_DIGESTS, 1, digests.len(), "");
    let values = digests.iter().map(|digest| Value::Text(digest.0.clone()));
    batch::rows(connection, sql, values).await?.iter().map(message).collect()
}

/// The mail with this id.
///
/// # Errors
/// What the database says.
pub async fn by_id(connection: &mut AnyConnection, id: &InboundId) -> Result<Option<InboundMessage>, StoreError> {
    sqlx::query(BY_ID).bind(id.as_str().to_owned()).fetch_optional(connection).await?.as_ref().map(message).transpose()
}

/// Held mails that are due again.
///
/// # Errors
/// What the database says.
pub async fn held_due(
    connection: &mut AnyConnection,
    mailbox: &str,
    now: Timestamp,
    most: i64,
) -> Result<Vec<InboundMessage>, StoreError> {
    let query = sqlx::query(HELD_DUE).bind(mailbox.to_owned()).bind(now.as_millis()).bind(most);
    query.fetch_all(connection).await?.iter().map(message).collect()
}

/// When the next held mail is due.
///
/// # Errors
/// What the database says.
pub async fn next_held(connection: &mut AnyConnection, mailbox: &str) -> Result<Option<Timestamp>, StoreError> {
    maybe_time(&sqlx::query(NEXT_HELD).bind(mailbox.to_owned()).fetch_one(connection).await?, "due_at")
}

/// The uids of mails that lie in INBOX and are not new: held ones, and judged ones that are not moved yet.
///
/// # Errors
/// What the database says.
pub async fn known_in_inbox(connection: &mut AnyConnection, mailbox: &str) -> Result<Vec<String>, StoreError> {
    let query = sqlx::query_scalar(IN_INBOX).bind(mailbox.to_owned()).bind(mailbox.to_owned());
    Ok(query.fetch_all(connection).await?)
}

/// Mails that are judged and not moved yet, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn to_file(
    connection: &mut AnyConnection,
    mailbox: &str,
    most: i64,
) -> Result<Vec<InboundMessage>, StoreError> {
    let query = sqlx::query(TO_FILE).bind(mailbox.to_owned()).bind(most);
    query.fetch_all(connection).await?.iter().map(message).collect()
}

/// Notes that these mails were moved.
///
/// # Errors
/// What the database says.
pub async fn filed(connection: &mut AnyConnection, ids: &[InboundId], now: Timestamp) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = batch::in_list(FILED, 2, ids.len(), "");
    let ids = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    batch::run(connection, sql, std::iter::once(Value::Number(now.as_millis())).chain(ids)).await?;
    Ok(())
}

/// Notes that these mails lie in INBOX again and are to be moved once more.
///
/// # Errors
/// What the database says.
pub async fn file_again(connection: &mut AnyConnection, ids: &[InboundId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = batch::in_list(FILE_AGAIN, 1, ids.len(), "");
    batch::run(connection, sql, ids.iter().map(|id| Value::Text(id.as_str().to_owned()))).await?;
    Ok(())
}

/// Notes that a mail is found under another UID (UIDVALIDITY changed).
///
/// # Errors
/// [`StoreError::Taken`] when another row has that place.
pub async fn moved_to(connection: &mut AnyConnection, id: &InboundId, at: &Locator) -> Result<(), StoreError> {
    let query = sqlx::query(MOVED_TO).bind(i64::from(at.uidvalidity)).bind(at.uid.clone()).bind(id.as_str().to_owned());
    query.execute(connection).await?;
    Ok(())
}

/// Changes a verdict, if it is still `from`.
///
/// # Errors
/// [`StoreError::Stale`]
pub async fn set_verdict(
    connection: &mut AnyConnection,
    id: &InboundId,
    from: Verdict,
    to: Verdict,
) -> Result<(), StoreError> {
    let query = sqlx::query(SET_VERDICT).bind(to.name()).bind(to.folder().map(Folder::name));
    let done = query.bind(id.as_str().to_owned()).bind(from.name()).execute(connection).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The newest quarantined mails below an id, newest first.
///
/// # Errors
/// What the database says.
pub async fn quarantined(
    connection: &mut AnyConnection,
    below: &str,
    most: i64,
) -> Result<Vec<InboundMessage>, StoreError> {
    let query = sqlx::query(QUARANTINED).bind(below.to_owned()).bind(most);
    query.fetch_all(connection).await?.iter().map(message).collect()
}

/// Mails with these digests came to INBOX again: what was quarantined of them is so no longer. One that was never moved did
/// not come again: another copy came, and it still belongs into the quarantine.
///
/// # Errors
/// What the database says.
pub async fn supersede_quarantined(connection: &mut AnyConnection, digests: &[&Digest]) -> Result<(), StoreError> {
    if digests.is_empty() {
        return Ok(());
    }
    let sql = batch::in_list(SUPERSEDE, 1, digests.len(), "");
    batch::run(connection, sql, digests.iter().map(|digest| Value::Text(digest.0.clone()))).await?;
    Ok(())
}

/// A held mail has vanished from the mailbox: somebody took it out of our hands.
///
/// # Errors
/// What the database says.
pub async fn forget_held(connection: &mut AnyConnection, id: &InboundId) -> Result<(), StoreError> {
    sqlx::query(FORGET_UNSEEN).bind(id.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Forgets mails that did nothing and were judged before; says how many. Those that acted are kept: their digest is what
/// keeps a copy from acting again.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &mut AnyConnection, judged_before: Timestamp, most: i64) -> Result<u64, StoreError> {
    let query = sqlx::query(PURGE).bind(judged_before.as_millis()).bind(most);
    Ok(query.execute(connection).await?.rows_affected())
}

/// How far the intake of a mailbox has come, and what it held in its hands when it last wrote.
///
/// # Errors
/// What the database says.
pub async fn cursor(connection: &mut AnyConnection, mailbox: &str) -> Result<Option<WindowRecord>, StoreError> {
    let row = sqlx::query(CURSOR).bind(mailbox.to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(record).transpose()
}

/// Writes how far the intake has come and what it now holds in its hands.
///
/// # Errors
/// What the database says.
pub async fn set_cursor(
    connection: &mut AnyConnection,
    mailbox: &str,
    record: &WindowRecord,
) -> Result<(), StoreError> {
    sqlx::query(SET_CURSOR)
        .bind(mailbox.to_owned())
        .bind(i64::from(record.uidvalidity))
        .bind(i64::from(record.uidnext))
        .bind(record.in_hand.join(" "))
        .bind(i64::from(record.tries))
        .execute(connection)
        .await?;
    Ok(())
}

fn record(row: &AnyRow) -> Result<WindowRecord, StoreError> {
    Ok(WindowRecord {
        uidvalidity: count(row, "uidvalidity")?,
        uidnext: count(row, "uidnext")?,
        in_hand: text(row, "window_uids")?.split_whitespace().map(str::to_owned).collect(),
        tries: count(row, "window_tries")?,
    })
}

fn columns(message: &InboundMessage) -> Vec<Value> {
    vec![
        Value::Text(message.id.as_str().to_owned()),
        Value::Text(message.mailbox.clone()),
        Value::Number(i64::from(message.at.uidvalidity)),
        Value::Text(message.at.uid.clone()),
        Value::MaybeText(message.digest.as_ref().map(|digest| digest.0.clone())),
        Value::Number(i64::try_from(message.size).unwrap_or(i64::MAX)),
        Value::MaybeText(message.message_id.as_deref().map(clean)),
        Value::Text(message.class.name().to_owned()),
        Value::Text(message.verdict.name().to_owned()),
        Value::Text(message.reasons.join("\n")),
        Value::MaybeText(message.firm.as_ref().map(|firm| firm.as_str().to_owned())),
        Value::MaybeText(message.request.as_ref().map(|request| request.as_str().to_owned())),
        Value::Number(message.arrived_at.as_millis()),
        Value::Number(message.judged_at.as_millis()),
        Value::MaybeNumber(message.due_at.map(Timestamp::as_millis)),
        Value::Number(i64::from(message.tries)),
        Value::MaybeText(message.verdict.folder().map(|folder| folder.name().to_owned())),
        Value::MaybeNumber(message.filed_at.map(Timestamp::as_millis)),
    ]
}

fn message(row: &AnyRow) -> Result<InboundMessage, StoreError> {
    Ok(InboundMessage {
        id: InboundId::stored(text(row, "id")?),
        mailbox: text(row, "mailbox")?,
        at: Locator { uidvalidity: count(row, "uidvalidity")?, uid: text(row, "uid")? },
        digest: maybe_text(row, "digest")?.map(Digest),
        size: u64::try_from(number(row, "size")?).map_err(|_| StoreError::Corrupt("inbound_message.size"))?,
        message_id: maybe_text(row, "message_id")?,
        class: named(row, "class", Class::stored)?,
        verdict: named(row, "verdict", Verdict::stored)?,
        reasons: text(row, "reasons")?.lines().map(str::to_owned).collect(),
        firm: maybe_text(row, "firm_id")?.map(FirmId::stored),
        request: maybe_text(row, "request_id")?.map(RequestId::stored),
        arrived_at: time(row, "arrived_at")?,
        judged_at: time(row, "judged_at")?,
        due_at: maybe_time(row, "due_at")?,
        tries: count(row, "tries")?,
        filed_at: maybe_time(row, "filed_at")?,
    })
}
