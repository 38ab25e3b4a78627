//! A code on its way: minted right before its mail is handed over, dead at once when that fails, never sent twice.

use std::time::Duration;

use super::{Attempt, Code, CodeState};
use crate::domain::outbound::HandOver;
use crate::domain::time::Timestamp;

/// How long a code's mail waits after each failed hand-over; after the last of them it could not be sent.
const RETRIES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(2),
];

/// What follows from how the hand-over of a code's mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterHandOver {
    /// It left, or may have left: never again.
    Left,
    /// This minting is dead; minted anew and tried again at this moment.
    Again(Timestamp),
    /// It could not be sent.
    Unsent,
    /// The code is no longer the one that counts.
    Moot,
}

impl Attempt {
    /// Mints the code `sequence`: from now on its digits count, for ten minutes. `None` when its mail has lost its reason.
    #[must_use]
    pub fn mint(mut self, sequence: u32, now: Timestamp) -> Option<Self> {
        if self.over(now).is_some() {
            return None;
        }
        let code = self.waiting(sequence)?;
        code.minting += 1;
        code.state = CodeState::Out(now);
        Some(self)
    }

    /// What follows when the hand-over of minting `minting` of code `sequence` ended so, in attempt `attempts` (from 1) at
    /// its mail; `None` when nobody tried. A failure before the mail's end kills the minting: whoever reads along has
    /// nothing. Lost after the mail's end, it may have arrived: it stays live and is not sent again.
    #[must_use]
    pub fn after_hand_over(
        mut self,
        sequence: u32,
        minting: u32,
        outcome: Option<&HandOver>,
        attempts: u32,
        now: Timestamp,
    ) -> (Self, AfterHandOver) {
        let Some(code) = self.out(sequence, minting) else { return (self, AfterHandOver::Moot) };
        let next = match outcome {
            Some(HandOver::Sent | HandOver::Unknown) => AfterHandOver::Left,
            Some(HandOver::Refused { .. }) => AfterHandOver::Unsent,
            Some(HandOver::Deferred { .. } | HandOver::RelayFault { .. }) => next_try(attempts, now),
            None => AfterHandOver::Again(now),
        };
        match next {
            AfterHandOver::Again(_) => code.state = CodeState::Waiting,
            AfterHandOver::Unsent => code.state = CodeState::Unsent(now),
            AfterHandOver::Left | AfterHandOver::Moot => {}
        }
        (self, next)
    }

    /// What follows when the code `sequence` could not be minted in attempt `attempts` at its mail.
    #[must_use]
    pub fn after_no_minting(mut self, sequence: u32, attempts: u32, now: Timestamp) -> (Self, AfterHandOver) {
        let Some(code) = self.waiting(sequence) else { return (self, AfterHandOver::Moot) };
        let next = next_try(attempts, now);
        if next == AfterHandOver::Unsent {
            code.state = CodeState::Unsent(now);
        }
        (self, next)
    }

    fn waiting(&mut self, sequence: u32) -> Option<&mut Code> {
        self.codes.last_mut().filter(|code| code.sequence == sequence && code.state == CodeState::Waiting)
    }

    fn out(&mut self, sequence: u32, minting: u32) -> Option<&mut Code> {
        let newest = self.codes.last_mut()?;
        let is_it = newest.sequence == sequence && newest.minting == minting;
        (is_it && matches!(newest.state, CodeState::Out(_))).then_some(newest)
    }
}

fn next_try(attempts: u32, now: Timestamp) -> AfterHandOver {
    let wait = usize::try_from(attempts.max(1) - 1).ok().and_then(|index| RETRIES.get(index));
    wait.map_or(AfterHandOver::Unsent, |wait| AfterHandOver::Again(now.after(*wait)))
}
