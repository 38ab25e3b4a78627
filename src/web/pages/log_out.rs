//! ［ログアウト］: the session ends here and in the database, and nothing of it stays in the browser.

use crate::flows::sessions;
use crate::flows::visit::{Notice, Visit};
use crate::links;
use crate::web::{Answer, Outcome, Pages, Visitor};

pub(super) fn add(pages: Pages) -> Pages {
    pages.take(links::LOGOUT, take)
}

/// Who is logged out already is led to the same page.
async fn take(visitor: Visitor) -> Outcome {
    if let Some(secret) = visitor.secret() {
        sessions::end(&visitor.site.context, secret).await?;
    }
    let mut visit = Visit::new(&visitor.site.context);
    visit.notice = Some(Notice::LoggedOut);
    Ok(Answer::see(links::LOGIN).visiting(visit).logged_out())
}
