//! A number or an ID with its password, as 「契約の移行」 and 「製品を追加する」 ask for them, and what is said where they are not
//! taken. A password is handed through and never shown again.

use axum::http::StatusCode;

use crate::domain::time::Timestamp;
use crate::web::{Field, Frame, Visitor, times};

/// Why what was entered is not taken.
pub(super) struct Refusal {
    /// Of the page that says so.
    pub status: StatusCode,
    on: Of,
    says: String,
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Id,
    Password,
    /// Neither: it is our side.
    Form,
}

impl Refusal {
    /// The number or ID is wrong.
    pub fn id(says: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, on: Of::Id, says: says.into() }
    }

    /// The password is wrong.
    pub fn password(says: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, on: Of::Password, says: says.into() }
    }

    /// One of both is wrong; `left` tries are left within the hour.
    pub fn wrong(called: &str, left: u32) -> Self {
        let next = match left {
            0 => format!("続けて間違えられたため、この{called}は1時間ほど登録できません。{}", way_out(called)),
            left => format!("もう一度入力してください（この{called}は、あと{left}回まで入力できます）。"),
        };
        Self::password(format!("{called}またはパスワードが正しくありません。{next}"))
    }

    /// Too many tries: none before `until`.
    pub fn too_many(called: &str, until: Timestamp, visitor: &Visitor) -> Self {
        let from = times::from(until, visitor.now(), visitor.site.time_zone);
        let says = format!(
            "続けて間違えられたため、この{called}の登録をお待ちいただいています。{from}から、もう一度お試しください。{}",
            way_out(called)
        );
        Self { status: StatusCode::TOO_MANY_REQUESTS, ..Self::password(says) }
    }

    /// No password was ever set (S41, S50).
    pub fn no_password(called: &str) -> Self {
        Self::password(format!(
            "この{called}には、パスワードが設定されていません。下の「{called}やパスワードが不明な場合」の手続きを行ってください。"
        ))
    }

    /// It belongs to another 弥生ID.
    pub fn other_holder(called: &str) -> Self {
        Self::id(format!(
            "この{called}の製品は、別のIDに登録されています。お心当たりのない場合は、下の問い合わせ先までご連絡ください。"
        ))
    }

    /// Its contract ended, or there is none.
    pub fn no_contract(called: &str) -> Self {
        Self::id(format!("この{called}の契約は終了しているか、見つかりません。契約の内容をご確認ください。"))
    }

    /// The contract system does not answer: the other fields stay, the password is asked for again.
    pub fn unavailable(called: &str) -> Self {
        let says = format!(
            "ただいま契約の情報を確認できないため、登録できませんでした。{called}は入力したままです。\
             しばらくたってから、パスワードをもう一度入力してください。"
        );
        Self { status: StatusCode::SERVICE_UNAVAILABLE, on: Of::Form, says }
    }
}

/// Who does not know the password need not wait (S41, S50).
fn way_out(called: &str) -> String {
    format!("パスワードが不明な場合は、下の「{called}やパスワードが不明な場合」をご覧ください。")
}

/// The frame and both fields, with what is wrong in them.
pub(super) fn asked(frame: Frame, id: Field, refusal: Option<&Refusal>) -> (Frame, Field, Field) {
    let fault = |of| refusal.filter(|refusal| refusal.on == of).map(|refusal| refusal.says.clone());
    let id = id.fault(fault(Of::Id));
    let password = Field::password("password", "パスワード").fault(fault(Of::Password));
    let frame = frame.with_faults(&[&id, &password]);
    let frame = match fault(Of::Form) {
        Some(says) => frame.with_fault(says),
        None => frame,
    };
    (frame, id, password)
}
