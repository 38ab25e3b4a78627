//! What the tests put into the database, sound in every field.

use renkei::domain::account::PersonName;
use renkei::domain::email_address::EmailAddress;
use renkei::domain::firm::{Firm, FirmNumber, FirmStatus, PinnedKey, ProofRule, Receipts, RequestDays};
use renkei::domain::firm_request::{Birth, Request};
use renkei::domain::ids::{AccountId, FirmId, InboundId, OutboundId, RequestId};
use renkei::domain::inbound::{Class, Digest, InboundMessage, Locator, Verdict};
use renkei::domain::locale::Locale;
use renkei::domain::outbound::{LetterKind, OutboundMail, OutboundState};
use renkei::domain::password::TypedPassword;
use renkei::domain::request_form::RequestForm;
use renkei::domain::source::Source;
use renkei::domain::time::Timestamp;
use renkei::flows::Context;
use renkei::flows::log_in::{self, AtTheDoor, LoggedIn};
use renkei::flows::register::Registration;
use renkei::flows::sessions::SessionSecret;

/// An address.
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// What people in tests log in with.
pub const PASSWORD: &str = "correct horse battery staple";

/// What somebody typed to register `address`, from 192.0.2.0/24.
pub fn registration(context: &Context, address: &str) -> Registration {
    Registration {
        address: self::address(address),
        name: PersonName::parse("山田 太郎").unwrap(),
        password: context.new_password(PASSWORD, &[]).unwrap(),
        terms_version: "2026-04".to_owned(),
        locale: Locale::Ja,
        source: source("192.0.2.1"),
        invited_by: None,
    }
}

/// Where somebody with this address comes from.
pub fn source(client: &str) -> Source {
    Source::of(client.parse().unwrap())
}

/// What came of a log-in: [`LoggedIn`] without the session's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    In(AccountId),
    Refused,
    Later(Timestamp),
    Busy,
}

/// Somebody who comes from there logs in.
pub async fn log_in(context: &Context, id: &str, password: &str, from: &str) -> Entry {
    session(context, id, password, from).await.0
}

/// The same, and the session.
pub async fn session(context: &Context, id: &str, password: &str, from: &str) -> (Entry, Option<SessionSecret>) {
    let door = AtTheDoor { source: source(from), request: None, before: None };
    match log_in::log_in(context, id, &TypedPassword::new(password.to_owned()), door).await.unwrap() {
        LoggedIn::In(account, secret) => (Entry::In(account), Some(secret)),
        LoggedIn::Refused => (Entry::Refused, None),
        LoggedIn::Later(from) => (Entry::Later(from), None),
        LoggedIn::Busy => (Entry::Busy, None),
    }
}

/// A firm that writes from `office@DOMAIN`.
pub fn firm(context: &Context, number: &str, domain: &str, pinned: Option<PinnedKey>) -> Firm {
    let office = address(&format!("office@{domain}"));
    Firm {
        id: FirmId::new(context.entropy.uuid(context.clock.now())),
        number: FirmNumber::parse(number).unwrap(),
        name: "あおぞら会計事務所".to_owned(),
        postal_address: "東京都千代田区見本町1-2-3".to_owned(),
        telephone: "03-0000-1001".to_owned(),
        signing_domain: office.domain().clone(),
        notify_address: office.clone(),
        senders: vec![office],
        proof: ProofRule::Dkim { pinned },
        receipts: Receipts::Each,
        request_days: RequestDays::default(),
        locale: Locale::default(),
        status: FirmStatus::Active,
        version: 0,
    }
}

/// A request of `firm` about `customer`, not stored.
pub fn request(context: &Context, firm: &Firm, number: i64, customer: &str) -> Request {
    let birth = Birth {
        id: RequestId::new(context.entropy.uuid(context.clock.now())),
        number,
        link_key: context.links.key_in_force().to_owned(),
        proved_by: "aozora.example".to_owned(),
    };
    let asked = RequestForm {
        firm_number: None,
        customer: address(customer),
        client_name: Some("株式会社山田商店".to_owned()),
        contact_name: Some("山田".to_owned()),
        copies: vec![address("copy@example.jp")],
        message: "いつもお世話に\nなっております。".to_owned(),
        locale: Locale::default(),
    };
    Request::new(birth, firm, asked, context.clock.now())
}

/// A mail that was judged, at this uid of INBOX.
pub fn inbound(context: &Context, uid: &str, digest: &str, verdict: Verdict) -> InboundMessage {
    InboundMessage {
        id: InboundId::new(context.entropy.uuid(context.clock.now())),
        mailbox: super::house::MAILBOX.to_owned(),
        at: Locator { uidvalidity: 1, uid: uid.to_owned() },
        digest: Some(Digest(digest.to_owned())),
        size: 1_234,
        message_id: Some("a@aozora.example".to_owned()),
        class: Class::Request,
        verdict,
        reasons: vec!["one".to_owned(), "two".to_owned()],
        firm: None,
        request: None,
        arrived_at: context.clock.now(),
        judged_at: context.clock.now(),
        due_at: None,
        tries: 0,
        filed_at: None,
    }
}

/// A queued mail of `firm`.
pub fn outbound(context: &Context, firm: &Firm, kind: LetterKind) -> OutboundMail {
    let id = context.entropy.uuid(context.clock.now());
    OutboundMail {
        id: OutboundId::new(id),
        kind,
        request: None,
        firm: Some(firm.id.clone()),
        account: None,
        attempt: None,
        recipient: address("yamada@example.jp"),
        locale: Locale::default(),
        about: "{}".to_owned(),
        message_id: format!("{}@renkei.example", id.simple()),
        in_reply_to: None,
        state: OutboundState::Queued,
        attempts: 0,
        unknowns: 0,
        created_at: context.clock.now(),
        due_at: context.clock.now(),
        last_outcome: String::new(),
    }
}
