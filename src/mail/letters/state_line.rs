//! One request in one line, as firms are told of it.

use chrono_tz::Tz;

use super::{dates, foreign};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::{Request, StateName};
use crate::domain::linkage::Shown;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::header::addr_spec;

/// A request of the firm that is written to.
#[derive(Clone)]
pub struct StateLine {
    /// 申請番号
    pub number: i64,
    /// 顧問先名
    pub client_name: Option<String>,
    /// 顧問先メールアドレス
    pub customer: EmailAddress,
    /// Where it stands.
    pub stage: Stage,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The first moment at which it can no longer be answered.
    pub expires_at: Timestamp,
}

/// Where a request stands, as its firm is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing more is to be said than the state.
    Plain(StateName),
    /// It waits, and who was asked knows nothing of the firm.
    Disowned,
    /// It was approved, and this is how the products stand.
    Shared(Shown),
    /// It was approved, and the customer stopped sharing.
    Stopped,
}

impl Stage {
    fn of(request: &Request, linkage: Shown) -> Self {
        match request.state.name() {
            StateName::Approved if request.stopped_at.is_some() => Self::Stopped,
            StateName::Approved => Self::Shared(linkage),
            _ if request.state.is_undecided() && request.disowned_at.is_some() => Self::Disowned,
            name => Self::Plain(name),
        }
    }

    const fn is_open(self) -> bool {
        use StateName::{Opened, Pending, Undeliverable};
        matches!(self, Self::Disowned | Self::Plain(Pending | Undeliverable | Opened))
    }
}

/// The same in words.
pub(super) struct ShownState {
    pub number: i64,
    pub client: String,
    pub customer: String,
    pub state: &'static str,
    pub asked: String,
    /// Empty once nothing can be answered any more.
    pub until: String,
}

impl StateLine {
    /// Of this request, whose products stand so with the firm.
    #[must_use]
    pub fn of(request: &Request, linkage: Shown) -> Self {
        Self {
            number: request.number,
            client_name: request.client_name.clone(),
            customer: request.customer.clone(),
            stage: Stage::of(request, linkage),
            created_at: request.created_at,
            expires_at: request.expires_at,
        }
    }

    pub(super) fn sample(locale: Locale, number: i64, state: StateName) -> Option<Self> {
        let client = match locale {
            Locale::Ja => "株式会社山田商店",
            Locale::En => "Yamada Store Inc.",
        };
        Some(Self {
            number,
            client_name: Some(client.to_owned()),
            customer: EmailAddress::parse("yamada@example.jp").ok()?,
            stage: Stage::Plain(state),
            created_at: Timestamp::from_millis(1_795_329_000_000),
            expires_at: Timestamp::from_millis(1_797_143_400_000),
        })
    }

    pub(super) fn shown(&self, zone: Tz, locale: Locale) -> ShownState {
        ShownState {
            number: self.number,
            client: foreign::optional_line(self.client_name.as_ref(), locale).unwrap_or_default(),
            customer: addr_spec(&self.customer),
            state: in_words(self.stage, locale),
            asked: dates::on(self.created_at, zone, locale),
            until: if self.stage.is_open() { dates::until(self.expires_at, zone, locale) } else { String::new() },
        }
    }
}

/// Where a request stands, as a firm reads it.
const fn in_words(stage: Stage, locale: Locale) -> &'static str {
    match locale {
        Locale::Ja => in_japanese(stage),
        Locale::En => in_english(stage),
    }
}

const fn in_japanese(stage: Stage) -> &'static str {
    match stage {
        Stage::Plain(StateName::Pending) => "顧問先のお手続き待ち",
        Stage::Plain(StateName::Undeliverable) => "顧問先にメールが届いていません",
        Stage::Plain(StateName::Opened) => "顧問先が確認中",
        Stage::Plain(StateName::Approved) | Stage::Shared(Shown::Nothing) => "承認済み",
        Stage::Plain(StateName::Declined) => "承認されませんでした",
        Stage::Plain(StateName::Expired) => "期限切れ",
        Stage::Plain(StateName::Cancelled) => "取下げ済み",
        Stage::Disowned => "心当たりがないとのご連絡がありました",
        Stage::Shared(Shown::Linked) => "承認済み（製品は連携済み）",
        Stage::Shared(Shown::InHand) => "承認済み（製品の連携は設定中）",
        Stage::Shared(Shown::NeedsLook) => "承認済み（製品の連携は要確認）",
        Stage::Stopped => "契約情報の提供は停止されました",
    }
}

const fn in_english(stage: Stage) -> &'static str {
    match stage {
        Stage::Plain(StateName::Pending) => "waiting for the client",
        Stage::Plain(StateName::Undeliverable) => "the mail does not reach the client",
        Stage::Plain(StateName::Opened) => "seen by the client",
        Stage::Plain(StateName::Approved) | Stage::Shared(Shown::Nothing) => "approved",
        Stage::Plain(StateName::Declined) => "declined",
        Stage::Plain(StateName::Expired) => "expired",
        Stage::Plain(StateName::Cancelled) => "withdrawn",
        Stage::Disowned => "whoever got the mail knows nothing of it",
        Stage::Shared(Shown::Linked) => "approved, products linked",
        Stage::Shared(Shown::InHand) => "approved, products being linked",
        Stage::Shared(Shown::NeedsLook) => "approved, the link needs a look",
        Stage::Stopped => "the client stopped sharing",
    }
}
