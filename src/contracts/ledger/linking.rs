//! What a firm is linked with.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::calls::{self, Call};
use super::error::Fault;
use super::row::text;
use super::{Ledger, commit};
use crate::domain::contract::{
    ActualLinkage, CallKey, ContractId, Holder, LinkSubject, LinkageState, LinkageWish, Refusal,
};
use crate::domain::firm::FirmNumber;

const RUNNING: &str = "SELECT COUNT(*) FROM ledger_contract
    WHERE id = $1 AND holder = $2 AND place = 'listed' AND standing = 'active'";
const LINK: &str = "INSERT INTO ledger_linkage (holder, firm, subject, since) VALUES ($1, $2, $3, $4)
    ON CONFLICT (holder, firm, subject) DO NOTHING";
const UNLINK: &str = "DELETE FROM ledger_linkage WHERE holder = $1 AND firm = $2 AND subject = $3";
const LINKS: &str = "SELECT firm, subject FROM ledger_linkage WHERE holder = $1 ORDER BY firm, subject";

/// スマート証憑管理 in the column that otherwise names a contract.
const SMART_VOUCHER: &str = "";

impl Ledger {
    pub(super) async fn apply(
        &self,
        key: &CallKey,
        holder: &Holder,
        firm: &FirmNumber,
        subject: &LinkSubject,
        wish: LinkageWish,
    ) -> Result<LinkageState, Fault> {
        let now = self.clock.now();
        let state = match wish {
            LinkageWish::Link => LinkageState::Linked,
            LinkageWish::Unlink => LinkageState::NotLinked,
        };
        let asked = [holder.as_str(), firm.as_str(), column(subject), wish.name()];
        let mut tx = self.begin().await?;
        if let Call::Done(answer) = calls::claim(&mut tx, key, &asked, state.name(), now).await? {
            return LinkageState::stored(&answer).ok_or(Fault::Corrupt("ledger_call.answer"));
        }
        if let (LinkageWish::Link, LinkSubject::Contract(contract)) = (wish, subject) {
            runs(&mut tx, holder, contract).await?;
        }
        let query = sqlx::query(if wish == LinkageWish::Link { LINK } else { UNLINK })
            .bind(holder.as_str().to_owned())
            .bind(firm.as_str().to_owned())
            .bind(column(subject).to_owned());
        let query = if wish == LinkageWish::Link { query.bind(now.as_millis()) } else { query };
        query.execute(&mut *tx).await?;
        commit(tx).await?;
        Ok(state)
    }

    pub(super) async fn links(&self, holder: &Holder) -> Result<Vec<ActualLinkage>, Fault> {
        let mut connection = self.read().await?;
        let rows = sqlx::query(LINKS).bind(holder.as_str().to_owned()).fetch_all(&mut *connection).await?;
        let mut links = rows.iter().map(linkage).collect::<Result<Vec<_>, _>>()?;
        // PostgreSQL may order text by a language's rules.
        links.sort_by(|a, b| (a.firm.as_str(), &a.subject).cmp(&(b.firm.as_str(), &b.subject)));
        Ok(links)
    }
}

/// That the holder has this contract, and that it runs.
pub(super) async fn runs(connection: &mut AnyConnection, holder: &Holder, contract: &ContractId) -> Result<(), Fault> {
    let running: i64 = sqlx::query_scalar(RUNNING)
        .bind(contract.as_str().to_owned())
        .bind(holder.as_str().to_owned())
        .fetch_one(connection)
        .await?;
    if running == 1 { Ok(()) } else { Err(Refusal::NoContract.into()) }
}

fn column(subject: &LinkSubject) -> &str {
    match subject {
        LinkSubject::Contract(contract) => contract.as_str(),
        LinkSubject::SmartVoucher => SMART_VOUCHER,
    }
}

fn linkage(row: &AnyRow) -> Result<ActualLinkage, Fault> {
    let subject: String = row.try_get("subject")?;
    let subject = if subject == SMART_VOUCHER {
        LinkSubject::SmartVoucher
    } else {
        LinkSubject::Contract(ContractId::parse(&subject).map_err(|_| Fault::Corrupt("ledger_linkage.subject"))?)
    };
    let firm = FirmNumber::parse(&text(row, "firm")?).map_err(|_| Fault::Corrupt("ledger_linkage.firm"))?;
    Ok(ActualLinkage { firm, subject, state: LinkageState::Linked })
}
