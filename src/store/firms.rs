//! Firms and the addresses they write from.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{self, Value};
use super::error::StoreError;
use super::row::{address, clean, count, maybe_text, named, number, text};
use crate::domain::email_address::{Domain, EmailAddress};
use crate::domain::firm::{Firm, FirmNumber, FirmStatus, PinnedKey, ProofRule, Receipts, RequestDays};
use crate::domain::ids::FirmId;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

const INSERT: &str = "INSERT INTO firm (id, number, name, postal_address, telephone, notify_address, signing_domain,
    authserv_id, pinned_selector, pinned_record, receipts, request_days, locale, status, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)";
const UPDATE: &str = "UPDATE firm SET number = $1, name = $2, postal_address = $3, telephone = $4, notify_address = $5,
    signing_domain = $6, authserv_id = $7, pinned_selector = $8, pinned_record = $9, receipts = $10, request_days = $11,
    locale = $12, status = $13, version = version + 1 WHERE id = $14 AND version = $15";
const FORGET_SENDERS: &str = "DELETE FROM firm_sender WHERE firm_id = $1";
const INSERT_SENDERS: &str = "INSERT INTO firm_sender (address_key, address, firm_id)";
const SENDERS: &str = "SELECT address FROM firm_sender WHERE firm_id = $1 ORDER BY address_key";
const BY_SENDER: &str =
    "SELECT firm.* FROM firm JOIN firm_sender ON firm_sender.firm_id = firm.id WHERE address_key = $1";
const BY_NUMBER: &str = "SELECT firm.* FROM firm WHERE number = $1 AND status <> 'removed'";
const BY_IDS: &str = "SELECT firm.* FROM firm WHERE id IN";
const NUMBERS: &str = "SELECT id, number FROM firm WHERE id IN";
const LIST: &str = "SELECT firm.* FROM firm WHERE status <> 'removed' ORDER BY number";

/// Registers a firm.
///
/// # Errors
/// [`StoreError::Taken`] when another firm has its number or one of its addresses.
pub async fn insert(connection: &mut AnyConnection, firm: &Firm, now: Timestamp) -> Result<(), StoreError> {
    let (authserv_id, selector, record) = proof_columns(&firm.proof);
    sqlx::query(INSERT)
        .bind(firm.id.as_str().to_owned())
        .bind(firm.number.as_str().to_owned())
        .bind(clean(&firm.name))
        .bind(clean(&firm.postal_address))
        .bind(clean(&firm.telephone))
        .bind(firm.notify_address.to_text())
        .bind(firm.signing_domain.as_str().to_owned())
        .bind(authserv_id)
        .bind(selector)
        .bind(record)
        .bind(firm.receipts.name())
        .bind(i64::from(firm.request_days.get()))
        .bind(firm.locale.tag())
        .bind(firm.status.name())
        .bind(now.as_millis())
        .execute(&mut *connection)
        .await?;
    insert_senders(connection, firm).await
}

/// Writes a changed firm; `firm.version` is the version that was read.
///
/// # Errors
/// [`StoreError::Stale`], [`StoreError::Taken`]
pub async fn update(connection: &mut AnyConnection, firm: &Firm) -> Result<(), StoreError> {
    let (authserv_id, selector, record) = proof_columns(&firm.proof);
    let done = sqlx::query(UPDATE)
        .bind(firm.number.as_str().to_owned())
        .bind(clean(&firm.name))
        .bind(clean(&firm.postal_address))
        .bind(clean(&firm.telephone))
        .bind(firm.notify_address.to_text())
        .bind(firm.signing_domain.as_str().to_owned())
        .bind(authserv_id)
        .bind(selector)
        .bind(record)
        .bind(firm.receipts.name())
        .bind(i64::from(firm.request_days.get()))
        .bind(firm.locale.tag())
        .bind(firm.status.name())
        .bind(firm.id.as_str().to_owned())
        .bind(firm.version)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Stale);
    }
    sqlx::query(FORGET_SENDERS).bind(firm.id.as_str().to_owned()).execute(&mut *connection).await?;
    if firm.status == FirmStatus::Removed { Ok(()) } else { insert_senders(connection, firm).await }
}

/// The firm that writes from `sender`.
///
/// # Errors
/// What the database says.
pub async fn by_sender(connection: &mut AnyConnection, sender: &EmailAddress) -> Result<Option<Firm>, StoreError> {
    let row = sqlx::query(BY_SENDER).bind(sender.key()).fetch_optional(&mut *connection).await?;
    one(connection, row).await
}

/// The firm with this number.
///
/// # Errors
/// What the database says.
pub async fn by_number(connection: &mut AnyConnection, wanted: &FirmNumber) -> Result<Option<Firm>, StoreError> {
    let row = sqlx::query(BY_NUMBER).bind(wanted.as_str().to_owned()).fetch_optional(&mut *connection).await?;
    one(connection, row).await
}

/// The firms with these ids, removed ones too.
///
/// # Errors
/// What the database says.
pub async fn by_ids(connection: &mut AnyConnection, ids: &[&FirmId]) -> Result<Vec<Firm>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(BY_IDS, 1, ids.len(), "");
    let values = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    let rows = batch::rows(connection, sql, values).await?;
    all(connection, rows).await
}

/// The numbers of the firms with these ids, removed ones too.
///
/// # Errors
/// What the database says.
pub async fn numbers(connection: &mut AnyConnection, ids: &[&FirmId]) -> Result<Vec<(FirmId, FirmNumber)>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let sql = batch::in_list(NUMBERS, 1, ids.len(), "");
    let values = ids.iter().map(|id| Value::Text(id.as_str().to_owned()));
    let rows = batch::rows(connection, sql, values).await?;
    rows.iter().map(|row| Ok((FirmId::stored(text(row, "id")?), firm_number(row)?))).collect()
}

/// All firms, by number.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &mut AnyConnection) -> Result<Vec<Firm>, StoreError> {
    let rows = sqlx::query(LIST).fetch_all(&mut *connection).await?;
    all(connection, rows).await
}

async fn insert_senders(connection: &mut AnyConnection, firm: &Firm) -> Result<(), StoreError> {
    let row = |sender: &EmailAddress| {
        vec![Value::Text(sender.key()), Value::Text(sender.to_text()), Value::Text(firm.id.as_str().to_owned())]
    };
    let rows: Vec<_> = firm.senders.iter().map(row).collect();
    batch::insert(connection, INSERT_SENDERS, "", &rows).await?;
    Ok(())
}

async fn one(connection: &mut AnyConnection, row: Option<AnyRow>) -> Result<Option<Firm>, StoreError> {
    match row {
        Some(row) => Ok(Some(firm(connection, &row).await?)),
        None => Ok(None),
    }
}

async fn all(connection: &mut AnyConnection, rows: Vec<AnyRow>) -> Result<Vec<Firm>, StoreError> {
    let mut firms = Vec::with_capacity(rows.len());
    for row in &rows {
        firms.push(firm(connection, row).await?);
    }
    Ok(firms)
}

async fn firm(connection: &mut AnyConnection, row: &AnyRow) -> Result<Firm, StoreError> {
    let id = text(row, "id")?;
    let senders = sqlx::query(SENDERS).bind(id.clone()).fetch_all(connection).await?;
    let pinned = match (maybe_text(row, "pinned_selector")?, maybe_text(row, "pinned_record")?) {
        (Some(selector), Some(record)) => Some(PinnedKey { selector, record }),
        _ => None,
    };
    Ok(Firm {
        id: FirmId::stored(id),
        number: firm_number(row)?,
        name: text(row, "name")?,
        postal_address: text(row, "postal_address")?,
        telephone: text(row, "telephone")?,
        senders: senders.iter().map(|row| address(row, "address")).collect::<Result<_, _>>()?,
        notify_address: address(row, "notify_address")?,
        signing_domain: Domain::parse(&text(row, "signing_domain")?)
            .map_err(|_| StoreError::Corrupt("firm.signing_domain"))?,
        proof: match maybe_text(row, "authserv_id")? {
            Some(authserv_id) => ProofRule::AuthenticationResults { authserv_id },
            None => ProofRule::Dkim { pinned },
        },
        receipts: named(row, "receipts", Receipts::stored)?,
        request_days: RequestDays::new(count(row, "request_days")?).ok_or(StoreError::Corrupt("firm.request_days"))?,
        locale: named(row, "locale", Locale::parse)?,
        status: named(row, "status", FirmStatus::stored)?,
        version: number(row, "version")?,
    })
}

fn proof_columns(proof: &ProofRule) -> (Option<String>, Option<String>, Option<String>) {
    match proof {
        ProofRule::Dkim { pinned: None } => (None, None, None),
        ProofRule::Dkim { pinned: Some(key) } => (None, Some(key.selector.clone()), Some(key.record.clone())),
        ProofRule::AuthenticationResults { authserv_id } => (Some(authserv_id.clone()), None, None),
    }
}

fn firm_number(row: &AnyRow) -> Result<FirmNumber, StoreError> {
    FirmNumber::parse(&text(row, "number")?).map_err(|_| StoreError::Corrupt("firm.number"))
}
