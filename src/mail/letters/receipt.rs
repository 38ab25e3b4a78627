//! M4: the receipt (受付の控え) that answers a firm's sound request mail.

use super::voice::Voice;
use super::{Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::firm_request::Asked;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::header::addr_spec;

/// M4.
#[derive(Clone)]
pub struct Receipt {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The request's number.
    pub request_number: i64,
    /// Whom the firm asked about, as it wrote the address.
    pub customer: EmailAddress,
    /// 顧問先名
    pub client_name: Option<String>,
    /// The first moment at which the request can no longer be answered.
    pub expires_at: Timestamp,
    /// What the mail came to.
    pub outcome: ReceiptOutcome,
}

/// What a sound request mail came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// A new request; the customer is mailed.
    Accepted,
    /// One was undecided; the customer is mailed again.
    ReminderSent,
    /// One is undecided and the customer was mailed lately; nothing is mailed before `next`.
    TooSoon {
        /// When a reminder is possible.
        next: Timestamp,
    },
    /// All reminders are spent.
    NoMoreReminders {
        /// When a new request is possible.
        from: Timestamp,
    },
    /// Who got our mail knows nothing of it.
    Disowned {
        /// When a new request is possible.
        from: Timestamp,
    },
    /// The customer approved and is linked.
    AlreadyLinked,
}

impl From<&Asked> for ReceiptOutcome {
    fn from(asked: &Asked) -> Self {
        match asked {
            Asked::New => Self::Accepted,
            Asked::Reminder => Self::ReminderSent,
            Asked::TooSoon(next) => Self::TooSoon { next: *next },
            Asked::NoMoreReminders(from) => Self::NoMoreReminders { from: *from },
            Asked::Disowned(from) => Self::Disowned { from: *from },
            Asked::Linked => Self::AlreadyLinked,
        }
    }
}

/// [`ReceiptOutcome`] with its dates in words.
enum Told {
    Accepted,
    ReminderSent,
    TooSoon(String),
    NoMoreReminders(String),
    Disowned(String),
    AlreadyLinked,
}

struct View {
    from: Voice,
    firm: String,
    number: i64,
    customer: String,
    client: Option<String>,
    until: Option<String>,
    outcome: Told,
}

templates! {
    View:
    Ja: "mail/receipt/ja/subject.txt" "mail/receipt/ja/body.txt" "mail/receipt/ja/body.html";
    En: "mail/receipt/en/subject.txt" "mail/receipt/en/body.txt" "mail/receipt/en/body.html";
}

impl Receipt {
    fn sample(locale: Locale, customer: EmailAddress) -> Self {
        let (firm_name, client) = match locale {
            Locale::Ja => ("田中会計事務所", "株式会社山田商店"),
            Locale::En => ("Tanaka Accounting", "Yamada Store Inc."),
        };
        Self {
            locale,
            firm_name: firm_name.to_owned(),
            request_number: 12,
            customer,
            client_name: Some(client.to_owned()),
            expires_at: Timestamp::from_millis(1_797_143_400_000),
            outcome: ReceiptOutcome::Accepted,
        }
    }

    /// Letters to read aloud, one for each outcome.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let day = Timestamp::from_millis(1_795_482_841_000);
        let outcomes = [
            ReceiptOutcome::Accepted,
            ReceiptOutcome::ReminderSent,
            ReceiptOutcome::TooSoon { next: day },
            ReceiptOutcome::NoMoreReminders { from: Timestamp::from_millis(1_797_143_400_000) },
            ReceiptOutcome::Disowned { from: Timestamp::from_millis(1_797_143_400_000) },
            ReceiptOutcome::AlreadyLinked,
        ];
        let Ok(customer) = EmailAddress::parse("yamada@example.jp") else { return Vec::new() };
        let of = |outcome| Self { outcome, ..Self::sample(locale, customer.clone()) };
        outcomes.into_iter().map(of).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (locale, zone) = (self.locale, sender.time_zone);
        let has_deadline = !matches!(self.outcome, ReceiptOutcome::AlreadyLinked | ReceiptOutcome::Disowned { .. });
        let outcome = match self.outcome {
            ReceiptOutcome::Accepted => Told::Accepted,
            ReceiptOutcome::ReminderSent => Told::ReminderSent,
            ReceiptOutcome::TooSoon { next } => Told::TooSoon(dates::from(next, zone, locale)),
            ReceiptOutcome::NoMoreReminders { from } => Told::NoMoreReminders(dates::from(from, zone, locale)),
            ReceiptOutcome::Disowned { from } => Told::Disowned(dates::from(from, zone, locale)),
            ReceiptOutcome::AlreadyLinked => Told::AlreadyLinked,
        };
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            number: self.request_number,
            customer: addr_spec(&self.customer),
            client: foreign::optional_line(self.client_name.as_ref(), locale),
            until: has_deadline.then(|| dates::until(self.expires_at, zone, locale)),
            outcome,
        };
        fill(&view, locale)
    }
}
