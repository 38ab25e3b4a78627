//! ［ログイン］, the second step: the password (S22).

use askama::Template;
use axum::http::StatusCode;

use crate::domain::password::TypedPassword;
use crate::flows::log_in::{self, AtTheDoor, LoggedIn};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Step, Visitor, times};

#[derive(Template)]
#[template(path = "pages/login_password.html")]
struct PasswordPage {
    frame: Frame,
    id: String,
    password: Field,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LOGIN_PASSWORD, show, take)
}

impl PasswordPage {
    fn new(visitor: &Visitor, id: &str, fault: Option<String>) -> Self {
        let password = Field::password("password", "パスワード").autocomplete("current-password").fault(fault);
        let frame = Frame::new(visitor, "ログイン").at(Step::LogIn).with_faults(&[&password]);
        Self { frame, id: id.to_owned(), password }
    }
}

async fn show(visitor: Visitor) -> Outcome {
    if visitor.is_logged_in() {
        return Ok(Answer::see(links::NEXT));
    }
    Ok(match &visitor.visit.typed_id {
        Some(id) => Answer::page(&PasswordPage::new(&visitor, id, None)),
        None => Answer::see(links::LOGIN),
    })
}

/// An unknown ID, a wrong password and a locked account are answered alike (threat T10).
async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    let Some(id) = visitor.visit.typed_id.clone() else { return Ok(Answer::see(links::LOGIN)) };
    let again = |says: &str| PasswordPage::new(&visitor, &id, Some(says.to_owned()));
    if fields.raw("password").is_empty() {
        return Ok(Answer::faulty(&again("パスワードを入力してください。")));
    }
    let (context, brand) = (&visitor.site.context, &visitor.site.brand);
    let password = TypedPassword::new(fields.raw("password").to_owned());
    let door = AtTheDoor { source: visitor.source(), request: visitor.request(), before: visitor.secret() };
    Ok(match log_in::log_in(context, &id, &password, door).await? {
        LoggedIn::In(_, secret) => Answer::see(links::NEXT).logged_in(secret),
        LoggedIn::Refused => Answer::faulty(&again(&format!(
            "{brand}IDまたはパスワードが正しくありません。もう一度入力してください。\
             何度入力しても進めない場合は、「パスワードをお忘れの方」から再設定できます。"
        ))),
        LoggedIn::Later(from) => {
            let from = times::second(from, visitor.now(), visitor.site.time_zone);
            let says =
                format!("続けて間違えられたため、少しお待ちいただいています。{from}から、もう一度お試しください。");
            Answer::with_status(StatusCode::TOO_MANY_REQUESTS, &again(&says))
        }
        LoggedIn::Busy => Answer::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            &again("ただいま混み合っています。10秒ほどたってから、もう一度お試しください。"),
        ),
    })
}
