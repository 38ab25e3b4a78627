//! A person types a code: the try is counted first and compared then, so that tries side by side get no more than five.

use super::{Attempt, AttemptState, CodeState, Over, Purpose, TRIES_PER_ATTEMPT, TRIES_PER_CODE};
use crate::domain::time::Timestamp;

/// A counted try: which digits it may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// The newest code.
    pub sequence: u32,
    /// Its minting; `None` while its mail still waits: then nothing typed can be right.
    pub minting: Option<u32>,
    /// Tries that are left at this code.
    pub tries_left: u32,
    /// Whether a wrong one ends the whole attempt.
    pub is_last: bool,
}

/// Why what was typed is not compared with anything. Costs no try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// The ten minutes are over, or the clock went back before its minting.
    Expired,
    /// Five wrong tries.
    Killed,
    /// The mail with it could not be sent.
    Unsent,
    /// The attempt leads nowhere any more.
    Over(Over),
}

impl Attempt {
    /// Counts a try at the newest code.
    ///
    /// # Errors
    /// [`NotJudged`]
    pub fn begin_try(mut self, now: Timestamp) -> Result<(Self, Try), NotJudged> {
        if let Some(over) = self.over(now) {
            return Err(NotJudged::Over(over));
        }
        let before = self.tries();
        let resends_left = self.resends_left();
        let Some(code) = self.codes.last_mut() else { return Err(NotJudged::Expired) };
        if code.tries >= TRIES_PER_CODE || before >= TRIES_PER_ATTEMPT {
            return Err(NotJudged::Killed);
        }
        let minting = match code.state {
            CodeState::Waiting => None,
            CodeState::Unsent(_) => return Err(NotJudged::Unsent),
            CodeState::Out(_) if code.is_live(now) => Some(code.minting),
            CodeState::Out(_) | CodeState::Superseded => return Err(NotJudged::Expired),
        };
        code.tries += 1;
        let tries_left = TRIES_PER_CODE - code.tries;
        let judged =
            Try { sequence: code.sequence, minting, tries_left, is_last: tries_left == 0 && resends_left == 0 };
        Ok((self, judged))
    }

    /// The counted try `judged`, begun at `at`, was right: the address is proven. `None` when somebody was faster: the code
    /// is used, or a newer one was asked for.
    #[must_use]
    pub fn accept(mut self, judged: Try, at: Timestamp) -> Option<Self> {
        let newest = self.newest()?;
        let same = newest.sequence == judged.sequence && Some(newest.minting) == judged.minting;
        let in_time = newest.life().is_some_and(|(from, until)| from <= at && at < until);
        if self.state != AttemptState::Open || !same || !in_time || !self.aim.has_code() {
            return None;
        }
        self.state = match self.aim.purpose() {
            Purpose::Register => AttemptState::Used(at),
            Purpose::Reset => AttemptState::Proven(at),
        };
        Some(self)
    }

    /// The last try at the last code was wrong. `None` when a try beside it was right.
    #[must_use]
    pub fn exhaust(mut self, now: Timestamp) -> Option<Self> {
        if self.state != AttemptState::Open {
            return None;
        }
        self.state = AttemptState::Exhausted(now);
        Some(self)
    }
}
