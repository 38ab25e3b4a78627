//! Where the intake stands in an IMAP folder (RFC 3501 §2.3.1.1). Pure.

/// Mails with a UID of `uidnext` or more are new, as long as UIDVALIDITY is the same. A Maildir has no use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The folder's UIDVALIDITY when the cursor was taken; 0 before the first look, and for a Maildir.
    pub uidvalidity: u32,
    /// The lowest UID that was not looked at yet.
    pub uidnext: u32,
}

impl Cursor {
    /// Before the first look.
    pub const START: Self = Self { uidvalidity: 0, uidnext: 1 };

    /// The cursor to go on from in a folder with this UIDVALIDITY: the same, or the start when UIDs were dealt anew
    /// (failure F3).
    #[must_use]
    pub const fn under(self, uidvalidity: u32) -> Self {
        if self.uidvalidity == uidvalidity && self.uidnext > 0 { self } else { Self { uidvalidity, uidnext: 1 } }
    }

    /// Of the UIDs a search gave, those that are new, in order. A search for `n:*` gives the last mail even when its UID
    /// is below `n` (RFC 3501 §6.4.8).
    #[must_use]
    pub fn new_among(self, found: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut new: Vec<u32> = found.into_iter().filter(|uid| *uid >= self.uidnext).collect();
        new.sort_unstable();
        new.dedup();
        new
    }

    /// The cursor once `uid` was looked at. It never goes back.
    #[must_use]
    pub fn past(self, uid: u32) -> Self {
        Self { uidnext: self.uidnext.max(uid.saturating_add(1)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_uidvalidity_starts_at_one() {
        let cursor = Cursor { uidvalidity: 7, uidnext: 40 };
        assert_eq!(cursor.under(7), cursor);
        assert_eq!(cursor.under(8), Cursor { uidvalidity: 8, uidnext: 1 });
        assert_eq!(Cursor::START.under(8), Cursor { uidvalidity: 8, uidnext: 1 });
    }

    #[test]
    fn the_last_mail_is_not_new_only_because_the_server_names_it() {
        let cursor = Cursor { uidvalidity: 7, uidnext: 40 };
        assert_eq!(cursor.new_among([39]), Vec::<u32>::new());
        assert_eq!(cursor.new_among([44, 39, 41, 44, 40]), [40, 41, 44]);
    }

    proptest! {
        #[test]
        fn what_was_looked_at_is_never_new_again(uidnext in 1u32.., found in proptest::collection::vec(1u32.., 0..20)) {
            let mut cursor = Cursor { uidvalidity: 1, uidnext };
            let new = cursor.new_among(found.iter().copied());
            for uid in &new {
                let before = cursor.uidnext;
                cursor = cursor.past(*uid);
                prop_assert!(cursor.uidnext >= before);
            }
            prop_assert!(cursor.new_among(found).iter().all(|uid| *uid == u32::MAX));
        }
    }
}
