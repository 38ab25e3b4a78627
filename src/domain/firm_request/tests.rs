use std::time::Duration;

use proptest::prelude::*;

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
        disowned_at: None,
        stopped_at: None,
        proved_by: "firm.example".into(),
        version: 0,
    }
}

#[test]
fn three_reminders_a_day_apart_and_then_none() {
    let mut request = pending();
    let mut now = T0;
    for _ in 0..REMINDERS {
        assert_eq!(asked_again(Some(&request), now.after(days(1)).before(TICK)), Asked::TooSoon(now.after(days(1))));
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

#[test]
fn what_is_disowned_is_not_mailed_and_can_still_be_answered() {
    let request = pending().disown(T0).unwrap();
    assert!(!request.may_be_mailed(T0) && request.is_open(T0));
    assert!(request.clone().disown(T0).is_err(), "once");
    let until = request.expires_at;
    assert_eq!(asked_again(Some(&request), T0.after(days(1))), Asked::Disowned(until));
    let taken_back = request.clone().withdraw(T0).unwrap();
    assert_eq!(asked_again(Some(&taken_back), T0), Asked::Disowned(until), "a withdrawal is no way around it");
    assert_eq!(asked_again(Some(&taken_back), until), Asked::New);
    assert_eq!(asked_again(Some(&request.clone().decline(T0).unwrap()), T0), Asked::New, "somebody knew it after all");
    assert!(request.clone().approve(T0).is_ok());
    assert!(request.notify_again(T0).unwrap().may_be_mailed(T0), "the operator has looked into it");
}

#[test]
fn a_request_is_opened_once_and_not_by_its_reminders() {
    let opened = pending().open(T0).unwrap();
    assert_eq!(opened.state, State::Opened(T0));
    assert!(opened.clone().open(T0).is_err());
    let lost = pending().cannot_be_delivered(T0).unwrap();
    assert_eq!(lost.open(T0).unwrap().state, State::Opened(T0), "who opens it got the mail");
}

#[test]
fn who_stopped_sharing_can_be_asked_anew() {
    let approved = Request { linked_at: Some(T0), ..pending().approve(T0).unwrap() };
    assert_eq!(asked_again(Some(&approved), T0), Asked::Linked);
    let stopped = approved.stop(T0).unwrap();
    assert_eq!(asked_again(Some(&stopped), T0), Asked::New);
    assert_eq!(stopped.state, State::Approved(T0), "what was decided stays decided");
    assert!(stopped.stop(T0).is_err() && pending().stop(T0).is_err());
}

/// Everything that can be done with a request.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Open,
    Approve,
    Decline,
    Disown,
    Withdraw,
    Expire,
    Bounce,
    NotifyAgain,
    TryAnew,
    Stop,
}

const DEEDS: [Deed; 10] = [
    Deed::Open,
    Deed::Approve,
    Deed::Decline,
    Deed::Disown,
    Deed::Withdraw,
    Deed::Expire,
    Deed::Bounce,
    Deed::NotifyAgain,
    Deed::TryAnew,
    Deed::Stop,
];

fn done(request: Request, deed: Deed, now: Timestamp) -> Result<Request, Ended> {
    match deed {
        Deed::Open => request.open(now),
        Deed::Approve => request.approve(now),
        Deed::Decline => request.decline(now),
        Deed::Disown => request.disown(now),
        Deed::Withdraw => request.withdraw(now),
        Deed::Expire => request.expire(now),
        Deed::Bounce => request.cannot_be_delivered(now),
        Deed::NotifyAgain => request.notify_again(now),
        Deed::TryAnew => Ok(request.tried_anew()),
        Deed::Stop => request.stop(now),
    }
}

/// The table of the design: what each deed makes of each state while there is time left, or that it refuses.
#[test]
fn every_row_of_the_table_and_no_other() {
    use StateName::{Approved, Cancelled, Declined, Opened, Pending, Undeliverable};
    let states = [
        State::Pending,
        State::Undeliverable(T0),
        State::Opened(T0),
        State::Approved(T0),
        State::Declined(T0),
        State::Expired(T0),
        State::Cancelled(T0),
    ];
    for state in states {
        for deed in DEEDS {
            let to = done(Request { state, ..pending() }, deed, T0).map(|request| request.state.name()).ok();
            let undecided = state.is_undecided();
            let expected = match deed {
                Deed::Open => matches!(state, State::Pending | State::Undeliverable(_)).then_some(Opened),
                Deed::Approve => undecided.then_some(Approved),
                Deed::Decline => undecided.then_some(Declined),
                Deed::Withdraw => undecided.then_some(Cancelled),
                Deed::Disown => undecided.then_some(state.name()),
                Deed::Expire => None,
                Deed::Bounce => matches!(state, State::Pending).then_some(Undeliverable),
                Deed::NotifyAgain if !undecided => None,
                Deed::NotifyAgain | Deed::TryAnew if state.name() == Undeliverable => Some(Pending),
                Deed::NotifyAgain | Deed::TryAnew => Some(state.name()),
                Deed::Stop => matches!(state, State::Approved(_)).then_some(Approved),
            };
            assert_eq!(to, expected, "{state:?} {deed:?}");
        }
    }
}

#[test]
fn past_its_time_it_can_only_expire_or_be_taken_back() {
    let now = pending().expires_at;
    for deed in DEEDS {
        let could = matches!(deed, Deed::Expire | Deed::Withdraw | Deed::Bounce | Deed::TryAnew);
        assert_eq!(done(pending(), deed, now).is_ok(), could, "{deed:?}");
    }
}

proptest! {
    /// Invariant 4: whatever is tried in whatever order and at whatever time, what has ended keeps its state.
    #[test]
    fn nothing_leads_out_of_an_end(
        deeds in prop::collection::vec((prop::sample::select(DEEDS.as_slice()), 0u32..30), 0..40),
    ) {
        let mut request = pending();
        let mut now = T0;
        for (deed, hours) in deeds {
            now = now.after(crate::domain::time::hours(hours));
            let before = request.clone();
            if let Ok(after) = done(request.clone(), deed, now) {
                request = after;
            }
            if !before.state.is_undecided() {
                prop_assert_eq!(request.state, before.state, "{:?}", deed);
            }
            prop_assert_eq!(&request.id, &before.id);
            prop_assert!(request.stopped_at.is_none() || matches!(request.state, State::Approved(_)));
            prop_assert!(!matches!(request.state, State::Approved(at) | State::Declined(at) if at >= request.expires_at));
        }
    }
}
