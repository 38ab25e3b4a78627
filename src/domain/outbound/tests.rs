use super::*;
use crate::domain::time::days;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn a_refusal_is_final_and_a_deferral_is_not() {
    assert_eq!(after_attempt(&HandOver::Refused { reply: Some(550), status: None }, 1, 0, T0, T0), Next::Failed);
    let deferred = HandOver::Deferred { reply: Some(451) };
    assert_eq!(after_attempt(&deferred, 1, 0, T0, T0), Next::Again(T0.after(Duration::from_secs(5))));
}

#[test]
fn a_mail_is_given_five_days() {
    let deferred = HandOver::Deferred { reply: None };
    assert_eq!(after_attempt(&deferred, 90, 0, T0, T0.after(days(5))), Next::Failed);
}

#[test]
fn unknown_is_tried_three_times() {
    assert!(matches!(after_attempt(&HandOver::Unknown, 2, 2, T0, T0), Next::Again(_)));
    assert_eq!(after_attempt(&HandOver::Unknown, 3, 3, T0, T0), Next::Failed);
}

#[test]
fn a_fault_of_the_relay_fails_no_mail_however_old() {
    let fault = HandOver::RelayFault { reply: Some(535) };
    let late = T0.after(days(30));
    assert_eq!(after_attempt(&fault, 500, 0, T0, late), Next::Again(late));
}
