//! Whether a mail is new: by its bytes, whatever way it came.

use crate::domain::inbound::{InboundMessage, Verdict};

use super::super::judge::Judged;
use super::super::known::Known;
use super::{Plan, acts, settle};

/// Whether a mail is new.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    Never,
    /// It was held, and is to be judged again.
    Held(&'a InboundMessage),
    /// It was dealt with: nothing remains to be judged.
    Before,
}

impl<'a> Plan<'a> {
    /// Deals with a mail whose bytes were seen before.
    pub(super) fn recognise<'k>(&mut self, mail: &'a Judged, known: &'k Known) -> Seen<'k> {
        let Some(digest) = &mail.digest else { return Seen::Never };
        let copies = || known.copies.iter().filter(|copy| copy.digest.as_ref() == Some(digest));
        if copies().any(|copy| copy.verdict == Verdict::Quarantined) {
            self.came_again.push(digest);
        }
        // Under a new UIDVALIDITY a mail that is in our hands has another name.
        let renamed = |copy: &&InboundMessage| {
            copy.mailbox == self.mailbox && copy.at.uidvalidity != mail.at.uidvalidity && copy.filed_at.is_none()
        };
        if let Some(acted) = copies().find(|copy| acts(copy.verdict)) {
            if acted.mailbox == self.mailbox && acted.at == mail.at {
                self.file_again.push(acted.id.clone());
                return Seen::Before;
            }
            if renamed(&acted) {
                self.relocated.push((acted.id.clone(), mail.at.clone()));
                return Seen::Before;
            }
            self.discard_copy(mail);
            return Seen::Before;
        }
        if self.memory.acted.contains(digest) {
            self.discard_copy(mail);
            return Seen::Before;
        }
        let held = copies().find(|copy| copy.verdict == Verdict::Held && (copy.at == mail.at || renamed(copy)));
        if let Some(held) = held.filter(|held| held.at != mail.at) {
            self.relocated.push((held.id.clone(), mail.at.clone()));
        }
        held.map_or(Seen::Never, Seen::Held)
    }

    fn discard_copy(&mut self, mail: &Judged) {
        let mut message = self.message(mail);
        settle(&mut message, Verdict::Discarded, &["a copy of a mail that was dealt with".to_owned()]);
        self.inbound.push(message);
    }
}
