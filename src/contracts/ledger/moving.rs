//! The migration (契約の移行): contracts leave the old system one after another, and each takes its time.
//!
//! Nothing runs in the background. A step whose time has come is carried out by whoever next looks at the holder's
//! contracts or at the migration; a contract is claimed before it is moved, so that two who look at once move it once.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::calls::fingerprint;
use super::error::Fault;
use super::granting::granted;
use super::row::{self, Place, named, text};
use super::{Ledger, commit};
use crate::domain::contract::{
    ContractId, CustomerNumber, Grant, Holder, ItemState, MigratedContract, MigrationStatus, MoveFault, Refusal,
    Standing,
};
use crate::domain::ids::MigrationId;
use crate::domain::time::Timestamp;

const FIND: &str = "SELECT holder, asked FROM ledger_migration WHERE id = $1";
const INSERT: &str = "INSERT INTO ledger_migration (id, holder, asked, started_at) VALUES ($1, $2, $3, $4)";
const INSERT_ITEM: &str = "INSERT INTO ledger_migration_item
    (migration_id, contract_id, customer_number, holder, state, due_at) VALUES ($1, $2, $3, $4, 'moving', $5)";
const UNDER_WAY: &str = "SELECT COUNT(*) FROM ledger_migration_item WHERE contract_id = $1 AND state <> 'failed'";
const ITEMS: &str =
    "SELECT customer_number, contract_id, state, fault FROM ledger_migration_item WHERE migration_id = $1
    ORDER BY customer_number";
const DUE_COUNT: &str =
    "SELECT COUNT(*) FROM ledger_migration_item WHERE holder = $1 AND state = 'moving' AND due_at <= $2";
const DUE: &str = "SELECT migration_id, contract_id FROM ledger_migration_item
    WHERE holder = $1 AND state = 'moving' AND due_at <= $2 ORDER BY due_at";
const CLAIM: &str = "UPDATE ledger_migration_item SET state = 'moved'
    WHERE migration_id = $1 AND contract_id = $2 AND state = 'moving'";
const MOVE: &str = "UPDATE ledger_contract SET place = 'listed', holder = $1
    WHERE id = $2 AND place = 'old' AND standing = 'active' AND (holder IS NULL OR holder = $1)";
const FAIL: &str = "UPDATE ledger_migration_item SET state = 'failed', fault = $1
    WHERE migration_id = $2 AND contract_id = $3";
const BY_ID: &str = "SELECT * FROM ledger_contract WHERE id = $1";

impl Ledger {
    pub(super) async fn start(
        &self,
        holder: &Holder,
        migration: &MigrationId,
        grants: &[Grant],
    ) -> Result<MigrationStatus, Fault> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        let mut asked: Vec<&str> = grants.iter().map(Grant::expose).collect();
        asked.sort_unstable();
        let asked = fingerprint(&asked);
        if let Some((whose, known)) = find(&mut tx, migration).await? {
            drop(tx);
            if whose != holder.as_str() || known != asked {
                return Err(Refusal::KeyReused.into());
            }
            return self.status(holder, migration).await?.ok_or(Fault::Corrupt("ledger_migration.id"));
        }
        sqlx::query(INSERT)
            .bind(migration.as_str().to_owned())
            .bind(holder.as_str().to_owned())
            .bind(asked)
            .bind(now.as_millis())
            .execute(&mut *tx)
            .await?;
        let mut due = now;
        let mut taken: Vec<ContractId> = Vec::new();
        for grant in grants {
            let (record, number) = granted(&mut tx, holder, grant, now).await?;
            // The same number may have been entered twice.
            if taken.contains(&record.contract.id) {
                continue;
            }
            let under_way: i64 =
                sqlx::query_scalar(UNDER_WAY).bind(record.contract.id.as_str().to_owned()).fetch_one(&mut *tx).await?;
            if record.place != Place::Old || under_way > 0 {
                return Err(Refusal::AlreadyMigrated.into());
            }
            due = due.after(self.step);
            insert_item(&mut tx, migration, &record.contract.id, number, holder, due).await?;
            taken.push(record.contract.id);
        }
        if taken.is_empty() {
            return Err(Refusal::BadGrant.into());
        }
        let status = read(&mut tx, holder, migration).await?;
        commit(tx).await?;
        Ok(status)
    }

    pub(super) async fn status(
        &self,
        holder: &Holder,
        migration: &MigrationId,
    ) -> Result<Option<MigrationStatus>, Fault> {
        self.advance(holder).await?;
        let mut connection = self.read().await?;
        match find(&mut connection, migration).await? {
            Some((whose, _)) if whose == holder.as_str() => Ok(Some(read(&mut connection, holder, migration).await?)),
            Some(_) => Err(Refusal::OtherHolder.into()),
            None => Ok(None),
        }
    }

    /// Carries out the steps of a holder's migrations whose time has come.
    pub(super) async fn advance(&self, holder: &Holder) -> Result<(), Fault> {
        let now = self.clock.now();
        let due: i64 = sqlx::query_scalar(DUE_COUNT)
            .bind(holder.as_str().to_owned())
            .bind(now.as_millis())
            .fetch_one(&mut *self.read().await?)
            .await?;
        if due == 0 {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let due = sqlx::query(DUE).bind(holder.as_str().to_owned()).bind(now.as_millis()).fetch_all(&mut *tx).await?;
        for item in due {
            let (migration, contract) = (text(&item, "migration_id")?, text(&item, "contract_id")?);
            step(&mut tx, holder, migration, contract).await?;
        }
        commit(tx).await
    }
}

/// Moves one contract, or says why not.
async fn step(
    connection: &mut AnyConnection,
    holder: &Holder,
    migration: String,
    contract: String,
) -> Result<(), Fault> {
    let claimed = sqlx::query(CLAIM).bind(migration.clone()).bind(contract.clone()).execute(&mut *connection).await?;
    if claimed.rows_affected() == 0 {
        return Ok(());
    }
    let moved =
        sqlx::query(MOVE).bind(holder.as_str().to_owned()).bind(contract.clone()).execute(&mut *connection).await?;
    if moved.rows_affected() == 1 {
        return Ok(());
    }
    let record = row::find(connection, BY_ID, &contract).await?.ok_or(Fault::Corrupt("contract_id"))?;
    let fault = if record.contract.standing == Standing::Ended {
        MoveFault::ContractEnded
    } else if record.is_for(holder).is_err() {
        MoveFault::OtherHolder
    } else {
        MoveFault::NeedsSupport
    };
    sqlx::query(FAIL).bind(fault.name()).bind(migration).bind(contract).execute(connection).await?;
    Ok(())
}

/// Whose migration it is, and what it was started with.
async fn find(connection: &mut AnyConnection, id: &MigrationId) -> Result<Option<(String, String)>, Fault> {
    let row = sqlx::query(FIND).bind(id.as_str().to_owned()).fetch_optional(connection).await?;
    row.map(|row| Ok((text(&row, "holder")?, text(&row, "asked")?))).transpose()
}

async fn insert_item(
    connection: &mut AnyConnection,
    migration: &MigrationId,
    contract: &ContractId,
    number: String,
    holder: &Holder,
    due: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(INSERT_ITEM)
        .bind(migration.as_str().to_owned())
        .bind(contract.as_str().to_owned())
        .bind(number)
        .bind(holder.as_str().to_owned())
        .bind(due.as_millis())
        .execute(connection)
        .await?;
    Ok(())
}

async fn read(connection: &mut AnyConnection, holder: &Holder, id: &MigrationId) -> Result<MigrationStatus, Fault> {
    let rows = sqlx::query(ITEMS).bind(id.as_str().to_owned()).fetch_all(connection).await?;
    let items = rows.iter().map(item).collect::<Result<_, _>>()?;
    Ok(MigrationStatus { migration: id.clone(), holder: holder.clone(), items })
}

fn item(row: &AnyRow) -> Result<MigratedContract, Fault> {
    let corrupt = |_| Fault::Corrupt("ledger_migration_item");
    let state = match text(row, "state")?.as_str() {
        "moving" => ItemState::Moving,
        "moved" => {
            ItemState::Moved(ContractId::parse(&text(row, "contract_id")?).map_err(|_| Fault::Corrupt("contract_id"))?)
        }
        "failed" => ItemState::Failed(named(row, "fault", MoveFault::stored)?),
        _ => return Err(Fault::Corrupt("ledger_migration_item.state")),
    };
    let number: String = row.try_get("customer_number")?;
    Ok(MigratedContract { number: CustomerNumber::parse(&number).map_err(corrupt)?, state })
}
