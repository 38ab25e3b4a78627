//! What a look at the mailbox gives. Pure.

use std::fmt;

use super::cursor::Cursor;
use crate::domain::inbound::{Folder, Locator, WINDOW_BYTES, WINDOW_MAILS};
use crate::domain::time::Timestamp;

/// A mail that lies in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Where it lies.
    pub at: Locator,
    /// Its size in bytes: RFC822.SIZE, or the file's. 0 for one that is gone.
    pub size: u64,
    /// When it arrived: INTERNALDATE, or the file's time of change.
    pub received_at: Timestamp,
    /// Its bytes, if it was read.
    pub content: Content,
}

/// The bytes of a mail, or why there are none.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// As they lie there.
    Read(Vec<u8>),
    /// Larger than allowed; not downloaded.
    TooLarge,
    /// It is not there any more.
    Gone,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(bytes) => write!(f, "Read({} bytes)", bytes.len()),
            Self::TooLarge => f.write_str("TooLarge"),
            Self::Gone => f.write_str("Gone"),
        }
    }
}

/// Some mails that were not looked at before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Oldest first.
    pub mails: Vec<Arrived>,
    /// Where to go on once they are committed.
    pub cursor: Cursor,
    /// Whether more wait right now: do not wait, look.
    pub more: bool,
}

/// How much a window may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimits {
    /// Most mails; at least one is taken.
    pub mails: usize,
    /// Most bytes of all mails together; a single mail may be larger.
    pub bytes: u64,
    /// Most bytes of a mail.
    pub mail_bytes: u64,
}

impl WindowLimits {
    /// The usual window, for mails of at most `mail_bytes`.
    #[must_use]
    pub const fn usual(mail_bytes: u64) -> Self {
        Self { mails: WINDOW_MAILS, bytes: WINDOW_BYTES, mail_bytes }
    }

    /// How many of the mails that wait fit: at least one if there is any. A mail that is too large costs no bytes.
    #[must_use]
    pub fn fit(&self, sizes: impl IntoIterator<Item = u64>) -> usize {
        let mut left = self.bytes;
        let mut count = 0;
        for size in sizes.into_iter().take(self.mails.max(1)) {
            let cost = if size > self.mail_bytes { 0 } else { size };
            if count > 0 && cost > left {
                break;
            }
            left = left.saturating_sub(cost);
            count += 1;
        }
        count
    }
}

/// A mail in one of our folders, found for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The folder.
    pub folder: Folder,
    /// Where in that folder.
    pub at: Locator,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_bounded_in_mails_and_bytes_and_never_empty() {
        let limits = WindowLimits { mails: 3, bytes: 100, mail_bytes: 80 };
        assert_eq!(limits.fit([]), 0);
        assert_eq!(limits.fit([10, 10, 10, 10]), 3);
        assert_eq!(limits.fit([60, 40, 1]), 2);
        assert_eq!(limits.fit([60, 41]), 1);
        assert_eq!(limits.fit([81, 9000, 80]), 3, "what is too large is not downloaded");
        assert_eq!(WindowLimits { bytes: 10, ..limits }.fit([70, 1]), 1, "a mail larger than the window goes alone");
        assert_eq!(WindowLimits { mails: 0, ..limits }.fit([1, 1]), 1);
    }

    #[test]
    fn debug_shows_no_byte_of_a_mail() {
        assert_eq!(format!("{:?}", Content::Read(b"secret".to_vec())), "Read(6 bytes)");
    }
}
