//! The page that takes the mailed code, for a registration and for a new password alike (S16 to S20): where the code went
//! and when, how long it lives, what is left, and what to do when none comes.

mod says;

use askama::Template;
use axum::http::StatusCode;

use crate::domain::ids::AttemptId;
use crate::domain::verification::{Digits, NotAsked, Over, Purpose};
use crate::flows::code::{self, MailState, Progress, Resent, Stage, Verified};
use crate::flows::sessions;
use crate::flows::visit::Notice;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Step, Visitor};

#[derive(Template)]
#[template(path = "pages/code.html")]
struct CodePage {
    frame: Frame,
    /// Where the code goes.
    address: String,
    /// Where its mail is, and what can be done: a sentence each.
    lines: Vec<String>,
    /// Takes the code, while one counts or will.
    code: Option<Field>,
    /// 「確認コードを再送する（残り2回）」, while another can be asked for.
    resend: Option<says::Resend>,
    /// Where the person goes who must begin anew, or goes on elsewhere.
    elsewhere: says::Elsewhere,
    /// Our domain, to be let through a filter.
    sender: String,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::CODE, show, take).take(links::CODE_RESEND, resend)
}

impl CodePage {
    fn new(visitor: &Visitor, progress: &Progress, typed: &str, fault: Option<String>) -> Self {
        let at = says::Moment { now: visitor.now(), zone: visitor.site.time_zone };
        let takes = matches!(progress.stage, Stage::Live) && !matches!(progress.mail, MailState::Unsent(_));
        let mut frame = Frame::new(visitor, "確認コードの入力");
        if progress.purpose == Purpose::Register {
            frame = frame.at(Step::LogIn);
        }
        let mut code = None;
        if takes {
            let field = Field::digits("code", "確認コード（6桁の数字）")
                .autocomplete("one-time-code")
                .value(typed)
                .fault(fault);
            frame = frame.with_faults(&[&field]);
            code = Some(field);
        } else if let Some(says) = fault {
            frame = frame.with_fault(says);
        }
        Self {
            frame,
            address: progress.address.to_text(),
            lines: says::standing(progress, &at),
            code,
            resend: says::resend(progress, &at),
            elsewhere: says::elsewhere(progress),
            sender: visitor.site.sender.clone(),
        }
    }
}

/// This browser began no attempt.
fn elsewhere(visitor: &Visitor) -> Answer {
    Answer::see(if visitor.is_logged_in() { links::NEXT } else { links::LOGIN })
}

async fn show(visitor: Visitor) -> Outcome {
    match &visitor.visit.attempt {
        Some(attempt) => page(&visitor, attempt, "", None, StatusCode::OK).await,
        None => Ok(elsewhere(&visitor)),
    }
}

/// The page as the attempt stands now, whatever was just done to it.
async fn page(
    visitor: &Visitor,
    attempt: &AttemptId,
    typed: &str,
    fault: Option<String>,
    status: StatusCode,
) -> Outcome {
    let Some(progress) = code::progress(&visitor.site.context, attempt).await? else { return Ok(gone(visitor)) };
    if matches!(progress.stage, Stage::Proven(_)) {
        return Ok(Answer::see(links::PASSWORD_NEW));
    }
    Ok(Answer::with_status(status, &CodePage::new(visitor, &progress, typed, fault)))
}

/// The attempt is not there any more.
fn gone(visitor: &Visitor) -> Answer {
    let mut visit = visitor.visit.clone();
    visit.attempt = None;
    Answer::see(links::LOGIN).visiting(visit)
}

async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    let Some(attempt) = visitor.visit.attempt.clone() else { return Ok(elsewhere(&visitor)) };
    let typed = fields.text("code");
    let Some(digits) = Digits::parse(typed) else {
        let says = if typed.is_empty() {
            "確認コードを入力してください。"
        } else {
            "確認コードは6桁の数字で入力してください。"
        };
        return page(&visitor, &attempt, typed, Some(says.to_owned()), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let context = &visitor.site.context;
    match code::verify(context, &attempt, &digits).await? {
        Verified::Account(account) => {
            let secret = sessions::begin(context, &account, visitor.request(), visitor.secret()).await?;
            Ok(Answer::see(links::REGISTERED).logged_in(secret))
        }
        Verified::AlreadyRegistered => Ok(registered(&visitor)),
        Verified::MayReset => Ok(Answer::see(links::PASSWORD_NEW)),
        Verified::NoAttempt => Ok(gone(&visitor)),
        wrong => {
            let says = says::wrong(&wrong);
            page(&visitor, &attempt, "", says, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// Somebody, most likely the same person, registered the address meanwhile.
fn registered(visitor: &Visitor) -> Answer {
    let mut visit = visitor.visit.clone();
    (visit.attempt, visit.notice) = (None, Some(Notice::Registered));
    Answer::see(links::LOGIN).visiting(visit)
}

async fn resend(visitor: Visitor) -> Outcome {
    let Some(attempt) = visitor.visit.attempt.clone() else { return Ok(elsewhere(&visitor)) };
    let at = says::Moment { now: visitor.now(), zone: visitor.site.time_zone };
    match code::resend(&visitor.site.context, &attempt).await? {
        // A form that was sent twice is the same request.
        Resent::OnItsWay(_) | Resent::Not(NotAsked::OnItsWay | NotAsked::Over(Over::Used)) => {
            Ok(Answer::see(links::CODE))
        }
        Resent::Not(why) => {
            let status = match why {
                NotAsked::TooSoon(_) => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            page(&visitor, &attempt, "", says::not_asked(&why, &at), status).await
        }
        Resent::NoAttempt => Ok(gone(&visitor)),
    }
}
