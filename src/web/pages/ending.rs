//! Why there is nothing to answer: one clear page a reason, and what to do next.

use askama::Template;
use axum::http::StatusCode;

use crate::domain::next_step::Ending;
use crate::web::{Answer, Frame, Visitor};

#[derive(Template)]
#[template(path = "pages/ending.html")]
struct Over {
    frame: Frame,
    lines: [&'static str; 2],
}

/// The page of this ending. It says nothing of the firm or of anybody: whoever holds the link may see it.
pub(super) fn page(visitor: &Visitor, ending: Ending) -> Answer {
    let (status, title, lines) = words(ending);
    Answer::with_status(status, &Over { frame: Frame::new(visitor, title), lines })
}

const fn words(ending: Ending) -> (StatusCode, &'static str, [&'static str; 2]) {
    match ending {
        Ending::Expired => (
            StatusCode::GONE,
            "お手続きの期限が過ぎています",
            [
                "この申請は、お手続きの期限が過ぎたため終了しました。契約情報は会計事務所に提供されていません。",
                "お手続きをご希望の場合は、あらためて申請していただくよう、会計事務所へご連絡ください。",
            ],
        ),
        Ending::Cancelled => (
            StatusCode::GONE,
            "この申請は取り下げられました",
            [
                "お手続きの必要はありません。契約情報は会計事務所に提供されていません。",
                "ご不明な点は、申請した会計事務所へご確認ください。",
            ],
        ),
        Ending::FirmSuspended => (
            StatusCode::OK,
            "この申請は、現在お手続きいただけません",
            [
                "申請した会計事務所からの申請を、一時的にお取り扱いしていません。契約情報は会計事務所に提供されていません。",
                "詳しくは、下の問い合わせ先までご連絡ください。",
            ],
        ),
        Ending::NotFound => (
            StatusCode::NOT_FOUND,
            "このURLはご利用いただけません",
            [
                "URLが途中で切れているか、ご利用いただけなくなったURLです。",
                "メールのURLを最後まで選択して、もう一度開いてください。それでも開かないときは、下の問い合わせ先までご連絡ください。",
            ],
        ),
        Ending::DecidedByAnother => (
            StatusCode::OK,
            "別のIDでお手続きが済んでいます",
            [
                "この申請には、ログイン中のIDとは別のIDでお返事をいただいています。ログイン中のIDの契約情報は提供されません。",
                "お心当たりのない場合は、ご案内のメールを転送された方にご確認いただくか、下の問い合わせ先までご連絡ください。",
            ],
        ),
    }
}
