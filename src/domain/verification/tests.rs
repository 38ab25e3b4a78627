use proptest::prelude::*;

use super::super::outbound::HandOver;
use super::*;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn attempt() -> Attempt {
    let draft = Draft {
        name: PersonName::stored("山田".to_owned()),
        password: PasswordHash::stored(String::new()),
        terms_version: "1".to_owned(),
    };
    let begin = Begin {
        id: AttemptId::stored("a".to_owned()),
        aim: Aim::Register(draft),
        address: EmailAddress::parse("yamada@example.jp").unwrap(),
        locale: Locale::Ja,
        allowance: Allowance::Source("s".to_owned()),
        code_key: "k".to_owned(),
    };
    Attempt::begin(begin, T0)
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn at(number: u64) -> Timestamp {
    T0.after(seconds(number))
}

/// An attempt whose first code was minted at T0 and left.
fn with_code() -> Attempt {
    sent(attempt().mint(1, T0).unwrap(), T0)
}

fn sent(attempt: Attempt, now: Timestamp) -> Attempt {
    let code = attempt.newest().unwrap().clone();
    let (attempt, next) = attempt.after_hand_over(code.sequence, code.minting, Some(&HandOver::Sent), 1, now);
    assert_eq!(next, AfterHandOver::Left);
    attempt
}

/// The next code, asked for and sent at `now`.
fn resent(attempt: Attempt, now: Timestamp) -> Attempt {
    let (attempt, asked) = attempt.ask_again(now).unwrap();
    let Asked::Next(sequence) = asked else { panic!("{asked:?}") };
    sent(attempt.mint(sequence, now).unwrap(), now)
}

fn judged(attempt: &Attempt, now: Timestamp) -> (Attempt, Try) {
    attempt.clone().begin_try(now).unwrap()
}

#[test]
fn a_code_is_good_for_ten_minutes_less_a_millisecond() {
    let before = T0.after(CODE_LIFE).before(Duration::from_millis(1));
    let (tried, it) = judged(&with_code(), before);
    assert_eq!(tried.accept(it, before).unwrap().state, AttemptState::Used(before));
    assert_eq!(with_code().begin_try(at(600)), Err(NotJudged::Expired));
    let (tried, it) = judged(&with_code(), before);
    assert_eq!(tried.accept(it, at(600)), None);
}

#[test]
fn a_clock_that_went_back_makes_it_invalid() {
    assert_eq!(with_code().begin_try(T0.before(Duration::from_millis(1))), Err(NotJudged::Expired));
}

#[test]
fn the_ten_minutes_begin_when_it_is_minted() {
    let late = sent(attempt().mint(1, at(500)).unwrap(), at(501));
    assert!(late.begin_try(at(1_099)).is_ok());
}

#[test]
fn a_request_kills_the_older_code_at_once() {
    let (asked, what) = with_code().ask_again(at(30)).unwrap();
    assert_eq!(what, Asked::Next(2));
    assert_eq!(asked.codes[0].state, CodeState::Superseded);
    let (_, it) = judged(&asked, at(31));
    assert_eq!((it.sequence, it.minting), (2, None), "nothing can be right before the next one is minted");
    // whoever was about to be let in with the older one is not
    let (tried, older) = judged(&with_code(), at(29));
    let (asked, _) = tried.ask_again(at(30)).unwrap();
    assert_eq!(asked.accept(older, at(29)), None);
}

#[test]
fn two_resends_half_a_minute_apart() {
    assert_eq!(with_code().ask_again(at(29)).unwrap_err(), NotAsked::TooSoon(at(30)));
    let third = resent(resent(with_code(), at(30)), at(60));
    assert_eq!(third.resends_left(), 0);
    assert_eq!(third.clone().ask_again(at(100)).unwrap_err(), NotAsked::NoneLeft);
    let over = Over::Exhausted(at(660).after(PAUSE_AFTER_EXHAUSTED));
    assert_eq!(third.ask_again(at(660)).unwrap_err(), NotAsked::Over(over), "its last code is dead");
}

#[test]
fn a_request_while_one_waits_changes_nothing() {
    assert_eq!(attempt().ask_again(at(300)).unwrap_err(), NotAsked::OnItsWay);
}

#[test]
fn the_fifth_wrong_try_kills_a_code_and_the_fifteenth_the_attempt() {
    let mut now = attempt();
    for sequence in 1..=CODES {
        let minted = at(u64::from(sequence) * 60);
        if sequence > 1 {
            now = now.ask_again(minted).unwrap().0;
        }
        now = sent(now.mint(sequence, minted).unwrap(), minted);
        for tries in 1..=TRIES_PER_CODE {
            let (tried, it) = judged(&now, minted);
            assert_eq!(it.tries_left, TRIES_PER_CODE - tries);
            assert_eq!(it.is_last, sequence == CODES && tries == TRIES_PER_CODE);
            now = tried;
        }
        if sequence < CODES {
            assert_eq!(now.clone().begin_try(minted), Err(NotJudged::Killed));
        }
    }
    assert_eq!(now.tries(), TRIES_PER_ATTEMPT);
    let exhausted = now.clone().exhaust(at(200)).unwrap();
    assert_eq!(exhausted.over(at(200)), Some(Over::Exhausted(at(200).after(PAUSE_AFTER_EXHAUSTED))));
    assert!(matches!(now.begin_try(at(200)), Err(NotJudged::Over(Over::Exhausted(_)))));
}

#[test]
fn the_fifth_try_may_be_right() {
    let mut now = with_code();
    for _ in 1..TRIES_PER_CODE {
        now = judged(&now, at(1)).0;
    }
    let (tried, it) = judged(&now, at(1));
    assert!(tried.accept(it, at(1)).is_some());
}

#[test]
fn a_failed_hand_over_is_repeated_five_times_with_other_digits() {
    let deferred = HandOver::Deferred { reply: Some(451) };
    let (mut now, mut time, mut waits) = (attempt(), T0, vec![]);
    for attempts in 1..=6 {
        now = now.mint(1, time).unwrap();
        let minting = now.newest().unwrap().minting;
        assert_eq!(minting, attempts, "each minting has digits of its own");
        let (after, next) = now.after_hand_over(1, minting, Some(&deferred), attempts, time);
        assert!(!after.newest().unwrap().is_live(time), "a minting that did not leave is dead");
        now = after;
        match next {
            AfterHandOver::Again(at) => {
                waits.push(at.since(time).as_secs());
                time = at;
            }
            other => assert_eq!((other, attempts), (AfterHandOver::Unsent, 6)),
        }
    }
    assert_eq!(waits, [5, 15, 30, 60, 120]);
    assert_eq!(now.clone().begin_try(time), Err(NotJudged::Unsent));
    let (free, asked) = now.ask_again(time).unwrap();
    assert_eq!((asked, free.resends_left()), (Asked::Free(1), 2), "what could not be sent costs no resend");
    assert_eq!(free.mint(1, time).unwrap().newest().unwrap().minting, 7, "old digits never come back");
}

#[test]
fn what_may_have_left_stays_live_and_what_nobody_tried_is_minted_anew() {
    let minted = attempt().mint(1, T0).unwrap();
    let (unknown, next) = minted.clone().after_hand_over(1, 1, Some(&HandOver::Unknown), 1, T0);
    assert_eq!(next, AfterHandOver::Left);
    assert!(unknown.newest().unwrap().is_live(T0) && unknown.mint(1, T0).is_none());
    let (untried, next) = minted.clone().after_hand_over(1, 1, None, 1, T0);
    assert_eq!(next, AfterHandOver::Again(T0));
    assert_eq!(untried.mint(1, T0).unwrap().newest().unwrap().minting, 2);
    let refused = HandOver::Refused { reply: Some(550), status: None };
    assert_eq!(minted.clone().after_hand_over(1, 1, Some(&refused), 1, T0).1, AfterHandOver::Unsent);
    assert_eq!(minted.after_hand_over(1, 2, Some(&refused), 1, T0).1, AfterHandOver::Moot);
}

#[test]
fn an_attempt_lives_a_day() {
    let day = T0.after(ATTEMPT_LIFE);
    assert_eq!(with_code().over(day), Some(Over::TooOld));
    assert_eq!(attempt().mint(1, day), None);
    assert_eq!(with_code().ask_again(day).unwrap_err(), NotAsked::Over(Over::TooOld));
}

#[test]
fn where_no_code_was_mailed_none_is_right() {
    let taken = Attempt { aim: Aim::Taken, ..with_code() };
    let (tried, it) = judged(&taken, at(1));
    assert_eq!(tried.accept(it, at(1)), None);
}

#[test]
fn digits_are_six_however_they_are_typed() {
    for typed in ["012345", " 012 345 ", "０１２３４５", "012-345", "0１2 3４5"] {
        assert_eq!(Digits::parse(typed).unwrap().to_text(), "012345", "{typed}");
    }
    for typed in ["", "12345", "1234567", "12345a", "一二三四五六", "١٢٣٤٥٦", "12345６７"] {
        assert_eq!(Digits::parse(typed), None, "{typed}");
    }
    assert_eq!(Digits::of(7).to_text(), "000007");
    assert!(Digits::of(7).equals(&Digits::of(1_000_007)) && !Digits::of(7).equals(&Digits::of(8)));
    assert!(!format!("{:?}", Digits::of(123_456)).contains("123456"));
}

/// One thing that happens to an attempt.
#[derive(Clone, Debug)]
enum Step {
    Ask,
    Mint,
    /// The mail in hand ends so; a crash leaves it as it is.
    HandOver(Option<HandOver>),
    Crash,
    /// A wrong try; a right one; a right one whose acceptance waits until later.
    Wrong,
    Right,
    Slowly,
    Accept,
    /// The clock moves, by seconds.
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        3 => Just(Some(HandOver::Sent)),
        1 => Just(Some(HandOver::Unknown)),
        2 => Just(Some(HandOver::Deferred { reply: None })),
        1 => Just(Some(HandOver::RelayFault { reply: None })),
        1 => Just(Some(HandOver::Refused { reply: Some(550), status: None })),
        1 => Just(None),
    ];
    prop_oneof![
        3 => Just(Step::Ask),
        4 => Just(Step::Mint),
        4 => outcome.prop_map(Step::HandOver),
        1 => Just(Step::Crash),
        3 => Just(Step::Wrong),
        1 => Just(Step::Right),
        1 => Just(Step::Slowly),
        1 => Just(Step::Accept),
        3 => prop_oneof![Just(1), Just(29), Just(30), Just(31), Just(599), Just(600), Just(-1), Just(-700), Just(90_000)]
            .prop_map(Step::Clock),
    ]
}

/// What a reader of all mails, and the rules, have seen.
#[derive(Debug, Default)]
struct Seen {
    /// Sequence and minting of each mail that may have left, and when it was minted.
    left: Vec<(u32, u32, Timestamp)>,
    hand: Option<(u32, u32)>,
    waiting: Option<(Try, Timestamp)>,
    accepted: u32,
    attempts: u32,
}

fn accept(attempt: Attempt, it: Try, at: Timestamp, seen: &mut Seen) -> Attempt {
    let newest = attempt.newest().unwrap().clone();
    let Some(after) = attempt.clone().accept(it, at) else { return attempt };
    seen.accepted += 1;
    let (from, until) = newest.life().expect("only a minted code is right");
    assert!(from <= at && at < until, "a dead code was accepted");
    assert_eq!((newest.sequence, Some(newest.minting)), (it.sequence, it.minting), "an older code was accepted");
    after
}

fn take(mut attempt: Attempt, step: &Step, now: &mut Timestamp, seen: &mut Seen) -> Attempt {
    match step {
        Step::Clock(seconds) if *seconds < 0 => *now = now.before(Duration::from_secs(seconds.unsigned_abs())),
        Step::Clock(seconds) => *now = now.after(Duration::from_secs(seconds.unsigned_abs())),
        Step::Ask => {
            if let Ok((after, asked)) = attempt.clone().ask_again(*now) {
                attempt = after;
                seen.attempts = 0;
                if let Asked::Next(sequence) = asked {
                    assert!(sequence <= CODES, "a fourth code");
                }
            }
        }
        Step::Mint if seen.hand.is_none() => {
            let sequence = attempt.newest().unwrap().sequence;
            if let Some(after) = attempt.clone().mint(sequence, *now) {
                let minting = after.newest().unwrap().minting;
                assert!(!seen.left.iter().any(|(s, m, _)| (*s, *m) == (sequence, minting)), "digits came back");
                seen.hand = Some((sequence, minting));
                seen.attempts += 1;
                attempt = after;
            }
        }
        Step::Mint => {}
        Step::HandOver(outcome) => {
            let Some((sequence, minting)) = seen.hand.take() else { return attempt };
            if matches!(outcome, Some(HandOver::Sent | HandOver::Unknown)) {
                seen.left.push((sequence, minting, *now));
            }
            attempt = attempt.after_hand_over(sequence, minting, outcome.as_ref(), seen.attempts, *now).0;
        }
        // the mail may or may not have left
        Step::Crash => seen.left.extend(seen.hand.take().map(|(sequence, minting)| (sequence, minting, *now))),
        Step::Wrong => {
            if let Ok((after, it)) = attempt.clone().begin_try(*now) {
                attempt = if it.is_last { after.exhaust(*now).unwrap() } else { after };
            }
        }
        Step::Right => {
            if let Ok((after, it)) = attempt.clone().begin_try(*now) {
                attempt = accept(after, it, *now, seen);
            }
        }
        Step::Slowly => {
            if let Ok((after, it)) = attempt.clone().begin_try(*now) {
                attempt = after;
                seen.waiting = Some((it, *now));
            }
        }
        Step::Accept => {
            if let Some((it, at)) = seen.waiting.take() {
                attempt = accept(attempt, it, at, seen);
            }
        }
    }
    attempt
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is asked, minted, lost, tried, and whatever the clock does: never two live codes, never a fourth mail, never
    /// a dead code accepted, never a code accepted twice, never more tries than there may be.
    #[test]
    fn in_any_order_the_rules_hold(steps in prop::collection::vec(step(), 1..60)) {
        let (mut attempt, mut now, mut seen) = (attempt(), T0, Seen::default());
        for step in &steps {
            attempt = take(attempt, step, &mut now, &mut seen);
            let may_be_right = attempt.codes.iter().filter(|code| matches!(code.state, CodeState::Out(_) | CodeState::Waiting));
            prop_assert!(may_be_right.count() <= 1, "two live codes");
            let mut sequences: Vec<u32> = seen.left.iter().map(|(sequence, ..)| *sequence).collect();
            let mails = sequences.len();
            sequences.dedup();
            prop_assert!(mails <= 3 && sequences.len() == mails, "a fourth mail, or one twice: {:?}", seen.left);
            prop_assert!(seen.accepted <= 1);
            prop_assert!(attempt.tries() <= TRIES_PER_ATTEMPT);
            prop_assert!(attempt.codes.iter().all(|code| code.tries <= TRIES_PER_CODE));
        }
    }
}
