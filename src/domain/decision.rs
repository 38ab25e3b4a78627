//! What a person answers to a request (承認する／承認しない), and how much the answer weighs.

use std::fmt;

use super::email_address::EmailAddress;
use super::firm_request::{Ended, Request};
use super::ids::{AccountId, RequestId};
use super::inbound::stored_names;
use super::text;
use super::time::Timestamp;

/// Longest message to the firm, in characters.
pub const MESSAGE_LIMIT: usize = 1_000;

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// 承認する
    Approve,
    /// 承認しない
    Decline,
}

stored_names!(Choice { Approve = "approve", Decline = "decline" });

/// What an answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It decided the request.
    Final,
    /// The firm was told of it and the request stays open: another ID than the mailed one declined.
    Told,
}

stored_names!(Weight { Final = "final", Told = "told" });

/// A message to the firm: many lines, safe to be shown anywhere, at most [`MESSAGE_LIMIT`] characters; may be empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message(String);

/// A message is longer than [`MESSAGE_LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has {0} characters: at most 1,000 are taken")]
pub struct TooLong(pub usize);

impl Message {
    /// From what a person wrote.
    ///
    /// # Errors
    /// [`TooLong`]
    pub fn parse(written: &str) -> Result<Self, TooLong> {
        let message = text::many_lines(written);
        let length = message.chars().count();
        if length > MESSAGE_LIMIT { Err(TooLong(length)) } else { Ok(Self(message)) }
    }

    /// From the database.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// As stored and shown; `\n` line ends.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message(…)")
    }
}

/// What a person has confirmed (確定する).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The choice.
    pub choice: Choice,
    /// 申請元の会計事務所へのメッセージ
    pub message: Message,
}

/// An answer that was given. A request has at most one that is final, an account at most one a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// To which request.
    pub request: RequestId,
    /// By which account.
    pub account: AccountId,
    /// What.
    pub answer: Answer,
    /// What it did.
    pub weight: Weight,
    /// When it was confirmed.
    pub at: Timestamp,
}

/// Whose ID an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The address that the request was mailed to.
    Mailed,
    /// Another one (申請先と異なるID): mails are forwarded.
    Other,
}

impl Identity {
    /// Of the account with this address.
    #[must_use]
    pub fn of(request: &Request, address: &EmailAddress) -> Self {
        if request.customer == *address { Self::Mailed } else { Self::Other }
    }
}

/// What an answer makes of the request, and how much it weighs: it stays as it is where another ID declined.
///
/// # Errors
/// [`Ended`] once it is decided, over or past its time.
pub fn applied(request: Request, choice: Choice, by: Identity, now: Timestamp) -> Result<(Request, Weight), Ended> {
    match (choice, by) {
        (Choice::Approve, _) => Ok((request.approve(now)?, Weight::Final)),
        (Choice::Decline, Identity::Mailed) => Ok((request.decline(now)?, Weight::Final)),
        (Choice::Decline, Identity::Other) if request.is_open(now) => Ok((request, Weight::Told)),
        (Choice::Decline, Identity::Other) => Err(Ended(request.state.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_at_most_a_thousand_characters() {
        assert_eq!(Message::parse(&"あ".repeat(1_000)).unwrap().as_str().chars().count(), 1_000);
        assert_eq!(Message::parse(&"あ".repeat(1_001)), Err(TooLong(1_001)));
        assert_eq!(Message::parse(&format!(" \r\n{}\r\n ", "あ".repeat(1_000))).map(|it| it.0.len()), Ok(3_000));
    }

    #[test]
    fn a_message_keeps_its_lines_and_nothing_that_harms() {
        assert_eq!(Message::parse("一\r\n二\u{202E}\0三").unwrap().as_str(), "一\n二三");
        assert_eq!(format!("{:?}", Message::parse("秘密").unwrap()), "Message(…)");
    }
}
