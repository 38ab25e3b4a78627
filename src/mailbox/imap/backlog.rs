//! The mails that wait, listed once and worked off window by window. Pure.

use std::collections::VecDeque;

use crate::mailbox::Cursor;

/// UIDs that a search gave and no window has held yet.
#[derive(Debug)]
pub(super) struct Backlog {
    next: Cursor,
    uids: VecDeque<u32>,
}

impl Backlog {
    /// Nothing is listed.
    pub(super) const EMPTY: Self = Self { next: Cursor::START, uids: VecDeque::new() };

    /// What a search from `cursor` on gave.
    pub(super) fn new(cursor: Cursor, found: impl IntoIterator<Item = u32>) -> Self {
        Self { next: cursor, uids: cursor.new_among(found).into() }
    }

    /// Whether a window from `cursor` on can be taken from the list. Not when the caller comes back with an older cursor,
    /// because a window was not committed: then the list has a gap.
    pub(super) fn serves(&self, cursor: Cursor) -> bool {
        self.next == cursor && !self.uids.is_empty()
    }

    /// The first `most` that wait.
    pub(super) fn first(&self, most: usize) -> Vec<u32> {
        self.uids.iter().take(most.max(1)).copied().collect()
    }

    /// Drops what lies before `cursor`.
    pub(super) fn advance(&mut self, cursor: Cursor) {
        self.next = cursor;
        while self.uids.front().is_some_and(|uid| *uid < cursor.uidnext) {
            self.uids.pop_front();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.uids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_was_not_committed_is_listed_anew() {
        let start = Cursor { uidvalidity: 1, uidnext: 5 };
        let mut backlog = Backlog::new(start, [9, 4, 7, 5]);
        assert_eq!(backlog.first(2), [5, 7]);
        backlog.advance(start.past(7));
        assert_eq!(backlog.first(2), [9]);
        assert!(backlog.serves(start.past(7)));
        assert!(!backlog.serves(start), "5 and 7 are off the list");
        backlog.advance(start.past(9));
        assert!(backlog.is_empty() && !backlog.serves(start.past(9)));
    }
}
