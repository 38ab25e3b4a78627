//! What the operator's commands do in our folders, in a session of their own.

use chrono::Days;

use super::fetch::Meta;
use super::session::Session;
use super::{Imap, uid_of};
use crate::domain::inbound::{Folder, Locator};
use crate::domain::time::Timestamp;
use crate::mailbox::{Content, Found, MailboxError};

/// How many mails are looked at in one step of [`Imap::expire`].
const STEP: usize = 500;

impl Imap {
    pub(in crate::mailbox) async fn find(
        &mut self,
        folder: Folder,
        size: u64,
        mut is_it: impl FnMut(&[u8]) -> bool,
    ) -> Result<Option<Found>, MailboxError> {
        let (mut session, uidvalidity) = self.filed(folder).await?;
        let criteria = format!("UNDELETED LARGER {} SMALLER {}", size.saturating_sub(1), size.saturating_add(1));
        let mut uids = session.search(&criteria).await?;
        uids.sort_unstable_by(|a, b| b.cmp(a));
        let mut found = None;
        for uid in uids {
            let meta = Meta { uid, size, received_at: None };
            let mails = session.read(&[meta], uidvalidity, u64::MAX, self.clock.now()).await?;
            if mails.iter().any(|mail| matches!(&mail.content, Content::Read(bytes) if is_it(bytes))) {
                found = Some(Found { folder, at: Locator { uidvalidity, uid: uid.to_string() } });
                break;
            }
        }
        self.session = Some(session);
        Ok(found)
    }

    pub(in crate::mailbox) async fn release(&mut self, found: &Found) -> Result<(), MailboxError> {
        let (mut session, uidvalidity) = self.filed(found.folder).await?;
        let uid = uid_of(&found.at, uidvalidity).ok_or(MailboxError::Refused { what: "finding the mail again" })?;
        session.transfer(&[uid], &self.settings.folder).await?;
        self.session = Some(session);
        Ok(())
    }

    pub(in crate::mailbox) async fn delete(&mut self, found: &Found) -> Result<(), MailboxError> {
        let (mut session, uidvalidity) = self.filed(found.folder).await?;
        let uid = uid_of(&found.at, uidvalidity).ok_or(MailboxError::Refused { what: "finding the mail again" })?;
        session.delete(&[uid]).await?;
        self.session = Some(session);
        Ok(())
    }

    pub(in crate::mailbox) async fn expire(
        &mut self,
        folder: Folder,
        older_than: Timestamp,
    ) -> Result<u64, MailboxError> {
        let (mut session, _) = self.filed(folder).await?;
        // BEFORE knows whole days, in the server's zone (RFC 3501 §6.4.4): ask for a day too many, then look at the time.
        let day = older_than.utc().date_naive().checked_add_days(Days::new(2)).unwrap_or_default();
        let candidates = session.search(&format!("UNDELETED BEFORE {}", day.format("%-d-%b-%Y"))).await?;
        let mut expired = 0;
        for step in candidates.chunks(STEP) {
            let metas = session.sizes(step).await?;
            let old = metas.iter().filter(|meta| meta.received_at.is_some_and(|at| at < older_than));
            let old: Vec<u32> = old.map(|meta| meta.uid).collect();
            session.delete(&old).await?;
            expired += old.len() as u64;
        }
        self.session = Some(session);
        Ok(expired)
    }

    /// The session with one of our folders selected, and that folder's UIDVALIDITY.
    async fn filed(&mut self, folder: Folder) -> Result<(Session, u32), MailboxError> {
        let name = self.folder(folder)?;
        let mut session = self.awake().await?;
        let uidvalidity = session.select(&name).await?;
        Ok((session, uidvalidity))
    }
}
