//! How an attempt stands, in the person's words.

use chrono_tz::Tz;

use crate::domain::time::Timestamp;
use crate::domain::verification::{NotAsked, Over, Purpose};
use crate::flows::code::{MailState, Progress, Stage, Verified};
use crate::links;
use crate::web::times;

/// When the page is read, and where.
pub struct Moment {
    pub now: Timestamp,
    pub zone: Tz,
}

impl Moment {
    fn clock(&self, at: Timestamp) -> String {
        times::clock(at, self.now, self.zone)
    }
}

/// The button, and what is said beside it.
pub struct Resend {
    /// 「確認コードを再送する（残り2回）」
    pub label: String,
    /// What to know before.
    pub hints: Vec<String>,
}

/// Where else the person can go.
pub struct Elsewhere {
    /// The path.
    pub path: &'static str,
    /// What the link says.
    pub words: &'static str,
    /// Whether it is the only way on.
    pub is_only_way: bool,
}

/// Where the mail is and what can be done, a sentence each.
pub fn standing(progress: &Progress, at: &Moment) -> Vec<String> {
    let mail = mail(progress, at);
    match progress.stage {
        Stage::Live => vec![mail],
        Stage::Expired => vec![mail, ended("確認コードの有効期限（10分）が切れました。", progress.resends_left)],
        Stage::Killed => {
            vec![mail, ended("5回間違えられたため、この確認コードは使えなくなりました。", progress.resends_left)]
        }
        Stage::Over(over) => vec![self::over(&over, progress.purpose, at)],
        Stage::Proven(_) => vec![],
    }
}

fn mail(progress: &Progress, at: &Moment) -> String {
    let count = match progress.sequence {
        0 | 1 => String::new(),
        sequence => format!("（再送{}回目）", sequence - 1),
    };
    match progress.mail {
        MailState::Waiting(asked) => format!(
            "確認コードのメール{count}をお送りしています（{}に受け付けました）。1分ほどで届きます。",
            at.clock(asked)
        ),
        MailState::Sent { at: sent, until } => format!(
            "{}に確認コードのメール{count}をお送りしました。有効期限は10分です（{}まで）。",
            at.clock(sent),
            at.clock(until)
        ),
        MailState::Unsent(tried) => format!(
            "確認コードのメール{count}をお送りできませんでした（{}）。メールアドレスをご確認のうえ、もう一度お試しください。",
            at.clock(tried)
        ),
    }
}

fn ended(why: &str, resends_left: u32) -> String {
    let then = if resends_left > 0 {
        "「確認コードを再送する」を押すと、新しい確認コードをお送りします。"
    } else {
        "再送は2回までのため、はじめからやり直してください。"
    };
    format!("{why}{then}")
}

fn over(over: &Over, purpose: Purpose, at: &Moment) -> String {
    match (over, purpose) {
        (Over::Exhausted(from), _) => format!(
            "確認コードを入力できる回数と再送できる回数を使い切りました。安全のため、{}以降に、はじめからやり直してください。",
            times::from(*from, at.now, at.zone)
        ),
        (Over::TooOld, _) => {
            "手続きを始めてから24時間がたちました。お手数ですが、はじめからやり直してください。".to_owned()
        }
        (Over::Used, Purpose::Register) => "登録は完了しています。ログインしてお進みください。".to_owned(),
        (Over::Used, Purpose::Reset) => {
            "この確認コードでの再設定は終わっています。ログインするか、はじめからやり直してください。".to_owned()
        }
    }
}

/// The button for another code, while there is one.
pub fn resend(progress: &Progress, at: &Moment) -> Option<Resend> {
    let is_free = matches!(progress.mail, MailState::Unsent(_));
    let can = matches!(progress.stage, Stage::Live | Stage::Expired | Stage::Killed);
    let is_waiting = matches!(progress.mail, MailState::Waiting(_));
    if !can || is_waiting || !(is_free || progress.resends_left > 0) {
        return None;
    }
    let mut hints = Vec::new();
    if is_free {
        hints.push("お送りできなかった分は、再送の回数に数えません。".to_owned());
    } else {
        hints.push("再送すると、古い確認コードは無効になります。再送できるのは2回までです。".to_owned());
    }
    if progress.next_from > at.now {
        hints.push(format!("次の再送は{}からできます。", times::second(progress.next_from, at.now, at.zone)));
    }
    Some(Resend { label: format!("確認コードを再送する（残り{}回）", progress.resends_left), hints })
}

/// The way out of this page.
pub fn elsewhere(progress: &Progress) -> Elsewhere {
    let is_only_way = matches!(progress.stage, Stage::Over(_));
    if matches!(progress.stage, Stage::Over(Over::Used)) {
        return Elsewhere { path: links::LOGIN, words: "ログイン", is_only_way };
    }
    let path = match progress.purpose {
        Purpose::Register => links::REGISTER,
        Purpose::Reset => links::PASSWORD_FORGOT,
    };
    Elsewhere { path, words: "はじめからやり直す", is_only_way }
}

/// What was wrong with what was typed; nothing where the page itself says it.
pub fn wrong(verified: &Verified) -> Option<String> {
    Some(match verified {
        Verified::Wrong { tries_left: 0, .. } => {
            "確認コードが正しくありません。5回間違えられたため、この確認コードは使えなくなりました。".to_owned()
        }
        Verified::Wrong { tries_left, .. } => format!(
            "確認コードが正しくありません。メールに書かれた6桁の数字をご確認ください（あと{tries_left}回入力できます）。"
        ),
        Verified::Old { typed, newest, tries_left } => format!(
            "入力されたのは古い確認コード（{}）です。最後に届いたメール（{}）の確認コードを入力してください（あと{tries_left}回入力できます）。",
            mail_of(*typed),
            mail_of(*newest)
        ),
        Verified::NotSentYet { .. } => {
            "新しい確認コードのメールをお送りしている途中です。届いてから、その確認コードを入力してください。"
                .to_owned()
        }
        Verified::Unsent => {
            "新しい確認コードのメールをお送りできていません。もう一度、再送をお試しください。".to_owned()
        }
        Verified::Expired { .. } => "確認コードの有効期限（10分）が切れています。".to_owned(),
        Verified::Killed { .. } => "この確認コードは、5回間違えられたため使えなくなっています。".to_owned(),
        Verified::Over(_)
        | Verified::Account(_)
        | Verified::AlreadyRegistered
        | Verified::MayReset
        | Verified::NoAttempt => return None,
    })
}

fn mail_of(sequence: u32) -> String {
    match sequence {
        0 | 1 => "最初のメール".to_owned(),
        sequence => format!("再送{}回目のメール", sequence - 1),
    }
}

/// Why no other code was sent; nothing where the page itself says it.
pub fn not_asked(why: &NotAsked, at: &Moment) -> Option<String> {
    match why {
        NotAsked::TooSoon(from) => Some(format!(
            "再送は、前のメールから30秒たってからできます。{}から、もう一度お試しください。",
            times::second(*from, at.now, at.zone)
        )),
        NotAsked::NoneLeft => {
            Some("再送できるのは2回までです。最後に届いたメールの確認コードを入力してください。".to_owned())
        }
        NotAsked::OnItsWay | NotAsked::Over(_) => None,
    }
}
