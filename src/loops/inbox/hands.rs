//! What the intake holds in its hands, and how that is written down.

use std::collections::HashSet;

use crate::domain::inbound::{Locator, WindowRecord};
use crate::flows::receive_request::{Resume, Seen};
use crate::mailbox::{Arrived, Content, Cursor};

/// Where the intake stands. A change of it is written by the flows.
#[derive(Debug)]
pub(super) struct Hands {
    pub cursor: Cursor,
    /// Mails that were in our hands when the process last ended: while any is left, mails are judged one by one.
    suspects: HashSet<String>,
    /// The single mail that was in our hands, and how often.
    last_alone: Option<(String, u32)>,
}

impl Hands {
    pub(super) fn after(resume: &Resume) -> Self {
        let record = &resume.record;
        let alone = record.in_hand.first().filter(|_| record.in_hand.len() == 1);
        Self {
            cursor: if record.uidnext == 0 {
                Cursor::START
            } else {
                Cursor { uidvalidity: record.uidvalidity, uidnext: record.uidnext }
            },
            suspects: resume.suspects.iter().cloned().collect(),
            last_alone: alone.map(|uid| (uid.clone(), record.tries)),
        }
    }

    /// Whether mails are to be judged one by one.
    pub(super) fn is_wary(&self) -> bool {
        !self.suspects.is_empty()
    }

    /// What is to be written down before `mails` are read.
    pub(super) fn take(&self, mails: &[Arrived]) -> WindowRecord {
        let in_hand: Vec<String> = mails.iter().map(|mail| mail.at.uid.clone()).collect();
        let before = self.last_alone.as_ref().filter(|(uid, _)| in_hand.len() == 1 && in_hand.first() == Some(uid));
        WindowRecord { in_hand, tries: before.map_or(0, |(_, tries)| *tries) + 1, ..self.record() }
    }

    /// What is written with the commit that owns the mails.
    pub(super) fn done(next: Cursor) -> WindowRecord {
        WindowRecord { uidvalidity: next.uidvalidity, uidnext: next.uidnext, ..WindowRecord::default() }
    }

    /// After that commit.
    pub(super) fn advance<'a>(&mut self, next: Cursor, judged: impl Iterator<Item = &'a String>) {
        self.cursor = next;
        self.last_alone = None;
        for uid in judged {
            self.suspects.remove(uid);
        }
    }

    /// Nothing is left to look at: whatever was suspected is gone.
    pub(super) fn nothing_left(&mut self) {
        self.suspects.clear();
    }

    fn record(&self) -> WindowRecord {
        Self::done(self.cursor)
    }
}

/// The place of a mail that must not be read again.
pub(super) fn place_of(uid: &str, record: &WindowRecord) -> Locator {
    Locator { uidvalidity: record.uidvalidity, uid: uid.to_owned() }
}

/// As the flows want it; `None` for a mail that vanished.
pub(super) fn seen(mail: Arrived) -> Option<Seen> {
    let raw = match mail.content {
        Content::Read(raw) => Some(raw),
        Content::TooLarge => None,
        Content::Gone => return None,
    };
    Some(Seen { at: mail.at, size: mail.size, arrived_at: mail.received_at, raw })
}
