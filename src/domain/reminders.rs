//! Of what people are reminded, and when. What was said is noted with the request; these rules are asked at every run.

use std::time::Duration;

use super::firm_request::{REMINDER_EVERY, Request, State};
use super::time::{Timestamp, days};

/// How long before the end of a request its customer is reminded (M8), and its firm told (M9).
pub const BEFORE_END: Duration = days(5);
/// How long after the approval the customer is reminded that nothing is linked yet.
pub const LINK_REMINDERS: [Duration; 2] = [days(3), days(10)];
/// How long after the approval the firm's digest says that nothing is linked yet: a day after the customer's last reminder.
pub const UNLINKED_TOLD: Duration = days(11);

/// From when on the customer is reminded of a request (M8): five days before its end, but not before half of its time has
/// passed, and a day after the last request mail at the earliest.
#[must_use]
pub fn reminder_at(request: &Request) -> Timestamp {
    let half = request.created_at.after(request.expires_at.since(request.created_at) / 2);
    request.expires_at.before(BEFORE_END).max(half).max(request.noticed_at.after(REMINDER_EVERY))
}

/// Whether the customer is to be reminded: somebody may still answer, nobody disowned it, and a mail reaches them.
#[must_use]
pub fn wants_reminder(request: &Request, now: Timestamp) -> bool {
    request.may_be_mailed(now) && !matches!(request.state, State::Undeliverable(_)) && reminder_at(request) <= now
}

/// How many of the [`LINK_REMINDERS`] an approved request has reached at `now`. One that was missed is not made up beside a
/// later one: whoever has heard nothing for ten days is reminded once, not twice.
#[must_use]
pub fn link_reminders_reached(request: &Request, now: Timestamp) -> usize {
    let Some(at) = request.unlinked_since() else { return 0 };
    LINK_REMINDERS.iter().filter(|span| at.after(**span) <= now).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::email_address::EmailAddress;
    use crate::domain::ids::{FirmId, RequestId};
    use crate::domain::locale::Locale;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const TICK: Duration = Duration::from_millis(1);

    fn request(life: Duration, state: State) -> Request {
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
            state,
            created_at: T0,
            expires_at: T0.after(life),
            link_key: "k".into(),
            notices: 1,
            noticed_at: T0,
            linked_at: None,
            disowned_at: None,
            stopped_at: None,
            proved_by: "firm.example".into(),
            version: 0,
        }
    }

    #[test]
    fn five_days_before_the_end() {
        let request = request(days(21), State::Pending);
        assert_eq!(reminder_at(&request), T0.after(days(16)));
        assert!(!wants_reminder(&request, T0.after(days(16)).before(TICK)));
        assert!(wants_reminder(&request, T0.after(days(16))));
        assert!(wants_reminder(&request, T0.after(days(21)).before(TICK)));
        assert!(!wants_reminder(&request, T0.after(days(21))), "nobody can answer any more");
    }

    #[test]
    fn a_short_life_is_halved() {
        assert_eq!(reminder_at(&request(days(6), State::Pending)), T0.after(days(3)));
        assert_eq!(reminder_at(&request(days(10), State::Pending)), T0.after(days(5)));
    }

    #[test]
    fn nobody_is_reminded_within_a_day_of_a_request_mail() {
        assert_eq!(reminder_at(&request(days(1), State::Pending)), T0.after(days(1)), "too late: never");
        assert!(!wants_reminder(&request(days(1), State::Pending), T0.after(days(1))));
        let again = Request { noticed_at: T0.after(days(15)).after(TICK), ..request(days(21), State::Pending) };
        assert_eq!(reminder_at(&again), T0.after(days(16)).after(TICK));
    }

    #[test]
    fn whom_no_mail_reaches_and_who_decided_are_left_alone() {
        let late = T0.after(days(20));
        assert!(wants_reminder(&request(days(21), State::Opened(T0)), late));
        let disowned = Request { disowned_at: Some(T0), ..request(days(21), State::Pending) };
        assert!(!wants_reminder(&disowned, late));
        for state in [State::Undeliverable(T0), State::Approved(T0), State::Declined(T0), State::Cancelled(T0)] {
            assert!(!wants_reminder(&request(days(21), state), late), "{state:?}");
        }
    }

    #[test]
    fn three_and_ten_days_after_the_approval() {
        let approved = request(days(21), State::Approved(T0));
        for (day, reached) in [(2, 0), (3, 1), (9, 1), (10, 2), (1_000, 2)] {
            assert_eq!(link_reminders_reached(&approved, T0.after(days(day))), reached, "day {day}");
        }
        assert_eq!(link_reminders_reached(&approved, T0.after(days(3)).before(TICK)), 0);
        let stopped = Request { stopped_at: Some(T0), ..approved.clone() };
        assert_eq!(link_reminders_reached(&stopped, T0.after(days(30))), 0);
        let linked = Request { linked_at: Some(T0), ..approved };
        assert_eq!(link_reminders_reached(&linked, T0.after(days(30))), 0);
        assert_eq!(link_reminders_reached(&request(days(21), State::Pending), T0.after(days(30))), 0);
    }

    proptest! {
        #[test]
        fn a_reminder_is_never_the_first_mail_and_never_after_the_end(life in 1..=90_u32, noticed in 0..90_u32, ahead in 0..100_u32) {
            let mut request = request(days(life), State::Pending);
            request.noticed_at = T0.after(days(noticed.min(life)));
            let now = T0.after(days(ahead));
            if wants_reminder(&request, now) {
                prop_assert!(now < request.expires_at);
                prop_assert!(request.noticed_at.after(days(1)) <= now);
                prop_assert!(request.expires_at.since(now) <= BEFORE_END);
                prop_assert!(request.expires_at.since(now) <= now.since(request.created_at));
            }
        }
    }
}
