//! Companies (事業者（事業グループ）情報), one an account.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::row::{clean, named, text};
use crate::domain::company::{Company, Kind, Named, PostalCode, Telephone};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

// What a person saved last is what counts: there is one person an account, and nothing to be lost between two tabs.
const PUT: &str = "INSERT INTO company (account_id, kind, name, kana, postal_code, address, telephone, representative_name,
    representative_kana, saved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account_id) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, kana = excluded.kana, postal_code = excluded.postal_code,
    address = excluded.address, telephone = excluded.telephone, representative_name = excluded.representative_name,
    representative_kana = excluded.representative_kana, saved_at = excluded.saved_at";
const OF: &str = "SELECT * FROM company WHERE account_id = $1";
const FORGET: &str = "DELETE FROM company WHERE account_id = $1";

/// Writes the company of an account, in place of an earlier one.
///
/// # Errors
/// What the database says.
pub async fn put(
    connection: &mut AnyConnection,
    account: &AccountId,
    company: &Company,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(PUT)
        .bind(account.as_str().to_owned())
        .bind(company.kind.name())
        .bind(clean(&company.name.name))
        .bind(company.name.kana.clone())
        .bind(company.postal_code.as_str().to_owned())
        .bind(clean(&company.address))
        .bind(company.telephone.as_str().to_owned())
        .bind(clean(&company.representative.name))
        .bind(company.representative.kana.clone())
        .bind(now.as_millis())
        .execute(connection)
        .await?;
    Ok(())
}

/// The company of an account.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &mut AnyConnection, account: &AccountId) -> Result<Option<Company>, StoreError> {
    let row = sqlx::query(OF).bind(account.as_str().to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(company).transpose()
}

/// Forgets the company of an account that is erased.
///
/// # Errors
/// What the database says.
pub async fn forget(connection: &mut AnyConnection, account: &AccountId) -> Result<(), StoreError> {
    sqlx::query(FORGET).bind(account.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

fn company(row: &AnyRow) -> Result<Company, StoreError> {
    let corrupt = StoreError::Corrupt;
    Ok(Company {
        kind: named(row, "kind", Kind::stored)?,
        name: Named { name: text(row, "name")?, kana: text(row, "kana")? },
        postal_code: PostalCode::parse(&text(row, "postal_code")?).ok_or(corrupt("company.postal_code"))?,
        address: text(row, "address")?,
        telephone: Telephone::parse(&text(row, "telephone")?).ok_or(corrupt("company.telephone"))?,
        representative: Named { name: text(row, "representative_name")?, kana: text(row, "representative_kana")? },
    })
}
