//! What the mails in hand are about, read once for all of them.

use std::collections::HashMap;

use crate::domain::account::Account;
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::firm_request::Request;
use crate::domain::ids::{AccountId, FirmId, RequestId};
use crate::domain::linkage::{Linkage, Shown, smart_voucher};
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use crate::domain::time::Timestamp;
use crate::store::{self, Tx};

use super::super::{FlowError, outgoing};
use super::listed::{self, Listed};

/// All of them.
#[derive(Debug)]
pub(super) struct Subjects {
    requests: HashMap<RequestId, Request>,
    firms: HashMap<FirmId, Firm>,
    accounts: HashMap<AccountId, Account>,
    /// That the requests came to which firms are told of.
    links: Vec<Linkage>,
    /// By address key: the status that ended it.
    suppressed: HashMap<String, String>,
}

/// What one mail is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub request: Option<&'a Request>,
    pub firm: Option<&'a Firm>,
    pub account: Option<&'a Account>,
    /// All that were read, for a letter that names several.
    pub requests: &'a HashMap<RequestId, Request>,
    links: &'a [Linkage],
    /// The status that ended the recipient's address, where it is suppressed.
    pub suppressed: Option<&'a str>,
}

impl Subjects {
    pub(super) async fn of(tx: &mut Tx, mails: &[OutboundMail]) -> Result<Self, FlowError> {
        let listed: Vec<_> = mails.iter().flat_map(listed::ids).collect();
        let answered: Vec<_> = mails.iter().flat_map(outgoing::named_requests).collect();
        let named = mails.iter().filter_map(|mail| mail.request.as_ref()).chain(&listed).chain(&answered);
        let requests = store::requests::by_ids(tx, &distinct(named)).await?;
        let named = mails.iter().filter_map(|mail| mail.firm.as_ref());
        let firms = distinct(named.chain(requests.iter().map(|request| &request.firm)));
        let firms = store::firms::by_ids(tx, &firms).await?;
        let accounts = distinct(mails.iter().filter_map(|mail| mail.account.as_ref()));
        let accounts = store::accounts::by_ids(tx, &accounts).await?;
        let told = mails.iter().filter(|mail| mail.kind == LetterKind::CommandAnswer);
        let told = distinct(told.filter_map(|mail| mail.request.as_ref()).chain(&answered));
        let links = store::linkages::of_requests(tx, &told).await?;
        let unasked = mails.iter().filter(|mail| mail.kind.is_suppressible());
        let addresses: Vec<String> = unasked.map(|mail| mail.recipient.key()).collect();
        let suppressed = store::suppressions::of(tx, &addresses).await?;
        Ok(Self {
            requests: requests.into_iter().map(|request| (request.id.clone(), request)).collect(),
            firms: firms.into_iter().map(|firm| (firm.id.clone(), firm)).collect(),
            accounts: accounts.into_iter().map(|account| (account.id.clone(), account)).collect(),
            links,
            suppressed: suppressed.into_iter().map(|it| (it.address_key, it.status)).collect(),
        })
    }

    pub(super) fn of_mail(&self, mail: &OutboundMail) -> Subject<'_> {
        let request = mail.request.as_ref().and_then(|id| self.requests.get(id));
        let firm = mail.firm.as_ref().or(request.map(|request| &request.firm));
        Subject {
            request,
            firm: firm.and_then(|id| self.firms.get(id)),
            account: mail.account.as_ref().and_then(|id| self.accounts.get(id)),
            requests: &self.requests,
            links: &self.links,
            suppressed: self.suppressed.get(&mail.recipient.key()).map(String::as_str),
        }
    }
}

impl Subject<'_> {
    /// How the products that a request came to stand with its firm.
    pub(super) fn linkage(self, request: &Request) -> Shown {
        smart_voucher(self.links.iter().filter(|link| link.approval.request == request.id))
    }

    /// Why the mail does not leave, if it does not.
    pub(super) fn reason_to_stay(self, mail: &OutboundMail, now: Timestamp) -> Option<OutboundState> {
        // What names no firm is our own word to a person, though it may be about one.
        let speaks_for = self.firm.filter(|_| mail.firm.is_some());
        if speaks_for.is_some_and(|firm| firm.status == FirmStatus::Suspended) {
            return Some(OutboundState::Withheld);
        }
        let is_over = match mail.kind {
            LetterKind::RequestNotice | LetterKind::RequestCopy | LetterKind::RequestReminder => {
                self.request.is_none_or(|request| !request.may_be_mailed(now))
            }
            LetterKind::LinkReminder => self.request.and_then(Request::unlinked_since).is_none(),
            LetterKind::FirmDigest => Listed::of(mail, self.requests, now).is_none_or(|listed| listed.is_empty()),
            _ => false,
        };
        if is_over {
            return Some(OutboundState::Useless);
        }
        (self.suppressed.is_some() && mail.kind.is_suppressible()).then_some(OutboundState::Suppressed)
    }
}

fn distinct<'a, T: Ord>(ids: impl Iterator<Item = &'a T>) -> Vec<&'a T> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}
