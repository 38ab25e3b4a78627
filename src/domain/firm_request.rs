//! A firm's request about a customer (契約情報取得の申請): its states, and what a further mail about the same customer means.

use super::email_address::EmailAddress;
use super::firm::Firm;
use super::ids::{FirmId, RequestId};
use super::inbound::stored_names;
use super::locale::Locale;
use super::request_form::RequestForm;
use super::time::{Timestamp, days};

/// A reminder comes a day after the last request mail at the earliest.
pub const REMINDER_EVERY: std::time::Duration = days(1);
/// Most reminders a firm may cause while a request is undecided.
pub const REMINDERS: u32 = 3;

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

/// The state's name alone, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateName {
    /// See [`State::Pending`].
    Pending,
    /// See [`State::Undeliverable`].
    Undeliverable,
    /// See [`State::Opened`].
    Opened,
    /// See [`State::Approved`].
    Approved,
    /// See [`State::Declined`].
    Declined,
    /// See [`State::Expired`].
    Expired,
    /// See [`State::Cancelled`].
    Cancelled,
}

stored_names!(StateName {
    Pending = "pending",
    Undeliverable = "undeliverable",
    Opened = "opened",
    Approved = "approved",
    Declined = "declined",
    Expired = "expired",
    Cancelled = "cancelled",
});

impl State {
    /// The name alone.
    #[must_use]
    pub const fn name(self) -> StateName {
        match self {
            Self::Pending => StateName::Pending,
            Self::Undeliverable(_) => StateName::Undeliverable,
            Self::Opened(_) => StateName::Opened,
            Self::Approved(_) => StateName::Approved,
            Self::Declined(_) => StateName::Declined,
            Self::Expired(_) => StateName::Expired,
            Self::Cancelled(_) => StateName::Cancelled,
        }
    }

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
            proved_by: birth.proved_by,
            version: 0,
        }
    }

    /// Whether somebody may still decide at `now`: true at use, whatever a stopped scheduler left behind.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.is_undecided() && now < self.expires_at
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

    /// One more request mail, with the same link: a reminder, or an operator's `request retry`.
    ///
    /// # Errors
    /// [`Ended`] once it is decided, over or past its time.
    pub fn notify_again(self, now: Timestamp) -> Result<Self, Ended> {
        if !self.is_open(now) {
            return Err(Ended(self.state.name()));
        }
        let state = if matches!(self.state, State::Undeliverable(_)) { State::Pending } else { self.state };
        Ok(Self { notices: self.notices + 1, noticed_at: now, state, ..self })
    }

    /// Its mail is tried anew: whether it can be delivered is open again.
    #[must_use]
    pub fn tried_anew(self) -> Self {
        let state = if matches!(self.state, State::Undeliverable(_)) { State::Pending } else { self.state };
        Self { state, ..self }
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
    /// The customer approved and is linked: there is nothing to ask.
    Linked,
}

/// Judges a sound request mail against the last request of the same firm about the same customer.
#[must_use]
pub fn asked_again(last: Option<&Request>, now: Timestamp) -> Asked {
    let Some(last) = last else { return Asked::New };
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
        State::Approved(_) if last.linked_at.is_some() => Asked::Linked,
        _ => Asked::New,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const TICK: Duration = Duration::from_millis(1);

    fn pending() -> Request {
        Request {
            id: RequestId::stored("r".into()),
            number: 1,
            firm: FirmId::stored("f".into()),
            customer: EmailAddress::parse("yamada@example.jp").unwrap(),
            client_name: None,
            contact_name: None,
            copies: vec![],
            message: String::new(),
            locale: Locale::Ja,
            state: State::Pending,
            created_at: T0,
            expires_at: T0.after(days(21)),
            link_key: "k".into(),
            notices: 1,
            noticed_at: T0,
            linked_at: None,
            proved_by: "firm.example".into(),
            version: 0,
        }
    }

    #[test]
    fn three_reminders_a_day_apart_and_then_none() {
        let mut request = pending();
        let mut now = T0;
        for _ in 0..REMINDERS {
            assert_eq!(
                asked_again(Some(&request), now.after(days(1)).before(TICK)),
                Asked::TooSoon(now.after(days(1)))
            );
            now = now.after(days(1));
            assert_eq!(asked_again(Some(&request), now), Asked::Reminder);
            request = request.notify_again(now).unwrap();
        }
        assert_eq!(asked_again(Some(&request), now.after(days(1))), Asked::NoMoreReminders(request.expires_at));
    }

    #[test]
    fn an_expired_request_makes_room_though_no_schedule_ran() {
        let request = pending();
        assert_eq!(asked_again(Some(&request), request.expires_at), Asked::New);
        assert!(request.is_open(request.expires_at.before(TICK)));
    }

    #[test]
    fn who_approved_and_is_linked_is_not_asked_again() {
        let approved = Request { state: State::Approved(T0), ..pending() };
        assert_eq!(asked_again(Some(&approved), T0), Asked::New);
        assert_eq!(asked_again(Some(&Request { linked_at: Some(T0), ..approved }), T0), Asked::Linked);
        let declined = Request { state: State::Declined(T0), ..pending() };
        assert_eq!(asked_again(Some(&declined), T0), Asked::New);
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let ends = [State::Approved(T0), State::Declined(T0), State::Expired(T0), State::Cancelled(T0)];
        let late = T0.after(days(30));
        for state in ends {
            let request = Request { state, ..pending() };
            assert!(request.clone().withdraw(T0).is_err());
            assert!(request.clone().expire(late).is_err());
            assert!(request.clone().notify_again(T0).is_err());
            assert!(request.cannot_be_delivered(T0).is_err());
        }
    }

    #[test]
    fn a_delivered_request_cannot_become_undeliverable() {
        let opened = Request { state: State::Opened(T0), ..pending() };
        assert!(opened.cannot_be_delivered(T0).is_err());
        let lost = pending().cannot_be_delivered(T0).unwrap();
        assert_eq!(lost.notify_again(T0).unwrap().state, State::Pending);
    }
}
