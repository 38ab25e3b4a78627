//! The one business data (事業所データ) of a holder that is bound for スマート取引取込.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::calls::{self, Call};
use super::error::Fault;
use super::linking::runs;
use super::row::{named, text};
use super::{Ledger, commit};
use crate::domain::contract::{Binding, BoundBy, CallKey, ContractId, Holder, Refusal};
use crate::domain::firm::FirmNumber;
use crate::domain::ids::BusinessDataId;
use crate::domain::product::DataPlace;

const BIND: &str = "INSERT INTO ledger_binding (holder, data, contract_id, office_name, place, bound_by)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (holder) DO UPDATE SET contract_id = excluded.contract_id,
    office_name = excluded.office_name, place = excluded.place, bound_by = excluded.bound_by
    WHERE ledger_binding.data = excluded.data";
const BOUND: &str = "SELECT * FROM ledger_binding WHERE holder = $1";
const RELEASE: &str = "DELETE FROM ledger_binding WHERE holder = $1 AND data = $2";

impl Ledger {
    pub(super) async fn bind(&self, key: &CallKey, holder: &Holder, binding: &Binding) -> Result<(), Fault> {
        let firm = match &binding.bound_by {
            BoundBy::Customer => None,
            BoundBy::Firm(firm) => Some(firm.as_str().to_owned()),
        };
        let asked = [
            holder.as_str(),
            "bind",
            binding.data.as_str(),
            binding.contract.as_str(),
            &binding.office_name,
            binding.place.name(),
            firm.as_deref().unwrap_or_default(),
        ];
        let mut tx = self.begin().await?;
        if let Call::Done(_) = calls::claim(&mut tx, key, &asked, "", self.clock.now()).await? {
            return Ok(());
        }
        runs(&mut tx, holder, &binding.contract).await?;
        let bound = sqlx::query(BIND)
            .bind(holder.as_str().to_owned())
            .bind(binding.data.as_str().to_owned())
            .bind(binding.contract.as_str().to_owned())
            .bind(binding.office_name.clone())
            .bind(binding.place.name())
            .bind(firm)
            .execute(&mut *tx)
            .await?;
        if bound.rows_affected() == 0 {
            return Err(Refusal::OtherDataBound.into());
        }
        commit(tx).await
    }

    pub(super) async fn bound(&self, holder: &Holder) -> Result<Option<Binding>, Fault> {
        let mut connection = self.read().await?;
        let row = sqlx::query(BOUND).bind(holder.as_str().to_owned()).fetch_optional(&mut *connection).await?;
        row.as_ref().map(binding).transpose()
    }

    pub(super) async fn release(&self, key: &CallKey, holder: &Holder, data: &BusinessDataId) -> Result<(), Fault> {
        let asked = [holder.as_str(), "release", data.as_str()];
        let mut tx = self.begin().await?;
        if let Call::Done(_) = calls::claim(&mut tx, key, &asked, "", self.clock.now()).await? {
            return Ok(());
        }
        let released = sqlx::query(RELEASE)
            .bind(holder.as_str().to_owned())
            .bind(data.as_str().to_owned())
            .execute(&mut *tx)
            .await?;
        if released.rows_affected() == 0 {
            let other = sqlx::query(BOUND).bind(holder.as_str().to_owned()).fetch_optional(&mut *tx).await?;
            if other.is_some() {
                return Err(Refusal::OtherDataBound.into());
            }
        }
        commit(tx).await
    }
}

fn binding(row: &AnyRow) -> Result<Binding, Fault> {
    let firm: Option<String> = row.try_get("bound_by")?;
    let firm = firm.map(|firm| FirmNumber::parse(&firm)).transpose();
    Ok(Binding {
        data: BusinessDataId::stored(text(row, "data")?),
        contract: ContractId::parse(&text(row, "contract_id")?).map_err(|_| Fault::Corrupt("contract_id"))?,
        office_name: text(row, "office_name")?,
        place: named(row, "place", DataPlace::stored)?,
        bound_by: firm.map_err(|_| Fault::Corrupt("ledger_binding.bound_by"))?.map_or(BoundBy::Customer, BoundBy::Firm),
    })
}
