//! A page that waits for the contract-management system (S44): it asks again by itself, without a script, and can be told not
//! to; whoever leaves is told by mail.

use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::domain::time::{Timestamp, minutes};
use crate::web::Answer;

/// After how many seconds the page asks again: a little more than [`EAGER`](crate::flows::migrate::EAGER), to which what it
/// waits for is hastened.
const AGAIN: u32 = 5;
/// For how long after the start: a page that nobody looks at any more must not keep its person logged in.
const BY_ITSELF: Duration = minutes(15);
/// What the address line says where the page is to stand still.
const STOP: &str = "stop";

/// How a page waits; written into it, the links with which its person changes that.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/parts/waiting.html")]
pub(super) struct Waiting {
    path: &'static str,
    moves: Moves,
}

impl HtmlSafe for Waiting {}

/// Whether the page asks again by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moves {
    ByItself,
    /// The person wants it to stand still.
    Stopped,
    /// It takes long: mail tells.
    Long,
}

impl Waiting {
    /// The page at `path`, asked for with this query, for what began at `since`.
    pub(super) fn at(path: &'static str, query: Option<&str>, since: Timestamp, now: Timestamp) -> Self {
        let moves = match query {
            _ if now.since(since) >= BY_ITSELF => Moves::Long,
            Some(STOP) => Moves::Stopped,
            _ => Moves::ByItself,
        };
        Self { path, moves }
    }

    /// What the person is to do.
    pub(super) const fn says(self) -> &'static str {
        match self.moves {
            Moves::ByItself => {
                "そのままお待ちいただければ、次の画面へ進みます。画面を閉じていただいてもかまいません。\
                 完了しましたら、メールでお知らせします。"
            }
            Moves::Stopped => {
                "自動では次の画面へ進みません。「最新の状態を表示する」を押してください。\
                 画面を閉じていただいてもかまいません。完了しましたら、メールでお知らせします。"
            }
            Moves::Long => {
                "お時間がかかっています。自動では次の画面へ進みませんので、画面を閉じてお待ちください。\
                 完了しましたら、メールでお知らせします。"
            }
        }
    }

    /// The page that waits so.
    pub(super) fn page(self, page: &impl Template) -> Answer {
        let answer = Answer::page(page);
        if self.moves == Moves::ByItself { answer.refreshing(AGAIN, self.path) } else { answer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stands_still_when_it_is_told_to_and_when_nobody_may_be_there_any_more() {
        let moves = |query, seconds: i64| {
            let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
            Waiting::at("/x", query, at(0), at(seconds)).moves
        };
        for (query, seconds, moves_on) in [(None, 0, true), (Some("x"), 899, true), (Some("stop"), 0, false)] {
            assert_eq!(moves(query, seconds) == Moves::ByItself, moves_on, "{query:?}");
        }
        assert!(moves(None, 900) == Moves::Long && moves(Some("stop"), 900) == Moves::Long);
    }
}
