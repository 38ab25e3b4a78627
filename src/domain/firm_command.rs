//! What a firm does by mail beside asking (手続き), and what comes of it. A firm sees and touches only its own, and its
//! registration never changes by mail (threat T25).

use super::firm_request::{Request, StateName};
use super::ids::RequestId;
use super::linkage::{Linkage, State as LinkState};
use super::office_name::OfficeName;
use super::product::DataPlace;
use super::text::fold;
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
    BindData(DataWish),
    /// Release the business data of this name.
    ReleaseData {
        /// 申請番号
        number: i64,
        /// 事業所名
        office_name: OfficeName,
    },
    /// Unlink the products.
    Unlink {
        /// 申請番号
        number: i64,
    },
}

/// What business data a firm would set, and what it says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataWish {
    /// 申請番号
    pub number: i64,
    /// 事業所名
    pub office_name: OfficeName,
    /// データの場所. Where none is named it is taken to lie where the most must be acknowledged.
    pub place: DataPlace,
    /// 製品名, where several products are linked.
    pub product: Option<String>,
    /// 事業所名の相違を確認済み
    pub names_checked: Checked,
    /// 最新データへの取り込みを確認済み
    pub newest_checked: Checked,
}

impl FirmCommand {
    /// The request that it names.
    #[must_use]
    pub const fn number(&self) -> Option<i64> {
        match self {
            Self::Withdraw { number }
            | Self::Resend { number }
            | Self::BindData(DataWish { number, .. })
            | Self::ReleaseData { number, .. }
            | Self::Unlink { number } => Some(*number),
            Self::Status { number } => *number,
        }
    }

    /// Whether it is about what an approved request came to.
    #[must_use]
    pub const fn is_about_sharing(&self) -> bool {
        matches!(self, Self::BindData(_) | Self::ReleaseData { .. } | Self::Unlink { .. })
    }
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
    /// データの場所 is neither 弥生ドライブ nor このパソコン.
    BadPlace {
        /// What was written.
        given: String,
    },
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
            Self::BadPlace { .. } => "データの場所 is none",
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
    /// What came of a command about business data or links.
    Sharing(SharingAnswer),
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

/// What came of a command about business data or links.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "sharing")]
pub enum SharingAnswer {
    /// The business data is to be set; a letter tells both sides once it is.
    DataWished,
    /// Nothing is set: somebody must look at both names and agree.
    NamesDiffer {
        /// Inside the business data.
        office_name: String,
        /// As the customer registered it; none where it registered no company.
        registered: Option<String>,
    },
    /// Nothing is set: that journals go to the newest data must be acknowledged.
    RuleNotAcknowledged,
    /// Nothing is set: the product's data cannot lie there.
    DataNotThere,
    /// Nothing is set: other data is, and must be released first.
    DataOccupied,
    /// Nothing is set: several products are linked.
    WhichProduct {
        /// What they are called.
        products: Vec<String>,
    },
    /// The business data is to go; a letter tells both sides once it is gone.
    DataReleased,
    /// Nothing is released: other data is set than the one that was named.
    OtherData,
    /// Nothing is released: no data of this firm is set.
    NoData,
    /// These products are to go; a letter tells both sides once they are gone.
    Unlinked {
        /// What they are called.
        products: Vec<String>,
    },
    /// No product is linked.
    NotLinked,
    /// The customer shares nothing: the request is not approved, or sharing was stopped.
    NotShared,
}

/// The linked product that a firm means: the only one, the one that it names, or the only one whose data may lie there.
///
/// # Errors
/// What is to be answered instead.
pub fn product_meant<'a>(
    links: &[&'a Linkage],
    named: Option<&str>,
    place: DataPlace,
) -> Result<&'a Linkage, SharingAnswer> {
    let linked: Vec<&'a Linkage> = links.iter().copied().filter(|link| link.state == LinkState::Linked).collect();
    if linked.is_empty() {
        return Err(SharingAnswer::NotLinked);
    }
    let is_named = |link: &&'a Linkage| {
        named.is_none_or(|named| {
            [link.product_name.as_str(), link.product.label()].iter().any(|name| plain(name) == plain(named))
        })
    };
    let meant: Vec<_> = linked.iter().copied().filter(is_named).collect();
    let fitting: Vec<_> = meant.iter().copied().filter(|link| link.product.may_lie_in(place)).collect();
    match (fitting.as_slice(), meant.as_slice()) {
        ([only], _) | ([], [only]) => Ok(*only),
        _ => {
            Err(SharingAnswer::WhichProduct { products: linked.iter().map(|link| link.product_name.clone()).collect() })
        }
    }
}

/// A name without what a keyboard makes different.
fn plain(name: &str) -> String {
    fold(name).chars().filter(|c| !c.is_whitespace()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Approval;
    use crate::domain::contract::ContractId;
    use crate::domain::ids::{AccountId, FirmId, LinkageId};
    use crate::domain::product::Product;

    const NOW: Timestamp = Timestamp::from_millis(1_795_482_841_000);

    fn link(id: &str, product: Product, name: &str, state: LinkState) -> Linkage {
        Linkage {
            id: LinkageId::stored(id.to_owned()),
            account: AccountId::stored("a".to_owned()),
            firm: FirmId::stored("f".to_owned()),
            approval: Approval::sample(),
            contract: ContractId::parse(id).unwrap(),
            product,
            product_name: name.to_owned(),
            state,
            state_at: NOW,
            wished_at: NOW,
            linked_at: Some(NOW),
            repairs: 0,
            calls: 0,
            voucher_calls: 0,
            version: 0,
        }
    }

    #[test]
    fn the_only_linked_product_is_meant_and_of_several_the_named_one() {
        let standard = link("K1", Product::Standard, "弥生会計 26 スタンダード", LinkState::Linked);
        let two = link("K2", Product::TwoUser, "弥生会計 26 プロフェッショナル 2ユーザー", LinkState::Linked);
        let lost = link("K3", Product::Standard, "やよい", LinkState::Lost);
        let which = |links: &[&Linkage], named, place| {
            product_meant(links, named, place).map(|link| link.id.as_str().to_owned())
        };
        assert_eq!(which(&[&lost, &standard], None, DataPlace::Local), Ok("K1".to_owned()));
        assert_eq!(which(&[&standard, &two], None, DataPlace::Drive), Ok("K1".to_owned()), "the other has none there");
        assert_eq!(which(&[&two], None, DataPlace::Drive), Ok("K2".to_owned()), "the binding refuses the place");
        let named = Some("弥生会計２６スタンダード");
        assert_eq!(which(&[&standard, &two], named, DataPlace::Local), Ok("K1".to_owned()));
        let both = vec![standard.product_name.clone(), two.product_name.clone()];
        for named in [None, Some("弥生給与")] {
            let asked = Err(SharingAnswer::WhichProduct { products: both.clone() });
            assert_eq!(which(&[&standard, &two], named, DataPlace::Local), asked);
        }
        assert_eq!(which(&[&lost], None, DataPlace::Local), Err(SharingAnswer::NotLinked));
    }
}
