//! Asking for a code: the older one dies at once, and a request while one still waits changes nothing (S18 to S20).

use super::{Attempt, CODES, Code, CodeState, Over, RESEND_PAUSE};
use crate::domain::time::Timestamp;

/// What a request for a code did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A resend: the code with this number.
    Next(u32),
    /// The code with this number could not be sent; it is tried anew and costs no resend.
    Free(u32),
}

/// Why no code was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// One still waits to be sent: it will come.
    OnItsWay,
    /// Not before this moment.
    TooSoon(Timestamp),
    /// All have been asked for; the last one can still be typed.
    NoneLeft,
    /// The attempt leads nowhere any more.
    Over(Over),
}

impl Code {
    pub(super) const fn asked(sequence: u32, now: Timestamp) -> Self {
        Self { sequence, minting: 0, asked_at: now, tries: 0, state: CodeState::Waiting }
    }

    /// When the next one may be asked for: half a minute after it was asked for, or minted where that was later.
    #[must_use]
    pub fn next_from(&self) -> Timestamp {
        let minted = self.life().map_or(self.asked_at, |(from, _)| from);
        self.asked_at.max(minted).after(RESEND_PAUSE)
    }
}

impl Attempt {
    /// Asks for another code.
    ///
    /// # Errors
    /// [`NotAsked`]
    pub fn ask_again(mut self, now: Timestamp) -> Result<(Self, Asked), NotAsked> {
        if let Some(over) = self.over(now) {
            return Err(NotAsked::Over(over));
        }
        let Some(newest) = self.codes.last_mut() else { return Err(NotAsked::NoneLeft) };
        if newest.state == CodeState::Waiting {
            return Err(NotAsked::OnItsWay);
        }
        let from = newest.next_from();
        // A clock that went back far would otherwise keep a person waiting for as long.
        if now < from && from.since(now) <= RESEND_PAUSE {
            return Err(NotAsked::TooSoon(from));
        }
        let sequence = newest.sequence;
        if matches!(newest.state, CodeState::Unsent(_)) {
            newest.state = CodeState::Waiting;
            newest.asked_at = now;
            return Ok((self, Asked::Free(sequence)));
        }
        if sequence >= CODES {
            return Err(NotAsked::NoneLeft);
        }
        newest.state = CodeState::Superseded;
        self.codes.push(Code::asked(sequence + 1, now));
        Ok((self, Asked::Next(sequence + 1)))
    }
}
