//! Which page a person is to see (the guide's 「ご利用状況によって」), wherever they come from and whenever they come back.
//!
//! Total and deterministic: the first rule that fits wins.

use super::decision::{Choice, Decision, Weight};
use super::firm::FirmStatus;
use super::firm_request::{Request, State};
use super::ids::AccountId;
use super::linkage::Linkage;
use super::migration::MigrationCase;
use super::time::Timestamp;

/// Where the request at hand stands, seen by one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be answered.
    Open,
    /// It can be answered, and this person has declined it under another ID than the mailed one.
    DeclineTold,
    /// Approved.
    Approved(By),
    /// Declined by the mailed ID.
    Declined(By),
    /// It ended without an answer, or cannot be answered.
    Over(Ending),
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// This person.
    Me,
    /// Another account; or it is not known yet who this person is.
    Another,
}

/// Who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody we know.
    Stranger,
    /// Nobody we know, to whom a code was mailed from this browser.
    AwaitingCode,
    /// Who has logged in.
    Account {
        /// Of the use of the service.
        terms: Terms,
        /// 事業者（事業グループ）情報
        company: Profile,
    },
}

/// Whether the terms in force were accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// These.
    Accepted,
    /// Earlier ones at most.
    Outdated,
}

/// Whether company data are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Yes.
    Registered,
    /// No.
    Missing,
}

/// How far a person has come with what they approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// No product is chosen yet: which of its three faces 製品・サービスの連携の設定 shows, the list of contracts says.
    Open,
    /// A migration is submitted and unfinished.
    Migrating,
    /// Products are chosen, or nothing is shared any more.
    Settled,
}

/// All that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The request at hand; none for who comes by themselves and was asked nothing.
    pub request: Option<Standing>,
    /// Who is there.
    pub visitor: Visitor,
    /// What became of the approval, where there is one.
    pub linking: Linking,
}

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The request has come to an end without this person: one page a reason.
    Over(Ending),
    /// The code that was mailed.
    EnterCode,
    /// ログイン, with its branch 新規登録.
    LogIn,
    /// The terms.
    Terms,
    /// 事業者（事業グループ）情報登録
    Company,
    /// 会計事務所等への契約情報提供の承認, and its confirmation.
    Decide,
    /// 承認しない was chosen.
    DoneDeclined,
    /// 製品・サービスの連携の設定: what there is to choose (S31), or what must be migrated first (S32, S33).
    Link,
    /// お手続き中です: the migration is under way.
    Wait,
    /// 会計事務所等管理
    Manage,
}

/// Why there is nothing to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nobody answered in time.
    Expired,
    /// The firm or the operator took it back.
    Cancelled,
    /// Its firm may not ask at present.
    FirmSuspended,
    /// There is no such request.
    NotFound,
    /// Another account decided.
    DecidedByAnother,
}

impl Linking {
    /// Of an approved `request`, with all links and the last migration of who approved it.
    #[must_use]
    pub fn of(request: &Request, links: &[Linkage], migration: Option<&MigrationCase>) -> Self {
        let is_chosen = links.iter().any(|link| link.firm == request.firm && link.state.is_wanted());
        if is_chosen || request.stopped_at.is_some() {
            Self::Settled
        } else if migration.is_some_and(MigrationCase::is_under_way) {
            Self::Migrating
        } else {
            Self::Open
        }
    }
}

impl Standing {
    /// Of `request`, as `who` sees it at `now`; `answers` are all that were given to it.
    #[must_use]
    pub fn of(
        request: &Request,
        firm: FirmStatus,
        answers: &[Decision],
        who: Option<&AccountId>,
        now: Timestamp,
    ) -> Self {
        let mine = |weight| answers.iter().any(|it| it.weight == weight && Some(&it.account) == who);
        let by = if mine(Weight::Final) { By::Me } else { By::Another };
        match request.state {
            State::Approved(_) => Self::Approved(by),
            State::Declined(_) => Self::Declined(by),
            State::Cancelled(_) => Self::Over(Ending::Cancelled),
            State::Expired(_) => Self::Over(Ending::Expired),
            _ if !request.is_open(now) => Self::Over(Ending::Expired),
            _ if firm != FirmStatus::Active => Self::Over(Ending::FirmSuspended),
            _ if mine(Weight::Told) => Self::DeclineTold,
            State::Pending | State::Undeliverable(_) | State::Opened(_) => Self::Open,
        }
    }

    /// Whether an answer is taken at present.
    #[must_use]
    pub const fn takes_an_answer(self) -> bool {
        matches!(self, Self::Open | Self::DeclineTold)
    }
}

/// The page for these facts.
#[must_use]
pub const fn next_step(facts: Facts) -> Step {
    match (facts.request, facts.visitor) {
        (Some(Standing::Over(ending)), _) => Step::Over(ending),
        (_, Visitor::Stranger) => Step::LogIn,
        (_, Visitor::AwaitingCode) => Step::EnterCode,
        (Some(Standing::Approved(By::Another) | Standing::Declined(By::Another)), _) => {
            Step::Over(Ending::DecidedByAnother)
        }
        (_, Visitor::Account { terms: Terms::Outdated, .. }) => Step::Terms,
        // Company data are asked for where there is something to approve: a decline needs none.
        (Some(Standing::Open), Visitor::Account { company: Profile::Missing, .. }) => Step::Company,
        (Some(Standing::Open), Visitor::Account { company: Profile::Registered, .. }) => Step::Decide,
        (Some(Standing::DeclineTold | Standing::Declined(By::Me)), _) => Step::DoneDeclined,
        (Some(Standing::Approved(By::Me)), _) => match facts.linking {
            Linking::Settled => Step::Manage,
            Linking::Migrating => Step::Wait,
            Linking::Open => Step::Link,
        },
        (None, _) => Step::Manage,
    }
}

/// Whether this person can give this answer now; otherwise the page that comes first.
///
/// # Errors
/// That page.
pub const fn may_answer(facts: Facts, choice: Choice) -> Result<(), Step> {
    // Who declined under another ID may change their mind: the request is still open.
    let facts = match (facts.request, choice) {
        (Some(Standing::DeclineTold), Choice::Approve) => Facts { request: Some(Standing::Open), ..facts },
        _ => facts,
    };
    match (next_step(facts), choice) {
        (Step::Decide, _) | (Step::Company, Choice::Decline) => Ok(()),
        (other, _) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Visitor = Visitor::Account { terms: Terms::Accepted, company: Profile::Registered };
    const NO_COMPANY: Visitor = Visitor::Account { terms: Terms::Accepted, company: Profile::Missing };
    const OLD_TERMS: Visitor = Visitor::Account { terms: Terms::Outdated, company: Profile::Registered };
    const NOTHING: Visitor = Visitor::Account { terms: Terms::Outdated, company: Profile::Missing };
    const VISITORS: [Visitor; 6] = [Visitor::Stranger, Visitor::AwaitingCode, HERE, NO_COMPANY, OLD_TERMS, NOTHING];
    const ENDINGS: [Ending; 4] = [Ending::Expired, Ending::Cancelled, Ending::FirmSuspended, Ending::NotFound];

    const LINKINGS: [Linking; 3] = [Linking::Open, Linking::Migrating, Linking::Settled];

    fn step(request: Option<Standing>, visitor: Visitor) -> Step {
        let all = LINKINGS.map(|linking| next_step(Facts { request, visitor, linking }));
        let is_mine = request == Some(Standing::Approved(By::Me));
        assert!(is_mine || all == [all[0]; 3], "it counts for who approved alone: {request:?} {visitor:?}");
        all[2]
    }

    /// All facts that can be. That each has a page is the compiler's word: the rule has no arm for "anything else".
    fn standings() -> Vec<Option<Standing>> {
        let by = [By::Me, By::Another];
        let mut all = vec![None, Some(Standing::Open), Some(Standing::DeclineTold)];
        all.extend(by.map(|by| Some(Standing::Approved(by))));
        all.extend(by.map(|by| Some(Standing::Declined(by))));
        all.extend(ENDINGS.map(|ending| Some(Standing::Over(ending))));
        all
    }

    #[test]
    fn the_table_of_the_design() {
        for ending in ENDINGS {
            for visitor in VISITORS {
                assert_eq!(step(Some(Standing::Over(ending)), visitor), Step::Over(ending), "1: {visitor:?}");
            }
        }
        for request in standings().into_iter().filter(|it| !matches!(it, Some(Standing::Over(_)))) {
            assert_eq!(step(request, Visitor::AwaitingCode), Step::EnterCode, "2");
            assert_eq!(step(request, Visitor::Stranger), Step::LogIn, "2");
        }
        for visitor in [HERE, NO_COMPANY, OLD_TERMS, NOTHING] {
            for request in [Standing::Approved(By::Another), Standing::Declined(By::Another)] {
                assert_eq!(step(Some(request), visitor), Step::Over(Ending::DecidedByAnother), "3");
            }
        }
        for request in [Some(Standing::Open), Some(Standing::Approved(By::Me)), None] {
            assert_eq!(step(request, OLD_TERMS), Step::Terms, "4");
            assert_eq!(step(request, NOTHING), Step::Terms, "4 comes before 5");
        }
        assert_eq!(step(Some(Standing::Open), NO_COMPANY), Step::Company, "5");
        assert_eq!(step(Some(Standing::Open), HERE), Step::Decide, "6");
        for visitor in [HERE, NO_COMPANY] {
            assert_eq!(step(Some(Standing::Declined(By::Me)), visitor), Step::DoneDeclined, "7 needs no company");
            assert_eq!(step(Some(Standing::DeclineTold), visitor), Step::DoneDeclined, "7");
            assert_eq!(step(Some(Standing::Approved(By::Me)), visitor), Step::Manage, "8");
            assert_eq!(step(None, visitor), Step::Manage, "who was asked nothing");
            let approved = |linking| next_step(Facts { request: Some(Standing::Approved(By::Me)), visitor, linking });
            assert_eq!(approved(Linking::Migrating), Step::Wait, "9");
            assert_eq!(approved(Linking::Open), Step::Link, "10 and 11: the list of contracts says which");
        }
    }

    #[test]
    fn nobody_sees_a_page_of_the_request_without_a_session() {
        for request in standings() {
            for visitor in [Visitor::Stranger, Visitor::AwaitingCode] {
                let step = step(request, visitor);
                assert!(matches!(step, Step::LogIn | Step::EnterCode | Step::Over(_)), "{request:?}: {step:?}");
                assert_ne!(step, Step::Over(Ending::DecidedByAnother), "who they are is not known yet");
            }
        }
    }

    #[test]
    fn only_what_can_be_answered_is_asked() {
        for request in standings() {
            for visitor in VISITORS {
                let asks = matches!(step(request, visitor), Step::Decide | Step::Company);
                assert!(!asks || request.is_some_and(Standing::takes_an_answer), "{request:?} {visitor:?}");
            }
        }
    }

    #[test]
    fn a_decline_needs_no_company_and_an_approval_does() {
        let may = |request, visitor, choice| {
            may_answer(Facts { request: Some(request), visitor, linking: Linking::Open }, choice)
        };
        assert_eq!(may(Standing::Open, NO_COMPANY, Choice::Decline), Ok(()));
        assert_eq!(may(Standing::Open, NO_COMPANY, Choice::Approve), Err(Step::Company));
        assert_eq!(may(Standing::Open, HERE, Choice::Approve), Ok(()));
        assert_eq!(may(Standing::DeclineTold, HERE, Choice::Approve), Ok(()));
        assert_eq!(may(Standing::DeclineTold, HERE, Choice::Decline), Err(Step::DoneDeclined), "once");
        assert_eq!(may(Standing::DeclineTold, NO_COMPANY, Choice::Approve), Err(Step::Company));
        for choice in [Choice::Approve, Choice::Decline] {
            assert_eq!(may(Standing::Open, OLD_TERMS, choice), Err(Step::Terms));
            assert_eq!(may(Standing::Open, Visitor::Stranger, choice), Err(Step::LogIn));
            assert_eq!(may(Standing::Over(Ending::Expired), HERE, choice), Err(Step::Over(Ending::Expired)));
            for decided in [Standing::Approved(By::Me), Standing::Declined(By::Me), Standing::Approved(By::Another)] {
                assert!(may(decided, HERE, choice).is_err(), "{decided:?}");
            }
        }
    }
}
