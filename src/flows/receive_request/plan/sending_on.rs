//! A person's reply goes on to who answers questions: once, so many a day of one person, and never round in a circle.

use crate::domain::inbound::InboundMessage;
use crate::domain::outbound::OutboundMail;
use crate::domain::reply::{Reply, Stays};

use super::super::super::replies::{self, Desk};
use super::super::known::Known;
use super::Plan;

impl Plan<'_> {
    /// What is noted about it; nothing where nobody answers questions by mail.
    pub(super) fn send_on(
        &mut self,
        message: &InboundMessage,
        reply: &Reply,
        answered: &OutboundMail,
        known: &Known,
    ) -> Option<String> {
        let desk = self.desk?;
        Some(match self.forward(desk, message, reply, answered, known) {
            Ok(()) => "sent on to the contact address".to_owned(),
            Err(why) => format!("not sent on: {why}"),
        })
    }

    fn forward(
        &mut self,
        desk: &Desk,
        message: &InboundMessage,
        reply: &Reply,
        answered: &OutboundMail,
        known: &Known,
    ) -> Result<(), Stays> {
        reply.may_go_to(&desk.address, &self.context.mail_domain, answered.kind)?;
        let digest = message.digest.clone().ok_or(Stays::Unsealed)?;
        if known.forwarded.contains(&digest) || self.memory.forwarded.contains(&digest) {
            return Err(Stays::Before);
        }
        // Who was mailed is counted, not who it says that it is from: that is anybody's to write.
        let person = answered.recipient.key();
        let before = known.replies.get(&person).copied().unwrap_or(0);
        let sent_on = self.memory.replies.entry(person).or_default();
        if before.saturating_add(*sent_on) >= self.budgets.replies_per_person {
            return Err(Stays::Budget);
        }
        let mail = replies::forwarded(self.context, desk, message, reply, answered, self.now).ok_or(Stays::Unsealed)?;
        *sent_on += 1;
        self.memory.forwarded.insert(digest.clone());
        self.forwarded.push((digest, answered.id.clone()));
        self.outbound.push(mail);
        Ok(())
    }
}
