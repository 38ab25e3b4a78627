//! A mail of the outbox as a row, and back.

use sqlx::any::AnyRow;

use super::super::batch::Value;
use super::super::error::StoreError;
use super::super::row::{address, clean, count, maybe_text, named, text, time};
use crate::domain::ids::{AccountId, AttemptId, FirmId, OutboundId, RequestId};
use crate::domain::locale::Locale;
use crate::domain::outbound::{LetterKind, OutboundMail, OutboundState};

pub(super) fn columns(mail: &OutboundMail) -> Vec<Value> {
    vec![
        Value::Text(mail.id.as_str().to_owned()),
        Value::Text(mail.kind.name().to_owned()),
        Value::MaybeText(mail.request.as_ref().map(|request| request.as_str().to_owned())),
        Value::MaybeText(mail.firm.as_ref().map(|firm| firm.as_str().to_owned())),
        Value::MaybeText(mail.account.as_ref().map(|account| account.as_str().to_owned())),
        Value::MaybeText(mail.attempt.as_ref().map(|attempt| attempt.as_str().to_owned())),
        Value::Text(mail.recipient.to_text()),
        Value::Text(mail.locale.tag().to_owned()),
        Value::Text(mail.about.clone()),
        Value::Text(mail.message_id.clone()),
        Value::MaybeText(mail.in_reply_to.as_deref().map(clean)),
        Value::Number(mail.kind.lane().rank()),
        Value::Text(mail.state.name().to_owned()),
        Value::Number(i64::from(mail.attempts)),
        Value::Number(i64::from(mail.unknowns)),
        Value::Number(mail.created_at.as_millis()),
        Value::Number(mail.due_at.as_millis()),
        Value::Text(String::new()),
    ]
}

pub(super) fn mail(row: &AnyRow) -> Result<OutboundMail, StoreError> {
    Ok(OutboundMail {
        id: OutboundId::stored(text(row, "id")?),
        kind: named(row, "kind", LetterKind::stored)?,
        request: maybe_text(row, "request_id")?.map(RequestId::stored),
        firm: maybe_text(row, "firm_id")?.map(FirmId::stored),
        account: maybe_text(row, "account_id")?.map(AccountId::stored),
        attempt: maybe_text(row, "attempt_id")?.map(AttemptId::stored),
        recipient: address(row, "recipient")?,
        locale: named(row, "locale", Locale::parse)?,
        about: text(row, "about")?,
        message_id: text(row, "message_id")?,
        in_reply_to: maybe_text(row, "in_reply_to")?,
        state: named(row, "state", OutboundState::stored)?,
        attempts: count(row, "attempts")?,
        unknowns: count(row, "unknowns")?,
        created_at: time(row, "created_at")?,
        due_at: time(row, "due_at")?,
        last_outcome: text(row, "last_outcome")?,
    })
}
