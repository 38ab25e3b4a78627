//! The list of contracts (契約一覧), and how a network product gets into it.

use secrecy::SecretString;

use super::error::Fault;
use super::row::{self, Place};
use super::{Ledger, commit};
use crate::domain::contract::{Contract, ContractSnapshot, Holder, Refusal, ServiceContractId};

const LISTED: &str = "SELECT * FROM ledger_contract WHERE holder = $1 AND place = 'listed' ORDER BY id";
const BY_SERVICE_CONTRACT: &str = "SELECT * FROM ledger_contract WHERE service_contract_id = $1";
const LIST: &str = "UPDATE ledger_contract SET place = 'listed', holder = $1
    WHERE id = $2 AND place = 'unlisted' AND (holder IS NULL OR holder = $1)";

impl Ledger {
    pub(super) async fn list(&self, holder: &Holder) -> Result<ContractSnapshot, Fault> {
        self.advance(holder).await?;
        let fetched_at = self.clock.now();
        let mut connection = self.read().await?;
        let rows = sqlx::query(LISTED).bind(holder.as_str().to_owned()).fetch_all(&mut *connection).await?;
        let contracts = rows.iter().map(row::contract).collect::<Result<_, _>>()?;
        Ok(ContractSnapshot { holder: holder.clone(), contracts, fetched_at })
    }

    pub(super) async fn register(
        &self,
        holder: &Holder,
        id: &ServiceContractId,
        password: &SecretString,
    ) -> Result<Contract, Fault> {
        let found = row::find(&mut *self.read().await?, BY_SERVICE_CONTRACT, id.as_str()).await?;
        if found.as_ref().is_some_and(|record| record.password_hash.is_none()) {
            return Err(Refusal::NoPassword.into());
        }
        let known = found.as_ref().and_then(|record| record.password_hash.as_deref());
        self.passwords.verify(known, password).await?;
        let record = found.ok_or(Refusal::WrongPassword)?;
        record.is_for(holder)?;
        record.runs()?;
        if record.place != Place::Listed {
            let mut tx = self.begin().await?;
            let listed = sqlx::query(LIST)
                .bind(holder.as_str().to_owned())
                .bind(record.contract.id.as_str().to_owned())
                .execute(&mut *tx)
                .await?;
            if listed.rows_affected() == 0 {
                // Another one was quicker: himself at another tab, or somebody else.
                let now = row::find(&mut tx, BY_SERVICE_CONTRACT, id.as_str()).await?;
                now.ok_or(Refusal::NoContract)?.is_for(holder)?;
            }
            commit(tx).await?;
        }
        Ok(record.contract)
    }
}
