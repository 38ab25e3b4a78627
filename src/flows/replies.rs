//! What people answer our letters, sent on to who answers questions. The words lie sealed in the outbox, under a key of that
//! one mail, and leave with it.

use serde::{Deserialize, Serialize};

use crate::domain::email_address::EmailAddress;
use crate::domain::inbound::InboundMessage;
use crate::domain::locale::Locale;
use crate::domain::outbound::{LetterKind, OutboundMail};
use crate::domain::reply::{Reply, Words};
use crate::domain::time::Timestamp;

use super::Context;
use super::outgoing::{json, queued};

/// Who answers questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Where to write.
    pub address: EmailAddress,
    /// In which language.
    pub locale: Locale,
}

/// What a reply that is sent on says, as it is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AboutReply {
    /// Who it says that it is from.
    pub from: String,
    /// Whom the letter was mailed to that it answers.
    pub mailed: String,
    /// Its id in quarantine.
    pub inbound: String,
    /// What was written.
    pub words: Words,
}

/// A reply to `answered`, sent on to `desk`; `None` without a server key to seal it with. It answers nobody: whoever wrote it
/// hears nothing from us.
pub(super) fn forwarded(
    context: &Context,
    desk: &Desk,
    inbound: &InboundMessage,
    reply: &Reply,
    answered: &OutboundMail,
    now: Timestamp,
) -> Option<OutboundMail> {
    let mail = queued(context, LetterKind::ForwardedReply, &desk.address, String::new(), now);
    let about = AboutReply {
        from: reply.from.to_text(),
        mailed: answered.recipient.to_text(),
        inbound: inbound.id.to_string(),
        words: reply.words_about(answered.kind),
    };
    let sealed = context.keys.seal(&mail.id, &json(&about))?;
    Some(OutboundMail {
        about: json(&sealed),
        request: answered.request.clone(),
        account: answered.account.clone(),
        locale: desk.locale,
        in_reply_to: inbound.message_id.clone(),
        ..mail
    })
}

/// What a mail in our hands is to say.
pub(super) fn unsealed(context: &Context, mail: &OutboundMail) -> Option<AboutReply> {
    let sealed: String = serde_json::from_str(&mail.about).ok()?;
    serde_json::from_str(&context.keys.unseal(&mail.id, &sealed)?).ok()
}
