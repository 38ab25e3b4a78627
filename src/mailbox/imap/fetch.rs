//! Sizes first, then bodies, many in one command.

use std::collections::{HashMap, HashSet};

use async_imap::imap_proto::AttributeValue;
use async_imap::imap_proto::Response;
use chrono::DateTime;

use super::session::Session;
use super::uid_set::uid_sets;
use crate::domain::inbound::Locator;
use crate::domain::time::Timestamp;
use crate::mailbox::{Arrived, Content, MailboxError};

const WHAT: &str = "FETCH";

/// What is known of a mail before it is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) uid: u32,
    pub(super) size: u64,
    pub(super) received_at: Option<Timestamp>,
}

impl Session {
    /// Size and INTERNALDATE of those of `uids` that exist, in order.
    pub(super) async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<Meta>, MailboxError> {
        let asked: HashSet<u32> = uids.iter().copied().collect();
        let mut metas = HashMap::new();
        let mut note = |response: &Response<'_>| {
            if let Some(meta) = meta_of(response).filter(|meta| asked.contains(&meta.uid)) {
                metas.insert(meta.uid, meta);
            }
        };
        for set in uid_sets(uids) {
            self.command(WHAT, &format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)"), 0, &mut note).await?;
        }
        self.vanished(uids.iter().copied().filter(|uid| !metas.contains_key(uid))).await?;
        let mut metas: Vec<Meta> = metas.into_values().collect();
        metas.sort_unstable_by_key(|meta| meta.uid);
        Ok(metas)
    }

    /// Downloads mails; those larger than `mail_bytes` are left where they are. In order; one without INTERNALDATE
    /// counts as received `now`.
    pub(super) async fn read(
        &mut self,
        metas: &[Meta],
        uidvalidity: u32,
        mail_bytes: u64,
        now: Timestamp,
    ) -> Result<Vec<Arrived>, MailboxError> {
        let small: Vec<&Meta> = metas.iter().filter(|meta| meta.size <= mail_bytes).collect();
        let mut contents = self.bodies(&small, mail_bytes).await?;
        Ok(metas
            .iter()
            .map(|meta| Arrived {
                at: Locator { uidvalidity, uid: meta.uid.to_string() },
                size: meta.size,
                received_at: meta.received_at.unwrap_or(now),
                content: if meta.size > mail_bytes {
                    Content::TooLarge
                } else {
                    contents.remove(&meta.uid).unwrap_or(Content::Gone)
                },
            })
            .collect())
    }

    async fn bodies(&mut self, metas: &[&Meta], mail_bytes: u64) -> Result<HashMap<u32, Content>, MailboxError> {
        let uids: Vec<u32> = metas.iter().map(|meta| meta.uid).collect();
        let asked: HashSet<u32> = uids.iter().copied().collect();
        let bytes = metas.iter().map(|meta| meta.size).sum();
        let mut contents = HashMap::new();
        let mut note = |response: &Response<'_>| {
            if let Some((uid, body)) = body_of(response).filter(|(uid, _)| asked.contains(uid)) {
                // RFC822.SIZE is a guess on some servers.
                let large = body.len() as u64 > mail_bytes;
                contents.insert(uid, if large { Content::TooLarge } else { Content::Read(body.to_vec()) });
            }
        };
        for set in uid_sets(&uids) {
            self.command(WHAT, &format!("UID FETCH {set} (UID BODY.PEEK[])"), bytes, &mut note).await?;
        }
        self.vanished(uids.into_iter().filter(|uid| !contents.contains_key(uid))).await?;
        Ok(contents)
    }

    /// Makes sure that what a FETCH left out is gone, expunged by someone, and not merely left out: a mail that is
    /// believed gone is never looked at again.
    async fn vanished(&mut self, left_out: impl Iterator<Item = u32>) -> Result<(), MailboxError> {
        let left_out: Vec<u32> = left_out.collect();
        if left_out.is_empty() || self.existing(&uid_sets(&left_out), "").await?.is_empty() {
            Ok(())
        } else {
            Err(MailboxError::Refused { what: "FETCH of a mail that is there" })
        }
    }
}

fn meta_of(response: &Response<'_>) -> Option<Meta> {
    let Response::Fetch(_, attributes) = response else { return None };
    let size = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Rfc822Size(size) => Some(u64::from(*size)),
        _ => None,
    })?;
    let received_at = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::InternalDate(text) => internal_date(text),
        _ => None,
    });
    Some(Meta { uid: uid_of(attributes)?, size, received_at })
}

fn body_of<'a>(response: &'a Response<'_>) -> Option<(u32, &'a [u8])> {
    let Response::Fetch(_, attributes) = response else { return None };
    let body = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(data.as_ref()),
        _ => None,
    })?;
    Some((uid_of(attributes)?, body))
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

/// `date-time` of RFC 3501 §9, as in ` 7-Feb-2024 02:44:25 +0900`.
fn internal_date(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_str(text.trim_start(), "%d-%b-%Y %H:%M:%S %z").ok()?;
    Some(Timestamp::from_millis(at.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_are_read_with_their_zone() {
        let wanted = Some(Timestamp::from_millis(1_707_241_465_000));
        assert_eq!(internal_date("07-Feb-2024 02:44:25 +0900"), wanted);
        assert_eq!(internal_date(" 7-Feb-2024 02:44:25 +0900"), wanted);
        assert_eq!(internal_date("06-Feb-2024 17:44:25 +0000"), wanted);
        assert_eq!(internal_date("yesterday"), None);
    }
}
