//! パスワードの再設定, after the code was right. All sessions end, and the person logs in with the new password.

use askama::Template;
use axum::http::StatusCode;

use super::words;
use crate::domain::ids::AttemptId;
use crate::flows::code::{self, Progress, Stage};
use crate::flows::reset_password::{self, Set};
use crate::flows::visit::Notice;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Trouble, Visitor};

#[derive(Template)]
#[template(path = "pages/new_password.html")]
struct NewPage {
    frame: Frame,
    id: String,
    password: Field,
    again: Field,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::PASSWORD_NEW, show, take)
}

impl NewPage {
    fn new(visitor: &Visitor, id: String, password: Option<String>, again: Option<&str>) -> Self {
        let least = visitor.site.context.passwords.rule().least();
        let password = Field::password("password", "新しいパスワード")
            .autocomplete("new-password")
            .hint(format!("{least}文字以上。文字の種類は自由で、空白や日本語も使えます。"))
            .fault(password);
        let again = Field::password("again", "新しいパスワード（確認のためもう一度）")
            .autocomplete("new-password")
            .fault(again);
        let frame = Frame::new(visitor, super::RESET).with_faults(&[&password, &again]);
        Self { frame, id, password, again }
    }
}

async fn show(visitor: Visitor) -> Outcome {
    Ok(match proven(&visitor).await? {
        Some((_, progress)) => Answer::page(&NewPage::new(&visitor, progress.address.to_text(), None, None)),
        None => elsewhere(&visitor),
    })
}

async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    let Some((attempt, progress)) = proven(&visitor).await? else { return Ok(elsewhere(&visitor)) };
    let id = progress.address.to_text();
    let site = &visitor.site;
    let typed = fields.raw("password");
    let password = match typed {
        "" => Err("新しいパスワードを入力してください。".to_owned()),
        typed => site.context.new_password(typed, &[&id, &site.name, &site.brand]).map_err(words::password),
    };
    let password = match (password, words::repeated(typed, fields.raw("again"))) {
        (Ok(password), None) => password,
        (Ok(_), again) => return Ok(Answer::faulty(&NewPage::new(&visitor, id, None, again))),
        (Err(fault), _) => return Ok(Answer::faulty(&NewPage::new(&visitor, id, Some(fault), None))),
    };
    Ok(match reset_password::set(&site.context, &attempt, &password).await? {
        Set::Done(_) => {
            let mut visit = visitor.visit.clone();
            (visit.attempt, visit.typed_id, visit.notice) = (None, Some(id), Some(Notice::PasswordChanged));
            Answer::see(links::LOGIN_PASSWORD).visiting(visit).logged_out()
        }
        Set::NotProven => elsewhere(&visitor),
        Set::Busy => Answer::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            &NewPage::new(
                &visitor,
                id,
                Some("ただいま混み合っています。10秒ほどたってから、もう一度お試しください。".to_owned()),
                None,
            ),
        ),
    })
}

/// No new password can be set: the page of the code says how the attempt stands, where there is one.
fn elsewhere(visitor: &Visitor) -> Answer {
    Answer::see(if visitor.visit.attempt.is_some() { links::CODE } else { links::PASSWORD_FORGOT })
}

/// The attempt of this browser, if its address is proven for a new password.
async fn proven(visitor: &Visitor) -> Result<Option<(AttemptId, Progress)>, Trouble> {
    let Some(attempt) = visitor.visit.attempt.clone() else { return Ok(None) };
    let progress = code::progress(&visitor.site.context, &attempt).await?;
    Ok(progress.filter(|progress| matches!(progress.stage, Stage::Proven(_))).map(|progress| (attempt, progress)))
}
