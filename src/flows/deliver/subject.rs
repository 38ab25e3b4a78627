//! What the mails in hand are about, read once for all of them.

use std::collections::HashMap;

use crate::domain::account::Account;
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, FirmId, RequestId};
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::super::FlowError;

/// All of them.
#[derive(Debug)]
pub(super) struct Subjects {
    requests: HashMap<RequestId, Request>,
    firms: HashMap<FirmId, Firm>,
    accounts: HashMap<AccountId, Account>,
}

/// What one mail is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub request: Option<&'a Request>,
    pub firm: Option<&'a Firm>,
    pub account: Option<&'a Account>,
}

impl Subjects {
    pub(super) async fn of(tx: &mut Tx, mails: &[OutboundMail]) -> Result<Self, FlowError> {
        let requests = store::requests::by_ids(tx, &distinct(mails, |mail| mail.request.as_ref())).await?;
        let firms = store::firms::by_ids(tx, &distinct(mails, |mail| mail.firm.as_ref())).await?;
        let accounts = store::accounts::by_ids(tx, &distinct(mails, |mail| mail.account.as_ref())).await?;
        Ok(Self {
            requests: requests.into_iter().map(|request| (request.id.clone(), request)).collect(),
            firms: firms.into_iter().map(|firm| (firm.id.clone(), firm)).collect(),
            accounts: accounts.into_iter().map(|account| (account.id.clone(), account)).collect(),
        })
    }

    pub(super) fn of_mail(&self, mail: &OutboundMail) -> Subject<'_> {
        Subject {
            request: mail.request.as_ref().and_then(|id| self.requests.get(id)),
            firm: mail.firm.as_ref().and_then(|id| self.firms.get(id)),
            account: mail.account.as_ref().and_then(|id| self.accounts.get(id)),
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
        (asks && answered).then_some(OutboundState::Useless)
    }
}

fn distinct<'a, T: Ord>(mails: &'a [OutboundMail], id: impl Fn(&'a OutboundMail) -> Option<&'a T>) -> Vec<&'a T> {
    let mut ids: Vec<_> = mails.iter().filter_map(id).collect();
    ids.sort();
    ids.dedup();
    ids
}
