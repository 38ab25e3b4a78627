//! A mail that was seen in the mailbox: where it lies, what it is, what became of it.

use std::time::Duration;

use super::ids::{FirmId, InboundId, RequestId};
use super::time::{Timestamp, days, hours, minutes};

macro_rules! stored_names {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// As stored and shown.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// From what [`Self::name`] wrote.
            #[must_use]
            pub fn stored(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use stored_names;

/// The names of a state's variants, as stored, where the variants carry more than their name.
macro_rules! state_names {
    ($state:ident => $names:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        /// The name alone, as stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $names {
            $(#[doc = concat!("See [`", stringify!($state), "::", stringify!($variant), "`].")] $variant),+
        }

        $crate::domain::inbound::stored_names!($names { $($variant = $name),+ });

        impl $state {
            /// The name alone.
            #[must_use]
            pub const fn name(&self) -> $names {
                match self { $(Self::$variant { .. } => $names::$variant),+ }
            }
        }
    };
}
pub(crate) use state_names;

/// Where a mail lies: the same mail copied or moved is another locator with the same [`Digest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locator {
    /// IMAP's UIDVALIDITY; 0 for a Maildir.
    pub uidvalidity: u32,
    /// IMAP's UID in decimal; the unique name of a Maildir file, without its flags.
    pub uid: String,
}

/// SHA-256 of the mail's bytes after line ends were made CRLF, lower-case hex: the identity of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub String);

/// SHA-256 of what a signature signed with (`b=`), lower-case hex: the same signed words in another envelope are another
/// [`Digest`] under the same seal (threat T4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seal(pub String);

/// How long seals are remembered.
pub const KEEP_SEALS: Duration = days(400);
/// How much older than its arrival a mail's Date may be.
pub const OLDEST: Duration = days(7);
/// How far ahead of its arrival a mail's Date may lie.
pub const AHEAD: Duration = minutes(10);

/// What is wrong with when a mail says that it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untimely {
    /// It says nothing, or nothing that is a time.
    Undated,
    /// More than [`OLDEST`] before it came.
    Stale,
    /// More than [`AHEAD`] after it came.
    Ahead,
}

stored_names!(Untimely { Undated = "undated", Stale = "stale", Ahead = "ahead" });

/// Judges a mail's Date by its arrival, never by now: a mail that was held does not grow stale in our hands.
///
/// # Errors
/// [`Untimely`]
pub fn timely(date: Option<Timestamp>, arrived: Timestamp) -> Result<(), Untimely> {
    let date = date.ok_or(Untimely::Undated)?;
    if arrived.since(date) > OLDEST {
        Err(Untimely::Stale)
    } else if date.since(arrived) > AHEAD {
        Err(Untimely::Ahead)
    } else {
        Ok(())
    }
}

/// What a mail is. Exactly one, decided before anything is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A firm's request form or table, or what wants to be one.
    Request,
    /// A firm's mail that names another procedure (手続き).
    FirmCommand,
    /// A delivery status notification (RFC 3464) or another bounce.
    DeliveryReport,
    /// Sent by a program: Auto-Submitted, a list, bulk, a null return path (RFC 3834 §2).
    Automatic,
    /// Our own mail come back, or one that went in circles.
    Loop,
    /// Anything else: a person's words, what was too large to be read or killed the parser.
    Other,
}

/// What was decided about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did what it asked for.
    Accepted,
    /// A proven firm's mail with a fault; it was answered once.
    Refused,
    /// It waits in INBOX until its row is due.
    Held,
    /// Not proven, or a danger; never answered, shown to the operator.
    Quarantined,
    /// Nothing to do: a copy, an automatic mail.
    Discarded,
    /// It was in quarantine and an operator sent it to INBOX again.
    Released,
}

/// The folders below `renkei` that judged mails are moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Folder {
    /// Accepted requests.
    Accepted,
    /// Proven mails with a fault.
    Refused,
    /// What was not proven.
    Quarantine,
    /// Everything else.
    Other,
}

impl Folder {
    /// All of them, for creating them.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Refused, Self::Quarantine, Self::Other];

    /// The folder's own name, without the parent and the delimiter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Quarantine => "quarantine",
            Self::Other => "other",
        }
    }

    /// From its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|folder| folder.name() == name)
    }
}

impl Verdict {
    /// Where a mail with this verdict belongs; `None` means INBOX.
    #[must_use]
    pub const fn folder(self) -> Option<Folder> {
        match self {
            Self::Accepted => Some(Folder::Accepted),
            Self::Refused => Some(Folder::Refused),
            Self::Quarantined => Some(Folder::Quarantine),
            Self::Discarded => Some(Folder::Other),
            Self::Held | Self::Released => None,
        }
    }
}

/// A mail that was judged, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// Identity.
    pub id: InboundId,
    /// The mailbox's name.
    pub mailbox: String,
    /// Where it lay in INBOX when it was judged.
    pub at: Locator,
    /// Absent when it was not read.
    pub digest: Option<Digest>,
    /// In octets, as the mailbox counts.
    pub size: u64,
    /// Its own Message-ID, a hint for people.
    pub message_id: Option<String>,
    /// What it is.
    pub class: Class,
    /// What was decided.
    pub verdict: Verdict,
    /// Why, in the order in which it was found.
    pub reasons: Vec<String>,
    /// Whose it is, where that is proved.
    pub firm: Option<FirmId>,
    /// The request that it made or was about.
    pub request: Option<RequestId>,
    /// When it came to the mailbox.
    pub arrived_at: Timestamp,
    /// When this was decided.
    pub judged_at: Timestamp,
    /// When a held mail is judged again.
    pub due_at: Option<Timestamp>,
    /// How often it was held.
    pub tries: u32,
    /// When it was moved to its folder.
    pub filed_at: Option<Timestamp>,
}

/// How far the intake of a mailbox has come, and which mails it held in its hands when it last wrote that down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowRecord {
    /// The UIDVALIDITY that the rest is about.
    pub uidvalidity: u32,
    /// UIDs from here on are new.
    pub uidnext: u32,
    /// The UIDs about to be judged; empty once they are.
    pub in_hand: Vec<String>,
    /// How often judging them was begun.
    pub tries: u32,
}

/// Most mails in one window of the intake.
pub const WINDOW_MAILS: usize = 100;
/// Most bytes in one window of the intake.
pub const WINDOW_BYTES: u64 = 8 * 1024 * 1024;
/// How often a mail may kill the process that judges it before it is quarantined unread.
pub const FATAL_TRIES: u32 = 2;

/// How long a mail whose proof could not be fetched waits before try `tries + 1`: 1 min, doubled up to 4 h (failure F15).
#[must_use]
pub fn hold_for(tries: u32) -> Duration {
    let doubled = minutes(1).saturating_mul(1 << tries.min(10));
    doubled.min(hours(4))
}

/// How often a mail is held before it is shown to the operator instead: three days of waiting.
pub const HOLDS: u32 = 25;

stored_names!(Class {
    Request = "request",
    FirmCommand = "firm_command",
    DeliveryReport = "delivery_report",
    Automatic = "automatic",
    Loop = "loop",
    Other = "other",
});
stored_names!(Verdict {
    Accepted = "accepted",
    Refused = "refused",
    Held = "held",
    Quarantined = "quarantined",
    Discarded = "discarded",
    Released = "released",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_judged_by_the_arrival() {
        let tick = Duration::from_millis(1);
        let at = Timestamp::from_millis(1_700_000_000_000);
        for (date, judged) in [
            (None, Err(Untimely::Undated)),
            (Some(at), Ok(())),
            (Some(at.before(OLDEST)), Ok(())),
            (Some(at.before(OLDEST).before(tick)), Err(Untimely::Stale)),
            (Some(at.after(AHEAD)), Ok(())),
            (Some(at.after(AHEAD).after(tick)), Err(Untimely::Ahead)),
            (Some(Timestamp::from_millis(i64::MIN)), Err(Untimely::Stale)),
            (Some(Timestamp::from_millis(i64::MAX)), Err(Untimely::Ahead)),
        ] {
            assert_eq!(timely(date, at), judged, "{date:?}");
        }
    }

    #[test]
    fn a_held_mail_waits_from_a_minute_to_four_hours_and_three_days_at_most() {
        assert_eq!(hold_for(0), minutes(1));
        assert_eq!(hold_for(3), minutes(8));
        assert_eq!(hold_for(60), hours(4));
        let all: Duration = (0..HOLDS).map(hold_for).sum();
        assert!(all >= days(3) && all < days(3) + hold_for(HOLDS));
    }
}
