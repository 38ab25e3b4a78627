//! M6 and M7: what the customer answered, to the firm, with the customer's message (S27).

use super::voice::Voice;
use super::{Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::decision::{Choice, Identity};
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;
use crate::mail::header::addr_spec;

/// M6 or M7.
#[derive(Clone)]
pub struct RequestAnswered {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The request's number.
    pub request_number: i64,
    /// Whom the firm asked about, as it wrote the address.
    pub customer: EmailAddress,
    /// 顧問先名, as the firm wrote it.
    pub client_name: Option<String>,
    /// The answer.
    pub choice: Choice,
    /// 事業者名, where the person registered one: a decline needs none.
    pub business: Option<String>,
    /// The ID that answered.
    pub account: EmailAddress,
    /// Whether that is the address that was mailed.
    pub identity: Identity,
    /// The customer's own words; empty where there are none.
    pub message: String,
    /// When the answer was confirmed.
    pub at: Timestamp,
    /// The first moment at which the request can no longer be answered.
    pub expires_at: Timestamp,
}

/// What was answered, and from where.
enum Told {
    Approved,
    ApprovedByOther,
    Declined,
    /// Until when the mailed ID may still answer.
    DeclinedByOther(String),
}

struct View {
    from: Voice,
    firm: String,
    number: i64,
    customer: String,
    client: Option<String>,
    business: Option<String>,
    account: String,
    at: String,
    message: Vec<String>,
    answer: Told,
}

impl View {
    const fn is_other(&self) -> bool {
        matches!(self.answer, Told::ApprovedByOther | Told::DeclinedByOther(_))
    }
}

templates! {
    View:
    Ja: "mail/request_answered/ja/subject.txt" "mail/request_answered/ja/body.txt" "mail/request_answered/ja/body.html";
    En: "mail/request_answered/en/subject.txt" "mail/request_answered/en/body.txt" "mail/request_answered/en/body.html";
}

impl RequestAnswered {
    /// Letters to read aloud: each answer, from the mailed ID and from another one.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let (firm_name, client, message) = match locale {
            Locale::Ja => {
                ("田中会計事務所", "株式会社山田商店", "いつもお世話になっております。\nよろしくお願いいたします。")
            }
            Locale::En => ("Tanaka Accounting", "Yamada Store Inc.", "Thank you as always.\nPlease go on with it."),
        };
        let addresses = (EmailAddress::parse("yamada@example.jp"), EmailAddress::parse("hanako@example.com"));
        let (Ok(customer), Ok(other)) = addresses else { return Vec::new() };
        let of = |choice, identity| Self {
            locale,
            firm_name: firm_name.to_owned(),
            request_number: 12,
            customer: customer.clone(),
            client_name: Some(client.to_owned()),
            choice,
            business: (choice == Choice::Approve).then(|| client.to_owned()),
            account: if identity == Identity::Mailed { customer.clone() } else { other.clone() },
            identity,
            message: if identity == Identity::Mailed { message.to_owned() } else { String::new() },
            at: Timestamp::from_millis(1_795_482_841_000),
            expires_at: Timestamp::from_millis(1_797_143_400_000),
        };
        let answers = [Choice::Approve, Choice::Decline];
        answers.into_iter().flat_map(|it| [of(it, Identity::Mailed), of(it, Identity::Other)]).collect()
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (locale, zone) = (self.locale, sender.time_zone);
        let answer = match (self.choice, self.identity) {
            (Choice::Approve, Identity::Mailed) => Told::Approved,
            (Choice::Approve, Identity::Other) => Told::ApprovedByOther,
            (Choice::Decline, Identity::Mailed) => Told::Declined,
            (Choice::Decline, Identity::Other) => Told::DeclinedByOther(dates::until(self.expires_at, zone, locale)),
        };
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            number: self.request_number,
            customer: addr_spec(&self.customer),
            client: foreign::optional_line(self.client_name.as_ref(), locale),
            business: foreign::optional_line(self.business.as_ref(), locale),
            account: addr_spec(&self.account),
            at: dates::at(self.at, zone, locale),
            message: foreign::lines(&self.message, locale),
            answer,
        };
        fill(&view, locale)
    }
}
