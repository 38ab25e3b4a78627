//! Proving a mail address by a mailed code (S16 to S20): six digits, ten minutes, two resends, five tries.
//!
//! An [`Attempt`] belongs to one browser and one address. It asks for codes one after another, at most three that left;
//! the newest alone is live, from the moment it was minted. What happens to it is one pure function each:
//! [`Attempt::ask_again`], [`Attempt::mint`], [`Attempt::after_hand_over`], [`Attempt::begin_try`], [`Attempt::accept`].
//! The digits stand nowhere: they are derived from attempt, sequence and minting number under the server key.

mod asking;
mod digits;
mod sending;
#[cfg(test)]
mod tests;
mod trying;

use std::time::Duration;

use super::account::{PasswordHash, PersonName};
use super::email_address::EmailAddress;
use super::ids::{AccountId, AttemptId, RequestId};
use super::inbound::stored_names;
use super::locale::Locale;
use super::time::{Timestamp, hours, minutes};

pub use asking::{Asked, NotAsked};
pub use digits::Digits;
pub use sending::AfterHandOver;
pub use trying::{NotJudged, Try};

/// How long a code lives from the moment it was minted: ten minutes, and at 600 s it is dead (S17).
pub const CODE_LIFE: Duration = minutes(10);
/// Codes that may leave in one attempt: the first and two resends (S20).
pub const CODES: u32 = 3;
/// Shortest time between a code and the request for the next one.
pub const RESEND_PAUSE: Duration = Duration::from_secs(30);
/// Tries at one code; with the fifth wrong one it is dead.
pub const TRIES_PER_CODE: u32 = 5;
/// Tries at all codes of an attempt.
pub const TRIES_PER_ATTEMPT: u32 = 15;
/// How long an attempt lives (timer T3).
pub const ATTEMPT_LIFE: Duration = hours(24);
/// How long a proven address may be used to set a new password.
pub const PROOF_LIFE: Duration = minutes(30);
/// How long nobody may begin anew after an exhausted attempt.
pub const PAUSE_AFTER_EXHAUSTED: Duration = minutes(30);

/// What a code proves its address for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// 弥生IDの新規登録
    Register,
    /// パスワードの再設定
    Reset,
}

stored_names!(Purpose { Register = "register", Reset = "reset" });

/// What an attempt is to lead to. Who sits before the page cannot tell the four apart; the mail tells its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// A new account.
    Register(Draft),
    /// A new account for an address that has one already: the mail says so, and no code is right.
    Taken,
    /// A new password for this account.
    Reset(AccountId),
    /// A new password for an address without an account: the mail says so, and no code is right.
    Nobody,
}

impl Aim {
    /// What the page says it is for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Register(_) | Self::Taken => Purpose::Register,
            Self::Reset(_) | Self::Nobody => Purpose::Reset,
        }
    }

    /// Whether a code is mailed that can be right.
    #[must_use]
    pub const fn has_code(&self) -> bool {
        matches!(self, Self::Register(_) | Self::Reset(_))
    }
}

/// What an account will be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// ログイン者名
    pub name: PersonName,
    /// Argon2id.
    pub password: PasswordHash,
    /// The terms that were agreed to when the attempt began.
    pub terms_version: String,
}

/// From where an attempt was begun: whose allowance it takes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// Anybody's from one source, as a keyed digest.
    Source(String),
    /// Of the link that was mailed to the very address: no stranger holds it, none can use it up.
    Link(RequestId),
}

/// An attempt to prove an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Identity; the browser keeps it in a signed cookie.
    pub id: AttemptId,
    /// What it is to lead to.
    pub aim: Aim,
    /// The address, as it was typed.
    pub address: EmailAddress,
    /// The language its mails are written in.
    pub locale: Locale,
    /// Whose allowance it takes from.
    pub allowance: Allowance,
    /// The server key that its codes are derived with.
    pub code_key: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: AttemptState,
    /// Its codes, by sequence from 1 without a gap; never empty.
    pub codes: Vec<Code>,
    /// Counts changes.
    pub version: i64,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// A code is waited for.
    Open,
    /// The code was right: a new password may be set, for [`PROOF_LIFE`].
    Proven(Timestamp),
    /// It did what it was for.
    Used(Timestamp),
    /// The last try at the last code was wrong.
    Exhausted(Timestamp),
}

/// A code: the digits are derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// 1, 2, 3.
    pub sequence: u32,
    /// How often it was minted; the digits of the last minting are the ones that count. 0: not yet.
    pub minting: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Tries that were counted against it.
    pub tries: u32,
    /// Where it stands.
    pub state: CodeState,
}

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// Its mail waits to be handed over; it has no digits that count.
    Waiting,
    /// Minted then, and handed over or just about to be.
    Out(Timestamp),
    /// Its mail could not be sent; asking for it again is free.
    Unsent(Timestamp),
    /// A newer one was asked for.
    Superseded,
}

impl AttemptState {
    /// As stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Proven(_) => "proven",
            Self::Used(_) => "used",
            Self::Exhausted(_) => "exhausted",
        }
    }
}

/// Why an attempt leads nowhere any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The third code is dead; a new attempt may begin then.
    Exhausted(Timestamp),
    /// [`ATTEMPT_LIFE`] is over; a new one may begin at once.
    TooOld,
    /// It did what it was for, or its address is proven.
    Used,
}

impl Code {
    /// From when to when its digits count: `[minted, minted + CODE_LIFE)`.
    #[must_use]
    pub fn life(&self) -> Option<(Timestamp, Timestamp)> {
        match self.state {
            CodeState::Out(minted) => Some((minted, minted.after(CODE_LIFE))),
            _ => None,
        }
    }

    /// Whether its digits are to be accepted. A clock that went back before the minting makes it invalid, never eternal.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.tries < TRIES_PER_CODE && self.life().is_some_and(|(from, until)| from <= now && now < until)
    }

    /// The end of its life, once it is dead without a newer one.
    fn dead_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (_, until) = self.life()?;
        (!self.is_live(now)).then_some(until)
    }
}

impl Attempt {
    /// A new attempt that asks for its first code.
    #[must_use]
    pub fn begin(begun: Begin, now: Timestamp) -> Self {
        let Begin { id, aim, address, locale, allowance, code_key } = begun;
        let codes = vec![Code::asked(1, now)];
        let state = AttemptState::Open;
        Self { id, aim, address, locale, allowance, code_key, created_at: now, state, codes, version: 0 }
    }

    /// Why it leads nowhere any more.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Option<Over> {
        match self.state {
            AttemptState::Used(_) | AttemptState::Proven(_) => return Some(Over::Used),
            AttemptState::Exhausted(at) => return Some(Over::Exhausted(at.after(PAUSE_AFTER_EXHAUSTED))),
            AttemptState::Open => {}
        }
        if let Some(at) = self.exhausted_at(now) {
            return Some(Over::Exhausted(at.after(PAUSE_AFTER_EXHAUSTED)));
        }
        (now.since(self.created_at) >= ATTEMPT_LIFE).then_some(Over::TooOld)
    }

    /// When the last code died: no other can be asked for.
    #[must_use]
    pub fn exhausted_at(&self, now: Timestamp) -> Option<Timestamp> {
        if let AttemptState::Exhausted(at) = self.state {
            return Some(at);
        }
        let last = self.newest().filter(|code| code.sequence >= CODES && self.state == AttemptState::Open)?;
        last.dead_at(now)
    }

    /// The code asked for last.
    #[must_use]
    pub fn newest(&self) -> Option<&Code> {
        self.codes.last()
    }

    /// Resends that are left.
    #[must_use]
    pub fn resends_left(&self) -> u32 {
        CODES.saturating_sub(self.newest().map_or(0, |code| code.sequence))
    }

    /// Tries counted against all its codes.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.codes.iter().map(|code| code.tries).sum()
    }

    /// Whether a new password may be set.
    #[must_use]
    pub fn may_set_password(&self, now: Timestamp) -> bool {
        matches!(self.state, AttemptState::Proven(at) if at <= now && now.since(at) < PROOF_LIFE)
    }
}

/// What an attempt begins with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// See [`Attempt::id`].
    pub id: AttemptId,
    /// See [`Attempt::aim`].
    pub aim: Aim,
    /// See [`Attempt::address`].
    pub address: EmailAddress,
    /// See [`Attempt::locale`].
    pub locale: Locale,
    /// See [`Attempt::allowance`].
    pub allowance: Allowance,
    /// See [`Attempt::code_key`].
    pub code_key: String,
}
