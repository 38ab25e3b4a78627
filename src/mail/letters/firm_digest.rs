//! M9: what a firm may want to ask its customers about, at most once a day. Each request is named once for each reason.

use super::voice::Voice;
use super::{Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::{Request, State};
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::header::addr_spec;

/// M9.
#[derive(Clone)]
pub struct FirmDigest {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// Requests that nobody has answered and that end soon.
    pub ending: Vec<DigestEntry>,
    /// Approved requests without a linked product.
    pub unlinked: Vec<DigestEntry>,
    /// How many there are besides, which the next digest names.
    pub more: usize,
}

/// One request.
#[derive(Clone)]
pub struct DigestEntry {
    /// Its number.
    pub number: i64,
    /// Whom the firm asked about, as it wrote the address.
    pub customer: EmailAddress,
    /// 顧問先名
    pub client_name: Option<String>,
    /// The first moment at which it can no longer be answered.
    pub expires_at: Timestamp,
    /// When it was approved, if it was.
    pub approved_at: Option<Timestamp>,
    /// Whether the customer got no mail.
    pub undeliverable: bool,
}

/// [`DigestEntry`], fit to be shown.
pub(super) struct Entry {
    pub number: i64,
    pub customer: String,
    pub client: Option<String>,
    pub until: String,
    pub approved: Option<String>,
    pub undeliverable: bool,
}

struct View {
    from: Voice,
    firm: String,
    ending: Vec<Entry>,
    unlinked: Vec<Entry>,
    more: usize,
}

templates! {
    View:
    Ja: "mail/firm_digest/ja/subject.txt" "mail/firm_digest/ja/body.txt" "mail/firm_digest/ja/body.html";
    En: "mail/firm_digest/en/subject.txt" "mail/firm_digest/en/body.txt" "mail/firm_digest/en/body.html";
}

impl From<&Request> for DigestEntry {
    fn from(request: &Request) -> Self {
        Self {
            number: request.number,
            customer: request.customer.clone(),
            client_name: request.client_name.clone(),
            expires_at: request.expires_at,
            approved_at: if let State::Approved(at) = request.state { Some(at) } else { None },
            undeliverable: matches!(request.state, State::Undeliverable(_)),
        }
    }
}

impl DigestEntry {
    /// Requests of the sample letters: one that ends soon, one whose customer got no mail, one that was approved.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let names = match locale {
            Locale::Ja => ["株式会社山田商店", "佐藤工業株式会社", "鈴木青果店"],
            Locale::En => ["Yamada Store Inc.", "Sato Works Inc.", "Suzuki Greengrocer"],
        };
        let addresses = ["yamada@example.jp", "sato@example.jp", "suzuki@example.jp"].map(EmailAddress::parse);
        let entry = |(number, (address, name)): (i64, (_, &str))| {
            let entry = |customer| Self {
                number,
                customer,
                client_name: Some(name.to_owned()),
                expires_at: Timestamp::from_millis(1_797_143_400_000),
                approved_at: (number == 14).then(|| Timestamp::from_millis(1_795_482_841_000)),
                undeliverable: number == 13,
            };
            Result::ok(address).map(entry)
        };
        (12..).zip(addresses.into_iter().zip(names)).filter_map(entry).collect()
    }

    pub(super) fn shown(&self, sender: &Sender, locale: Locale) -> Entry {
        Entry {
            number: self.number,
            customer: addr_spec(&self.customer),
            client: foreign::optional_line(self.client_name.as_ref(), locale),
            until: dates::until(self.expires_at, sender.time_zone, locale),
            approved: self.approved_at.map(|at| dates::on(at, sender.time_zone, locale)),
            undeliverable: self.undeliverable,
        }
    }
}

impl FirmDigest {
    /// Letters to read aloud: with both lists, and with each alone.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let (unlinked, ending): (Vec<_>, Vec<_>) =
            DigestEntry::samples(locale).into_iter().partition(|entry| entry.approved_at.is_some());
        let firm_name = super::FirmCard::sample(locale).name;
        let both = Self { locale, firm_name, ending, unlinked, more: 3 };
        let ending = Self { unlinked: vec![], more: 0, ..both.clone() };
        let unlinked = Self { ending: vec![], more: 0, ..both.clone() };
        vec![both, ending, unlinked]
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let shown = |entries: &[DigestEntry]| entries.iter().map(|entry| entry.shown(sender, locale)).collect();
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            ending: shown(&self.ending),
            unlinked: shown(&self.unlinked),
            more: self.more,
        };
        fill(&view, locale)
    }
}
