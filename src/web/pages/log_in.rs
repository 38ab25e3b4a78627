//! ［ログイン］, the first step: the ID (S11, S22).

use askama::Template;

use super::words;
use crate::flows::visit::Notice;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Step, Visitor};

#[derive(Template)]
#[template(path = "pages/login.html")]
struct LogIn {
    frame: Frame,
    notice: Option<String>,
    id: Field,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::LOGIN, show, take)
}

impl LogIn {
    fn new(visitor: &Visitor, typed: &str, fault: Option<String>) -> Self {
        let id = Field::email("id", called(visitor)).autocomplete("username").value(typed).fault(fault);
        let frame = Frame::new(visitor, "ログイン").at(Step::LogIn).with_faults(&[&id]);
        let notice = visitor.visit.notice.map(|notice| says(notice, &visitor.site.brand));
        Self { frame, notice, id }
    }
}

fn called(visitor: &Visitor) -> String {
    format!("{}ID（メールアドレス）", visitor.site.brand)
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
    match words::address(typed, &called(&visitor)) {
        Err(fault) => Ok(Answer::faulty(&LogIn::new(&visitor, typed, Some(fault)))),
        Ok(address) => {
            let mut visit = visitor.visit.clone();
            (visit.typed_id, visit.notice) = (Some(address.to_text()), None);
            Ok(Answer::see(links::LOGIN_PASSWORD).visiting(visit))
        }
    }
}

fn says(notice: Notice, brand: &str) -> String {
    match notice {
        Notice::Ended => {
            "しばらく操作がなかったため、安全のためログアウトしました。もう一度ログインすると、続きから進められます。"
                .to_owned()
        }
        Notice::LoggedOut => "ログアウトしました。".to_owned(),
        Notice::PasswordChanged => {
            "新しいパスワードを設定しました。新しいパスワードでログインしてください。".to_owned()
        }
        Notice::Registered => format!("この{brand}IDの登録は完了しています。ログインしてお進みください。"),
    }
}
