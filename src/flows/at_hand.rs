//! The request that a person has to do with right now: the one whose link they hold, or one that was mailed to their ID.

use crate::domain::account::Account;
use crate::domain::audit::AuditEvent;
use crate::domain::decision::Decision;
use crate::domain::firm::Firm;
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::next_step::Standing;
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::FlowError;

/// Most requests of one person that are looked at.
const MOST: i64 = 100;

/// A request with all that its pages need.
#[derive(Clone, Debug)]
pub struct AtHand {
    /// The request.
    pub request: Request,
    /// Who asks.
    pub firm: Firm,
    /// What was answered, by whomever.
    pub answers: Vec<Decision>,
}

impl AtHand {
    /// The request with this id.
    pub(super) async fn by_id(
        connection: &mut store::AnyConnection,
        id: &RequestId,
    ) -> Result<Option<Self>, FlowError> {
        let requests = store::requests::by_ids(connection, &[id]).await?;
        Ok(with_all(connection, requests).await?.pop())
    }

    /// What a logged-in person has before them: the request whose link they `held`, else the newest that was mailed to their
    /// address and waits for an answer.
    pub(super) async fn of(
        connection: &mut store::AnyConnection,
        held: Option<&RequestId>,
        account: &Account,
        now: Timestamp,
    ) -> Result<Option<Self>, FlowError> {
        if let Some(id) = held {
            return Self::by_id(connection, id).await;
        }
        let requests = store::requests::mailed_to(connection, &account.address, MOST).await?;
        let open = requests.into_iter().filter(|request| request.is_open(now)).collect();
        let open = with_all(connection, open).await?;
        Ok(open.into_iter().find(|it| it.standing(Some(&account.id), now).takes_an_answer()))
    }

    /// All that a logged-in person may see: mailed to their address, answered by them, or `held`. Newest first.
    pub(super) async fn all_of(
        connection: &mut store::AnyConnection,
        held: Option<&RequestId>,
        account: &Account,
    ) -> Result<Vec<Self>, FlowError> {
        let mut requests = store::requests::mailed_to(connection, &account.address, MOST).await?;
        let answered = store::decisions::of_account(connection, &account.id, MOST).await?;
        let seen = |id: &RequestId| !requests.iter().any(|request| request.id == *id);
        let mut further: Vec<_> = answered.iter().map(|it| &it.request).chain(held).filter(|id| seen(id)).collect();
        further.sort();
        further.dedup();
        let further = store::requests::by_ids(connection, &further).await?;
        requests.extend(further);
        requests.sort_by_key(|request| std::cmp::Reverse(request.number));
        with_all(connection, requests).await
    }

    /// Where it stands, seen by `who`.
    pub(super) fn standing(&self, who: Option<&AccountId>, now: Timestamp) -> Standing {
        Standing::of(&self.request, self.firm.status, &self.answers, who, now)
    }

    /// What `who` answered.
    #[must_use]
    pub fn answer_of(&self, who: &AccountId) -> Option<&Decision> {
        self.answers.iter().find(|answer| answer.account == *who)
    }

    /// A logged-in person does something about it: the first time, that opens it.
    pub(super) async fn opened(self, tx: &mut Tx, by: &AccountId, now: Timestamp) -> Result<Self, FlowError> {
        let Ok(request) = self.request.clone().open(now) else { return Ok(self) };
        let opened = self.changed(tx, request, now, "opened", account_actor(by)).await?;
        Ok(opened)
    }

    /// Writes the changed request and its audit event; what comes back can be changed again.
    pub(super) async fn changed(
        self,
        tx: &mut Tx,
        request: Request,
        now: Timestamp,
        event: &'static str,
        actor: String,
    ) -> Result<Self, FlowError> {
        store::requests::update(tx, &request).await?;
        let (from, to) = (self.request.state.name().name(), request.state.name().name());
        let object = format!("request {}", request.number);
        let event = AuditEvent { at: now, actor, object, event, from, to, cause: "page".to_owned() };
        store::audit::append(tx, &[event]).await?;
        Ok(Self { request: Request { version: request.version + 1, ..request }, ..self })
    }
}

/// A logged-in person, as the audit trail names them.
pub(super) fn account_actor(account: &AccountId) -> String {
    format!("account {account}")
}

async fn with_all(connection: &mut store::AnyConnection, requests: Vec<Request>) -> Result<Vec<AtHand>, FlowError> {
    let mut firms: Vec<_> = requests.iter().map(|request| &request.firm).collect();
    firms.sort();
    firms.dedup();
    let firms = store::firms::by_ids(connection, &firms).await?;
    let ids: Vec<_> = requests.iter().map(|request| &request.id).collect();
    let answers = store::decisions::of_requests(connection, &ids).await?;
    let whole = |request: Request| {
        let firm = firms.iter().find(|firm| firm.id == request.firm)?.clone();
        let answers = answers.iter().filter(|answer| answer.request == request.id).cloned().collect();
        Some(AtHand { request, firm, answers })
    };
    Ok(requests.into_iter().filter_map(whole).collect())
}
