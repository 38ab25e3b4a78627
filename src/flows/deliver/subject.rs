//! What the mails in hand are about, read once for all of them.

use std::collections::HashMap;

use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::firm_request::Request;
use crate::domain::ids::{FirmId, RequestId};
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::super::{FlowError, outgoing};

/// All of them.
#[derive(Debug)]
pub(super) struct Subjects {
    requests: HashMap<RequestId, Request>,
    firms: HashMap<FirmId, Firm>,
    /// By address key: the status that ended it.
    suppressed: HashMap<String, String>,
}

/// Most requests that are asked for at once.
const AT_ONCE: usize = 1_000;

/// What one mail is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub request: Option<&'a Request>,
    pub firm: Option<&'a Firm>,
    /// All that the mails in hand are about, for letters about many.
    pub requests: &'a HashMap<RequestId, Request>,
    /// The status that ended the recipient's address, where it is suppressed.
    pub suppressed: Option<&'a str>,
}

impl Subjects {
    pub(super) async fn of(tx: &mut Tx, mails: &[OutboundMail]) -> Result<Self, FlowError> {
        let named: Vec<RequestId> = mails.iter().flat_map(outgoing::named_requests).collect();
        let mut ids = distinct(mails, |mail| mail.request.as_ref());
        ids.extend(&named);
        ids.sort();
        ids.dedup();
        let mut requests = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            requests.extend(store::requests::by_ids(tx, ids).await?);
        }
        let asking = mails.iter().filter(|mail| mail.kind.is_suppressible());
        let addresses: Vec<String> = asking.map(|mail| mail.recipient.key()).collect();
        let suppressed = store::suppressions::of(tx, &addresses).await?;
        let firms = store::firms::by_ids(tx, &distinct(mails, |mail| mail.firm.as_ref())).await?;
        Ok(Self {
            requests: requests.into_iter().map(|request| (request.id.clone(), request)).collect(),
            firms: firms.into_iter().map(|firm| (firm.id.clone(), firm)).collect(),
            suppressed: suppressed.into_iter().map(|it| (it.address_key, it.status)).collect(),
        })
    }

    pub(super) fn of_mail(&self, mail: &OutboundMail) -> Subject<'_> {
        Subject {
            request: mail.request.as_ref().and_then(|id| self.requests.get(id)),
            firm: mail.firm.as_ref().and_then(|id| self.firms.get(id)),
            requests: &self.requests,
            suppressed: self.suppressed.get(&mail.recipient.key()).map(String::as_str),
        }
    }
}

impl Subject<'_> {
    /// Why the mail does not leave, if it does not.
    pub(super) fn reason_to_stay(self, mail: &OutboundMail, now: Timestamp) -> Option<OutboundState> {
        if self.firm.is_some_and(|firm| firm.status == FirmStatus::Suspended) {
            return Some(OutboundState::Withheld);
        }
        let asks = matches!(mail.kind, LetterKind::RequestNotice | LetterKind::RequestCopy);
        let answered = self.request.is_none_or(|request| !request.is_open(now));
        if asks && answered {
            return Some(OutboundState::Useless);
        }
        (self.suppressed.is_some() && mail.kind.is_suppressible()).then_some(OutboundState::Suppressed)
    }
}

fn distinct<'a, T: Ord>(mails: &'a [OutboundMail], id: impl Fn(&'a OutboundMail) -> Option<&'a T>) -> Vec<&'a T> {
    let mut ids: Vec<_> = mails.iter().filter_map(id).collect();
    ids.sort();
    ids.dedup();
    ids
}
