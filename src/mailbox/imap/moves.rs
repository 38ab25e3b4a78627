//! Out of a folder: MOVE where the server has it (RFC 6851), else COPY, \Deleted and UID EXPUNGE (RFC 4315). Without
//! UIDPLUS nothing is expunged: EXPUNGE would take other people's flagged mails along.

use super::folders::quote;
use super::session::{Answer, Session};
use super::uid_set::uid_sets;
use crate::mailbox::MailboxError;

impl Session {
    /// Moves mails of the selected folder to the folder `to`. What has vanished is passed over.
    pub(super) async fn transfer(&mut self, uids: &[u32], to: &str) -> Result<(), MailboxError> {
        let to = quote(to);
        for set in uid_sets(uids) {
            if self.can.r#move {
                self.insist("MOVE", set, |set| format!("UID MOVE {set} {to}")).await?;
                continue;
            }
            // What stays behind flagged was copied before; with UIDPLUS a second copy is better than none.
            let sets = if self.can.uidplus { vec![set] } else { uid_sets(&self.existing(&[set], " UNDELETED").await?) };
            for set in sets {
                for set in self.insist("COPY", set, |set| format!("UID COPY {set} {to}")).await? {
                    self.delete_set(set).await?;
                }
            }
        }
        Ok(())
    }

    /// Deletes mails of the selected folder; without UIDPLUS they stay, flagged.
    pub(super) async fn delete(&mut self, uids: &[u32]) -> Result<(), MailboxError> {
        for set in uid_sets(uids) {
            self.delete_set(set).await?;
        }
        Ok(())
    }

    async fn delete_set(&mut self, set: String) -> Result<(), MailboxError> {
        let sets = self.insist("STORE", set, |set| format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
        if self.can.uidplus {
            for set in sets {
                self.insist("EXPUNGE", set, |set| format!("UID EXPUNGE {set}")).await?;
            }
        }
        Ok(())
    }

    /// Sends a command about a set of mails. A server may answer NO because some of them are gone (RFC 5530,
    /// EXPUNGEISSUED): then once more for those that are left, and only their NO counts. Gives the sets that were done.
    async fn insist(
        &mut self,
        what: &'static str,
        set: String,
        line: impl Fn(&str) -> String,
    ) -> Result<Vec<String>, MailboxError> {
        if self.command(what, &line(&set), 0, |_| ()).await? != Answer::No {
            return Ok(vec![set]);
        }
        let left = uid_sets(&self.existing(&[set], "").await?);
        for set in &left {
            self.command(what, &line(set), 0, |_| ()).await?.or_refused(what)?;
        }
        Ok(left)
    }
}
