//! A firm's request about a customer (契約情報取得の申請): its states, and what a further mail about the same customer
//! means (`asked`).

mod asked;

pub use asked::{Asked, REMINDER_EVERY, REMINDERS, asked_again};

use super::email_address::EmailAddress;
use super::firm::Firm;
use super::ids::{FirmId, RequestId};
use super::inbound::state_names;
use super::locale::Locale;
use super::request_form::RequestForm;
use super::time::{Timestamp, days};

/// Where a request stands. Each state but the first carries when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The customer is asked.
    Pending,
    /// The mail to the customer cannot be delivered.
    Undeliverable(Timestamp),
    /// A logged-in person who holds the link has seen it.
    Opened(Timestamp),
    /// Final.
    Approved(Timestamp),
    /// Final.
    Declined(Timestamp),
    /// Final: nobody decided in time.
    Expired(Timestamp),
    /// Final: the firm or the operator withdrew it.
    Cancelled(Timestamp),
}

state_names!(State => StateName {
    Pending = "pending",
    Undeliverable = "undeliverable",
    Opened = "opened",
    Approved = "approved",
    Declined = "declined",
    Expired = "expired",
    Cancelled = "cancelled",
});

impl State {
    /// From the database: the name, and when the state began.
    #[must_use]
    pub const fn stored(name: StateName, at: Timestamp) -> Self {
        match name {
            StateName::Pending => Self::Pending,
            StateName::Undeliverable => Self::Undeliverable(at),
            StateName::Opened => Self::Opened(at),
            StateName::Approved => Self::Approved(at),
            StateName::Declined => Self::Declined(at),
            StateName::Expired => Self::Expired(at),
            StateName::Cancelled => Self::Cancelled(at),
        }
    }

    /// Whether nobody has decided yet and somebody still may.
    #[must_use]
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Pending | Self::Undeliverable(_) | Self::Opened(_))
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Identity.
    pub id: RequestId,
    /// The number people use: 1, 2, 3 …
    pub number: i64,
    /// Who asks.
    pub firm: FirmId,
    /// Who is asked.
    pub customer: EmailAddress,
    /// 顧問先名, where the firm wrote it.
    pub client_name: Option<String>,
    /// 担当者名, where the firm wrote it.
    pub contact_name: Option<String>,
    /// 追加宛先
    pub copies: Vec<EmailAddress>,
    /// The firm's own words.
    pub message: String,
    /// The language the customer is written to in.
    pub locale: Locale,
    /// Where it stands.
    pub state: State,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The first moment at which it can no longer be answered.
    pub expires_at: Timestamp,
    /// Which server key its link is derived with.
    pub link_key: String,
    /// How many request mails (M1) it has caused, reminders included.
    pub notices: u32,
    /// When the last of them was put into the outbox.
    pub noticed_at: Timestamp,
    /// When the first product was linked after approval.
    pub linked_at: Option<Timestamp>,
    /// When somebody who holds the link said that they know nothing of it (この申請に心当たりがない).
    pub disowned_at: Option<Timestamp>,
    /// When the customer, having approved, stopped sharing the contract information again.
    pub stopped_at: Option<Timestamp>,
    /// The domain that proved the firm's mail.
    pub proved_by: String,
    /// Counts its changes; an update names the one it read.
    pub version: i64,
}

/// A transition that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is {}: this can no longer be done", .0.name())]
pub struct Ended(pub StateName);

impl Request {
    /// A new request of `firm`, as its mail asks.
    #[must_use]
    pub fn new(birth: Birth, firm: &Firm, asked: RequestForm, now: Timestamp) -> Self {
        Self {
            id: birth.id,
            number: birth.number,
            firm: firm.id.clone(),
            customer: asked.customer,
            client_name: asked.client_name,
            contact_name: asked.contact_name,
            copies: asked.copies,
            message: asked.message,
            locale: asked.locale,
            state: State::Pending,
            created_at: now,
            expires_at: now.after(days(firm.request_days.get())),
            link_key: birth.link_key,
            notices: 1,
            noticed_at: now,
            linked_at: None,
            disowned_at: None,
            stopped_at: None,
            proved_by: birth.proved_by,
            version: 0,
        }
    }

    /// Whether somebody may still decide at `now`: true at use, whatever a stopped scheduler left behind.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.is_undecided() && now < self.expires_at
    }

    /// Whether the customer may be mailed about it at `now`: not once it is over, and not once it was disowned.
    #[must_use]
    pub fn may_be_mailed(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.disowned_at.is_none()
    }

    /// A logged-in person who holds the link does the first thing about it. Who holds the link of an undeliverable request
    /// shows that it was delivered.
    ///
    /// # Errors
    /// [`Ended`] when it was opened before, and once it is decided, over or past its time.
    pub fn open(self, now: Timestamp) -> Result<Self, Ended> {
        match self.state {
            State::Pending | State::Undeliverable(_) if self.is_open(now) => {
                Ok(Self { state: State::Opened(now), ..self })
            }
            other => Err(Ended(other.name())),
        }
    }

    /// A person approves it.
    ///
    /// # Errors
    /// [`Ended`] once it is decided, over or past its time.
    pub fn approve(self, now: Timestamp) -> Result<Self, Ended> {
        self.decide(State::Approved(now), now)
    }

    /// The person it was mailed to declines it.
    ///
    /// # Errors
    /// [`Ended`] once it is decided, over or past its time.
    pub fn decline(self, now: Timestamp) -> Result<Self, Ended> {
        self.decide(State::Declined(now), now)
    }

    /// Who holds the link knows nothing of it. It can still be answered: mails are read by more than one pair of eyes.
    ///
    /// # Errors
    /// [`Ended`] when it was disowned before, and once it is decided, over or past its time.
    pub fn disown(self, now: Timestamp) -> Result<Self, Ended> {
        if self.may_be_mailed(now) {
            Ok(Self { disowned_at: Some(now), ..self })
        } else {
            Err(Ended(self.state.name()))
        }
    }

    /// The customer stops sharing what the approval shares. The decision stays; what it began ends.
    ///
    /// # Errors
    /// [`Ended`] unless it is approved and not stopped yet.
    pub fn stop(self, now: Timestamp) -> Result<Self, Ended> {
        match (self.state, self.stopped_at) {
            (State::Approved(_), None) => Ok(Self { stopped_at: Some(now), ..self }),
            (other, _) => Err(Ended(other.name())),
        }
    }

    /// The firm or the operator takes it back.
    ///
    /// # Errors
    /// [`Ended`] once it is decided or over.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, Ended> {
        self.end(State::Cancelled(now))
    }

    /// Its time is over.
    ///
    /// # Errors
    /// [`Ended`] once it is decided or over, and while there is time left.
    pub fn expire(self, now: Timestamp) -> Result<Self, Ended> {
        if now < self.expires_at {
            return Err(Ended(self.state.name()));
        }
        self.end(State::Expired(now))
    }

    /// The mail to the customer failed for good. A request that somebody opened was delivered all the same and stays.
    ///
    /// # Errors
    /// [`Ended`] unless it is pending.
    pub fn cannot_be_delivered(self, now: Timestamp) -> Result<Self, Ended> {
        match self.state {
            State::Pending => Ok(Self { state: State::Undeliverable(now), ..self }),
            other => Err(Ended(other.name())),
        }
    }

    /// One more request mail, with the same link: a reminder, or an operator's `request retry`, who then has looked into
    /// why it was disowned. A firm that asks again goes through [`asked_again`] first.
    ///
    /// # Errors
    /// [`Ended`] once it is decided, over or past its time.
    pub fn notify_again(self, now: Timestamp) -> Result<Self, Ended> {
        if !self.is_open(now) {
            return Err(Ended(self.state.name()));
        }
        Ok(Self { notices: self.notices + 1, noticed_at: now, disowned_at: None, ..self.tried_anew() })
    }

    /// When it was approved, where that goes on and no product was ever linked.
    #[must_use]
    pub const fn unlinked_since(&self) -> Option<Timestamp> {
        match (self.state, self.linked_at, self.stopped_at) {
            (State::Approved(at), None, None) => Some(at),
            _ => None,
        }
    }

    /// Its mail is tried anew: whether it can be delivered is open again.
    #[must_use]
    pub fn tried_anew(self) -> Self {
        let state = if matches!(self.state, State::Undeliverable(_)) { State::Pending } else { self.state };
        Self { state, ..self }
    }

    fn decide(self, state: State, now: Timestamp) -> Result<Self, Ended> {
        if self.is_open(now) { self.end(state) } else { Err(Ended(self.state.name())) }
    }

    fn end(self, state: State) -> Result<Self, Ended> {
        if self.state.is_undecided() { Ok(Self { state, ..self }) } else { Err(Ended(self.state.name())) }
    }
}

/// What a new request is given besides its form.
#[derive(Clone, Debug)]
pub struct Birth {
    /// Identity.
    pub id: RequestId,
    /// The next request number.
    pub number: i64,
    /// The server key in force.
    pub link_key: String,
    /// The domain that proved the mail.
    pub proved_by: String,
}

#[cfg(test)]
mod tests;
