//! What a further mail of a firm about the same customer means.

use std::time::Duration;

use super::{Request, State};
use crate::domain::time::{Timestamp, days};

/// A reminder comes a day after the last request mail at the earliest.
pub const REMINDER_EVERY: Duration = days(1);
/// Most reminders a firm may cause while a request is undecided.
pub const REMINDERS: u32 = 3;

/// What a firm's sound request mail comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// There is none like it: a new request.
    New,
    /// One is undecided, and a day has passed: the customer is mailed again.
    Reminder,
    /// One is undecided, and the customer was mailed too lately: nothing is mailed before this moment.
    TooSoon(Timestamp),
    /// One is undecided and all reminders are spent: a new one is possible from this moment, when it expires.
    NoMoreReminders(Timestamp),
    /// Who was asked knows nothing of the firm: nothing is mailed, and a new one is possible from this moment.
    Disowned(Timestamp),
    /// The customer approved and is linked: there is nothing to ask.
    Linked,
}

/// Judges a sound request mail against the last request of the same firm about the same customer.
#[must_use]
pub fn asked_again(last: Option<&Request>, now: Timestamp) -> Asked {
    let Some(last) = last else { return Asked::New };
    // A withdrawal in between does not open the door again.
    let is_answered = matches!(last.state, State::Approved(_) | State::Declined(_));
    if last.disowned_at.is_some() && !is_answered && now < last.expires_at {
        return Asked::Disowned(last.expires_at);
    }
    if last.is_open(now) {
        let next = last.noticed_at.after(REMINDER_EVERY);
        return if last.notices > REMINDERS {
            Asked::NoMoreReminders(last.expires_at)
        } else if now < next {
            Asked::TooSoon(next)
        } else {
            Asked::Reminder
        };
    }
    match last.state {
        State::Approved(_) if last.linked_at.is_some() && last.stopped_at.is_none() => Asked::Linked,
        _ => Asked::New,
    }
}
