//! One request in one line, as firms are told of it.

use chrono_tz::Tz;

use super::{dates, foreign};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::{Request, StateName};
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
    pub state: StateName,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The first moment at which it can no longer be answered.
    pub expires_at: Timestamp,
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
    /// Of this request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            number: request.number,
            client_name: request.client_name.clone(),
            customer: request.customer.clone(),
            state: request.state.name(),
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
            state,
            created_at: Timestamp::from_millis(1_795_329_000_000),
            expires_at: Timestamp::from_millis(1_797_143_400_000),
        })
    }

    pub(super) fn shown(&self, zone: Tz, locale: Locale) -> ShownState {
        let is_open = matches!(self.state, StateName::Pending | StateName::Undeliverable | StateName::Opened);
        ShownState {
            number: self.number,
            client: foreign::optional_line(self.client_name.as_ref(), locale).unwrap_or_default(),
            customer: addr_spec(&self.customer),
            state: in_words(self.state, locale),
            asked: dates::on(self.created_at, zone, locale),
            until: if is_open { dates::until(self.expires_at, zone, locale) } else { String::new() },
        }
    }
}

/// Where a request stands, as a firm reads it.
pub(super) const fn in_words(state: StateName, locale: Locale) -> &'static str {
    match (locale, state) {
        (Locale::Ja, StateName::Pending) => "顧問先のお手続き待ち",
        (Locale::Ja, StateName::Undeliverable) => "顧問先にメールが届いていません",
        (Locale::Ja, StateName::Opened) => "顧問先が確認中",
        (Locale::Ja, StateName::Approved) => "承認済み",
        (Locale::Ja, StateName::Declined) => "承認されませんでした",
        (Locale::Ja, StateName::Expired) => "期限切れ",
        (Locale::Ja, StateName::Cancelled) => "取下げ済み",
        (Locale::En, StateName::Pending) => "waiting for the client",
        (Locale::En, StateName::Undeliverable) => "the mail does not reach the client",
        (Locale::En, StateName::Opened) => "seen by the client",
        (Locale::En, StateName::Approved) => "approved",
        (Locale::En, StateName::Declined) => "declined",
        (Locale::En, StateName::Expired) => "expired",
        (Locale::En, StateName::Cancelled) => "withdrawn",
    }
}
