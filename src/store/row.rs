//! Reading columns, by name and into our own types.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::StoreError;
use crate::domain::email_address::EmailAddress;
use crate::domain::time::Timestamp;

pub(super) fn text(row: &AnyRow, column: &'static str) -> Result<String, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_text(row: &AnyRow, column: &'static str) -> Result<Option<String>, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn number(row: &AnyRow, column: &'static str) -> Result<i64, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn count(row: &AnyRow, column: &'static str) -> Result<u32, StoreError> {
    u32::try_from(number(row, column)?).map_err(|_| StoreError::Corrupt(column))
}

pub(super) fn time(row: &AnyRow, column: &'static str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_millis(number(row, column)?))
}

pub(super) fn maybe_time(row: &AnyRow, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis))
}

pub(super) fn address(row: &AnyRow, column: &'static str) -> Result<EmailAddress, StoreError> {
    EmailAddress::parse(&text(row, column)?).map_err(|_| StoreError::Corrupt(column))
}

/// A column whose text is the name of an enum's variant.
pub(super) fn named<T>(row: &AnyRow, column: &'static str, read: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    read(&text(row, column)?).ok_or(StoreError::Corrupt(column))
}

/// NUL, which PostgreSQL cannot hold, becomes U+FFFD.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
