//! What a firm's digest lists: of the requests that it was written for, those of which it still holds when it leaves.

use std::collections::HashMap;

use crate::domain::firm_request::Request;
use crate::domain::ids::RequestId;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::time::Timestamp;

use super::super::digest::AboutDigest;

/// The requests of a digest.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub ending: Vec<&'a Request>,
    pub unlinked: Vec<&'a Request>,
    pub more: usize,
}

impl<'a> Listed<'a> {
    /// `None` where the mail is no digest.
    pub(super) fn of(mail: &OutboundMail, requests: &'a HashMap<RequestId, Request>, now: Timestamp) -> Option<Self> {
        let about = about(mail)?;
        let found = |ids: Vec<String>, holds: fn(&Request, Timestamp) -> bool| -> Vec<&'a Request> {
            let requests = ids.into_iter().filter_map(|id| requests.get(&RequestId::stored(id)));
            requests.filter(|request| holds(request, now)).collect()
        };
        let unlinked = |request: &Request, _| request.unlinked_since().is_some();
        Some(Self {
            ending: found(about.ending, Request::may_be_mailed),
            unlinked: found(about.unlinked, unlinked),
            more: about.more,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ending.is_empty() && self.unlinked.is_empty()
    }
}

/// The requests that a mail names in its own words.
pub(super) fn ids(mail: &OutboundMail) -> Vec<RequestId> {
    let about = about(mail).unwrap_or_default();
    about.ending.into_iter().chain(about.unlinked).map(RequestId::stored).collect()
}

fn about(mail: &OutboundMail) -> Option<AboutDigest> {
    if mail.kind == LetterKind::FirmDigest { serde_json::from_str(&mail.about).ok() } else { None }
}
