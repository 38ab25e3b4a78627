//! 「パスワードをお忘れの方」: the ID to which a code is mailed.

use askama::Template;
use axum::http::StatusCode;

use super::words;
use crate::domain::locale::Locale;
use crate::flows::register::Begun;
use crate::flows::reset_password::{self, Forgotten};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Visitor, times};

#[derive(Template)]
#[template(path = "pages/forgot.html")]
struct Forgot {
    frame: Frame,
    id: Field,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::PASSWORD_FORGOT, show, take)
}

impl Forgot {
    fn new(visitor: &Visitor, typed: &str, fault: Option<String>) -> Self {
        let called = format!("{}ID（メールアドレス）", visitor.site.brand);
        let id = Field::email("id", called).autocomplete("username").value(typed).fault(fault);
        Self { frame: Frame::new(visitor, super::RESET).with_faults(&[&id]), id }
    }
}

async fn show(visitor: Visitor) -> Outcome {
    let typed = visitor.visit.typed_id.as_deref().unwrap_or_default();
    Ok(Answer::page(&Forgot::new(&visitor, typed, None)))
}

/// Whether there is such an ID is told by the mail alone.
async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    let typed = fields.text("id");
    let again = |fault: String| Forgot::new(&visitor, typed, Some(fault));
    let address = match words::address(typed, &format!("{}ID（メールアドレス）", visitor.site.brand)) {
        Ok(address) => address,
        Err(fault) => return Ok(Answer::faulty(&again(fault))),
    };
    let mut visit = visitor.visit.clone();
    (visit.typed_id, visit.notice) = (Some(address.to_text()), None);
    let forgotten =
        Forgotten { address, locale: Locale::Ja, source: visitor.source(), invited_by: visitor.request().cloned() };
    let begin = reset_password::ask(&visitor.site.context, forgotten);
    Ok(match visitor.site.forms.once(&visitor, &fields, begin).await? {
        Begun::Attempt(attempt) => {
            visit.attempt = Some(attempt);
            Answer::see(links::CODE).visiting(visit)
        }
        Begun::Later(from) => {
            let from = times::from(from, visitor.now(), visitor.site.time_zone);
            let says = format!("続けてお手続きいただける回数を超えました。{from}以降に、もう一度お試しください。");
            Answer::with_status(StatusCode::TOO_MANY_REQUESTS, &again(says))
        }
        Begun::Busy => Answer::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            &again("ただいま混み合っています。10秒ほどたってから、もう一度お試しください。".to_owned()),
        ),
    })
}
