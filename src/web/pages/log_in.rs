//! ［ログイン］, the first step: the ID (S11, S22).

use askama::Template;

use crate::domain::email_address::EmailAddress;
use crate::flows::visit::Notice;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Step, Visitor};

#[derive(Template)]
#[template(path = "pages/login.html")]
struct LogIn {
    frame: Frame,
    notice: Option<&'static str>,
    id: Field,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LOGIN, show, take)
}

impl LogIn {
    fn new(visitor: &Visitor, typed: &str, fault: Option<&str>) -> Self {
        let id = Field::email("id", format!("{}ID（メールアドレス）", visitor.site.brand))
            .autocomplete("username")
            .value(typed)
            .fault(fault);
        let frame = Frame::new(visitor, "ログイン").at(Step::LogIn).with_faults(&[&id]);
        Self { frame, notice: visitor.visit.notice.map(words), id }
    }
}

async fn show(visitor: Visitor) -> Outcome {
    if visitor.is_logged_in() {
        return Ok(Answer::see(links::NEXT));
    }
    let typed = visitor.visit.typed_id.as_deref().unwrap_or_default();
    Ok(Answer::page(&LogIn::new(&visitor, typed, None)))
}

/// Whether the ID exists is not said here, nor looked up (threat T10).
async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    let typed = fields.text("id");
    if let Err(error) = EmailAddress::parse(typed) {
        let says = if typed.is_empty() {
            format!("{}ID（メールアドレス）を入力してください。", visitor.site.brand)
        } else {
            tracing::debug!(%error, "no address was typed");
            "メールアドレスの形で入力してください。例：yamada@example.jp".to_owned()
        };
        return Ok(Answer::faulty(&LogIn::new(&visitor, typed, Some(&says))));
    }
    let mut visit = visitor.visit.clone();
    (visit.typed_id, visit.notice) = (Some(typed.to_owned()), None);
    Ok(Answer::see(links::LOGIN_PASSWORD).visiting(visit))
}

const fn words(notice: Notice) -> &'static str {
    match notice {
        Notice::Ended => {
            "しばらく操作がなかったため、安全のためログアウトしました。もう一度ログインすると、続きから進められます。"
        }
        Notice::LoggedOut => "ログアウトしました。",
        Notice::PasswordChanged => "新しいパスワードを設定しました。新しいパスワードでログインしてください。",
    }
}
