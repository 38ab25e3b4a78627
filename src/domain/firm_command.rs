//! What a firm does by mail beside asking (手続き), and what comes of it. A firm sees and touches only its own, and its
//! registration never changes by mail (threat T25).

use super::firm_request::{Request, StateName};
use super::ids::RequestId;
use super::time::Timestamp;

/// The procedures that a mail may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// 申請: what a mail is about that names none.
    Request,
    /// 取下げ
    Withdraw,
    /// 申請メール再送
    Resend,
    /// 状況照会
    Status,
    /// 事業所データ設定
    BindData,
    /// 事業所データ解除
    ReleaseData,
    /// 製品連携解除
    Unlink,
}

/// A command whose every field is sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirmCommand {
    /// Withdraw this request.
    Withdraw {
        /// 申請番号
        number: i64,
    },
    /// Mail its customer once more.
    Resend {
        /// 申請番号
        number: i64,
    },
    /// Tell the state of this request, or of all that nobody has decided.
    Status {
        /// 申請番号
        number: Option<i64>,
    },
    /// Bind the business data of this name.
    BindData {
        /// 申請番号
        number: i64,
        /// 事業所名
        office_name: String,
        /// 事業所名の相違を確認済み
        names_checked: Checked,
        /// 最新データへの取り込みを確認済み
        newest_checked: Checked,
    },
    /// Release the business data of this name.
    ReleaseData {
        /// 申請番号
        number: i64,
        /// 事業所名
        office_name: String,
    },
    /// Unlink the products.
    Unlink {
        /// 申請番号
        number: i64,
    },
}

/// Whether a firm says that it has checked something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checked {
    /// 「はい」
    Yes,
    /// Anything else, or nothing.
    #[default]
    No,
}

/// What is wrong in a command.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum CommandFault {
    /// No procedure of this name; `given` is one line of at most 100 characters.
    Unknown {
        /// What was written.
        given: String,
    },
    /// 連携解除: of the products or of the business data?
    WhichRelease,
    /// Two procedures in one mail.
    Several,
    /// 申請番号 is missing.
    NoNumber,
    /// 申請番号 is none.
    BadNumber {
        /// What was written.
        given: String,
    },
    /// 事業所名 is missing or damaged.
    NoOfficeName,
    /// 事務所番号 is another firm's, or none.
    OtherFirmNumber {
        /// What was written.
        given: String,
    },
}

impl CommandFault {
    /// The fault's name alone, for the operator.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "no such procedure",
            Self::WhichRelease => "連携解除 may mean the products or the business data",
            Self::Several => "more than one procedure",
            Self::NoNumber => "the request's number is missing",
            Self::BadNumber { .. } => "the request's number is none",
            Self::NoOfficeName => "事業所名 is missing",
            Self::OtherFirmNumber { .. } => "the firm number is another firm's",
        }
    }
}

/// What came of a command; the answer says it in words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Answer {
    /// The request is withdrawn.
    Withdrawn,
    /// It is decided or over: it cannot be withdrawn, or mailed again.
    Ended,
    /// The customer is mailed once more.
    Resent,
    /// Not before this moment.
    TooSoon {
        /// When it is possible.
        next: Timestamp,
    },
    /// All reminders are spent; a new request is possible from this moment.
    NoMoreReminders {
        /// When it is possible.
        from: Timestamp,
    },
    /// Who was asked knows nothing of the firm: nothing is mailed; a new request is possible from this moment.
    Disowned {
        /// When it is possible.
        from: Timestamp,
    },
    /// The firm has no request of this number.
    NoSuchRequest {
        /// What was asked for.
        number: i64,
    },
    /// The states of these requests, as they are when the answer leaves.
    States {
        /// Which, the newest first.
        requests: Vec<String>,
        /// How many more there are.
        left_out: usize,
    },
    /// This procedure cannot be done by mail yet.
    NotByMail,
    /// The command has a fault: nothing was done.
    Fault {
        /// Which.
        why: CommandFault,
    },
}

/// Most requests in one answer.
pub const STATES_LIMIT: usize = 2_000;

impl Answer {
    /// States of these.
    #[must_use]
    pub fn states<'a>(ids: impl Iterator<Item = &'a RequestId>) -> Self {
        let mut requests: Vec<String> = ids.map(|id| id.as_str().to_owned()).collect();
        let left_out = requests.len().saturating_sub(STATES_LIMIT);
        requests.truncate(STATES_LIMIT);
        Self::States { requests, left_out }
    }
}

/// Judges a firm's wish to have the customer of an undecided request mailed again. A mail that could not be delivered is
/// another matter than one that was not answered: the firm says that the address is right, and need not wait a day.
///
/// # Errors
/// What is to be answered instead.
pub fn resend(request: &Request, now: Timestamp) -> Result<(), Answer> {
    use super::firm_request::{Asked, asked_again};
    if !request.is_open(now) {
        return Err(Answer::Ended);
    }
    match asked_again(Some(request), now) {
        Asked::NoMoreReminders(from) => Err(Answer::NoMoreReminders { from }),
        Asked::Disowned(from) => Err(Answer::Disowned { from }),
        Asked::TooSoon(next) if request.state.name() != StateName::Undeliverable => Err(Answer::TooSoon { next }),
        _ => Ok(()),
    }
}
