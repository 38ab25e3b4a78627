//! What a customer number and its password are good for: a grant, which starts the migration in the password's place.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sqlx::AnyConnection;

use super::calls::fingerprint;
use super::error::Fault;
use super::row::{self, Place, Record, text};
use super::{Ledger, commit};
use crate::domain::contract::{CustomerNumber, Grant, Granted, Holder, Refusal};
use crate::domain::product::Registration;
use crate::domain::time::{Timestamp, days};

/// How long a grant is good.
const LIFE: Duration = days(30);

const BY_NUMBER: &str = "SELECT * FROM ledger_contract WHERE customer_number = $1";
const FORGET: &str = "DELETE FROM ledger_grant WHERE expires_at <= $1";
const INSERT: &str = "INSERT INTO ledger_grant (digest, holder, contract_id, expires_at) VALUES ($1, $2, $3, $4)";
const GRANTED: &str = "SELECT c.* FROM ledger_grant g JOIN ledger_contract c ON c.id = g.contract_id
    WHERE g.digest = $1 AND g.holder = $2 AND g.expires_at > $3";

impl Ledger {
    pub(super) async fn grant(
        &self,
        holder: &Holder,
        number: &CustomerNumber,
        password: &SecretString,
    ) -> Result<Granted, Fault> {
        let found = row::find(&mut *self.read().await?, BY_NUMBER, number.as_str()).await?;
        if let Some(record) = found.as_ref().filter(|record| record.password_hash.is_none()) {
            return Err(network(record).err().unwrap_or(Refusal::NoPassword).into());
        }
        let known = found.as_ref().and_then(|record| record.password_hash.as_deref());
        self.passwords.verify(known, password).await?;
        let record = found.ok_or(Refusal::WrongPassword)?;
        network(&record)?;
        record.is_for(holder)?;
        record.runs()?;
        if record.place == Place::Listed {
            return Err(Refusal::AlreadyMigrated.into());
        }
        let token = URL_SAFE_NO_PAD.encode(self.entropy.bytes::<32>());
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        sqlx::query(FORGET).bind(now.as_millis()).execute(&mut *tx).await?;
        sqlx::query(INSERT)
            .bind(fingerprint(&[&token]))
            .bind(holder.as_str().to_owned())
            .bind(record.contract.id.as_str().to_owned())
            .bind(now.after(LIFE).as_millis())
            .execute(&mut *tx)
            .await?;
        commit(tx).await?;
        let grant = Grant::new(token).ok_or(Fault::Corrupt("a grant"))?;
        Ok(Granted { number: number.clone(), product: record.contract.product, name: record.contract.name, grant })
    }
}

/// That the product goes by its customer number.
fn network(record: &Record) -> Result<(), Refusal> {
    match record.contract.product.rules().registration {
        Registration::ServiceContractId => Err(Refusal::NetworkProduct),
        _ => Ok(()),
    }
}

/// What a grant is for, and the customer number of it.
pub(super) async fn granted(
    connection: &mut AnyConnection,
    holder: &Holder,
    grant: &Grant,
    now: Timestamp,
) -> Result<(Record, String), Fault> {
    let row = sqlx::query(GRANTED)
        .bind(fingerprint(&[grant.expose()]))
        .bind(holder.as_str().to_owned())
        .bind(now.as_millis())
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or(Refusal::BadGrant)?;
    Ok((row::record(&row)?, text(&row, "customer_number")?))
}
